import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import tiny_instance
from everything import rich_instance
from scipy.sparse import csr_array

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.load import load
from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.solve import stages
from fleetopt.solve.dive import Dive
from fleetopt.solve.first_plan import first_plan
from fleetopt.solve.kinds import structural
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.solver import Limits, Outcome, solve_highs
from fleetopt.solve.stages import search

TUTORIALS = sorted(Path(__file__).parents[2].glob("instances/tutorial/*.yaml"))


def modelled(instance: Instance) -> tuple[Model, Matrix]:
    """An instance's model and its arrays."""
    model = build(instance, candidates(instance), offers(instance).offers)
    return model, matrix_of(model.problem, sum(model.constants.values()))


def programme(rows: list[list[float]], low: list[float], high: list[float], cost: list[float], most: float) -> Matrix:
    """A programme in whole columns x0, x1, ... of 0 to `most`."""
    n = len(cost)
    return Matrix(
        columns=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(len(rows))),
        cost=np.array(cost),
        lower=np.zeros(n),
        upper=np.full(n, most),
        integer=np.ones(n, dtype=bool),
        rows=csr_array(np.array(rows, dtype=float)),
        row_lower=np.array(low),
        row_upper=np.array(high),
    )


def constructed(matrix: Matrix, down: list[int] | None = None, **limits: Any) -> Outcome:
    """The first plan of a programme none of whose columns leads the others."""
    flags = np.zeros(len(matrix.columns), dtype=bool)
    going_down = flags.copy()
    going_down[down or []] = True
    return first_plan(matrix, flags, going_down, Limits(**limits))


def assert_a_plan(matrix: Matrix, found: Outcome, optimum: float) -> None:
    """Every row holds, what is whole is whole, and optimum and bound lie on the right sides."""
    assert found.values is not None and found.objective is not None and found.bound is not None
    assert matrix.violations(found.values).max() <= 1e-6
    whole = found.values[matrix.integer]
    assert np.abs(whole - np.round(whole)).max(initial=0.0) <= 1e-9
    assert np.all(found.values >= matrix.lower - 1e-7) and np.all(found.values <= matrix.upper + 1e-7)
    slack = 1e-6 * max(1.0, abs(optimum))
    assert found.bound - slack <= optimum <= found.objective + slack


def test_units_go_up() -> None:
    """3 x0 + 5 x1 ≥ 7 at 3 and 6 a piece: the LP takes 7/3 of x0, the first plan 3 of them, which is the optimum."""
    found = constructed(programme([[3, 5]], [7], [np.inf], [3, 6], 10))
    assert (
        found.values == pytest.approx([3, 0])
        and found.objective
        == pytest.approx(9)
        == solve_highs(programme([[3, 5]], [7], [np.inf], [3, 6], 10), Limits(gap=0.0)).objective
    )
    assert found.bound == pytest.approx(7) and found.status == "feasible"


def test_retirements_go_down() -> None:
    """2 x0 ≤ 5 at -1 a piece: the LP takes 2.5, and 3 would be one too many; asked to go down, 2 are taken at once."""
    problem = programme([[2]], [-np.inf], [5], [-1], 10)
    assert constructed(problem, down=[0]).values == pytest.approx([2])


def test_a_column_that_cannot_go_up_goes_down() -> None:
    """The same column, asked to go up: 3 break the row, which is seen, and 2 are taken."""
    assert constructed(programme([[2]], [-np.inf], [5], [-1], 10)).values == pytest.approx([2])


def test_a_step_that_breaks_a_shared_row_is_halved() -> None:
    """One of two must be chosen, x0 + x1 = 1, and 3 x0 + x1 ≥ 2: halves in the LP; both up is one too many."""
    problem = programme([[1, 1], [3, 1]], [1, 2], [1, np.inf], [4, 1], 1)
    assert constructed(problem).values == pytest.approx([1, 0])


def test_where_rounding_leads_nowhere_a_search_nearby_finds_a_plan() -> None:
    """6 x0 + 10 x1 + 15 x2 = 44 has one whole answer, (4, 2, 0), and the LP lies far from it."""
    problem = programme([[6, 10, 15]], [44], [44], [1, 1.7, 2.4], 10)
    found = constructed(problem)
    optimum = solve_highs(problem, Limits(gap=0.0)).objective
    assert optimum is not None
    assert_a_plan(problem, found, optimum)


def test_where_there_is_no_plan_the_bound_is_kept() -> None:
    """2 x0 + 2 x1 = 3 has halves but no whole numbers: no plan is made up, and the LP's bound stands."""
    found = constructed(programme([[2, 2]], [3], [3], [1, 2], 10))
    assert (found.status, found.values, found.objective) == ("stopped", None, None)
    assert found.bound == pytest.approx(1.5)


def test_an_lp_without_a_point_says_so() -> None:
    """x0 ≥ 11 of at most 10 is infeasible, whole or not."""
    assert constructed(programme([[1]], [11], [np.inf], [1], 10)).status == "infeasible"


