import math
import os
import signal
import threading
from typing import Any

import pytest
from pulp import LpMinimize, LpProblem
from solve.knapsack import impossible, knapsack, mixed

from fleetopt.errors import UsageError
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.solver import Limits, highs_lp, highs_with, relative_gap, solve_highs
from fleetopt.solve.threads import run


@pytest.mark.parametrize("presolve", [True, False])
def test_the_case_that_highs_1_14_got_wrong(presolve: bool) -> None:
    """min 2x + 3z with x + z >= 4.5: x = 4.5 costs 9; HiGHS 1.14.0 said 15."""
    outcome = solve_highs(mixed(), Limits(gap=0.0, presolve=presolve))
    assert outcome.status == "optimal" and outcome.objective == pytest.approx(9) and outcome.bound == pytest.approx(9)


def test_objective_and_bound_count_the_constant() -> None:
    """9 and a constant of 7 make 16, in the plan and in its bound."""
    outcome = solve_highs(mixed(7.0), Limits(gap=0.0))
    assert outcome.objective == pytest.approx(16) and outcome.bound == pytest.approx(16) and outcome.gap == 0


def test_a_stopped_run_with_a_point_is_not_called_optimal() -> None:
    """One node of a knapsack leaves a gap: the point is feasible, and the reason is said."""
    outcome = solve_highs(knapsack(), Limits(gap=0.0, max_nodes=1))
    assert outcome.status == "feasible" and outcome.stop_reason == "node limit"
    assert outcome.gap is not None and outcome.gap > 1e-4
    assert outcome.values is not None and knapsack().violations(outcome.values).max() < 1e-9


def test_values_are_never_read_without_a_solution() -> None:
    """No time at all: no point, though HiGHS would hand out zeros."""
    outcome = solve_highs(knapsack(), Limits(time_limit_s=0.0))
    assert outcome.status == "stopped" and outcome.values is None and outcome.objective is None
    assert outcome.stop_reason == "time limit"


def test_a_row_without_terms_can_be_infeasible() -> None:
    """0 >= 1 never holds."""
    outcome = solve_highs(impossible(), Limits())
    assert outcome.status == "infeasible" and outcome.values is None


def test_unbounded_is_told_from_infeasible() -> None:
    """min -x without an upper bound has no optimum, with or without presolve's doubt."""
    problem = LpProblem("free", LpMinimize)
    problem += -1 * problem.add_variable("x", 0, None, "Integer")
    assert solve_highs(matrix_of(problem), Limits()).status == "unbounded"


def test_an_empty_model_costs_its_constant() -> None:
    """No columns, no rows: the constant is the optimum."""
    outcome = solve_highs(matrix_of(LpProblem("none", LpMinimize), 3.0), Limits())
    assert outcome.status == "optimal" and outcome.objective == 3


@pytest.mark.parametrize("option", [{"mip_rel_gab": 0.1}, {"threads": "many"}, {"presolve": "perhaps"}])
def test_options_highs_would_ignore_are_refused(option: dict[str, Any]) -> None:
    """A misspelt name or a value it does not take is an error, not silence."""
    with pytest.raises(UsageError, match="does not take option"):
        highs_with(option)


def test_threads_may_change_within_a_process() -> None:
    """HiGHS's scheduler is global: without a reset the second run would end unsolved with zeros."""
    for threads in (1, 2, 1):
        outcome = solve_highs(mixed(), Limits(gap=0.0, threads=threads))
        assert outcome.objective == pytest.approx(9)


def test_a_start_is_taken_up() -> None:
    """From the optimum as start, a run of no nodes ends at the optimum; NaN leaves columns open."""
    best = solve_highs(knapsack(), Limits(gap=0.0))
    assert best.values is not None
    start = best.values.copy()
    start[0] = math.nan
    outcome = solve_highs(knapsack(), Limits(gap=0.0, max_nodes=0), start=start)
    assert outcome.objective == pytest.approx(best.objective)


def test_the_objective_target_stops_early() -> None:
    """Anything at -1,800 or better will do: the run ends there, with its honest gap."""
    outcome = solve_highs(knapsack(), Limits(gap=0.0, objective_target=-1800.0))
    assert outcome.stop_reason == "objective target reached" and outcome.status == "feasible"
    assert outcome.objective is not None and outcome.objective <= -1800


@pytest.mark.parametrize("constant", [0.0, 5000.0])
@pytest.mark.parametrize("with_start", [False, True])
def test_no_plan_below_the_cutoff_is_a_bound_there(with_start: bool, constant: float) -> None:
    """The optimum is known: nothing costs 1 % less, and no more than that is claimed, though HiGHS claims it."""
    problem = knapsack(constant=constant)
    best = solve_highs(problem, Limits(gap=0.0))
    assert best.objective is not None
    limits = Limits(gap=0.01, known=best.objective)
    found = solve_highs(problem, limits, start=best.values if with_start else None)
    assert limits.cutoff == pytest.approx(best.objective - 0.01 * abs(best.objective))
    assert found.bound == pytest.approx(limits.cutoff)
    assert found.objective is None or found.objective > limits.cutoff
    assert not with_start or (found.status, found.objective) == ("optimal", pytest.approx(best.objective))


