from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import tiny_instance
from everything import rich_instance
from scipy.sparse import csr_array
from widened import modelled, without_cuts

from fleetopt.instance.schema import Instance
from fleetopt.solve import kinds, stages, windows
from fleetopt.solve.dive import Dive
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.search import Search
from fleetopt.solve.solver import INTERRUPTED, Limits, Outcome, solve_highs
from fleetopt.solve.stages import search
from fleetopt.solve.windows import Small, Window, improve, opened, without_idle

BUSY = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 5000.0, "slice_factors": {"night": 0.5}}]}}}


def programme(rows: list[list[float]], low: list[float], cost: list[float], whole: list[int]) -> Matrix:
    """min cost·x, rows·x >= low, 0 <= x <= 10, some columns whole."""
    n = len(cost)
    return Matrix(
        columns=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(len(rows))),
        cost=np.array(cost),
        lower=np.zeros(n),
        upper=np.full(n, 10.0),
        integer=np.isin(np.arange(n), whole),
        rows=csr_array(np.array(rows, dtype=float)),
        row_lower=np.array(low),
        row_upper=np.full(len(rows), np.inf),
    )


PAIRS = programme([[2, 3, 0, 0], [0, 0, 2, 3]], [7, 7], [2.0, 3.5, 2.0, 3.5], [0, 1, 2, 3])
"""Twice 2a + 3b >= 7 at 2a + 3.5b: two a and one b cost 7.5, four a 8, three b 10.5; the optimum is 15."""
DEAR = np.array([0.0, 3.0, 0.0, 3.0])
"""Three b in each pair: 21."""


def searched(matrix: Matrix, plan: Floats, gap: float = 1e-6) -> Search:
    """A search that has a plan and the LP's bound, 14."""
    limits = Limits(gap=gap)

    def solve(problem: Matrix, its: Limits, *, start: Floats | None, phase: str) -> Outcome:
        return solve_highs(problem, its, start=start, phase=phase)

    def never(_: object) -> Outcome:
        pytest.fail("there is a plan")

    run = Search(matrix, limits, solve, matrix.integer, never, lambda _: {})
    run.take(Outcome("feasible", matrix.objective(plan), None, plan, "node limit", 0.0))
    run.prove(14.0)
    return run


def window(name: str, *columns: int) -> Window:
    """A window of a programme of four columns."""
    return Window(name, np.isin(np.arange(4), columns))


TWO = (None, window("one", 0, 1), window("two", 2, 3))


def of_four(relaxed: Floats) -> Small:
    """The programme of four columns as a small fleet, with A's point."""
    return Small(PAIRS, PAIRS.upper, (), (), relaxed)


def test_a_window_holds_what_is_outside() -> None:
    """With one pair open the other stays at three b: 7.5 + 10.5 = 18."""
    found = solve_highs(opened(of_four(DEAR), window("one", 0, 1), DEAR), Limits(gap=0.0))
    assert found.objective == pytest.approx(18.0) and found.values is not None
    assert found.values.round(6).tolist() == [2.0, 1.0, 0.0, 3.0]


def test_a_window_has_every_column_of_the_plan() -> None:
    """With the first two columns left out, the first pair keeps what the plan uses of it: three b, and no a."""
    thin = replace(PAIRS, upper=np.array([0.0, 0.0, 10.0, 10.0]))
    matrix = opened(replace(of_four(DEAR), matrix=thin), window("all", 0, 1, 2, 3), DEAR)
    assert matrix.upper.tolist() == [0.0, 10.0, 10.0, 10.0]
    assert solve_highs(matrix, Limits(gap=0.0)).objective == pytest.approx(18.0)


def test_windows_one_after_the_other_reach_the_optimum() -> None:
    """Each window starts from the plan of the one before: 21, then 18, then 15; the bound stays the LP's."""
    run = searched(PAIRS, DEAR)
    improve(run, of_four(DEAR), TWO, 0.0)
    assert run.plan is not None and run.plan.objective == pytest.approx(15.0) and run.bound == 14.0
    names = [phase["phase"] for phase in run.phases]
    assert names[:3] == ["B1, where A differs", "B1, one", "B1, two"]


def test_windows_end_once_none_gains() -> None:
    """From the optimum each window is tried once, and no more."""
    best = np.array([2.0, 1.0, 2.0, 1.0])
    run = searched(PAIRS, best)
    improve(run, of_four(best), TWO, 0.0)
    assert run.plan is not None and run.plan.objective == 15.0 and len(run.phases) == 3


def test_windows_end_once_the_plan_is_no_longer_far() -> None:
    """14 is 33 % below 21, and 22 % below 18: with a gap of 15 % twice that ends it before the second window."""
    run = searched(PAIRS, DEAR, gap=0.15)
    improve(run, of_four(DEAR), TWO, 2.0)
    assert run.plan is not None and run.plan.objective == pytest.approx(18.0) and len(run.phases) == 2