def test_without_time_for_the_lp_there_is_neither_plan_nor_bound() -> None:
    """No seconds at all: stopped, and nothing is claimed."""
    found = constructed(modelled(rich_instance())[1], time_limit_s=0.0)
    assert (found.status, found.values, found.bound) == ("stopped", None, None)


def test_small_money_is_told_in_the_models_unit() -> None:
    """Costs of a millionth of a dollar: the plan's cost and bound come back as they were asked for."""
    found = constructed(programme([[3, 5]], [7], [np.inf], [3e-12, 6e-12], 10))
    assert found.objective == pytest.approx(9e-12, rel=1e-9) and found.bound == pytest.approx(7e-12, rel=1e-9)


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_tutorials_have_a_first_plan(path: Path) -> None:
    """Every row holds, and the optimum lies between bound and plan."""
    check(load(path).instance)


@pytest.mark.parametrize("make", [tiny_instance, rich_instance])
def test_handmade_instances_have_a_first_plan(make: Callable[[], Instance]) -> None:
    """The same of the tiny instance, and of the one with something of everything."""
    check(make())


def check(instance: Instance) -> None:
    """A first plan of an instance against its optimum."""
    model, matrix = modelled(instance)
    down = np.array([name.startswith("retire__") for name in matrix.columns])
    found = first_plan(matrix, structural(model, matrix), down, Limits())
    optimum = solve_highs(matrix, Limits(gap=1e-9)).objective
    assert optimum is not None
    assert_a_plan(matrix, found, optimum)


def interrupting(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The user presses Ctrl-C while the first solves run."""
    wait, pressed = threading.Event.wait, []

    def interrupted(done: threading.Event, timeout: float | None = None) -> bool:
        if len(pressed) < times and timeout is not None:
            pressed.append(1)
            raise KeyboardInterrupt
        return wait(done, timeout)

    monkeypatch.setattr(threading.Event, "wait", interrupted)


def test_ctrl_c_does_not_stop_the_first_plan(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked to stop in the LP, the construction ends with its plan, and says that it was asked."""
    interrupting(monkeypatch, 1)
    found = constructed(programme([[3, 5]], [7], [np.inf], [3, 6], 10))
    assert found.values is not None and found.stop_reason == "interrupted by the user"
    assert "press Ctrl-C again to leave without it" in capsys.readouterr().err


def test_a_second_ctrl_c_goes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed twice during one LP, it ends there."""
    interrupting(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        constructed(programme([[3, 5]], [7], [np.inf], [3, 6], 10))


def test_a_dive_takes_a_bad_step_back() -> None:
    """x0 + x1 ≤ 4.5 with both at least 3: refused without a trace, and the next step starts from the old point."""
    problem = programme([[1, 1]], [1], [4.5], [1, 2], 10)
    dive = Dive(problem, {})
    both = np.array([0, 1])
    assert not dive.take(both, np.full(2, 3.0), np.full(2, 10.0))
    assert dive.values == pytest.approx([1, 0])
    assert dive.take(both[1:], np.array([4.0]), np.array([10.0]))
    assert dive.values == pytest.approx([0, 4])


@pytest.mark.parametrize("few", [-1, 10_000])
def test_no_time_still_ends_with_a_verified_plan(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """A hundredth of a microsecond: plan, bound, gap, and exit code 5 (0 where the first plan is that good)."""
    monkeypatch.setattr(stages, "FEW_WHOLE", few)
    result = solve(rich_instance(), SolveOptions(gap=0.0, time_limit_s=1e-8))
    assert result.exit_code == 5 and result.stop_reason == "time limit"
    assert result.plan.verification is not None and result.plan.verification.passed
    assert 0 < result.plan.bound_usd < result.plan.objective_usd


@pytest.mark.parametrize("few", [-1, 10_000])
def test_ctrl_c_before_any_plan_ends_with_the_first(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Stopped by the user right after the LP, before any point with whole numbers: exit code 5 with a verified plan."""
    monkeypatch.setattr(stages, "FEW_WHOLE", few)
    reason = "interrupted by the user"
    monkeypatch.setattr(stages, "solve_highs", lambda *_, **__: Outcome("stopped", None, None, None, reason, 0.1))
    result = solve(rich_instance(), SolveOptions(gap=0.0))
    assert result.exit_code == 5 and result.stop_reason == reason
    assert result.plan.verification is not None and result.plan.verification.passed


def test_no_time_even_for_the_first_plan_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without grace the LP is cut short too: no plan, no bound, the time limit."""
    monkeypatch.setattr(sys.modules["fleetopt.solve.search"], "GRACE_S", 0.0)
    model, matrix = modelled(rich_instance())
    outcome = search(model, matrix, Limits(time_limit_s=1e-9))
    assert (outcome.status, outcome.values, outcome.bound, outcome.stop_reason) == ("stopped", None, None, "time limit")
