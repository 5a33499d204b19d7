"""What the structural columns of a wide problem are to a search: which lead, which give room, which go down."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from fleetopt.solve.matrix import Flags
from fleetopt.solve.stages import ROOMY, structural
from fleetopt.solve.wide import Numbers, Wide


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

    def of(self, columns: Numbers) -> "Kinds":
        """The same for some columns of the whole: serving columns are none of these."""
        own = columns[columns < len(self.whole)]
        served = np.zeros(len(columns) - len(own), dtype=bool)
        return Kinds(*(np.concatenate([getattr(self, field.name)[own], served]) for field in fields(self)))


def kinds_of(wide: Wide) -> Kinds:
    """Of the structural columns."""
    families, index = wide.model.context.var.families(), wide.structure.index

    def flags(columns: Iterable[Any]) -> Flags:
        found = np.zeros(wide.structural, dtype=bool)
        found[[index[column.name] for column in columns]] = True
        return found

    return Kinds(
        whole=structural(wide.model, wide.structure),
        roomy=flags(column for name in ROOMY for column in families[name].values()),
        down=flags(families["retire"].values()),
        replicas=flags(families["keep"].values()) & wide.structure.integer,
    )