def test_plans_that_are_far_from_the_bound() -> None:
    """14 lies 22.2 % below 18: far at twice a gap of 11 %, as that is 22 %, and not at twice 12 %."""
    plan = np.array([2.0, 1.0, 0.0, 3.0])
    assert searched(PAIRS, plan, gap=0.11).far(2.0) and not searched(PAIRS, plan, gap=0.12).far(2.0)


def test_where_a_differs() -> None:
    """A at 2.4 and 1.5 against a plan of 2 and 1: the second is half a unit away."""
    of = of_four(np.array([2.4, 1.5, 2.0, 1.0]))
    assert of.elsewhere(np.array([2.0, 1.0, 2.0, 1.0])).open.tolist() == [False, True, False, False]


def test_idle_serving_columns_are_left_out_where_they_are_dear() -> None:
    """Five units at costs of 1, 1, 1.1, 1.12, 5: the LP uses the first and pays 1 a unit. The third costs 0.1 more, a
    share of 0.1 / 1.1 = 9 % of its cost, and stays; the fourth 0.12 / 1.12 = 11 %, and goes, as does the fifth.
    """
    matrix = programme([[1, 1, 1, 1, 1]], [5], [1.0, 1.0, 1.1, 1.12, 5.0], [])
    thin = without_idle(matrix, Dive(matrix, {}), np.arange(5))
    assert thin.upper.tolist() == [10.0, 10.0, 10.0, 0.0, 0.0]


def test_columns_that_do_not_serve_are_never_left_out() -> None:
    """The same with none of them serving."""
    matrix = programme([[1, 1, 1, 1, 1]], [5], [1.0, 1.0, 1.1, 1.12, 5.0], [])
    thin = without_idle(matrix, Dive(matrix, {}), np.arange(0))
    assert thin.upper.tolist() == [10.0] * 5


def test_windows_of_periods_and_sites() -> None:
    """Every whole column is in a window of periods and, with two sites or more, in one of sites."""
    model, matrix = modelled(rich_instance())
    of_periods, of_sites = windows.windows(model, matrix)
    found = (*of_periods, *of_sites)
    names, sites = [w.name for w in found], list(model.context.sets.sites)
    periods = model.context.sets.periods
    assert names[0].startswith(f"{periods[0]} to ") and f"{sites[0]} and {sites[1]}" in names
    for group in (of_periods, of_sites):
        assert np.any([window.open for window in group], axis=0).all()
    first = {matrix.columns[j] for j in np.flatnonzero(of_sites[0].open)}
    for (_, s, _), column in model.context.var.buy.items():
        assert (column.name in first) == (s in sites[:2])


def test_large_fleets_have_no_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A that buys more units than a small fleet has goes on as before."""
    model, matrix = modelled(tiny_instance(workloads=BUSY))
    point = solve_highs(matrix, Limits(gap=1e-6)).values
    assert point is not None and windows.small(model, matrix, matrix.integer, point, 60.0) is not None
    monkeypatch.setattr(windows, "MOST_UNITS", 0)
    assert windows.small(model, matrix, matrix.integer, point, 60.0) is None


@pytest.mark.parametrize("make", [tiny_instance, rich_instance])
def test_a_search_with_windows_keeps_bound_and_optimum(
    make: Callable[[], Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forced through A, B and windows to a gap of nought: the same optimum, and a bound that is not above it."""
    model, matrix = modelled(make())
    optimum = solve_highs(matrix, Limits(gap=1e-9)).objective
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    monkeypatch.setattr(kinds, "structural", lambda model, matrix: np.zeros_like(matrix.integer))
    found = search(model, matrix, Limits(gap=0.0))
    assert any("where A differs" in phase["phase"] for phase in found.phases)
    assert optimum is not None and found.objective == pytest.approx(optimum, rel=1e-6)
    assert found.bound is not None and found.bound <= optimum * (1 + 1e-6)


def test_a_search_stopped_after_the_windows_ends_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the proof, to which the windows' plan goes on: nothing is searched after it."""
    without_cuts(monkeypatch)
    model, matrix = modelled(tiny_instance(workloads=BUSY))
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    monkeypatch.setattr(kinds, "structural", lambda model, matrix: np.zeros_like(matrix.integer))
    solve = stages.solve_highs

    def interrupted(problem: Matrix, limits: Limits, **how: Any) -> Outcome:
        found = solve(problem, limits, **how)
        reason = INTERRUPTED if how["phase"].startswith("all") else found.stop_reason
        return replace(found, bound=0.9 * (found.bound or 0.0), stop_reason=reason)

    monkeypatch.setattr(stages, "solve_highs", interrupted)
    found = search(model, matrix, Limits(gap=1e-6))
    names = [phase["phase"] for phase in found.phases]
    assert "B1, where A differs" in names and [name for name in names if name.startswith("all")] == names[-1:]
    assert found.stop_reason == INTERRUPTED and found.values is not None
