"""Sums made at once are the sums that PuLP makes one term at a time."""

from pulp import LpMinimize, LpProblem, lpSum

from fleetopt.model.terms import balanced, total, weighted


def test_sums_at_once_are_pulps_sums() -> None:
    """2 x + 0.5 y + x: coefficients of a column that comes twice are added, those of 0 left out."""
    problem = LpProblem("sums", LpMinimize)
    x, y, z = (problem.add_variable(name, 0) for name in "xyz")
    found = weighted([(2.0, x), (0.5, y), (1.0, x), (0.0, z)])
    assert dict(found.items()) == dict(lpSum([2.0 * x, 0.5 * y, x]).items()) == {x: 3.0, y: 0.5}
    assert dict(total([x, y]).items()) == {x: 1, y: 1}
    assert found.constant == 0


def test_an_empty_sum_can_be_subtracted_from() -> None:
    """Rows of which nothing is served still stand."""
    problem = LpProblem("sums", LpMinimize)
    x = problem.add_variable("x", 0)
    assert dict((weighted([]) - x).items()) == {x: -1}


def test_two_sums_are_equal() -> None:
    """x + y = z is the row x + y - z = 0, and a side with nothing in it is 0."""
    problem = LpProblem("sums", LpMinimize)
    x, y, z = (problem.add_variable(name, 0) for name in "xyz")
    row = balanced([x, y], [z])
    assert dict(row.items()) == {x: 1, y: 1, z: -1}
    assert (row.sense, row.constant) == (0, 0)
    assert dict(balanced([], [z]).items()) == {z: -1}
