"""A bound for the whole of a wide problem from any duals, by plain arithmetic."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csc_array

from fleetopt.solve.matrix import Floats
from fleetopt.solve.wide import Wide

TOLERANCE = 1e-9
"""Reduced costs of structural columns without any limit may be below 0 by this, as the solver's own are."""
PASSES = 5
"""How often duals are mended: what one column no longer earns another may."""


@dataclass(frozen=True)
class DualBound:
    """Lagrange's bound at some duals: what the sides are worth, less what the columns that still pay could gain."""

    duals: Floats
    value: float
    """M$, constant included; minus infinity where a column without limit pays."""
    sides: float
    """Duals x sides, with the constant."""
    correction: float
    """What serving columns of negative reduced cost could gain at most, as a positive number."""
    structural_correction: float
    """The same of structural columns."""
    reduced: Floats
    """[point, period, slice] reduced costs of the serving columns."""
    reduced_structural: Floats

    @cached_property
    def least(self) -> float:
        """Least reduced cost of any serving column."""
        return float(self.reduced.min(initial=0.0))


def dual_bound(wide: Wide, duals: Floats) -> DualBound:
    """The bound at these duals; those that point the wrong way on a one-sided row count as 0."""
    low, high = wide.structure.row_lower, wide.structure.row_upper
    wrong = ((duals > 0) & np.isneginf(low)) | ((duals < 0) & np.isposinf(high))
    y = np.where(wrong, 0.0, duals)
    at = np.where(y > 0, low, high)
    sides = float(y[y != 0] @ at[y != 0]) + wide.structure.offset
    reduced = np.where(wide.serving.exists, -wide.serving.priced(y), 0.0)
    structural = wide.structure.cost - wide.structure.rows.T @ y
    gain = least_by_group(wide, reduced) * wide.caps
    gain_by_period = np.where(wide.waiting[:, None], gain.min(axis=2, initial=0.0), gain.sum(axis=2))
    correction = -float(gain_by_period.sum())
    own = own_correction(wide, structural)
    return DualBound(y, sides - correction - own, sides, correction, own, reduced, structural)


def mended(wide: Wide, duals: Floats) -> Floats:
    """The duals, changed where a column without limit pays by a little, for a solver's tolerance is not nought.

    What an installed unit earns above its cost is charged to the row of its balance (B5): where that leaves a column
    one value alone, its dual after presolve may be any. Other columns earn less in the row that pays them most.
    """
    found, names = duals.copy(), wide.structure.index
    periods = list(wide.model.context.sets.periods)
    reduced = wide.structure.cost - wide.structure.rows.T @ found
    for (system, site, t), column in wide.model.context.var.installed.items():
        row = wide.row.get(("B5", (system, site, periods[t])))
        if row is not None and reduced[names[column.name]] < 0:
            found[row] += reduced[names[column.name]]
    by_column = csc_array(wide.structure.rows)
    for _ in range(PASSES):
        reduced = wide.structure.cost - wide.structure.rows.T @ found
        for j in np.flatnonzero((reduced < -TOLERANCE) & np.isinf(wide.limits)):
            terms = slice(by_column.indptr[j], by_column.indptr[j + 1])
            rows, coefficients = by_column.indices[terms], by_column.data[terms]
            most = int(np.argmax(coefficients * found[rows]))
            found[rows[most]] += reduced[j] / coefficients[most]
    return found


def least_by_group(wide: Wide, reduced: Floats) -> Floats:
    """[group, period, slice] least reduced cost, 0 where none is below."""
    least = np.zeros(wide.caps.shape)
    np.minimum.at(least, wide.groups, reduced)
    return least


def own_correction(wide: Wide, reduced: Floats) -> float:
    """What structural columns of negative reduced cost could gain at most, each up to its limit."""
    paying = reduced < 0
    limits = wide.limits[paying]
    endless = np.isinf(limits)
    if (reduced[paying][endless] < -TOLERANCE).any():
        return np.inf
    return -float((reduced[paying] * np.where(endless, 0.0, limits)).sum())
