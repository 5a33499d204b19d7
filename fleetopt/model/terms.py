"""Sums of many columns at once.

PuLP makes two objects for each `coefficient * column` and another for each that is added; where a row has hundreds,
that is most of what building a model takes.
"""

from collections.abc import Iterable
from typing import Any

from pulp import LpAffineExpression

Term = tuple[float, Any]
"""A coefficient and a column."""

_from_pairs = getattr(LpAffineExpression, "from_list", LpAffineExpression)  # PuLP 4, PuLP 3


def weighted(terms: Iterable[Term]) -> Any:
    """The sum of coefficients x columns."""
    sums: dict[Any, float] = {}
    for coefficient, column in terms:
        sums[column] = sums.get(column, 0) + coefficient
    return _from_pairs([(column, coefficient) for column, coefficient in sums.items() if coefficient])


def balanced(these: Iterable[Any], those: Iterable[Any]) -> Any:
    """The row that says that two sums of columns are equal."""
    return weighted([*((1, column) for column in these), *((-1, column) for column in those)]) == 0


def total(columns: Iterable[Any]) -> Any:
    """The sum of columns."""
    return weighted((1, column) for column in columns)
