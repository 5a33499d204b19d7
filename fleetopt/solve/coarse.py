"""A coarse problem with one slice a period, to see which points matter before all slices count.

The one slice lasts the whole cycle and has the arrivals of the busiest one; of what may wait, the mean. Its answer is
no bound and no plan, only a guess at the columns of the real one.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fleetopt.instance.schema import Instance
from fleetopt.instance.time import Slice
from fleetopt.model.sets import Sets
from fleetopt.solve.matrix import Flags
from fleetopt.solve.merged import work_kw
from fleetopt.solve.pricing import Generated, Say, generate
from fleetopt.solve.wide import Wide, widen

PEAK = "peak"
USED = 1e-7


def coarse_sets(sets: Sets) -> Sets:
    """The same sets with one slice a period: the arrivals of the slice in which most machines are needed."""
    hours = sum(h.hours for h in sets.slices.values())
    busiest = _busiest(sets)
    arrivals: dict[tuple[str, str, int, str], float] = {}
    for (w, u, t, h), rate in sets.arrivals.items():
        if sets.serving[w].max_delay_h > 0:
            key = (w, u, t, PEAK)
            arrivals[key] = arrivals.get(key, 0.0) + rate * sets.hours(h) / hours
        elif h == busiest:
            arrivals[w, u, t, PEAK] = rate
    return replace(sets, slices={PEAK: Slice(id=PEAK, start_hour=0, hours=hours)}, arrivals=arrivals)


def _busiest(sets: Sets) -> str:
    """The slice with the most work: requests count by the power of what could serve them at the least."""
    kw_of = work_kw(sets)
    load = dict.fromkeys(sets.slices, 0.0)
    for (w, _, _, h), rate in sets.arrivals.items():
        if sets.serving[w].max_delay_h <= 0:
            load[h] += kw_of[w] * rate
    return max(load, key=lambda h: load[h])


def used_points(instance: Instance, sets: Sets, seed: int, left_s: Callable[[], float], say: Say) -> Flags:
    """[point, period] whether the coarse problem uses it; nothing where it could not be solved."""
    wide = widen(instance, coarse_sets(sets))
    found: Generated = generate(wide, None, seed, left_s, say)
    return _used(wide, found)


def _used(wide: Wide, found: Generated) -> Flags:
    used = np.zeros(wide.serving.shape, dtype=bool)
    if found.bound is not None:
        columns = found.master.columns[found.master.values > USED] - wide.structural
        used.reshape(-1)[columns[columns >= 0]] = True
    flags: Flags = np.any(used, axis=2)
    return flags
