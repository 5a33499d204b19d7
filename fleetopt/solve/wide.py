"""A problem too wide to be written out: its structure as a matrix, its serving columns as arrays beside it.

Columns are numbered through: first the structural ones, as in the matrix, then the serving ones.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, hstack

from fleetopt.errors import FleetoptError
from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build_from
from fleetopt.model.bulk import Rows, ServingColumns, representatives, serving_columns
from fleetopt.model.sets import Sets
from fleetopt.model.variables import column_name
from fleetopt.solve.implied import implied_limits
from fleetopt.solve.matrix import Flags, Floats, Matrix, matrix_of

Numbers = NDArray[np.int64]
LAZY = ("flow", "keep")
"""Structural families that have a column for nearly every candidate or route: only those of use come in."""


class BulkError(FleetoptError):
    """The arrays of the serving columns differ from what the equations say."""


@dataclass(frozen=True)
class Wide:
    """min cost·x, row bounds on structure·x_s + serving·x, of which only the structure is written out."""

    model: Model
    """With a few serving columns only."""
    structure: Matrix
    """Without any serving column."""
    serving: ServingColumns
    caps: Floats
    """[group, period, slice] the most of a bucket that can be served at all, see `groups`."""
    waiting: Flags
    """[group] whether its work may wait: then a cap is all the work of a cycle, done in one slice alone."""
    groups: Numbers
    """[point] its group: workload, bucket, and whether it is a decode pool."""
    lazy: Flags
    """Structural columns that come in only when they are of use."""
    row: Rows
    """Number of each row by equation id and index."""
    limits: Floats
    """The most that a structural column can be in any plan, infinite where no row says."""

    def rows_of(self, equation: str) -> Numbers:
        """Rows of an equation."""
        return np.array([n for (id_, _), n in self.row.items() if id_ == equation], dtype=np.int64)

    @cached_property
    def by_column(self) -> csc_array:
        """The structure's coefficients by column."""
        return csc_array(self.structure.rows)

    @property
    def structural(self) -> int:
        """Number of structural columns; the serving ones follow."""
        return len(self.structure.columns)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.structure.row_names)

    @cached_property
    def potential(self) -> int:
        """All columns that the problem written out would have."""
        return self.structural + self.serving.count

    def coefficients(self, columns: Numbers) -> csc_array:
        """Coefficients of some columns over all rows, in their order: structural ones come first."""
        own, served = columns[columns < self.structural], columns[columns >= self.structural]
        parts = [self.by_column[:, own], self.serving.columns(served - self.structural, self.rows)]
        return csc_array(hstack(parts, format="csc"))

    def cost(self, columns: Numbers) -> Floats:
        """Cost of some columns: serving itself costs nothing, what it takes does."""
        found: Floats = np.append(self.structure.cost, 0.0)[np.minimum(columns, self.structural)]
        return found

    def upper(self, columns: Numbers) -> Floats:
        """Upper bounds of some columns."""
        found: Floats = np.append(self.structure.upper, np.inf)[np.minimum(columns, self.structural)]
        return found

    def all_columns(self) -> Numbers:
        """All columns that can be above 0."""
        served = np.flatnonzero(self.serving.exists)
        return np.concatenate([np.arange(self.structural), served + self.structural])

    def matrix(self, columns: Numbers, *, named: bool = True) -> Matrix:
        """The problem with some columns only, in their order: structural ones come first.

        Without names the serving ones are all called ``""``: a name each takes longer than all else.
        """
        own, served = columns[columns < self.structural], columns[columns >= self.structural]
        slices = tuple(self.model.context.sets.slices)
        numbers = (served - self.structural).tolist() if named else ()
        names = [column_name("serve", self.serving.key(n, slices)) for n in numbers] or [""] * len(served)
        none = np.zeros(len(served))
        structure = self.structure
        return Matrix(
            columns=(*(structure.columns[n] for n in own), *names),
            row_names=structure.row_names,
            cost=np.concatenate([structure.cost[own], none]),
            lower=np.concatenate([structure.lower[own], none]),
            upper=np.concatenate([structure.upper[own], none + np.inf]),
            integer=np.concatenate([structure.integer[own], none.astype(bool)]),
            rows=csr_array(self.coefficients(columns)),
            row_lower=structure.row_lower,
            row_upper=structure.row_upper,
            offset=structure.offset,
        )


