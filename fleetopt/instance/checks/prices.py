"""Prices by date."""

from collections.abc import Iterator, Sequence

from fleetopt.instance.base import Entity
from fleetopt.instance.located import Finding, Path
from fleetopt.instance.memory import MemoryPriceFrom
from fleetopt.instance.resolve import GIVEN
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import PriceFrom


def check_dated_prices(instance: Instance) -> Iterator[Finding]:
    """Dates go forward, and there is a price before the first of them."""
    for s, system in enumerate(instance.systems):
        at: Path = ("systems", s, "price", "by_date")
        yield from _one(instance, at, system.price.by_date, system.price.buy_usd, "buy_usd")
        yield from _unused(instance, at, system, system.price.by_date, "buy_usd")
    for m, tier in enumerate(instance.memory):
        at = ("memory", m, "price", "by_date")
        yield from _one(instance, at, tier.price.by_date, tier.price.usd_per_gb, "usd_per_gb")
        yield from _unused(instance, at, tier, tier.price.by_date, "usd_per_gb")


def _one(
    instance: Instance, at: Path, points: Sequence[PriceFrom | MemoryPriceFrom], plain: float | None, field: str
) -> Iterator[Finding]:
    if points and plain is None:
        message = f"there is no price before {points[0].since}"
        yield Finding(at, message, f"try adding price: {{{field}: ...}}")
    quarters = [_quarter(point.since) for point in points]
    for n in range(1, len(points)):
        if quarters[n] <= quarters[n - 1]:
            message = f"{points[n].since} does not come after {points[n - 1].since} before it"
            yield Finding((*at, n, "since"), message, "try putting the prices in order of date, each date once")


def _unused(
    instance: Instance, at: Path, entity: Entity, points: Sequence[PriceFrom | MemoryPriceFrom], field: str
) -> Iterator[Finding]:
    """A plain price that the instance sets itself and that never holds is worth a warning."""
    said = entity.provenance.get(f"price.{field}")
    if points and instance.time.period_index(points[0].since) <= 0 and said and said.source == GIVEN["source"]:
        message = f"the price given has no effect: prices by date hold from {points[0].since}"
        yield Finding((*at[:-1], field), message, "try by_date: [], or price: {scale: ...}", warning=True)


def _quarter(period: str) -> tuple[int, int]:
    """Year and quarter, a year being its first quarter."""
    return int(period[:4]), int(period[5]) if "q" in period else 1
