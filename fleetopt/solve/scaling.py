"""Rows and columns of an LP scaled towards coefficients of 1, by powers of two: nothing is rounded by it.

Interior point takes fewer steps on the scaled LP (docs/decisions/014-pricing.md).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csc_array, csr_array, diags_array

from fleetopt.solve.matrix import Floats, Matrix

PASSES = 5


@dataclass(frozen=True)
class Scaled:
    """A scaled problem: its columns are the old ones divided by `column`, its rows the old ones times `row`."""

    matrix: Matrix
    row: Floats
    column: Floats

    def duals(self, found: Floats) -> Floats:
        """Duals of the scaled problem as those of the old one."""
        unscaled: Floats = found * self.row
        return unscaled

    def values(self, found: Floats) -> Floats:
        """A point of the scaled problem as one of the old one."""
        unscaled: Floats = found * self.column
        return unscaled


def scaled(matrix: Matrix) -> Scaled:
    """Each row, then each column, is divided by the geometric mean of its coefficients, some times over."""
    row, column = np.ones(matrix.rows.shape[0]), np.ones(matrix.rows.shape[1])
    for _ in range(PASSES):
        row *= _means(csr_array(diags_array(row) @ matrix.rows @ diags_array(column)))
        column *= _means(csc_array(diags_array(row) @ matrix.rows @ diags_array(column)))
    row, column = _power_of_two(row), _power_of_two(column)
    return Scaled(
        replace(
            matrix,
            rows=csr_array(diags_array(row) @ matrix.rows @ diags_array(column)),
            cost=matrix.cost * column,
            lower=matrix.lower / column,
            upper=matrix.upper / column,
            row_lower=matrix.row_lower * row,
            row_upper=matrix.row_upper * row,
        ),
        row,
        column,
    )


def _means(lines: csr_array | csc_array) -> Floats:
    """One over the geometric mean of each line's coefficients, 1 for an empty line."""
    counts = np.diff(lines.indptr)
    line = np.repeat(np.arange(len(counts)), counts)
    logs = np.bincount(line, weights=np.log(np.abs(lines.data)), minlength=len(counts))
    means: Floats = np.exp(-logs / np.maximum(counts, 1))
    return means


def _power_of_two(values: Floats) -> Floats:
    powers: Floats = np.exp2(np.round(np.log2(values)))
    return powers
