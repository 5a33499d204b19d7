"""O2, O3: what can be lifted, and what is left of it."""

import pytest
from builders import with_orbit
from cases import SOLVERS, candidate, case, model, offer, point, solve

from fleetopt.model.build import Model

SECOND_QUARTER = [{"period": "2027q2", "slice": "day", "region": "east", "rate_per_s": 15.0}]
UP = candidate("up", site="leo", system="sat", points={"b1": point()})
"""2/s a satellite, so 15/s take 8; one costs 500,000 USD over 20 quarters: 25,000 a quarter."""


def _orbit(launch_kg: float = 1e6, failures: float = 0.0, table=()) -> Model:
    orbit = {"launch_usd_per_kg": 0.0, "launch_kg_per_period": launch_kg, "operations_share_per_year": 0.0}
    demand = {"demand": {"regions": [], "table": list(table)}} if table else {}
    changes = with_orbit(sites={"leo": {"orbit": orbit}}, systems={"sat": {"failures_per_year": failures}})
    instance = case(**changes, workloads={"chat": demand})
    return model(instance, (UP,), (offer("sat", "leo", mass_kg=1000.0),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_o2_binding(solver: str) -> None:
    """Demand comes in the second quarter; 4 t a quarter lift 4 satellites in each: (4 x 2 + 4) x 25,000 USD."""
    assert solve(_orbit(launch_kg=4000.0, table=SECOND_QUARTER), solver) == pytest.approx(300_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_o2_slack(solver: str) -> None:
    """8 t lift all 8 when they are needed: 8 x 25,000 USD."""
    assert solve(_orbit(launch_kg=8000.0, table=SECOND_QUARTER), solver) == pytest.approx(200_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_o3_binding(solver: str) -> None:
    """Half fail a year, so 0.5^0.25 = 0.841 survive a quarter: 8 x 0.841 < 7.5, one more goes up: 17 x 25,000 USD."""
    assert solve(_orbit(failures=0.5), solver) == pytest.approx(425_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_o3_slack(solver: str) -> None:
    """A fifth fail a year: 8 x 0.8^0.25 = 7.57 still carry 7.5: 16 x 25,000 USD."""
    assert solve(_orbit(failures=0.2), solver) == pytest.approx(400_000)


def _dying(**changes):
    """Half the satellites fail a year, so 0.5^0.25 = 0.841 survive a quarter; each request/s parks 400 GB."""
    orbit = {"launch_usd_per_kg": 0.0, "launch_kg_per_period": 1e6, "operations_share_per_year": 0.0}
    sat = {"failures_per_year": 0.5, **changes.pop("sat")}
    instance = case(**with_orbit(sites={"leo": {"orbit": orbit}}, systems={"sat": sat}), **changes)
    up = candidate("up", site="leo", system="sat", points={"b1": point(parked_gb_s=400.0)}, reuse="parked")
    return model(instance, (up,), (offer("sat", "leo", mass_kg=1000.0),))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("gb", "cost"), [(750.0, 450_000), (1000.0, 425_000)])
def test_m2_dead_satellites_hold_nothing(solver: str, gb: float, cost: float) -> None:
    """15 x 400 = 6,000 GB take 8 of 750 GB; in q2 8 x 0.841 + 1 hold 5,795, + 2 6,545: (16 + 2) x 25,000 USD.

    With 1,000 GB each, the one more that O3 asks for holds them: (16 + 1) x 25,000 USD.
    """
    memory = [{"id": "dram", "kind": "dram", "unit_gb": 1000.0, "price": {"usd_per_gb": 10.0}}]
    idle = {"chat": {"idle_kv": {"mean_gap_s": 10.0, "tiers": ["dram"]}}}
    assert solve(_dying(sat={"usable_dram_gb": gb}, memory=memory, workloads=idle), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("cores", "cost"), [(75.0, 450_000), (100.0, 425_000)])
def test_c3_dead_satellites_have_no_cores(solver: str, cores: float, cost: float) -> None:
    """15/s x 40 core-seconds = 600 cores take 8 of 75; in q2 8 x 0.841 + 1 have 580, + 2 655: (16 + 2) x 25,000 USD.

    With 100 cores each, the one more that O3 asks for has them: (16 + 1) x 25,000 USD.
    """
    agent = {"turns_per_task": 2.0, "tool_s": 1.0, "tool_core_s": 40.0}
    tools = {"chat": {"kind": "agentic", "agent": agent}}
    assert solve(_dying(sat={"usable_cpu_cores": cores}, workloads=tools), solver) == pytest.approx(cost)
