"""What columns are to a search: which lead, which give room, which go down."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.prices import Prices
from fleetopt.solve.matrix import Flags, Indices, Matrix

STRUCTURAL_USD = 1e6
"""Units, and replicas counted whole, that cost at least this stay whole in stage A."""
FIXED_CHARGES = (
    "open", "train", "build", "expand", "commit", "order", "lots", "level", "spare", "counts", "shared",
    "part", "choose",
)  # fmt: skip
"""Families of columns that are whole in stage A whatever they cost."""
ROOMY = ("build", "expand", "commit", "order", "lots", "level", "spare")
"""Families that stage B may raise from 0: whole servers may need one more block of power, or an order of their own."""


@dataclass(frozen=True)
class Kinds:
    """Flags of columns."""

    whole: Flags
    """Whole columns that stay whole in stage A, and are rounded first."""
    roomy: Flags
    """What stage B may raise from 0."""
    down: Flags
    """What is rounded down."""
    replicas: Flags
    """Replicas that are counted whole: they follow from what is served, in each period for itself."""

    def of(self, columns: Indices) -> "Kinds":
        """The same for some columns of a wide problem: its serving columns, numbered last, are none of these."""
        own = columns[columns < len(self.whole)]
        served = np.zeros(len(columns) - len(own), dtype=bool)
        return Kinds(*(np.concatenate([getattr(self, field.name)[own], served]) for field in fields(self)))


def kinds_of(model: Model, matrix: Matrix) -> Kinds:
    """Of the columns of a matrix."""
    families = model.context.var.families()
    return Kinds(
        whole=structural(model, matrix),
        roomy=_columns(matrix, (column for name in ROOMY for column in families[name].values())),
        down=_columns(matrix, families["retire"].values()),
        replicas=_columns(matrix, families["keep"].values()) & matrix.integer,
    )


def structural(model: Model, matrix: Matrix) -> Flags:
    """Whole columns that stay whole in stage A."""
    var, instance, prices = model.context.var, model.context.instance, Prices(model.context.instance)
    periods = range(instance.time.periods)
    unit_usd = {s.id: max(prices.unit_price(s, t) for t in periods) for s in instance.systems}
    unit_usd |= {m.id: max(prices.memory_unit(m, t) for t in periods) for m in instance.memory}
    dear = {id_ for id_, usd in unit_usd.items() if usd >= STRUCTURAL_USD}
    kept = [column for name in FIXED_CHARGES for column in var.families()[name].values()]
    kept += [column for family in (var.buy, var.mem) for key, column in family.items() if key[0] in dear]
    for k in model.context.sets.candidates:
        if k.whole and k.units * unit_usd[k.system] >= STRUCTURAL_USD:
            kept += [var.keep[k.id, t] for t in model.context.sets.live[k.system, k.site]]
    return _columns(matrix, kept) & matrix.integer


def _columns(matrix: Matrix, columns: Iterable[Any]) -> Flags:
    flags = np.zeros(len(matrix.columns), dtype=bool)
    flags[[matrix.index[column.name] for column in columns]] = True
    return flags
