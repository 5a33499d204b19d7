"""O2, O3: what can be lifted, and what is left of it."""

import pytest
from builders import with_orbit
from cases import SOLVERS, candidate, case, model, offer, point, solve

SECOND_QUARTER = [{"period": "2027q2", "slice": "day", "region": "east", "rate_per_s": 15.0}]
UP = candidate("up", site="leo", system="sat", points={"b1": point()})
"""2/s a satellite, so 15/s take 8; one costs 500,000 USD over 20 quarters: 25,000 a quarter."""


def _orbit(launch_kg: float = 1e6, failures: float = 0.0, table=()):
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
