"""A PuLP problem as arrays, once: what solvers take in bulk, and what residuals are computed from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]
WITHIN = 1e-6
"""A point so far outside its bounds is within them."""


@dataclass(frozen=True)
class Matrix:
    """min cost·x + offset, row_lower <= rows·x <= row_upper, lower <= x <= upper, x[integer] whole."""

    columns: tuple[str, ...]
    row_names: tuple[str, ...]
    cost: Floats
    lower: Floats
    upper: Floats
    integer: Flags
    rows: csr_array
    row_lower: Floats
    row_upper: Floats
    offset: float = 0.0

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Position of each column by name."""
        return {name: position for position, name in enumerate(self.columns)}

    @cached_property
    def row_index(self) -> Mapping[str, int]:
        """Position of each row by name."""
        return {name: position for position, name in enumerate(self.row_names)}

    def relaxed(self, integer: Flags) -> "Matrix":
        """The same problem with other columns whole."""
        return replace(self, integer=integer)

    def fixed(self, which: Flags, values: Floats) -> "Matrix":
        """The same problem with some columns held at `values`, and no longer asked to be whole."""
        return replace(
            self,
            lower=np.where(which, values, self.lower),
            upper=np.where(which, values, self.upper),
            integer=self.integer & ~which,
        )

    def allows(self, values: Floats) -> bool:
        """Whether a point is within the bounds of all columns."""
        return bool(np.all((values >= self.lower - WITHIN) & (values <= self.upper + WITHIN)))

    def held(self) -> int:
        """How many whole columns have one value left."""
        return int((self.integer & (self.upper <= self.lower)).sum())

    def objective(self, values: Floats) -> float:
        """Cost of a point, constant included."""
        return float(self.cost @ values) + self.offset

    def violations(self, values: Floats) -> Floats:
        """By row, how far a point is outside, relative to the largest term of the row (at least 1)."""
        activity = self.rows @ values
        outside = np.maximum(np.maximum(self.row_lower - activity, activity - self.row_upper), 0.0)
        terms = self.rows.copy()
        terms.data = np.abs(terms.data * values[terms.indices])
        largest = np.zeros(len(self.row_names))
        filled = np.diff(terms.indptr) > 0
        largest[filled] = np.maximum.reduceat(terms.data, terms.indptr[:-1][filled]) if filled.any() else 0.0
        bounds = [np.where(np.isfinite(bound), np.abs(bound), 0.0) for bound in (self.row_lower, self.row_upper)]
        scale: Floats = np.maximum.reduce([largest, *bounds, np.ones_like(largest)])
        shares: Floats = outside / scale
        return shares


def matrix_of(problem: Any, constant: float = 0.0) -> Matrix:
    """The arrays of a PuLP problem (3.3 or 4); `constant` joins the objective's own.

    Raises ValueError where two columns or two rows share a name: solvers and reports tell them apart by it.
    """
    variables = problem.variables()
    columns = tuple(variable.name for variable in variables)
    position = {variable: number for number, variable in enumerate(variables)}
    starts, indices, data, names, low, high = [0], [], [], [], [], []
    for row in problem.constraints():
        terms = row.items()
        indices += [position[variable] for variable, _ in terms]
        data += [coefficient for _, coefficient in terms]
        starts.append(len(indices))
        names.append(row.name)
        side = -float(row.constant)
        low.append(side if row.sense >= 0 else -np.inf)
        high.append(side if row.sense <= 0 else np.inf)
    _unique("column", columns)
    _unique("row", names)
    cost = np.zeros(len(columns))
    offset = constant
    if problem.objective is not None:
        offset += float(problem.objective.constant)
        for variable, coefficient in problem.objective.items():
            cost[position[variable]] += float(coefficient)
    shape = (len(names), len(columns))
    rows = csr_array((np.array(data, dtype=float), np.array(indices, dtype=np.int32), np.array(starts)), shape=shape)
    return Matrix(
        columns=columns,
        row_names=tuple(names),
        cost=cost,
        lower=np.array([_bound(v.lowBound, -np.inf) for v in variables], dtype=float),
        upper=np.array([_bound(v.upBound, np.inf) for v in variables], dtype=float),
        integer=np.array([v.cat != "Continuous" for v in variables], dtype=bool),
        rows=rows,
        row_lower=np.array(low, dtype=float),
        row_upper=np.array(high, dtype=float),
        offset=offset,
    )


def _bound(value: float | None, absent: float) -> float:
    return absent if value is None else float(value)


def _unique(what: str, names: Any) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"two {what}s are named {name!r}")
        seen.add(name)
