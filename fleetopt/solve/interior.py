"""One LP by interior point without crossover, over arrays: duals from the middle of the optimal ones, and no basis."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.scaling import Scaled, scaled
from fleetopt.solve.solver import highs_lp, highs_with
from fleetopt.solve.threads import run, run_here

OPTIONS = {"threads": 1, "solver": "ipm", "run_crossover": "off"}
ASTRAY = 10.0
"""Rows are worth what the point costs, but for so many times the tolerance; else postsolve has lost some duals."""


@dataclass(frozen=True)
class Inside:
    """What interior point ended with."""

    value: float
    duals: Floats | None
    """None where it did not get there, or was stopped."""
    stopped: bool = False
    """Whether the user stopped it."""
    values: Floats | None = None
    """The point, where there are duals."""


def interior(
    matrix: Matrix,
    seed: int,
    left_s: Callable[[], float],
    tell: Callable[[], None] | None = None,
    *,
    tolerance: float = 1e-5,
    stop: threading.Event | None = None,
) -> Inside:
    """The LP relaxation. `tell` is called with every step, half a second apart at the least.

    With `stop` it runs in the calling thread until that is set; else Ctrl-C stops it. Where presolve cannot give the
    duals back (without a basis it sometimes loses some), the LP is solved once more without it.
    """
    problem = scaled(matrix.relaxed(np.zeros_like(matrix.integer)))
    options = {**OPTIONS, "ipm_optimality_tolerance": tolerance, "random_seed": seed}
    found = _solved(problem, options, left_s, tell, stop)
    if found.duals is None or abs(_worth(matrix, found) - found.value) <= ASTRAY * tolerance * abs(found.value):
        return found
    again = _solved(problem, {**options, "presolve": "off"}, left_s, tell, stop)
    return found if again.duals is None and not again.stopped else again


def _worth(matrix: Matrix, found: Inside) -> float:
    """The dual objective; columns without limit that pay are left out, so that it says what the rows are worth."""
    assert found.duals is not None
    y = found.duals
    at = np.where(y > 0, matrix.row_lower, matrix.row_upper)
    reduced = matrix.cost - matrix.rows.T @ y
    end = np.where(reduced > 0, matrix.lower, matrix.upper)
    there, finite = (y != 0) & np.isfinite(at), (reduced != 0) & np.isfinite(end)
    return float(y[there] @ at[there] + reduced[finite] @ end[finite]) + matrix.offset


def _solved(
    problem: Scaled,
    options: Mapping[str, Any],
    left_s: Callable[[], float],
    tell: Callable[[], None] | None,
    stop: threading.Event | None,
) -> Inside:
    if stop is not None and stop.is_set():
        return Inside(np.nan, None, stopped=True)
    solver = highs_with({**options, "time_limit": max(left_s(), 0.0)})
    highspy.Highs.resetGlobalScheduler(True)
    solver.passModel(highs_lp(problem.matrix))
    if tell is not None:
        solver.cbIpmInterrupt += _at_times(tell)
    if stop is None:
        solver.HandleUserInterrupt = True
        stopped = run(solver)
    else:
        stopped = run_here(solver, stop)
    solution, value = solver.getSolution(), solver.getInfo().objective_function_value
    if stopped or not solution.dual_valid:
        return Inside(value, None, stopped)
    duals, values = problem.duals(np.array(solution.row_dual)), problem.values(np.array(solution.col_value))
    return Inside(value, duals, values=values)


def _at_times(tell: Callable[[], None]) -> Callable[[Any], None]:
    """HiGHS asks often; half a second between two tellings is enough."""
    last = [0.0]

    def event(_: Any) -> None:
        if time.monotonic() - last[0] >= 0.5:
            last[0] = time.monotonic()
            tell()

    return event
