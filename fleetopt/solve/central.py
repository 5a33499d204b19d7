"""The LP of a wide problem all at once: interior point over arrays, stopped before crossover.

No basis is wanted. Duals from the middle of the optimal ones price every column, the bound is arithmetic on them
(solve/bound.py), and the few columns that do not clearly lose are what a plan is searched among.
"""

from collections.abc import Callable

import numpy as np

from fleetopt.solve.bound import dual_bound
from fleetopt.solve.interior import interior
from fleetopt.solve.pricing import Priced
from fleetopt.solve.solver import relative_gap
from fleetopt.solve.wide import Wide

GOOD = 1e-3
"""Duals whose bound is further than this from the LP's value are not taken."""


def central(wide: Wide, seed: int, left_s: Callable[[], float], tell: Callable[[], None]) -> Priced | None:
    """The LP with every column; None where time was over first, or interior point did not get there.

    `tell` is called with every step. Ctrl-C ends the LP, and the search with it.
    """
    columns = wide.all_columns()
    found = interior(wide.matrix(columns, named=False), seed, left_s, tell)
    if found.stopped:
        return Priced(None, None, np.zeros(0, dtype=np.int64), stopped=True)
    if found.duals is None:
        return None
    bound = dual_bound(wide, found.duals)
    if not np.isfinite(bound.value) or relative_gap(found.value, bound.value) > GOOD:
        return None
    return Priced(bound, found.value, columns, rounds=1, done=True, way="one LP")
