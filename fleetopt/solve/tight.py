"""Totals for small fleets: whole columns of what is bought and kept in all, for the solver to branch on and cut with.

Where tens of racks decide, many plans differ only in the site or the period of a unit, and branching on one such
column moves the fraction to the next. A total moves the bound. Each total is a column of its own, whole, equal to a sum
of whole columns: every plan has exactly one value of it, so nothing is added or taken away. Where no row implies its
upper bound, presolve does not put the sum back in its place.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, vstack

from fleetopt.model.build import Model
from fleetopt.solve.matrix import Floats, Indices, Matrix

FEW_UNITS = 300
"""With no more units bought than this a fleet is small: rounding, not the fixed charges, is what keeps the gap open."""
MOST_UNITS = 1e7
"""Upper bound of a total: more than any fleet of few units comes near."""


def is_small(model: Model, matrix: Matrix, plan: Floats) -> bool:
    """Whether a plan buys few units, all periods and sites together."""
    bought = [matrix.index[column.name] for column in model.context.var.buy.values()]
    return float(plan[bought].sum()) <= FEW_UNITS


def totals(model: Model, matrix: Matrix) -> Mapping[str, Indices]:
    """Columns summed in each total, by its name: purchases by system, with period or site; replicas by period.

    Sums of a single column are left out: the column is its own total.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    var, at = model.context.var, matrix.index
    for (c, s, t), column in var.buy.items():
        for name in (f"total__buy__{c}", f"total__buy__{c}__in__{t}", f"total__buy__{c}__at__{s}"):
            groups[name].append(at[column.name])
    candidates = {k.id: k for k in model.context.sets.candidates}
    for (id_, t), column in var.keep.items():
        k = candidates[id_]
        for name in (f"total__keep__{k.system}__in__{t}", f"total__keep__{k.workload}__{k.system}__{k.stage}__in__{t}"):
            groups[name].append(at[column.name])
    return {name: np.array(members) for name, members in groups.items() if len(members) > 1}


def with_totals(matrix: Matrix, groups: Mapping[str, Indices]) -> Matrix:
    """The same problem with a whole column, and the row that defines it, for each total."""
    old, new = len(matrix.columns), len(groups)
    rows = np.concatenate([np.full(len(members) + 1, i) for i, members in enumerate(groups.values())])
    columns = np.concatenate([np.append(members, old + i) for i, members in enumerate(groups.values())])
    terms = np.where(columns >= old, -1.0, 1.0)
    before = csr_array(
        (matrix.rows.data, matrix.rows.indices, matrix.rows.indptr), shape=(len(matrix.row_names), old + new)
    )
    none = np.zeros(new)
    return replace(
        matrix,
        columns=(*matrix.columns, *groups),
        row_names=(*matrix.row_names, *(f"row__{name}" for name in groups)),
        cost=np.append(matrix.cost, none),
        lower=np.append(matrix.lower, none),
        upper=np.append(matrix.upper, np.full(new, MOST_UNITS)),
        integer=np.append(matrix.integer, np.ones(new, dtype=bool)),
        rows=csr_array(vstack([before, csr_array((terms, (rows, columns)), shape=(new, old + new))])),
        row_lower=np.append(matrix.row_lower, none),
        row_upper=np.append(matrix.row_upper, none),
    )


def point_with_totals(values: Floats, groups: Mapping[str, Indices]) -> Floats:
    """A point of the problem, with the value of each total."""
    return np.append(values, [values[members].sum() for members in groups.values()])
