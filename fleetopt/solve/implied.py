"""The most that a column can be, as far as rows say.

HiGHS takes wrong branches where whole columns have no largest value, a far one, or one that is no whole number: what it
then calls an optimum is none, with presolve or without (docs/decisions/012-wrong-optima-of-highs.md). So problems go to
it with whole limits for whole columns, and a search sets them before it lets any of these be a fraction.
"""

from dataclasses import replace

import numpy as np

from fleetopt.solve.matrix import Flags, Floats, Matrix

PASSES = 5
"""Passes over the rows for the limits of columns."""
FARTHEST = 1e9
"""A limit beyond this is none: HiGHS counts the values of a whole column in 32 bits, and goes round for ever where they
do not fit."""
ROUNDED = 1e-6
"""A limit so little below a whole number is that number: what is missing comes from rounding."""


def with_whole_limits(matrix: Matrix) -> Matrix:
    """The same problem; whole columns have the upper bounds that its rows imply, as whole numbers, and none that is
    beyond `FARTHEST`. No plan is lost.
    """
    if not matrix.integer.any():
        return matrix
    most = np.floor(implied_limits(matrix) + ROUNDED)
    most = np.maximum(np.minimum(matrix.upper, most), matrix.lower)
    return replace(matrix, upper=np.where(matrix.integer, np.where(most > FARTHEST, np.inf, most), matrix.upper))


def implied_limits(matrix: Matrix, silent: tuple[Flags, Flags] | None = None) -> Floats:
    """[column] its upper bound, or what a row leaves it when all others are at their least or most; a few passes over
    all rows.

    `silent` are [row] flags of rows that say nothing, as `<=` and as `>=` rows: columns not in the matrix make room.
    """
    rows, lower, limits = matrix.rows, matrix.lower, matrix.upper.copy()
    row_of = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    none = np.zeros(rows.shape[0], dtype=bool)
    sides = zip((1.0, -1.0), (matrix.row_upper, -matrix.row_lower), silent or (none, none), strict=True)
    told = [
        (sign * rows.data, side, ~quiet[row_of] & (sign * rows.data > 0) & np.isfinite(side)[row_of])
        for sign, side, quiet in sides
    ]
    for _ in range(PASSES):
        before = limits.copy()
        for data, side, able in told:
            end = np.where(data > 0, lower[rows.indices], limits[rows.indices])
            least = np.bincount(row_of, weights=data * np.where(data != 0, end, 0.0), minlength=rows.shape[0])
            with np.errstate(invalid="ignore"):
                room = (side - least)[row_of][able] / data[able] + end[able]
            own = rows.indices[able]
            bounded = np.isfinite(room)
            np.minimum.at(limits, own[bounded], np.maximum(room[bounded], lower[own[bounded]]))
        if np.array_equal(before, limits):
            break
    return limits
