"""A bound by periods: what ties the periods together is priced, and each period is an LP of its own.

A structural column that stands in rows of several periods (a purchase, a block of power, a training run) is copied
once for each of them, and its cost is shared out over the copies. Whatever the shares, the sum of the LPs of the
periods is a bound, for a plan is a point of each of them:

    LP  >=  sum over t of min { share_t·x_t : rows of t }          with sum over t of share_t = cost

The shares come from the duals of a coarse problem: what the column earns in each period's rows there, and an equal
part of what is left of its cost. The duals of all parts together are duals of the whole, and the bound that is used is
the arithmetic on them (solve/bound.py), which is at least that sum but for the solver's tolerance.
"""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array, hstack

from fleetopt.solve.bound import DualBound, dual_bound, mended
from fleetopt.solve.interior import Inside, interior
from fleetopt.solve.matrix import Flags, Floats, Matrix
from fleetopt.solve.threads import side_by_side
from fleetopt.solve.wide import Numbers, Wide


@dataclass(frozen=True)
class Copies:
    """The structural columns, those over several periods once for each."""

    column: Numbers
    """[copy] structural column."""
    label: Numbers
    """[copy] period; the number of periods for rows of no period."""
    rows: csc_array
    """[row, copy] coefficients."""
    several: Flags
    """[copy] whether its column has others."""
    row_label: Numbers
    """[row] period, numbered as `label`."""


def labels_of(wide: Wide) -> Numbers:
    """[row] period index; the number of periods for rows of no period."""
    period = {p: t for t, p in enumerate(wide.model.context.sets.periods)}
    found = np.full(wide.rows, len(period), dtype=np.int64)
    for (_, index), row in wide.row.items():
        found[row] = next((period[part] for part in index if part in period), len(period))
    return found


def copies_of(wide: Wide, label: Numbers) -> Copies:
    """One copy of each structural column for each label among its rows."""
    terms, many = wide.structure.rows.tocoo(), int(label.max()) + 1
    key, copy = np.unique(terms.col.astype(np.int64) * many + label[terms.row], return_inverse=True)
    column, own = key // many, np.arange(wide.structural)
    alone = np.setdiff1d(own, column)  # columns without rows: they are in the part of no period
    rows = coo_array((terms.data, (terms.row, copy)), shape=(wide.rows, len(key) + len(alone)))
    column = np.concatenate([column, alone])
    several = np.bincount(column, minlength=wide.structural)[column] > 1
    return Copies(column, np.concatenate([key % many, np.full(len(alone), many - 1)]), csc_array(rows), several, label)


def shares_of(wide: Wide, copies: Copies, duals: Floats) -> Floats:
    """[copy] its share of the column's cost: what it earns at some duals, and an equal part of what is left."""
    cost, count = wide.structure.cost, np.bincount(copies.column, minlength=wide.structural)
    earned = np.asarray(copies.rows.T @ duals)
    left = cost - np.bincount(copies.column, weights=earned, minlength=wide.structural)
    shares: Floats = np.where(copies.several, earned + (left / count)[copies.column], cost[copies.column])
    return shares


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
    label = labels_of(wide)
    copies = copies_of(wide, label)
    shares, order = shares_of(wide, copies, duals), largest_first(label)
    bounds = _bounds(wide, copies)

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


def _bounds(wide: Wide, copies: Copies) -> tuple[Floats, Floats]:
    """[copy] Copies keep the limits that rows of other labels set: where prices leave one with a profit, it stays
    bounded."""
    structure = wide.structure
    most = np.where(
        copies.several, np.minimum(structure.upper, wide.limits)[copies.column], structure.upper[copies.column]
    )
    return structure.lower[copies.column], most
