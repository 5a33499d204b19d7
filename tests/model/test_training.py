"""T1, T3: training runs finish in time on machines that serve otherwise."""

import pytest
from cases import SOLVERS, case, infeasible, model, offer, solve, team

RUN = {
    "pretrain": {
        "kind": "training",
        "model": "small",
        "training": {"tokens": 1e9, "start": "2027q1", "deadline": "2027q2"},
    }
}


def _with(*teams):
    return model(case(workloads=RUN), teams=teams)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_binding(solver: str) -> None:
    """4 unit-quarters beside the 7.5 that serve: 1.5 on 9 units in q1, 2.5 on 10 in q2: 9 x 30,000 + 15,000 USD."""
    assert solve(_with(team()), solver) == pytest.approx(285_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_slack(solver: str) -> None:
    """A tenth of a quarter fits in what serving leaves idle: 8 units, 240,000 USD."""
    assert solve(_with(team(periods=0.1)), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_link_binding(solver: str) -> None:
    """A team trains at most all of a period, so two periods of work do not fit a window of one."""
    assert infeasible(_with(team(periods=2.0, last_period=0)), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_link_slack(solver: str) -> None:
    """Two periods of 2 units fit a window of two: 7.5 + 2, 10 units, 300,000 USD."""
    assert solve(_with(team(units=2, periods=2.0)), solver) == pytest.approx(300_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_one_binding(solver: str) -> None:
    """Of two teams one trains, the smaller: 2 unit-quarters, 0.5 on 8 units in q1 and 1.5 on 9 in q2, 255,000 USD."""
    assert solve(_with(team("big"), team("small", units=2)), solver) == pytest.approx(255_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t1_one_slack(solver: str) -> None:
    """Without a run to do no machine trains: 240,000 USD."""
    assert solve(model(case()), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t3_binding(solver: str) -> None:
    """A window of the first quarter takes 4 whole units from serving there: 7.5 + 4, 12 units, 360,000 USD."""
    assert solve(_with(team(last_period=0)), solver) == pytest.approx(360_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_t3_slack(solver: str) -> None:
    """Machines that are there and idle train for nothing: 20 held, 0 USD."""
    held = {
        "id": "old",
        "system": "gpu8",
        "site": "virginia",
        "units": 20,
        "in_service": "2026q1",
        "end_of_life": "2030q4",
    }
    built = model(case(workloads=RUN, fleet=[held]), offers=(offer(),), teams=(team(),))
    assert solve(built, solver) == pytest.approx(0.0, abs=1e-6)
