"""Limits that rows imply: by hand, never below a plan, and whole for whole columns."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from widened import modelled

from fleetopt.instance.load import load
from fleetopt.solve.implied import implied_limits, with_whole_limits
from fleetopt.solve.kinds import structural
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.solver import Limits, solve_highs

WRONG = Path(__file__).parents[2] / "benchmarks" / "wrong_optima" / "site_to_open.yaml"


def programme(
    rows: list[list[float]], low: list[float], high: list[float], upper: list[float], lower: list[float] | None = None
) -> Matrix:
    """Rows between `low` and `high`; every column whole, from 0 unless told otherwise, and of cost -1."""
    n = len(upper)
    return Matrix(
        columns=tuple(f"x{j}" for j in range(n)),
        row_names=tuple(f"r{i}" for i in range(len(rows))),
        cost=np.full(n, -1.0),
        lower=np.array(lower or [0.0] * n),
        upper=np.array(upper),
        integer=np.ones(n, dtype=bool),
        rows=csr_array(np.array(rows, dtype=float)),
        row_lower=np.array(low),
        row_upper=np.array(high),
    )


INF = np.inf
CASES = {
    "a row from above": (programme([[2, 1]], [-INF], [7], [INF, INF]), [3.5, 7]),
    "a row from below": (programme([[-2, -1]], [-7], [INF], [INF, INF]), [3.5, 7]),
    "what others take at the least": (programme([[2, 1]], [-INF], [7], [INF, INF], [0, 3]), [2, 7]),
    "what others give at the most": (programme([[2, -1]], [-INF], [7], [INF, 4]), [5.5, 4]),
    "nothing, where others give without end": (programme([[2, -1]], [-INF], [7], [INF, INF]), [INF, INF]),
    "one row after another": (programme([[1, 0], [-1, 1]], [-INF, -INF], [3, 0], [INF, INF]), [3, 3]),
    "never below the lower bound": (programme([[1]], [-INF], [1], [INF], [2]), [2]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_column_s_limit_by_hand(name: str) -> None:
    """The least of its bound and of what each row leaves it."""
    matrix, limits = CASES[name]
    assert implied_limits(matrix).tolist() == limits


def test_a_silent_row_says_nothing() -> None:
    """As `<=` or as `>=`, as told: columns that are not in the matrix make room there."""
    matrix, quiet, loud = CASES["a row from above"][0], np.array([True]), np.array([False])
    assert implied_limits(matrix, (quiet, loud)).tolist() == [INF, INF]
    assert implied_limits(matrix, (loud, quiet)).tolist() == [3.5, 7]


def test_whole_columns_have_whole_limits_and_others_stay() -> None:
    """3.5 is 3 for a whole column; what is just below a whole number from rounding is that number."""
    matrix = programme([[2, 1], [1e6, 0]], [-INF, -INF], [7, 3e6 - 1e-4], [INF, INF])
    assert with_whole_limits(matrix).upper.tolist() == [3, 7]
    some = matrix.relaxed(np.array([False, True]))
    assert with_whole_limits(some).upper.tolist() == [INF, 7]
    none = matrix.relaxed(np.zeros(2, dtype=bool))
    assert with_whole_limits(none) is none


def test_a_limit_that_no_plan_comes_near_is_none() -> None:
    """Beyond 32 bits HiGHS would go round for ever; a column that may be a fraction keeps its limit."""
    matrix = programme([[1e-12, 0], [0, 1]], [-INF, -INF], [1e4, 5e9], [4e9, INF])
    assert with_whole_limits(matrix).upper.tolist() == [INF, INF]
    assert with_whole_limits(matrix.relaxed(np.array([False, True]))).upper.tolist() == [4e9, INF]


@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=3),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
)
def test_no_plan_is_lost(rows: list[list[float]], plan: list[float]) -> None:
    """A point that keeps all rows is within the limits, whatever the rows."""
    at = np.array(rows, dtype=float) @ np.array(plan, dtype=float)
    matrix = programme(rows, list(at - 1), list(at), [INF] * 3)
    assert (with_whole_limits(matrix).upper >= np.array(plan) - 1e-9).all()


def test_highs_is_right_where_it_was_not() -> None:
    """Stage A of the file that HiGHS got wrong for want of whole limits: 119.5 M$, not 122.3.

    docs/decisions/012-wrong-optima-of-highs.md
    """
    model, matrix = modelled(load(WRONG).instance)
    assert np.isinf(matrix.upper[matrix.integer]).any()
    a = with_whole_limits(matrix).relaxed(structural(model, matrix))
    found = solve_highs(a, Limits(gap=5e-3))
    assert found.objective == pytest.approx(119.51, abs=0.4) and found.status == "optimal"


def test_a_fractional_bound_of_a_whole_column_goes_to_highs_as_a_whole_one() -> None:
    """Up to 2.5 of something whole are two."""
    matrix = programme([[1, 1]], [-INF], [100], [2.5, 3.25])
    assert with_whole_limits(matrix).upper.tolist() == [2, 3]
    found = solve_highs(matrix, Limits(gap=0.0))
    assert found.objective == -5
