"""A bound by periods: what ties the periods together is priced, and each period is an LP of its own.

Each structural column that stands in rows of several periods (a purchase, a block of power, a training run) is copied,
and its cost shared out (solve/copies.py): whatever the shares, the sum of the LPs of the periods is a bound.

The shares come from the duals of a coarse problem. The duals of all parts together are duals of the whole, and the
bound that is used is the arithmetic on them (solve/bound.py), at least that sum but for the tolerance of the solver.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import csr_array, hstack

from fleetopt.solve.bound import DualBound, dual_bound, mended
from fleetopt.solve.copies import Copies, bounds_of, copies_of, labels_of, shares_of
from fleetopt.solve.interior import Inside, interior
from fleetopt.solve.matrix import Flags, Floats, Matrix
from fleetopt.solve.threads import side_by_side
from fleetopt.solve.wide import Numbers, Wide


def by_periods(
    wide: Wide,
    duals: Floats,
    seed: int,
    left_s: Callable[[], float],
    tell: Callable[[], None],
    tolerance: float = 1e-4,
) -> tuple[DualBound | None, bool]:
    """The bound from the LPs of all periods, side by side, with shares by some duals; and whether the user stopped it.

    None where one of them did not end in time.
    """
    copies = copies_in(wide)
    label, shares = copies.row_label, shares_of(wide.structure.cost, copies, duals)
    bounds, order = bounds_of(wide.structure, wide.limits, copies), largest_first(label)

    def solved(number: int, stop: threading.Event) -> Inside:
        own = piece_of(wide, copies, number, wide.serving.exists).matrix(wide, copies, shares, *bounds)
        return interior(own, seed, left_s, tolerance=tolerance, stop=stop)

    found, stopped = side_by_side([partial(solved, part) for part in order], workers(), tell)
    if stopped:
        return None, True
    joined = np.zeros(wide.rows)
    for part, inside in zip(order, found, strict=True):
        if inside.duals is None:
            return None, False
        joined[label == part] = inside.duals
    bound = dual_bound(wide, mended(wide, joined))
    return (bound if np.isfinite(bound.value) else None), False


def copies_in(wide: Wide) -> Copies:
    """The structural columns, those over several periods once for each."""
    return copies_of(wide.structure, labels_of(wide.row, wide.model.context.sets.periods))


def workers() -> int:
    """LPs to be solved at once: one a core. The result does not depend on it."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def largest_first(label: Numbers) -> list[int]:
    """Labels, those with most rows first: side by side the longest should not come last."""
    return sorted(np.unique(label).tolist(), key=lambda part: -int((label == part).sum()))


@dataclass(frozen=True)
class Piece:
    """The problem of one label."""

    rows: Numbers
    copies: Numbers
    """Numbers among the copies."""
    served: Numbers
    """Numbers among the serving columns."""

    def matrix(self, wide: Wide, copies: Copies, cost: Floats, lower: Floats, upper: Floats) -> Matrix:
        """Its rows, the copies in them at [copy] costs and bounds, and its serving columns."""
        structure, own = wide.structure, self.copies
        served = wide.serving.columns(self.served, wide.rows)
        none = np.zeros(len(self.served))
        both = csr_array(hstack([copies.rows[:, own], served], format="csc"))[self.rows]
        return Matrix(
            columns=("",) * both.shape[1],
            row_names=("",) * len(self.rows),
            cost=np.concatenate([cost[own], none]),
            lower=np.concatenate([lower[own], none]),
            upper=np.concatenate([upper[own], none + np.inf]),
            integer=np.zeros(both.shape[1], dtype=bool),
            rows=csr_array(both),
            row_lower=structure.row_lower[self.rows],
            row_upper=structure.row_upper[self.rows],
        )


def piece_of(wide: Wide, copies: Copies, number: int, among: Flags) -> Piece:
    """The rows of a label, the copies in them, and of some serving columns those of the period."""
    served = np.zeros(wide.serving.shape, dtype=bool)
    if number < served.shape[1]:
        served[:, number] = among[:, number]
    return Piece(*(np.flatnonzero(which) for which in (copies.row_label == number, copies.label == number, served)))