def widen(instance: Instance, sets: Sets) -> Wide:
    """The wide problem of an instance: the equations are written with `representatives` alone.

    Raises BulkError where the arrays and the equations differ in a column that both know.
    """
    model = build_from(instance, sets, representatives(instance, sets))
    written = matrix_of(model.problem, sum(model.constants.values()))
    rows: Rows = {reference: written.row_index[name] for name, reference in model.rows.items()}
    serving = serving_columns(instance, sets, rows)
    _check(model, written, serving)
    kept = np.ones(len(written.columns), dtype=bool)
    kept[[written.index[column.name] for column in model.context.var.serve.values()]] = False
    families = model.context.var.families()
    lazy = np.zeros(len(written.columns), dtype=bool)
    lazy[[written.index[column.name] for family in LAZY for column in families[family].values()]] = True
    structure = Matrix(
        columns=tuple(name for name, keep in zip(written.columns, kept, strict=True) if keep),
        row_names=written.row_names,
        cost=written.cost[kept],
        lower=written.lower[kept],
        upper=written.upper[kept],
        integer=written.integer[kept],
        rows=csr_array(csc_array(written.rows)[:, kept]),
        row_lower=written.row_lower,
        row_upper=written.row_upper,
        offset=written.offset,
    )
    groups, caps, waiting = _caps(sets, serving)
    adds, frees = serving.signs(len(structure.row_names))
    limits = implied_limits(structure, (frees, adds))
    return Wide(model, structure, serving, caps, waiting, groups, lazy[kept], rows, limits)


def _check(model: Model, written: Matrix, serving: ServingColumns) -> None:
    """Compare the arrays with every serving column that the equations were written for."""
    keys = list(model.context.var.serve)
    if not keys:
        return
    position = {(p.candidate.id, p.bucket): n for n, p in enumerate(serving.points)}
    slices = {h: n for n, h in enumerate(model.context.sets.slices)}
    at = [np.ravel_multi_index((position[k, b], t, slices[h]), serving.shape) for k, b, t, h in keys]
    theirs = csc_array(written.rows)[:, [written.index[model.context.var.serve[key].name] for key in keys]]
    apart = abs(serving.columns(np.array(at, dtype=np.int64), len(written.row_names)) - theirs)
    if apart.nnz and apart.max() > 0:
        worst = csc_array(apart)
        row = int(worst.indices[np.argmax(worst.data)])
        raise BulkError(f"row {written.row_names[row]}: fleetopt/model/bulk.py says otherwise than the equation")


def _caps(sets: Sets, serving: ServingColumns) -> tuple[Numbers, Floats, Flags]:
    """The group of each point; by group, period and slice all that may be served (deferred work could all be in any one
    slice); and whether a group's work may wait."""
    number: dict[tuple[str, str, bool], int] = {}
    groups = np.zeros(len(serving.points), dtype=np.int64)
    for p, point in enumerate(serving.points):
        key = (point.candidate.workload, point.bucket, point.candidate.stage == "decode")
        groups[p] = number.setdefault(key, len(number))
    periods, slices = range(len(sets.periods)), list(sets.slices)
    caps = np.zeros((len(number), len(periods), len(slices)))
    arriving: dict[str, Floats] = {w: np.zeros((len(periods), len(slices))) for w in sets.serving}
    for (w, _, t, h), rate in sets.arrivals.items():
        arriving[w][t, slices.index(h)] += rate
    hours = np.array([sets.hours(h) for h in slices])
    for (w, b, _), group in number.items():
        workload, most = sets.serving[w], arriving[w]
        if workload.max_delay_h > 0:
            most = np.outer(most @ hours, 1.0 / hours)
        caps[group] = next(bucket.share for bucket in workload.buckets if bucket.id == b) * most
    waiting = np.array([sets.serving[w].max_delay_h > 0 for w, _, _ in number], dtype=bool)
    return groups, caps, waiting
