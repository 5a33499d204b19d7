"""The restricted problem's LP, kept alive: columns come in, the solver goes on from where it stands."""

import time

import highspy
import numpy as np

from fleetopt.solve.matrix import Flags, Floats
from fleetopt.solve.solver import Status, highs_with, lp_status
from fleetopt.solve.wide import Numbers, Wide

OPTIONS = {
    "threads": 1,
    "solver": "simplex",
    "simplex_strategy": 1,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "dual_feasibility_tolerance": 1e-9,
}
"""Dual simplex without perturbed costs, which would be undone in every round (docs/decisions/014-pricing.md)."""


class Master:
    """An LP over some columns of a wide problem and the rows that these touch.

    A row that nothing of 0 satisfies has a column of its own at `penalty`, so that there always is a point.
    """

    def __init__(self, wide: Wide, penalty: float, columns: Numbers, seed: int = 0) -> None:
        self.wide, self.penalty = wide, penalty
        highspy.Highs.resetGlobalScheduler(True)
        self._solver = highs_with({**OPTIONS, "random_seed": seed})
        self._row = np.full(wide.rows, -1, dtype=np.int64)
        """By row of the wide problem, its number here."""
        self.columns: Numbers = np.zeros(0, dtype=np.int64)
        """Columns of the wide problem, in the order they came in."""
        self.here: Flags = np.zeros(wide.structural + int(np.prod(wide.serving.shape)), dtype=bool)
        """Whether a column of the wide problem is in."""
        self.duals: Floats = np.zeros(wide.rows)
        self.values: Floats = np.zeros(0)
        self.objective = np.inf
        self.unmet = np.inf
        """Sum of what rows stay unmet by."""
        self.seconds = 0.0
        bounds = wide.structure.row_lower, wide.structure.row_upper
        needed = np.flatnonzero((bounds[0] > 0) | (bounds[1] < 0))
        self._add_rows(needed)
        signs = np.where(bounds[0][needed] > 0, 1.0, -1.0)
        count = len(needed)
        starts, at = np.arange(count, dtype=np.int32), self._row[needed].astype(np.int32)
        none = np.zeros(count)
        self._solver.addCols(count, none + penalty, none, none + np.inf, count, starts, at, signs)
        self._helpers = count
        self.add(columns)

    def add(self, columns: Numbers) -> None:
        """Take columns in that are not in yet, with the rows that they touch."""
        columns = np.unique(columns[~self.here[columns]])
        entries = self.wide.coefficients(columns)
        touched = np.unique(entries.indices).astype(np.int64)
        self._add_rows(touched[self._row[touched] < 0])
        self._solver.addCols(
            len(columns),
            self.wide.cost(columns),
            np.zeros(len(columns)),
            self.wide.upper(columns),
            entries.nnz,
            entries.indptr[:-1].astype(np.int32),
            self._row[entries.indices].astype(np.int32),
            entries.data,
        )
        self.here[columns] = True
        self.columns = np.append(self.columns, columns)

    def _add_rows(self, rows: Numbers) -> None:
        self._row[rows] = np.arange(len(rows)) + self._solver.getNumRow()
        low, high = self.wide.structure.row_lower[rows], self.wide.structure.row_upper[rows]
        no = np.zeros(0, dtype=np.int32)
        self._solver.addRows(len(rows), low, high, 0, np.zeros(len(rows), dtype=np.int32), no, np.zeros(0))

    def raise_penalty(self, penalty: float) -> None:
        """Ask more for what stays unmet."""
        self.penalty = penalty
        for column in range(self._helpers):
            self._solver.changeColCost(column, penalty)

    @property
    def active_rows(self) -> Flags:
        """Whether a row of the wide problem is in."""
        return self._row >= 0

    def solve(self, left_s: float) -> Status:
        """Solve on from the last basis; duals, values and objective are those of an `optimal` end."""
        began = time.perf_counter()
        self._solver.setOptionValue("time_limit", float(self._solver.getRunTime() + max(left_s, 0.0)))
        self._solver.run()
        self.seconds += time.perf_counter() - began
        status = lp_status(self._solver)
        if status == "optimal":
            solution = self._solver.getSolution()
            duals, inside = np.array(solution.row_dual), self._row >= 0
            self.duals = np.zeros(self.wide.rows)
            self.duals[inside] = duals[self._row[inside]]
            self.values = np.array(solution.col_value)[self._helpers :]
            self.unmet = float(np.array(solution.col_value)[: self._helpers].sum())
            self.objective = self._solver.getInfo().objective_function_value + self.wide.structure.offset
        return status
