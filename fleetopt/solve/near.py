"""Which columns a plan is searched among: those that nearly pay at some prices, and what they need beside them."""

import numpy as np

from fleetopt.solve.pricing import Priced, cheap_points, columns_of, with_lazy
from fleetopt.solve.wide import Numbers, Wide

FREE = 0.1
"""A request is taken to be worth at least this share of what it is worth at its dearest: at some times it is free."""


def near_columns(wide: Wide, found: Priced, window: float) -> Numbers:
    """Structural columns, what the LP uses, and serving columns whose reduced cost is within a share of their worth.

    Prices of an LP that was cut short say little: then the columns that it had will do, or cheap ones.
    """
    assert found.bound is not None
    own = np.flatnonzero(~wide.lazy)
    if not found.done:
        return np.union1d(own, found.columns if len(found.columns) else columns_of(wide, cheap_points(wide)))
    guide = found.guide or found.bound
    worth = np.abs(np.append(guide.duals, 0.0)[wide.serving.blocks])[wide.serving.home]
    dearest = np.zeros(len(wide.caps))
    np.maximum.at(dearest, wide.groups, worth.max(axis=(1, 2)))
    room = window * np.maximum(worth, FREE * dearest[wide.groups][:, None, None])
    near = np.flatnonzero(wide.serving.exists & (guide.reduced <= room + 1e-12))
    if found.guide is not None:
        near = np.intersect1d(near, found.columns[found.columns >= wide.structural] - wide.structural)
    served = np.union1d(near, found.used[found.used >= wide.structural] - wide.structural)
    return np.unique(np.concatenate([own, found.used, with_lazy(wide, served)]))
