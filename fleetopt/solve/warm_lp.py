"""One LP solved once, then again and again with a few sides moved: duals, and what a small step really changes."""

from collections.abc import Mapping

import highspy
import numpy as np

from fleetopt.errors import FleetoptError
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.solver import Outcome, highs_lp, highs_with, outcome_of

TIGHT = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}


class WarmLp:
    """An LP at its optimum, and that of its neighbours.

    Raises FleetoptError where the LP has no optimum.
    """

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix.relaxed(np.zeros_like(matrix.integer))
        highspy.Highs.resetGlobalScheduler(True)
        for tolerances in (TIGHT, {}):
            self._solver = highs_with({"threads": 1, **tolerances})
            self._solver.passModel(highs_lp(self._matrix))
            outcome = self._run()
            if outcome.values is not None:
                break
        if outcome.values is None or outcome.objective is None:
            raise FleetoptError(f"the LP has no optimum: {outcome.stop_reason}")
        self._basis = self._solver.getBasis()
        self.objective: float = outcome.objective
        """In M$, constant included."""
        self.values: Floats = outcome.values
        self.row_dual: Floats = np.array(self._solver.getSolution().row_dual, dtype=float)
        """By row, M$ that its side costs per unit: a subgradient only, see `moved`."""

    def moved(self, sides: Mapping[int, float]) -> float | None:
        """Change of the optimum in M$ when the sides of some rows move by these amounts; None where that is infeasible.

        The dual of a degenerate row says what one more or one less costs, or something between; this says it of the
        step taken.
        """
        for row, amount in sides.items():
            self._set(row, amount)
        self._solver.setBasis(self._basis)
        outcome = self._run()
        for row in sides:
            self._set(row, 0.0)
        return None if outcome.objective is None else outcome.objective - self.objective

    def _set(self, row: int, amount: float) -> None:
        low, high = self._matrix.row_lower[row] + amount, self._matrix.row_upper[row] + amount
        self._solver.changeRowBounds(row, low, high)

    def _run(self) -> Outcome:
        self._solver.run()
        return outcome_of(self._solver, self._matrix)
