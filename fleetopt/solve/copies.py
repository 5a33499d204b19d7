"""Columns that tie periods together, copied once for each period they stand in, and their cost shared out over the
copies.

Whatever the shares, the periods' problems, each over its own rows and copies, are together a bound: a plan is a point
of each of them, and

    sum over t of share_t·x_t = cost·x    where sum over t of share_t = cost

The shares come from duals: what a column earns in each period's rows, and an equal part of what is left of its cost.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csc_array

from fleetopt.model.bulk import Numbers, Rows
from fleetopt.solve.matrix import Flags, Floats, Matrix


@dataclass(frozen=True)
class Copies:
    """The columns of a matrix, those over several periods once for each."""

    column: Numbers
    """[copy] column."""
    label: Numbers
    """[copy] period; the number of periods for rows of no period."""
    rows: csc_array
    """[row, copy] coefficients."""
    several: Flags
    """[copy] whether its column has others."""
    row_label: Numbers
    """[row] period, numbered as `label`."""


def labels_of(rows: Rows, periods: Iterable[str]) -> Numbers:
    """[row] period index, given all rows by equation and index; the number of periods for rows of no period."""
    period = {p: t for t, p in enumerate(periods)}
    found = np.full(len(rows), len(period), dtype=np.int64)
    for (_, index), row in rows.items():
        found[row] = next((period[part] for part in index if part in period), len(period))
    return found


def copies_of(matrix: Matrix, label: Numbers) -> Copies:
    """One copy of each column for each label among its rows."""
    terms, many, count = matrix.rows.tocoo(), int(label.max()) + 1, len(matrix.columns)
    key, copy = np.unique(terms.col.astype(np.int64) * many + label[terms.row], return_inverse=True)
    column = key // many
    alone = np.setdiff1d(np.arange(count), column)  # columns without rows: they are in the part of no period
    rows = coo_array((terms.data, (terms.row, copy)), shape=(len(matrix.row_names), len(key) + len(alone)))
    column = np.concatenate([column, alone])
    several = np.bincount(column, minlength=count)[column] > 1
    return Copies(column, np.concatenate([key % many, np.full(len(alone), many - 1)]), csc_array(rows), several, label)


def shares_of(cost: Floats, copies: Copies, duals: Floats) -> Floats:
    """[copy] its share of the column's cost: what it earns at some duals, and an equal part of what is left."""
    count = np.bincount(copies.column, minlength=len(cost))
    earned = np.asarray(copies.rows.T @ duals)
    left = cost - np.bincount(copies.column, weights=earned, minlength=len(cost))
    shares: Floats = np.where(copies.several, earned + (left / count)[copies.column], cost[copies.column])
    return shares


def bounds_of(matrix: Matrix, limits: Floats, copies: Copies) -> tuple[Floats, Floats]:
    """[copy] bounds. Copies keep the [column] limits that rows of other labels set: where prices leave one with a
    profit, it stays bounded."""
    most = np.where(copies.several, np.minimum(matrix.upper, limits)[copies.column], matrix.upper[copies.column])
    return matrix.lower[copies.column], most
