"""Whole columns kept to what a plan below a cutoff can have, by the prices of an LP.

With prices y of the rows, r = cost - rows·y, and every column at the end of its bounds that r likes best, any plan
costs at least

    L(y) = y·sides + r·ends    and with x_j elsewhere, |r_j| · |x_j - end_j| more

so that where plans of C and more are of no interest, x_j is within (C - L(y)) / |r_j| of its end, rounded down where it
is whole. L(y) is arithmetic: it holds whatever the prices, but for `TOLERANCE`, and the LP's make it largest.
"""

from dataclasses import replace

import numpy as np

from fleetopt.solve.implied import implied_limits, with_whole_limits
from fleetopt.solve.matrix import Floats, Matrix

TOLERANCE = 1e-9
"""Columns without any limit may earn so much more than they cost, as with a solver's own tolerance."""
MARGIN = 1e-6
"""So much less than L(y), as a share of the cutoff, is taken for it: for what that tolerance may hide."""
ROUNDED = 1e-6
"""A step so little below a whole number is that number."""


def narrowed(matrix: Matrix, prices: Floats, cutoff: float) -> Matrix:
    """The problem without some plans that cost the cutoff or more; as it is where a column without limit pays."""
    wrong = ((prices > 0) & np.isneginf(matrix.row_lower)) | ((prices < 0) & np.isposinf(matrix.row_upper))
    y = np.where(wrong, 0.0, prices)
    reduced = matrix.cost - matrix.rows.T @ y
    low = np.where(matrix.integer, np.ceil(matrix.lower - ROUNDED), matrix.lower)
    end = np.where(reduced < 0, implied_limits(matrix), low)
    endless = ~np.isfinite(end)
    if (np.abs(reduced[endless]) > TOLERANCE).any():
        return matrix
    side = np.where(y > 0, matrix.row_lower, matrix.row_upper)
    least = float(y[y != 0] @ side[y != 0] + reduced[~endless] @ end[~endless]) + matrix.offset - MARGIN * abs(cutoff)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.floor(max(cutoff - least, 0.0) / np.abs(reduced) + ROUNDED)
    up, down = matrix.integer & (reduced > 0) & ~endless, matrix.integer & (reduced < 0) & ~endless
    upper = np.where(up, np.minimum(matrix.upper, low + steps), matrix.upper)
    lower = np.where(down, np.maximum(low, np.floor(end + ROUNDED) - steps), low)
    return with_whole_limits(replace(matrix, lower=lower, upper=upper))