def test_a_plan_below_the_cutoff_is_found() -> None:
    """With a plan known that costs 10 % of its worth more, the optimum is found and proven."""
    best = solve_highs(knapsack(), Limits(gap=0.0)).objective
    assert best is not None
    found = solve_highs(knapsack(), Limits(gap=0.0, known=best + 0.1 * abs(best), gain=0.01))
    assert (found.status, found.objective, found.bound) == ("optimal", pytest.approx(best), pytest.approx(best))


def test_neither_plans_nor_bounds_are_told_that_are_not_there() -> None:
    """100 is known and 1 % asked for: HiGHS tells 99 for a plan where it has none, and any bound once all is pruned."""
    limits = Limits(gap=0.01, known=100.0)
    assert [limits.plan(told) for told in (99.0, 120.0, math.inf, 98.0)] == [100.0, 100.0, 100.0, 98.0]
    assert [limits.believed(told) for told in (97.0, 120.0, math.inf, -math.inf)] == [97.0, 99.0, 99.0, None]
    free = Limits()
    assert [free.plan(told) for told in (99.0, math.inf)] == [99.0, None]
    assert [free.believed(told) for told in (99.0, math.inf, -math.inf)] == [99.0, None, None]


def test_what_presolve_rules_out_is_a_bound_as_well() -> None:
    """10 at the least, and 9.9 wanted: HiGHS is done before its search and tells no bound of its own."""
    one = mixed()
    best = solve_highs(one, Limits(gap=0.0))
    found = solve_highs(one, Limits(gap=0.5, known=best.objective), start=best.values)
    assert found.status == "optimal" and found.bound == pytest.approx(0.5 * (best.objective or 0.0))


def test_ctrl_c_keeps_the_best_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt while the solver runs ends the run with its incumbent and says so."""
    wait, calls = threading.Event.wait, []

    def interrupted(self: threading.Event, timeout: float | None = None) -> bool:
        if timeout is not None:  # Thread.start waits too, without one
            calls.append(timeout)
            if len(calls) == 3:
                raise KeyboardInterrupt
        return wait(self, timeout)

    monkeypatch.setattr(threading.Event, "wait", interrupted)
    outcome = solve_highs(knapsack(items=150, rows=20), Limits(gap=0.0))
    assert outcome.stop_reason == "interrupted by the user"
    assert outcome.status == "feasible" and outcome.values is not None


def test_a_real_ctrl_c_waits_for_the_solver(capfd: pytest.CaptureFixture[str]) -> None:
    """A signal while the main thread waits: the run ends by its stop, and nothing reads it before."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    timer = threading.Timer(1.0, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    try:
        outcome = solve_highs(knapsack(items=150, rows=20), Limits(gap=0.0, time_limit_s=60.0))
        timer.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.stop_reason == "interrupted by the user"
    assert outcome.status == "feasible" and outcome.values is not None
    assert "press Ctrl-C again" in capfd.readouterr().err


def test_a_solve_begins_while_another_still_runs() -> None:
    """One that does not end is at work in the process; a second one starts, ends, and is right."""
    first = highs_with({})
    first.HandleUserInterrupt = True
    first.passModel(highs_lp(knapsack(items=150, rows=20)))
    working = threading.Thread(target=run, args=(first,))
    working.start()
    outcome = solve_highs(mixed(), Limits(gap=0.0))
    still_running = working.is_alive()
    first.cancelSolve()  # type: ignore[no-untyped-call]
    working.join()
    assert still_running and outcome.objective == pytest.approx(9)


def test_progress_is_reported() -> None:
    """The callback hears the phase's name, incumbent and bound."""
    heard: list[Any] = []
    solve_highs(knapsack(), Limits(gap=0.0), phase="B", progress=lambda *figures: heard.append(figures))
    assert heard and {figures[0] for figures in heard} == {"B"}
    assert min(figures[1] for figures in heard if figures[1] is not None) == pytest.approx(-2147)


def test_the_gap_is_relative_to_the_plan_and_never_negative() -> None:
    """(10 - 9) / 10 = 0.1; a bound above the plan by rounding is a gap of 0; below 1 USD the scale is 1 USD."""
    assert relative_gap(10, 9) == pytest.approx(0.1)
    assert relative_gap(10, 10.0000001) == 0
    assert relative_gap(0.0, -1e-6) == pytest.approx(1)
