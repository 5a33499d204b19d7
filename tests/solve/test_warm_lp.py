"""Duals with their signs, and what a step really changes."""

import pytest
from pulp import LpMinimize, LpProblem

from fleetopt.errors import FleetoptError
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.warm_lp import WarmLp


def three_kinds() -> Matrix:
    """min 2x + 5y + 3z with x + y >= 10, x <= 6, z = 4: x = 6, y = 4, z = 4 costs 44."""
    problem = LpProblem("three", LpMinimize)
    x, y, z = (problem.add_variable(name, 0, None) for name in "xyz")
    problem += 2 * x + 5 * y + 3 * z
    problem.addConstraint(x + y >= 10, "least")
    problem.addConstraint(x <= 6, "most")
    problem.addConstraint(z - 4 == 0, "equal")
    return matrix_of(problem)


def degenerate() -> Matrix:
    """min -x with x <= 1 said twice: one more of either alone is worth nothing, one less costs."""
    problem = LpProblem("twice", LpMinimize)
    x = problem.add_variable("x", 0, None)
    problem += -1 * x
    problem.addConstraint(x <= 1, "a")
    problem.addConstraint(2 * x <= 2, "b")
    return matrix_of(problem)


def test_duals_have_the_sign_of_the_change_in_cost() -> None:
    """One more of "at least" costs a y (5); of "at most" it swaps a y for an x (-3); of "equal" it costs a z (3)."""
    lp = WarmLp(three_kinds())
    assert lp.objective == pytest.approx(44)
    assert list(lp.row_dual) == pytest.approx([5, -3, 3])


def test_steps_agree_with_duals_and_leave_no_trace() -> None:
    """Each step changes the optimum by dual times size, whatever was asked before, and two together by their sum."""
    lp = WarmLp(three_kinds())
    for _ in range(2):
        assert lp.moved({0: 0.5}) == pytest.approx(2.5)
        assert lp.moved({1: 0.5}) == pytest.approx(-1.5)
        assert lp.moved({2: -1.0}) == pytest.approx(-3.0)
        assert lp.moved({0: 0.5, 1: 0.5}) == pytest.approx(1.0)


def test_a_step_tells_what_a_degenerate_dual_hides() -> None:
    """The duals of the two rows sum to a whole unit of x, yet one more of either is worth nothing."""
    lp = WarmLp(degenerate())
    assert lp.row_dual[0] + 2 * lp.row_dual[1] == pytest.approx(-1)
    assert lp.moved({0: 0.5}) == pytest.approx(0) and lp.moved({1: 0.5}) == pytest.approx(0)
    assert lp.moved({0: -0.5}) == pytest.approx(0.5)


def test_a_step_that_cannot_be_taken_is_none() -> None:
    """z cannot be -1; afterwards the LP answers as before."""
    lp = WarmLp(three_kinds())
    assert lp.moved({2: -5.0}) is None
    assert lp.moved({2: -1.0}) == pytest.approx(-3.0)


def test_an_lp_without_an_optimum_is_refused() -> None:
    """x >= 2 and x <= 1 have no point in common."""
    problem = LpProblem("none", LpMinimize)
    x = problem.add_variable("x", 0, None)
    problem += 1 * x
    problem.addConstraint(x >= 2, "a")
    problem.addConstraint(x <= 1, "b")
    with pytest.raises(FleetoptError, match="no optimum"):
        WarmLp(matrix_of(problem))
