"""What `predict` prints: figures with their bands, where bands come from, where the time goes."""

from collections.abc import Callable, Mapping
from typing import Any

from fleetopt.cli.output import print_table, say


def within(shown: Callable[[float], str], value: float, band: Mapping[str, Any] | None) -> str:
    """A figure with the ends of its error band in brackets; without where it has none."""
    if band is None or band["least"] == band["most"]:
        return shown(value)
    return f"{shown(value)} ({shown(band['least'])} - {shown(band['most'])})"


def rate(value: float) -> str:
    """Four figures, or whole from a thousand on."""
    return f"{value:,.4g}" if value < 1000 else f"{value:,.0f}"


def print_bands(found: Mapping[str, Any]) -> None:
    """Which measurements the bands rest on, whether figures are calibrated, and at which end they stand."""
    kinds = {
        f"{band['metric']}, {'any mode' if band['mode'] == 'any' else band['mode']}, "
        f"{'any vendor' if band['vendor'] == 'any' else band['vendor']}: {band['rows']} rows of {band['sources']} "
        f"source{'' if band['sources'] == 1 else 's'}"
        for band in found["bands"].values()
    }
    ends = {"p10": " at the optimistic end of their bands", "p90": " at the pessimistic end of their bands"}
    say(f"Figures are {found['basis']}{ends.get(found['percentile'], '')}; p10-p90 from {'; '.join(sorted(kinds))}.")


def print_parts(found: dict[str, Any], names: Mapping[str, str]) -> None:
    """Where the time of each pass goes, the largest part first."""
    for name, parts in found["parts_s"].items():
        total = sum(parts.values())
        shares = sorted(((part, each) for part, each in parts.items() if each > 0), key=lambda pair: -pair[1])
        lines = [(part, duration(each), f"{each / total:.0%}") for part, each in shares]
        title = f"Where the time of {names[name]} goes: {duration(total)}, mostly {found['limited_by'][name]}"
        print_table(title, ("part", "time", "share"), lines, {"time", "share"})


def duration(seconds: float) -> str:
    """In the unit that suits."""
    for unit, worth in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= worth:
            return f"{seconds / worth:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"
