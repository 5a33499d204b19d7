"""C1, C1.keep, C3: systems and cores have the time."""

import pytest
from cases import SOLVERS, candidate, case, model, point, solve


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_binding(solver: str) -> None:
    """15/s at 2/s a unit is 7.5 units, so 8 are bought: 2 quarters x 8 x 15,000 USD."""
    assert solve(model(case()), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_slack(solver: str) -> None:
    """At 100/s a unit one server is enough and mostly idle: 30,000 USD."""
    assert solve(model(case(), (candidate(points={"b1": point(rate=100.0)}),)), solver) == pytest.approx(30_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_keep_binding(solver: str) -> None:
    """Replicas of two units at 4.9/s: 15/4.9 = 3.06, so 4 whole replicas, 8 units, 240,000 USD."""
    pair = candidate(units=2.0, whole=True, points={"b1": point(rate=4.9)})
    assert solve(model(case(), (pair,)), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_keep_slack(solver: str) -> None:
    """The same replicas not counted whole take 6.12 units: 7, 210,000 USD."""
    pair = candidate(units=2.0, whole=False, points={"b1": point(rate=4.9)})
    assert solve(model(case(), (pair,)), solver) == pytest.approx(210_000)


def _tools(core_s: float):
    agent = {"turns_per_task": 1.0, "tool_s": 1.0, "tool_core_s": core_s}
    return model(case(workloads={"chat": {"kind": "agentic", "agent": agent}}))


@pytest.mark.parametrize("solver", SOLVERS)
def test_c3_binding(solver: str) -> None:
    """Tools of 50 core-seconds need 15 x 50 = 750 cores, 64 a server: 12 servers, 360,000 USD."""
    assert solve(_tools(50.0), solver) == pytest.approx(360_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c3_slack(solver: str) -> None:
    """Tools of 10 core-seconds need 150 cores; 8 servers have 512: 240,000 USD."""
    assert solve(_tools(10.0), solver) == pytest.approx(240_000)
