"""Regions and sites of the world, round trips by distance, power that exists and can be built, and the fleet owned."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from random import Random
from typing import Any

from fleetopt.catalog import load as catalog
from fleets.shape import Shape

Raw = dict[str, Any]


@dataclass(frozen=True)
class Region:
    """Where users are: a point on the map, a share of the world's demand, and where their data may go."""

    id: str
    jurisdiction: str
    latitude: float
    longitude: float
    utc_offset_h: int
    weight: float
    may_enter: tuple[str, ...]


AMERICAS, EUROPE, ASIA = ("us", "ca", "br"), ("eu", "norway", "gb", "is"), ("jp", "kr", "sg", "in", "my", "tw", "au")
REGIONS = (
    Region("us-east", "us", 40.7, -74.0, -5, 1.3, (*AMERICAS, *EUROPE)),
    Region("eu-central", "eu", 50.1, 8.7, 1, 1.0, EUROPE),
    Region("japan", "jp", 35.7, 139.7, 9, 0.6, (*ASIA, "us")),
    Region("us-west", "us", 37.4, -122.1, -8, 1.0, (*AMERICAS, "jp")),
    Region("eu-west", "gb", 51.5, -0.1, 0, 0.6, (*EUROPE, "us")),
    Region("india", "in", 19.1, 72.9, 5, 0.7, ASIA),
    Region("brazil", "br", -23.5, -46.6, -3, 0.4, AMERICAS),
    Region("australia", "au", -33.9, 151.2, 10, 0.3, (*ASIA, "us")),
)
"""In the order in which they are taken; where data may go is assumed."""
SITES = {
    "virginia": (39.0, -77.5), "norway": (59.9, 10.8), "texas": (32.8, -96.8), "tokyo": (35.7, 139.8),
    "germany": (50.1, 8.6), "mumbai": (19.1, 72.9), "washington": (47.2, -119.9), "finland": (60.6, 27.1),
    "singapore": (1.3, 103.8), "ohio": (40.0, -83.0), "uk": (51.5, -0.5), "seoul": (37.5, 127.0),
    "quebec": (45.5, -73.6), "france": (48.9, 2.4), "sydney": (-33.9, 151.2), "sao-paulo": (-23.5, -46.6),
    "iowa": (41.3, -95.9), "sweden": (65.6, 22.1), "georgia": (33.7, -84.4), "johor": (1.5, 103.7),
}  # fmt: skip
"""Sites of the catalogue with latitude and longitude, in the order in which they are taken."""
EARTH_KM, KM_PER_MS_RTT, DETOUR, LOCAL_MS = 6371.0, 100.0, 1.5, 10.0
"""Light in fibre covers 100 km and back in a millisecond; cables are taken to be half as long again."""
ROUND_MS = 10.0
"""Round trips are given to the next 10 ms."""
SERVER_KW = 14.32 * 1.3
"""Facility power of a reference server."""
FULL_STAFF = 2000.0
"""Fleets of fewer servers in all pay less for staff and land, in proportion."""
OWNED = ("hgx-h100-8", 0.45, 10.2 * 1.3)
"""What the existing fleet is made of, its speed against the reference server, and its facility power."""


def regions(shape: Shape) -> list[Region]:
    """The first regions of the list."""
    if shape.regions > len(REGIONS):
        raise ValueError(f"regions: {shape.regions} of {len(REGIONS)} that the generator knows")
    return list(REGIONS[: shape.regions])


def site_ids(shape: Shape) -> list[str]:
    """The first sites of the list."""
    if shape.sites > len(SITES):
        raise ValueError(f"sites: {shape.sites} of {len(SITES)} that the generator knows")
    return list(SITES)[: shape.sites]


def jurisdictions(shape: Shape) -> list[str]:
    """Every jurisdiction that a region or a site lies in, or that data may enter."""
    named = [r.jurisdiction for r in regions(shape)] + [jurisdiction_of(s) for s in site_ids(shape)]
    named += [j for r in regions(shape) for j in r.may_enter]
    return list(dict.fromkeys(named))


