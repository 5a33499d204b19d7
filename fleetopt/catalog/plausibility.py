"""Plausibility of chips and systems: ratios that should not differ much from one part to the next.

An outlier lies more than `FACTOR` times above or below the median of its measure. It is a mistake in a figure (a sparse
rate, a link read as memory, watts of a rack for a chip) unless the entry explains it, by measure, under `explained`.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleetopt.catalog.load import entry, explained, ids

FACTOR = 3.0
W_PER_KW = 1e3


@dataclass(frozen=True)
class Measure:
    """A ratio of an entry's figures."""

    id: str
    kind: str
    says: str
    unit: str
    of: Callable[[dict[str, Any]], float | None]
    """The ratio of one entry; None where a figure of it is not known."""


@dataclass(frozen=True)
class Outlier:
    """An entry that is far from the median of a measure."""

    measure: Measure
    id: str
    value: float
    median: float
    because: str
    """The entry's explanation; empty where it has none."""


def _ratio(top: float | None, bottom: float | None) -> float | None:
    return top / bottom if top and bottom else None


def _bf16(chip: dict[str, Any]) -> float | None:
    rate: float | None = chip.get("dense_tflops", {}).get("bf16")
    return rate


def _bandwidth_per_watt(chip: dict[str, Any]) -> float | None:
    return _ratio(chip.get("memory_gb_s"), chip.get("power_kw", 0.0) * W_PER_KW)


def _flops_per_watt(chip: dict[str, Any]) -> float | None:
    return _ratio(_bf16(chip), chip.get("power_kw", 0.0) * W_PER_KW)


def _bytes_per_flop(chip: dict[str, Any]) -> float | None:
    return _ratio(chip.get("memory_gb_s"), _bf16(chip))


def _sweeps(chip: dict[str, Any]) -> float | None:
    return _ratio(chip.get("memory_gb_s"), chip.get("memory_gb"))


def _all_chips(system: dict[str, Any], of: Callable[[dict[str, Any]], float | None]) -> float | None:
    one = of(system.get("chip", {}))
    return None if one is None else one * float(system["chips"])


def _price(system: dict[str, Any]) -> float | None:
    price: float | None = system.get("price", {}).get("buy_usd")
    return price


def _price_per_tflops(system: dict[str, Any]) -> float | None:
    return _ratio(_price(system), _all_chips(system, _bf16))


def _price_per_gb(system: dict[str, Any]) -> float | None:
    return _ratio(_price(system), _all_chips(system, lambda chip: chip.get("memory_gb")))


def _rent_per_tflops(system: dict[str, Any]) -> float | None:
    return _ratio(system.get("rent", {}).get("usd_per_h"), _all_chips(system, _bf16))


def _power_over_chips(system: dict[str, Any]) -> float | None:
    return _ratio(system["power_kw"], _all_chips(system, lambda chip: chip.get("power_kw")))


MEASURES: tuple[Measure, ...] = (
    Measure("bandwidth_per_watt", "chip", "memory bandwidth for each watt of the chip", "GB/s/W", _bandwidth_per_watt),
    Measure("flops_per_watt", "chip", "dense bf16 rate for each watt of the chip", "TFLOPS/W", _flops_per_watt),
    Measure("bytes_per_flop", "chip", "memory bandwidth for each dense bf16 FLOP", "B/kFLOP", _bytes_per_flop),
    Measure("sweeps_per_s", "chip", "times a second that the whole memory can be read", "/s", _sweeps),
    Measure("price_per_tflops", "system", "price for each dense bf16 TFLOPS", "USD/TFLOPS", _price_per_tflops),
    Measure("price_per_gb", "system", "price for each GB of the chips' memory", "USD/GB", _price_per_gb),
    Measure("rent_per_tflops", "system", "hourly rent for each dense bf16 TFLOPS", "USD/h/TFLOPS", _rent_per_tflops),
    Measure("power_over_chips", "system", "power of the system over that of its chips", "", _power_over_chips),
)


def values(measure: Measure) -> dict[str, float]:
    """The measure by id, for the entries whose figures are known."""
    found = {id_: measure.of(entry(measure.kind, id_)) for id_ in ids(measure.kind)}
    return {id_: value for id_, value in found.items() if value is not None}


def outliers() -> tuple[Outlier, ...]:
    """Entries more than `FACTOR` times from the median, by measure in the order of the catalogue."""
    found = []
    for measure in MEASURES:
        known = values(measure)
        median = statistics.median(known.values())
        found += [
            Outlier(measure, id_, value, median, explained(measure.kind, id_).get(measure.id, ""))
            for id_, value in known.items()
            if not median / FACTOR <= value <= median * FACTOR
        ]
    return tuple(found)
