"""A coarse problem with one slice a period, to see which points matter, and at what prices, before all slices count.

The one slice lasts the whole cycle and has the arrivals of the busiest one; of what may wait, the mean. Its answer is
no bound and no plan, only a guess at the columns of the real one, and at what ties its periods together.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fleetopt.instance.schema import Instance
from fleetopt.instance.time import Slice
from fleetopt.model.sets import Sets
from fleetopt.solve.interior import interior
from fleetopt.solve.matrix import Flags, Floats
from fleetopt.solve.pricing import Generated, Say, generate
from fleetopt.solve.wide import Wide, widen

PEAK = "peak"
USED = 1e-7
ROUGH = 1e-3
"""Interior point's tolerance where only prices are wanted."""


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
    work: dict[tuple[str, str], float] = {}
    for k in sets.candidates:
        for b, point in k.points.items():
            kw = k.units / point.rate_per_s * sets.systems[k.system].power_kw
            work[k.workload, b] = min(work.get((k.workload, b), kw), kw)
    kw_of = {w: sum(b.share * work.get((w, b.id), 0.0) for b in x.buckets) for w, x in sets.serving.items()}
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


def prices(
    instance: Instance, sets: Sets, wide: Wide, seed: int, left_s: Callable[[], float], tell: Callable[[], None]
) -> tuple[Floats | None, bool]:
    """Duals of the coarse problem as those of the wide one, in M$, each slice with its share of the hours.

    None where it did not end in time; and whether the user stopped it.
    """
    coarse = widen(instance, coarse_sets(sets))
    found = interior(coarse.matrix(coarse.all_columns(), named=False), seed, left_s, tell, tolerance=ROUGH)
    if found.duals is None:
        return None, found.stopped
    hours = sum(h.hours for h in sets.slices.values())
    share = {h: own.hours / hours for h, own in sets.slices.items()}
    lifted = np.zeros(wide.rows)
    for (equation, index), row in wide.row.items():
        in_slice = bool(index) and index[-1] in share
        other = coarse.row.get((equation, (*index[:-1], PEAK) if in_slice else index))
        if other is not None:
            lifted[row] = found.duals[other] * (share[index[-1]] if in_slice else 1.0)
    return lifted, False


def _used(wide: Wide, found: Generated) -> Flags:
    used = np.zeros(wide.serving.shape, dtype=bool)
    if found.bound is not None:
        columns = found.master.columns[found.master.values > USED] - wide.structural
        used.reshape(-1)[columns[columns >= 0]] = True
    flags: Flags = np.any(used, axis=2)
    return flags
