"""What export rules look at in a chip: total processing performance, performance density, bandwidths, and its purpose.

Total processing performance (TPP) is 2 x MacTOPS x bit length, the highest over formats; a data sheet's dense TOPS
already count a multiply-accumulate as two operations, so it is dense TOPS x bits. Performance density is TPP over the
applicable die area: all logic dies on non-planar transistors, caches included, memory stacks not.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fleetopt.instance.systems import Chip
from fleetopt.policy.spans import Span, exact, figure

ZERO = Span(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Rate:
    """A dense rate of one format."""

    format: str
    tops: float | None
    bits: float | None

    def tpp(self) -> Span:
        """Its contribution: TOPS x bits."""
        if self.tops == 0 or self.bits == 0:
            return ZERO
        if self.tops is None or self.bits is None:
            missing = f"dense_tops.{self.format}" if self.tops is None else f"bits.{self.format}"
            return Span(Decimal(0), None, (missing,))
        product = exact(self.tops) * exact(self.bits)
        return Span(product, product)


@dataclass(frozen=True, slots=True)
class Part:
    """One chip, or a memory stack sold apart, as the rules see it."""

    name: str
    tpp: Span
    density: Span
    io_gb_s: Span
    """Aggregate bidirectional I/O other than to volatile memory."""
    dram_gb_s: Span
    memory_density: Span = ZERO
    """Bandwidth of a stack sold apart over its area, in GB/s a mm2; 0 for a logic circuit."""
    datacentre: bool | None = True
    """Designed or marketed for data centres."""
    us_available: bool | None = True
    """Commercially available in the US on 2026-01-15."""
    vendor: str = ""
    origin: str = "US"
    names: tuple[str, ...] = ()
    """Further names it goes by, for rules that name chips."""
    tpp_from: str = ""
    """How its TPP comes about, where that is known: `fp8, 296 x 8`."""

    def is_named(self, names: Iterable[str]) -> str:
        """The first of `names` that the part goes by, or empty; `h20` is not `h200`."""
        for name in names:
            wanted = re.compile(rf"(?<![0-9]){re.escape(name)}(?![0-9])")
            if any(wanted.search(known.lower()) for known in (self.name, *self.names)):
                return name
        return ""


def highest(rates: Iterable[Rate]) -> Span:
    """TPP: the highest over formats; a rate that is not known leaves the known ones as its least."""
    each = [rate.tpp() for rate in rates]
    if not each:
        return Span(Decimal(0), None, ("dense_tops",))
    most = None if any(span.most is None for span in each) else max(span.most for span in each if span.most is not None)
    needs = tuple(need for span in each for need in span.needs)
    return Span(max(span.least for span in each), most, needs)


def set_by(rates: Iterable[Rate]) -> str:
    """The format that gives the highest TPP, first of equals: `fp8, 296 x 8`."""
    known = [rate for rate in rates if rate.tops is not None and rate.bits is not None]
    if not known:
        return ""
    top = max(known, key=lambda rate: rate.tpp().least)
    return f"{top.format}, {top.tops:,.10g} x {top.bits:g}"


def density(tpp: Span, area_mm2: float | None, field_name: str = "applicable_die_area_mm2") -> Span:
    """TPP per mm2 of applicable area; a part with no such area (planar logic only) or no TPP has none."""
    if area_mm2 == 0 or tpp.most == 0:
        return ZERO
    if area_mm2 is None:
        return Span(Decimal(0), None, (field_name, *tpp.needs))
    area = exact(area_mm2)
    return Span(tpp.least / area, None if tpp.most is None else tpp.most / area, tpp.needs)


@lru_cache(maxsize=1024)
def _part(id_: str, name: str, vendor: str, origin: str, datacentre: bool, figures: tuple[float | None, ...]) -> Part:
    tpp, area_mm2, io_gb_s, dram_gb_s = figures
    performance = figure(tpp, "tpp")
    return Part(
        name=name or id_,
        tpp=performance,
        density=density(performance, area_mm2, "die_area_mm2"),
        io_gb_s=figure(io_gb_s, "io_gb_s"),
        dram_gb_s=figure(dram_gb_s, "dram_gb_s"),
        datacentre=datacentre,
        vendor=vendor,
        origin=origin,
        names=(id_,),
    )


def part_of(chip: Chip) -> Part:
    """A chip of an instance."""
    figures = (chip.tpp, chip.die_area_mm2, chip.io_gb_s, chip.dram_gb_s)
    return _part(chip.id, chip.name, chip.vendor, chip.origin, chip.datacentre, figures)


def part_with(fields: Mapping[str, Any]) -> Part:
    """A chip of the catalogue, complete or not: what it lacks is not known."""
    figures = tuple(fields.get(name) for name in ("tpp", "die_area_mm2", "io_gb_s", "dram_gb_s"))
    said = (fields["id"], fields["name"], fields["vendor"], fields.get("origin", "US"))
    return _part(*said, fields.get("datacentre", True), figures)
