"""Which columns a plan is searched among: those that nearly pay at some prices, and what they need beside them."""

import numpy as np

from fleetopt.solve.matrix import Floats
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
    used = found.used[found.used >= wide.structural] - wide.structural
    served = np.unique(np.concatenate([near, used, refuge(wide, guide.reduced)]))
    return np.unique(np.concatenate([own, found.used, with_lazy(wide, served)]))


def refuge(wide: Wide, reduced: Floats) -> Numbers:
    """Serving columns on machines that can be rented without limit: the best of each group, period and slice.

    Prices of single periods may not know that a vendor delivers no more, and then this is where work goes.
    """
    sets, serving = wide.model.context.sets, wide.serving
    open_ = np.zeros(serving.shape, dtype=bool)
    for n, point in enumerate(serving.points):
        k = point.candidate
        if any(rent.max_units is None for rent in sets.systems[k.system].rentals.values()):
            open_[n, list(sets.offers[k.system, k.site].rent_periods)] = True
    cost = np.where(open_ & serving.exists, reduced, np.inf)
    least = np.full(wide.caps.shape, np.inf)
    np.minimum.at(least, wide.groups, cost)
    chosen = np.flatnonzero(np.isfinite(cost) & (cost <= least[wide.groups]))
    each = serving.shape[1] * serving.shape[2]
    cell = wide.groups[chosen // each] * each + chosen % each
    one_each: Numbers = chosen[np.unique(cell, return_index=True)[1]]
    return one_each
