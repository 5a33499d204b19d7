"""The LP of a wide problem all at once: interior point over arrays, stopped before crossover.

No basis is wanted. Duals from the middle of the optimal ones price every column, the bound is arithmetic on them
(solve/bound.py), and the few columns that do not clearly lose are what a plan is searched among.
"""

import time
from collections.abc import Callable
from typing import Any

import highspy
import numpy as np

from fleetopt.solve.bound import dual_bound
from fleetopt.solve.pricing import Priced
from fleetopt.solve.scaling import scaled
from fleetopt.solve.solver import highs_lp, highs_with, relative_gap
from fleetopt.solve.threads import run
from fleetopt.solve.wide import Wide

OPTIONS = {"threads": 1, "solver": "ipm", "run_crossover": "off", "ipm_optimality_tolerance": 1e-5}
GOOD = 1e-3
"""Duals whose bound is further than this from the LP's value are not taken."""


def central(wide: Wide, seed: int, left_s: Callable[[], float], tell: Callable[[], None]) -> Priced | None:
    """The LP with every column; None where time was over first, or interior point did not get there.

    `tell` is called with every step. Ctrl-C ends the LP, and the search with it.
    """
    columns = wide.all_columns()
    whole = wide.matrix(columns, named=False)
    problem = scaled(whole.relaxed(np.zeros_like(whole.integer)))
    highspy.Highs.resetGlobalScheduler(True)
    solver = highs_with({**OPTIONS, "random_seed": seed, "time_limit": max(left_s(), 0.0)})
    solver.passModel(highs_lp(problem.matrix))
    solver.HandleUserInterrupt = True
    solver.cbIpmInterrupt += _at_times(tell)
    if run(solver):
        return Priced(None, None, np.zeros(0, dtype=np.int64), stopped=True)
    solution = solver.getSolution()
    if not solution.dual_valid:
        return None
    bound = dual_bound(wide, problem.duals(np.array(solution.row_dual)))
    value = solver.getInfo().objective_function_value
    if not np.isfinite(bound.value) or relative_gap(value, bound.value) > GOOD:
        return None
    return Priced(bound, value, columns, rounds=1, done=True)


def _at_times(tell: Callable[[], None]) -> Callable[[Any], None]:
    """HiGHS asks often; half a second between two tellings is enough."""
    last = [0.0]

    def event(_: Any) -> None:
        if time.monotonic() - last[0] >= 0.5:
            last[0] = time.monotonic()
            tell()

    return event
