"""Scaling by powers of two."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from solve.knapsack import knapsack

from fleetopt.solve.matrix import Matrix
from fleetopt.solve.scaling import scaled
from fleetopt.solve.solver import Limits, highs_lp, highs_with, solve_highs


def wild() -> Matrix:
    """A knapsack relaxed, whose rows and columns are in units a million apart."""
    plain = knapsack(items=12, rows=3)
    problem = plain.relaxed(np.zeros_like(plain.integer))
    row, column = np.logspace(-3, 3, 3), np.logspace(-3, 3, 12)
    return Matrix(
        columns=problem.columns,
        row_names=problem.row_names,
        cost=problem.cost * column,
        lower=problem.lower / column,
        upper=problem.upper / column,
        integer=problem.integer,
        rows=csr_array(problem.rows.toarray() * np.outer(row, column)),
        row_lower=problem.row_lower * row,
        row_upper=problem.row_upper * row,
        offset=problem.offset,
    )


def test_coefficients_come_near_to_one() -> None:
    """Six orders of magnitude in rows and in columns shrink to what is left within them."""
    before, after = wild(), scaled(wild()).matrix
    spread = [np.ptp(np.log10(np.abs(m.rows.data))) for m in (before, after)]
    assert spread[0] > 11 and spread[1] < 2


def test_the_scaled_problem_is_the_same_problem() -> None:
    """The same optimum, and duals that turn back into those of the old rows."""
    problem = wild()
    found = scaled(problem)
    solver = highs_with({"solver": "simplex"})
    solver.passModel(highs_lp(found.matrix))
    solver.run()
    optimum = solve_highs(problem, Limits(gap=0.0)).objective
    assert optimum is not None
    assert solver.getInfo().objective_function_value == pytest.approx(optimum, rel=1e-9)
    reduced = problem.cost - problem.rows.T @ found.duals(np.array(solver.getSolution().row_dual))
    values = np.array(solver.getSolution().col_value) * found.column
    inside = (values > problem.lower + 1e-9) & (values < problem.upper - 1e-9)
    assert reduced[inside] == pytest.approx(np.zeros(int(inside.sum())), abs=1e-6 * np.abs(problem.cost).max())


def test_scales_are_powers_of_two() -> None:
    """Nothing is rounded: every factor is a power of two."""
    found = scaled(wild())
    for factors in (found.row, found.column):
        assert np.array_equal(np.log2(factors), np.round(np.log2(factors)))
