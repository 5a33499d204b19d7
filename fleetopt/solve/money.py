"""Small money: plans of dollars instead of millions, put in a unit in which a solver can tell one plan from another.

The model counts in M$, and solvers ignore what is below about 1e-6 or 1e-7 of a unit: a dollar. Where no column costs
as much as `SMALL_USD` the objective is multiplied by a power of ten, and what comes back is divided by it.
"""

from collections.abc import Callable
from dataclasses import replace
from math import floor, log10

import numpy as np

from fleetopt.solve.matrix import Matrix

SMALL_USD = 100.0
"""Where the dearest unit of any column costs less, money is small."""
_M_USD = 1e6
Told = Callable[[str, float | None, float | None, float | None, float], None]


def money_factor(matrix: Matrix) -> float:
    """What to multiply the objective by: 1 unless money is small, else what brings the dearest column to 1 to 10."""
    dearest = float(np.max(np.abs(matrix.cost), initial=0.0))
    if dearest <= 0.0 or dearest >= SMALL_USD / _M_USD:
        return 1.0
    return float(10.0 ** -floor(log10(dearest)))


def multiplied(matrix: Matrix, factor: float) -> Matrix:
    """The same problem with its objective multiplied."""
    return replace(matrix, cost=matrix.cost * factor, offset=matrix.offset * factor)


def times(value: float | None, factor: float) -> float | None:
    """A figure of the objective in the other unit; None stays None."""
    return None if value is None else value * factor


def told_in_m_usd(progress: Told | None, factor: float) -> Told | None:
    """Progress of a multiplied problem, told in M$."""
    if progress is None:
        return None

    def tell(phase: str, incumbent: float | None, bound: float | None, gap: float | None, seconds: float) -> None:
        progress(phase, times(incumbent, 1 / factor), times(bound, 1 / factor), gap, seconds)

    return tell
