"""Whether a part meets the figures of a rule: yes, no, or not known, why, and what would change it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from fleetopt.policy.controls import Bounds, Control
from fleetopt.policy.part import Part
from fleetopt.policy.spans import Span, Truth, all_hold, any_holds, exact

LABELS = {
    "tpp": ("TPP", ""),
    "density": ("performance density", ""),
    "io_gb_s": ("I/O", " GB/s"),
    "dram_gb_s": ("DRAM bandwidth", " GB/s"),
    "io_dram_gb_s": ("I/O and DRAM bandwidth", " GB/s"),
    "memory_density": ("bandwidth density of a memory stack sold apart", ""),
}
"""Name and unit of each measure."""
_SIGNS = {"at_least": (">=", "<", "below"), "above": (">", "<=", "at most"), "below": ("<", ">=", "at least")}
_READ = {f"{measure}_{sense}": (measure, sense) for measure in LABELS for sense in _SIGNS}
"""Measure and sense of each field of the bounds."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One bound against one part."""

    truth: Truth
    says: str
    """What holds: `TPP 2,368 < 2,400`."""
    to_hold: str
    """What would make it hold: `TPP at least 2,400`."""
    to_fail: str
    """What would make it fail."""
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule's figures against one part."""

    truth: Truth
    because: str
    would_change: str
    needs: tuple[str, ...]


def judge(control: Control, part: Part) -> Judged:
    """The alternatives of a rule: met if one is, and a condition known to fail rules its alternative out."""
    ways = [list(_conditions(bounds, part)) for bounds in control.any_of]
    truths = [all_hold(c.truth for c in way) for way in ways]
    met = any_holds(truths)
    if met is True:
        holding = [way for way, truth in zip(ways, truths, strict=True) if truth is True]
        because = ", ".join(c.says for c in holding[0])
        steps = [_joined(" or ", (c.to_fail for c in way)) for way in holding]
        joined = steps[0] if len(steps) == 1 else " and ".join(f"({s})" if " or " in s else s for s in steps)
        return Judged(True, because, joined, ())
    if met is False:
        failing = [[c for c in way if c.truth is False] for way in ways]
        because = _joined("; ", (way[0].says for way in failing))
        steps = [_joined(" and ", (c.to_hold for c in way if c.truth is not True)) for way in ways]
        return Judged(False, because, _joined(", or ", steps), ())
    open_ = [c for way, truth in zip(ways, truths, strict=True) if truth is None for c in way if c.truth is None]
    needs = tuple(dict.fromkeys(need for c in open_ for need in c.needs))
    decides = _joined(" or ", (c.to_hold for c in open_))
    return Judged(None, f"needs {', '.join(needs)}", f"knowing {', '.join(needs)}: {decides} decides", needs)


def _joined(word: str, parts: Iterable[str]) -> str:
    return word.join(dict.fromkeys(part for part in parts if part))


def _conditions(bounds: Bounds, part: Part) -> Iterator[Condition]:
    for field, bound in _given(bounds):
        if field == "datacentre":
            yield _purpose(bool(bound), part)
            continue
        measure, sense = _READ[field]
        span: Span = part.io_gb_s.plus(part.dram_gb_s) if measure == "io_dram_gb_s" else getattr(part, measure)
        truth: Truth = getattr(span, sense)(exact(bound))
        holds, fails, flipped = _SIGNS[sense]
        label, unit = LABELS[measure]
        limit = plain(bound) + unit
        to_hold = f"{label} {'at least' if sense == 'at_least' else sense} {limit}"
        said = f"{label} {_shown(span)} {fails if truth is False else holds} {limit}"
        yield Condition(truth, said, to_hold, f"{label} {flipped} {limit}", span.needs)


@cache
def _given(bounds: Bounds) -> tuple[tuple[str, float | bool], ...]:
    """The bounds that are given, by field."""
    return tuple((name, value) for name, value in bounds if value is not None)


def _purpose(wanted: bool, part: Part) -> Condition:
    truth = None if part.datacentre is None else part.datacentre == wanted
    kinds = ("not designed or marketed for data centres", "designed or marketed for data centres")
    needs = ("datacentre",) if truth is None else ()
    return Condition(truth, kinds[bool(part.datacentre)], kinds[wanted], kinds[not wanted], needs)


def _shown(span: Span) -> str:
    value = span.value
    return plain(value) if value is not None else f"of {plain(float(span.least))} or more"


def plain(value: float) -> str:
    """A figure for people: thousands apart, at most six digits."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
