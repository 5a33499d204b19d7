"""What binds: limits that a plan takes in full, and those with less room than one more unit needs."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.equation import Index
from fleetopt.solve.marginal import Held
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.phrases import parts, phrase

TIGHT = 1e-6
"""A row is at its limit within this share of its largest term (at least 1)."""


@dataclass(frozen=True)
class Binding:
    """Rows of one equation, told together, that leave no room."""

    equation: str
    says: str
    """`firm power is let in full`."""
    index: Index
    """Without the parts told together and without the period."""
    periods: tuple[str, ...]
    """Periods in which it binds; empty where the equation has none."""
    full: bool
    """At the limit; else what is left is less than one more unit of anything needs."""


def binding(held: Held) -> tuple[Binding, ...]:
    """What binds in a plan, in the order of the equations."""
    return binding_at(held.model, held.matrix, held.lp.values)


def binding_at(model: Model, matrix: Matrix, values: Floats) -> tuple[Binding, ...]:
    """What binds at a point of the programme."""
    full, lumpy = _at_limit(matrix, values), _no_room(model, matrix, values)
    state: dict[tuple[str, Index], dict[str, bool]] = defaultdict(dict)
    for row, name in enumerate(matrix.row_names):
        id_, index = model.rows[name]
        said = phrase(id_)
        if said is None or not said.binds or not (full[row] or lumpy[row]):
            continue
        named = parts(id_, index)
        rest = tuple(part for key, part in named.items() if key not in (*said.merged, "period"))
        periods = state[id_, rest]
        period = named.get("period", "")
        periods[period] = periods.get(period, False) or bool(full[row])
    found: list[Binding] = []
    for (id_, rest), periods in state.items():
        said = phrase(id_)
        assert said is not None, "only equations with words are kept"
        for is_full in (True, False):
            when = [period for period, tight in periods.items() if tight == is_full]
            if when:
                found.append(Binding(id_, said.binds, rest, tuple(p for p in when if p), is_full))
    return tuple(found)


def _room(matrix: Matrix, values: Floats) -> tuple[Floats, Floats]:
    """By row, the distance to its nearer side, and the size of its largest term."""
    activity = matrix.rows @ values
    room = np.minimum(activity - matrix.row_lower, matrix.row_upper - activity)
    terms = matrix.rows.copy()
    terms.data = np.abs(terms.data * values[terms.indices])
    largest = np.zeros(len(matrix.row_names))
    filled = np.diff(terms.indptr) > 0
    if filled.any():
        largest[filled] = np.maximum.reduceat(terms.data, terms.indptr[:-1][filled])
    return room, largest


def _at_limit(matrix: Matrix, values: Floats) -> Floats:
    """Inequalities at their side, with something in them."""
    room, largest = _room(matrix, values)
    inequality = matrix.row_lower != matrix.row_upper
    limit: Floats = inequality & (room <= TIGHT * np.maximum(1.0, largest)) & (largest > TIGHT)
    return limit


def _no_room(model: Model, matrix: Matrix, values: Floats) -> Floats:
    """Limits from above with less left than the smallest system they count would take."""
    var, units = model.context.var, np.zeros(len(matrix.columns), dtype=bool)
    for family in (var.buy, var.installed):
        units[[matrix.index[column.name] for column in family.values()]] = True
    room, largest = _room(matrix, values)
    counted = matrix.rows.copy()
    counted.data = np.where(units[counted.indices] & (counted.data > 0), counted.data, np.inf)
    least = np.full(len(matrix.row_names), np.inf)
    filled = np.diff(counted.indptr) > 0
    if filled.any():
        least[filled] = np.minimum.reduceat(counted.data, counted.indptr[:-1][filled])
    at_most = np.isneginf(matrix.row_lower) & np.isfinite(matrix.row_upper)
    no_room: Floats = at_most & np.isfinite(least) & (room < least * (1 - TIGHT)) & (largest > TIGHT)
    return no_room
