"""P3: the heat of what is installed, at a site and in a rack position."""

from typing import Any

import pytest
from builders import CPU_RACK
from cases import SOLVERS, candidate, case, infeasible, model, offer, point, solve

from fleetopt.model.build import Model

RAM = {"id": "dram", "kind": "dram", "unit_gb": 1000.0, "price": {"usd_per_gb": 20.0}, "power_w_per_gb": 1.0}


def _cooled(max_kw: float, **changes: Any) -> Model:
    return model(case(sites={"virginia": {"cooling": {"max_kw": max_kw}}}, **changes))


@pytest.mark.parametrize("solver", SOLVERS)
def test_p3_binding(solver: str) -> None:
    """The 8 units of 10 kW that demand takes give off 80 kW; a plant for 79 does not do."""
    assert infeasible(_cooled(79.0), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p3_slack(solver: str) -> None:
    """A plant for 80 kW is just enough: 240,000 USD, as without."""
    assert solve(_cooled(80.0), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("max_kw", "possible"), [(41.9, False), (42.0, True)])
def test_p3_counts_memory_and_diversity(solver: str, max_kw: float, possible: bool) -> None:
    """8 units x 10 kW x diversity 0.5 = 40 kW, and 2 TB of memory bought at 1 W/GB are 2 kW: 42 in all.

    15 requests/s x 300 GB parked are 4.5 TB; the 8 servers hold 0.3125 TB each, 2.5 TB, so 2 TB are bought: 20,000 USD
    each over 20 quarters, 2 x 2 x 1,000 = 4,000 USD.
    """
    changes: dict[str, Any] = {
        "memory": [RAM],
        "workloads": {"chat": {"idle_kv": {"mean_gap_s": 10.0, "tiers": ["dram"]}}},
        "systems": {"gpu8": {"usable_dram_gb": 312.5, "max_added_dram_gb": 1000.0}},
        "sites": {"virginia": {"cooling": {"max_kw": max_kw}, "power": {"diversity": 0.5}}},
    }
    parked = candidate(points={"b1": point(parked_gb_s=300.0)}, reuse="parked")
    built = model(case(**changes), (parked,))
    if possible:
        assert solve(built, solver) == pytest.approx(244_000)
    else:
        assert infeasible(built, solver)


def _dense(slots: float, racks: float = 0.0, cpu_slots: float = 1.0) -> Model:
    """The 8 servers take half a position each, and a position cools 15 kW: their 80 kW take 5.33 positions, not 4.

    `racks` more of 10 kW are held, and must stay.
    """
    gpu = {"slots": 0.5}
    site = {"cooling": {"max_kw": 1e4, "max_kw_per_slot": 15.0}, "space": {"slots": slots}}
    held = {"id": "racks", "system": "cpu", "site": "virginia", "in_service": "2026q1", "end_of_life": "2030q1"}
    fleet = [{**held, "units": int(racks)}] if racks else []
    systems = {"gpu8": gpu, "cpu": {**CPU_RACK, "slots": cpu_slots}}
    kept = {"limits": [{"id": "kept", "systems": ["cpu"], "at_least": racks}]} if racks else {}
    instance = case(systems=systems, sites={"virginia": site}, fleet=fleet, policy=kept)
    return model(instance, offers=(offer(), offer("cpu", buy=(), owned_periods=(0, 1))))


@pytest.mark.parametrize("solver", SOLVERS)
def test_p3_density_binding(solver: str) -> None:
    """80 kW of servers in 5 positions of 15 kW: five kW too many, though 8 halves fill only 4 positions."""
    assert infeasible(_dense(5.0), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p3_density_slack(solver: str) -> None:
    """6 positions cool 90 kW: 240,000 USD, as without."""
    assert solve(_dense(6.0), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("cpu_slots", "possible"), [(1.0, False), (0.5, True)])
def test_p3_density_whole_racks_leave_nothing(solver: str, cpu_slots: float, possible: bool) -> None:
    """A rack of 10 kW has its position to itself: 6 less 1 cool 75 of 80 kW. One of half a position shares all 90."""
    built = _dense(6.0, racks=1.0, cpu_slots=cpu_slots)
    if possible:
        assert solve(built, solver) == pytest.approx(240_000)
    else:
        assert infeasible(built, solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_s2_power_knows_the_cooling(solver: str) -> None:
    """A closed site with 1,000 kW and cooling for 80: open_t >= 80 / 80 in the relaxation, so it opens wholly."""
    opening = {"opening": {"cost_usd": 1_000_000.0, "life_years": 20.0}, "cooling": {"max_kw": 80.0}}
    built = model(case(sites={"virginia": opening}))
    assert solve(built, solver) == pytest.approx(265_000)
    rows = {r.name: r for r in built.problem.constraints()}
    row = rows["S2_power__virginia__2027q1"]
    column = built.context.var.open["virginia", 0]
    assert dict(row.items())[column] == pytest.approx(-0.08 * 1.25)
