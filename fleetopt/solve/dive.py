"""The LP relaxation rounded a few columns at a time, and solved anew after each step: warm dual simplex throughout."""

from collections.abc import Mapping
from typing import Any

import highspy
import numpy as np

from fleetopt.solve.matrix import Flags, Floats, Indices, Matrix
from fleetopt.solve.solver import Outcome, highs_lp, highs_with, outcome_of
from fleetopt.solve.threads import finish

WHOLE = 1e-6
"""Below this a fraction counts as whole."""
_TOLERANCE = 1e-7


class Dive:
    """An LP at its optimum, whose columns are held closer step by step; a step that leaves no point is taken back."""

    def __init__(self, matrix: Matrix, options: Mapping[str, Any]) -> None:
        self._matrix = matrix.relaxed(np.zeros_like(matrix.integer))
        self._by_column = matrix.rows.tocsc()
        self._lower, self._upper = matrix.lower.copy(), matrix.upper.copy()
        highspy.Highs.resetGlobalScheduler(True)
        self._solver = highs_with(options)
        self._solver.passModel(highs_lp(self._matrix))
        self.interrupted = False
        """Whether the user has asked to stop; steps go on all the same."""
        self.outcome = self._run()
        """The last point that keeps every row; without values where even the LP has none."""
        self._basis = self._solver.getBasis()
        self._solver.setOptionValue("solver", "simplex")

    @property
    def values(self) -> Floats:
        """The last point that keeps every row."""
        assert self.outcome.values is not None
        return self.outcome.values

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """By column, the bounds within which it is held now."""
        return self._lower.copy(), self._upper.copy()

    @property
    def reduced_costs(self) -> Floats:
        """By column, M$ that a unit more would cost at the LP's optimum."""
        return np.array(self._solver.getSolution().col_dual, dtype=float)

    @property
    def prices(self) -> Floats:
        """By row, M$ that a unit more of its side costs at the LP's optimum."""
        return np.array(self._solver.getSolution().row_dual, dtype=float)

    @property
    def worth(self) -> Floats:
        """By column, M$ that the rows pay for a unit of it at the LP's prices."""
        rows = self._matrix.rows
        paid = np.maximum(rows.data * np.repeat(self.prices, np.diff(rows.indptr)), 0.0)
        return np.array(np.bincount(rows.indices, weights=paid, minlength=len(self._matrix.columns)), dtype=float)

    def fractional(self, which: Flags) -> Indices:
        """Columns among `which` that are not whole in the last point."""
        values = self.values
        return np.flatnonzero(which & (np.abs(values - np.round(values)) > WHOLE))

    def rounded(self, columns: Indices, up: Flags) -> tuple[Floats, Floats]:
        """Bounds that round columns up, or down: from there on they may only go further."""
        values = self.values[columns]
        low = np.where(up, np.ceil(values), self._lower[columns])
        return low, np.where(up, self._upper[columns], np.floor(values))

    def take(self, columns: Indices, lower: Floats, upper: Floats) -> bool:
        """Hold columns within bounds and solve anew; False, with all as before, where that has no proven optimum."""
        before = self._lower[columns], self._upper[columns]
        self._hold(columns, lower, upper)
        if self._none_fits(columns):
            self._hold(columns, *before)
            return False
        outcome = self._run()
        if outcome.status != "optimal" or outcome.values is None:
            self._hold(columns, *before)
            self._solver.setBasis(self._basis)
            return False
        self.outcome, self._basis = outcome, self._solver.getBasis()
        return True

    def _run(self) -> Outcome:
        self.interrupted |= finish(self._solver)
        return outcome_of(self._solver, self._matrix)

    def _hold(self, columns: Indices, lower: Floats, upper: Floats) -> None:
        self._lower[columns], self._upper[columns] = lower, upper
        self._solver.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def _none_fits(self, columns: Indices) -> bool:
        """Whether a row of these columns cannot be kept whatever the others do: seen without a solve."""
        rows = np.unique(self._by_column[:, columns].indices)
        part = self._matrix.rows[rows]
        low, high = self._lower[part.indices], self._upper[part.indices]
        ends = (
            np.where(part.data > 0, part.data * low, part.data * high),
            np.where(part.data > 0, part.data * high, part.data * low),
        )
        least, most = (np.add.reduceat(end, part.indptr[:-1]) for end in ends)
        above, below = self._matrix.row_upper[rows], self._matrix.row_lower[rows]
        slack = _TOLERANCE * np.maximum(1.0, np.abs(np.where(np.isfinite(above), above, below)))
        return bool(np.any(least > above + slack) or np.any(most < below - slack))
