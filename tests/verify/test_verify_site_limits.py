"""P3, S2, S3, O4 and O5 in the witness: figures just within and just beyond."""

from dataclasses import replace
from typing import Any

import pytest
from builders import tiny_instance, with_orbit
from handmade import failures, ids, plan

from fleetopt.plan import MemoryPurchase, Parked, PowerBuild, SiteOpening
from fleetopt.verify.compute import check_compute
from fleetopt.verify.power import check_power
from fleetopt.verify.sites import check_sites


def cooled(cooling: dict[str, Any], **changes: Any) -> Any:
    return tiny_instance(sites={"virginia": {"cooling": {"max_kw": 1000.0, **cooling}}}, **changes)


@pytest.mark.parametrize(("max_kw", "expected"), [(50.0, set()), (49.9, {"P3"})])
def test_p3_heat_of_what_is_installed(max_kw: float, expected: set[str]) -> None:
    """Five servers of 10 kW give off 50 kW."""
    assert ids(failures(check_power, plan(), cooled({"max_kw": max_kw}))) == expected


@pytest.mark.parametrize(("limit_kw", "expected"), [(10.0, set()), (9.9, {"P3"})])
def test_p3_density_of_what_is_bought(limit_kw: float, expected: set[str]) -> None:
    """A server of 10 kW in a position of its own."""
    assert ids(failures(check_power, plan(), cooled({"max_kw_per_slot": limit_kw}))) == expected


@pytest.mark.parametrize(("slots", "expected"), [(4.0, set()), (3.9, {"P3.density"})])
def test_p3_density_of_shared_racks(slots: float, expected: set[str]) -> None:
    """Five servers of half a position are 50 kW: four positions of 12.5 kW cool them, 3.9 do not."""
    site = {"cooling": {"max_kw": 1000.0, "max_kw_per_slot": 12.5}, "space": {"slots": slots}}
    instance = tiny_instance(sites={"virginia": site}, systems={"gpu8": {"slots": 0.5}})
    assert ids(failures(check_power, plan(), instance)) == expected


def test_s2_before_opening_nothing_is_held_or_leased() -> None:
    """Open from the second quarter: memory with power or positions, what is parked, and a lease, in the first are not.

    The same things at a site open from the first are fine.
    """
    lease = {"usd_per_kw_month": 1.0, "max_kw": 50.0}
    site = {"opening": {"cost_usd": 1e6}, "power": {"lease": lease}, "space": {"slots": 50.0}}
    flash = {"id": "flash", "kind": "nvme", "unit_gb": 100.0, "price": {"usd_per_gb": 1.0}}
    flash |= {"power_w_per_gb": 0.01, "slots_per_unit": 0.1}
    instance = tiny_instance(sites={"virginia": site}, memory=[flash])
    held = {
        "memory_purchases": (MemoryPurchase("2027q1", "virginia", "flash", "buy", 1.0, 100.0, 100.0, 100.0, "2027q1"),),
        "parked": (Parked("chat", "kv", "virginia", "flash", "2027q1", "day", 1.0),),
        "power_builds": (PowerBuild("2027q1", "virginia", "lease", 0.0, 1.0, 3.0, "2027q1"),),
    }
    expected = {"memory_purchases": {"S2.power", "S1"}, "parked": {"M2.hold"}, "power_builds": {"P2.lease"}}
    late = (SiteOpening("virginia", "2027q2", "2027q2", 1e6),)
    early = (SiteOpening("virginia", "2027q1", "2027q1", 1e6),)
    nothing: dict[str, Any] = {"purchases": (), "flows": ()}
    for name, entries in held.items():
        changed = {**nothing, name: entries}
        assert ids(failures(check_sites, plan(sites_opened=late, **changed), instance)) == expected[name]
        assert failures(check_sites, plan(sites_opened=early, **changed), instance) == []


@pytest.mark.parametrize(
    ("site", "source", "expected"),
    [
        ({"min_new_kw": 100.0, "max_new_kw": 100.0}, {"min_new_kw": 100.0}, set()),
        ({"min_new_kw": 101.0}, {}, {"S3"}),
        ({"max_new_kw": 99.0}, {}, {"S3"}),
        ({}, {"min_new_kw": 101.0}, {"S3.source"}),
    ],
)
def test_s3_least_and_most_builds(site: dict[str, Any], source: dict[str, Any], expected: set[str]) -> None:
    """Two blocks of 50 kW are 100 kW: enough for a least build of 100, too few for 101, too many for 99."""
    gas = {"max_new_kw": 200.0, "block_kw": 50.0, **source}
    instance = tiny_instance(sites={"virginia": {**site, "power": {"sources": {"gas": gas}}}})
    built = PowerBuild("2027q1", "virginia", "gas", 2.0, 100.0, 0.0, "2027q1")
    assert ids(failures(check_power, plan(power_builds=(built,)), instance)) == expected
    assert failures(check_power, plan(), instance) == []


@pytest.mark.parametrize(
    ("eclipse", "usable", "expected"), [("duty", 4.9, set()), ("duty", 5.0, {"O4"}), ("storage", 4.9, {"O3"})]
)
def test_o4_chips_rest_in_eclipse(eclipse: str, usable: float, expected: set[str]) -> None:
    """Of five satellites in sun 98 % of the time 4.9 can be in use where the chips rest in eclipse, else all five."""
    instance = tiny_instance(**with_orbit(systems={"sat": {"satellite": {"eclipse": eclipse}}}))
    base = plan()
    up = tuple(replace(p, system="sat", site="leo", vendor="orbitco", chips=20.0) for p in base.purchases)
    rows = tuple(replace(e, system="sat", site="leo", usable_units=usable) for e in base.installed)
    there = tuple(replace(d, system="sat", site="leo") for d in base.deployments)
    made = plan(purchases=up, deployments=there, installed=rows)
    assert ids(failures(check_compute, made, instance)) == expected


@pytest.mark.parametrize(("relay_gb_s", "expected"), [(0.5, set()), (0.4999, {"O5"})])
def test_o5_traffic_finds_a_way_down(relay_gb_s: float, expected: set[str]) -> None:
    """15/s x 1,200 tokens of 50,000 bytes are 0.9 GB/s: 0.8 for half the time and relays of 0.5 do, 0.4999 do not."""
    orbit = {"downlink_gb_s": 0.8, "contact_share": 0.5, "relay_gb_s": relay_gb_s}
    changes = with_orbit(sites={"leo": {"orbit": orbit}}, network={"bytes_per_token": 50_000.0})
    made = plan(flows=tuple(replace(f, site="leo") for f in plan().flows))
    assert ids(failures(check_sites, made, tiny_instance(**changes))) == expected


def test_p2_loaded_replicas_draw_for_what_they_serve() -> None:
    """Ten replicas loaded for the load of one and a bit draw what they serve; drawn as if all worked is too much."""
    base = plan()
    loads = [p.replicas for p in base.placements]
    loaded = tuple(
        replace(p, replicas=10.0, utilisation=load / 10) for p, load in zip(base.placements, loads, strict=True)
    )
    made = plan(deployments=(replace(base.deployments[0], whole=True),), placements=loaded)
    assert failures(check_power, made) == []
    full = tuple(replace(e, draw_kw=1.2 * 10 * (0.3 * 5 + 0.7 * 10 / 8)) for e in base.energy)
    assert ids(failures(check_power, replace(made, energy=full))) == {"P2"}
