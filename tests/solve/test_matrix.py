import numpy as np
import pytest
from pulp import LpMinimize, LpProblem

from fleetopt.solve.matrix import matrix_of


def problem() -> LpProblem:
    found = LpProblem("p", LpMinimize)
    x, y = found.add_variable("x", 0, 10), found.add_variable("y", 1, None, "Integer")
    found += 2 * x + 3 * y + 4
    found.addConstraint(x + 2 * y <= 8, "most")
    found.addConstraint(x - y >= -3, "least")
    found.addConstraint(x + y - 5 == 0, "exact")
    return found


def test_rows_bounds_costs_and_kinds_are_taken_over() -> None:
    """x + 2y <= 8, x - y >= -3, x + y = 5; costs 2, 3; the constants 4 and 1 add up; y is whole, from 1 upwards."""
    matrix = matrix_of(problem(), 1.0)
    assert matrix.columns == ("x", "y") and matrix.row_names == ("most", "least", "exact")
    assert matrix.rows.toarray().tolist() == [[1, 2], [1, -1], [1, 1]]
    assert matrix.row_lower.tolist() == [-np.inf, -3, 5] and matrix.row_upper.tolist() == [8, np.inf, 5]
    assert matrix.cost.tolist() == [2, 3] and matrix.offset == 5
    assert matrix.lower.tolist() == [0, 1] and matrix.upper.tolist() == [10, np.inf]
    assert matrix.integer.tolist() == [False, True]
    assert matrix.objective(np.array([3.0, 2.0])) == 2 * 3 + 3 * 2 + 5


def test_violations_are_relative_to_the_rows_largest_term() -> None:
    """At x = 0, y = 5: most is 10 against 8 (terms up to 10: 0.2 outside), least -5 against -3 (0.4), exact holds."""
    matrix = matrix_of(problem())
    assert matrix.violations(np.array([0.0, 5.0])).tolist() == pytest.approx([0.2, 0.4, 0.0])
    assert matrix.violations(np.array([3.0, 2.0])).tolist() == [0, 0, 0]


def test_fixed_columns_keep_their_value_and_are_no_longer_whole() -> None:
    """Holding y at 2 leaves x free and nothing whole."""
    matrix = matrix_of(problem()).fixed(np.array([False, True]), np.array([9.0, 2.0]))
    assert matrix.lower.tolist() == [0, 2] and matrix.upper.tolist() == [10, 2] and not matrix.integer.any()


class Twins:
    """A problem with two columns of one name, as PuLP 3 makes of 'a-b' and 'a_b'."""

    objective = None

    class Column:
        name, lowBound, upBound, cat = "a_b", 0, None, "Continuous"

    def variables(self) -> list[Column]:
        """The twins."""
        return [self.Column(), self.Column()]

    def constraints(self) -> list[None]:
        """No rows."""
        return []


def test_two_columns_of_one_name_are_refused() -> None:
    """A plan is read by name: twins would be mixed up."""
    with pytest.raises(ValueError, match=r"two columns are named 'a_b'"):
        matrix_of(Twins())
