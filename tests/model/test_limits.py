"""G2: the planner's own limits."""

import pytest
from cases import SOLVERS, candidate, case, infeasible, model, offer, solve
from test_supply import DEAR, ON_DEAR


def _limited(**limit):
    return model(case(policy={"limits": [{"id": "mine", **limit}]}))


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_at_least(solver: str) -> None:
    """At least 10 units binds (300,000 USD); at least 8 does not."""
    assert solve(_limited(at_least=10.0), solver) == pytest.approx(300_000)
    assert solve(_limited(at_least=8.0), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_at_most(solver: str) -> None:
    """At most 63 chips bars the eighth server; 64 do not."""
    assert infeasible(_limited(at_most=63.0, measure="chips"), solver)
    assert solve(_limited(at_most=64.0, measure="chips"), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_share(solver: str) -> None:
    """At most half of one vendor: 4 cheap and 4 dear servers, 4 x 30,000 + 4 x 60,000 USD."""
    half = {"id": "mine", "vendors": ["acme"], "at_most": 0.5, "share": True, "measure": "power_kw"}
    instance = case(systems={"dear8": DEAR}, policy={"limits": [half]})
    built = model(instance, (candidate(), ON_DEAR), (offer(), offer("dear8")))
    assert solve(built, solver) == pytest.approx(360_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_period(solver: str) -> None:
    """At least 10 units in the second quarter only: 8 x 30,000 + 2 x 15,000 USD."""
    assert solve(_limited(at_least=10.0, periods=["2027q2"]), solver) == pytest.approx(270_000)