def jurisdiction_of(site: str) -> str:
    """Where a site of the catalogue lies."""
    return str(catalog.entry("site", site)["jurisdiction"])


def network(shape: Shape) -> Raw:
    """Regions and a link from each to each site."""
    return {
        "regions": [
            {"id": r.id, "jurisdiction": r.jurisdiction, "data_may_enter": list(r.may_enter)} for r in regions(shape)
        ],
        "links": [
            {"a": r.id, "b": site, "rtt_ms": _round_trip_ms(r, site)}
            for r in regions(shape)
            for site in site_ids(shape)
        ],
    }


def _round_trip_ms(region: Region, site: str) -> float:
    here, there = (region.latitude, region.longitude), SITES[site]
    (a, b), (c, d) = ((radians(x), radians(y)) for x, y in (here, there))
    km = 2 * EARTH_KM * asin(sqrt(sin((a - c) / 2) ** 2 + cos(a) * cos(c) * sin((b - d) / 2) ** 2))
    return -(-(LOCAL_MS + DETOUR * km / KM_PER_MS_RTT) // ROUND_MS) * ROUND_MS


def sites(shape: Shape, draw: Random) -> tuple[list[Raw], list[Raw]]:
    """Sites with their power, and the fleet that stands in those that are open, within their power."""
    ids = site_ids(shape)
    needed_kw = shape.servers * SERVER_KW
    open_ids = ids[: len(ids) - shape.openings]
    weights = {site: draw.uniform(0.5, 1.5) for site in ids}
    here = sum(weights[s] for s in open_ids)
    found, fleet = [], []
    for site in ids:
        is_open = site in open_ids
        share = weights[site] / here if is_open else 0.0
        new_kw = shape.new_power_share * needed_kw * weights[site] / sum(weights.values())
        found.append(_site(shape, site, shape.power_share * needed_kw * share, new_kw, is_open, draw))
        if is_open:
            fleet += _owned(shape, site, share, draw)
    return found, fleet


def _owned(shape: Shape, site: str, share: float, draw: Random) -> list[Raw]:
    """Servers owned at an open site, at most nine tenths of its power, and CPU racks for agents' tools."""
    system, speed, unit_kw = OWNED
    most = 0.9 * shape.power_share * SERVER_KW / unit_kw
    units = int(min(shape.owned_share / speed, most) * shape.servers * share)
    ends = draw.choice(("2028q2", "2029q2", "2030q2"))
    servers = {"id": f"h100-{site}", "system": system, "site": site, "units": units}
    racks = {"id": f"cpu-{site}", "system": "cpu-rack", "site": site}
    racks |= {"units": max(1, int(share * shape.servers / 400)), "in_service": "2025q1", "end_of_life": "2031q4"}
    return [*([{**servers, "in_service": "2024q3", "end_of_life": ends}] if units else []), racks]


def _site(shape: Shape, site: str, existing_kw: float, new_kw: float, is_open: bool, draw: Random) -> Raw:
    block = shape.block_kw
    grid: Raw = {"use": f"grid-{site}", "block_kw": block, "lead_months": draw.choice((6, 9, 12, 15))}
    grid["max_new_kw"] = round(0.7 * new_kw / block) * block
    if is_open:
        grid["existing_kw"] = round(existing_kw / 10) * 10
    gas = {"use": "gas-engines", "block_kw": block, "lead_months": draw.choice((6, 9, 12))}
    gas["max_new_kw"] = round(0.3 * new_kw / block) * block
    sources = [grid] + ([gas] if gas["max_new_kw"] else [])
    size = min(1.0, shape.servers / FULL_STAFF)
    found: Raw = {"use": site, "fixed_usd_per_year": round(draw.choice((5, 8, 12)) * 1_000_000 * size)}
    found["power"] = {"sources": sources}
    if not is_open:
        cost = round(draw.uniform(2000, 4000) * new_kw / 1e5) * 100_000 + round(10_000_000 * size)
        found["opening"] = {"cost_usd": cost, "life_years": 20, "lead_months": draw.choice((3, 6, 9))}
    return found
