"""Orbits: dates in order and after the first launch, and satellites that take time to come."""

from collections.abc import Iterator, Sequence

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.orbits import LaunchPriceFrom, Orbit, TonnageFrom
from fleetopt.instance.schema import Instance
from fleetopt.instance.time import Time


def check_orbits(instance: Instance) -> Iterator[Finding]:
    """Launch prices and tonnage go by date, from the first launch on; nothing is there before it, or in no time."""
    for s, site in enumerate(instance.sites):
        if site.orbit is None or site.kind != "orbit":
            continue
        at: Path = ("sites", s, "orbit")
        yield from _dates(instance.time, at, site.orbit)
        since = site.orbit.available_from
        if since is None:
            continue
        first = instance.time.period_index(since)
        if first >= instance.time.periods:
            message = f"{since} lies after the horizon: nothing is launched"
            yield Finding((*at, "available_from"), message, "try an earlier period", warning=True)
        opening = site.opening.earliest if site.opening is not None else None
        if opening is not None and instance.time.period_index(opening) < first:
            message = f"the site opens in {opening}, before the first launch in {since}"
            yield Finding(("sites", s, "opening", "earliest"), message, f"try {since}")
        for h, held in enumerate(instance.fleet):
            if held.site == site.id and held.enabled and instance.time.period_index(held.in_service) < first:
                message = f"satellites in service in {held.in_service}, before the first launch in {since}"
                yield Finding(("fleet", h, "in_service"), message, "try an earlier sites.orbit.available_from")
    yield from _no_lead(instance)


def _dates(time: Time, at: Path, orbit: Orbit) -> Iterator[Finding]:
    first = time.period_index(orbit.available_from) if orbit.available_from else None
    named: dict[str, Sequence[LaunchPriceFrom | TonnageFrom]] = {
        "launch_price_by_date": orbit.launch_price_by_date,
        "tonnage_by_date": orbit.tonnage_by_date,
    }
    for name, points in named.items():
        for n, point in enumerate(points):
            index = time.period_index(point.since)
            if n and point.since <= points[n - 1].since:
                message = f"{point.since} does not come after {points[n - 1].since} before it"
                yield Finding((*at, name, n, "since"), message, "try putting them in order of date, each date once")
            elif first is not None and index < first:
                message = f"{point.since} lies before the first launch in {orbit.available_from}"
                yield Finding((*at, name, n, "since"), message, f"try {orbit.available_from} or later")


def _no_lead(instance: Instance) -> Iterator[Finding]:
    """A satellite that is there the day it is ordered makes orbit the fastest power there is, which it is not."""
    orbits = [site.orbit for site in instance.sites if site.enabled and site.orbit is not None]
    if not any(orbit.launch_lead_months == 0 for orbit in orbits):
        return
    for s, system in enumerate(instance.systems):
        if system.kind == "satellite" and system.enabled and system.lead_months == 0:
            message = "a satellite in service the day it is ordered: orbit is then faster than any power on the ground"
            yield Finding(("systems", s, "lead_months"), message, "try 12 or more", warning=True)
