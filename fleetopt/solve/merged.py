"""Slices merged by their means: a smaller problem whose prices stand in the whole one.

A plan for every slice, averaged over the hours of each group of slices, serves the group's mean demand at the same
cost: the merged LP is below the whole one, by what the means hide of the peaks. Its duals, shared out over the slices
of each group by their hours, are duals of the whole problem, and the bound is the arithmetic on them (solve/bound.py):
any grouping is valid, and a good one keeps slices apart where the busiest differ.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from scipy.sparse import csc_array, csr_array, hstack

from fleetopt.instance.schema import Instance
from fleetopt.instance.time import Slice
from fleetopt.model.sets import Sets
from fleetopt.solve.interior import interior
from fleetopt.solve.matrix import Floats
from fleetopt.solve.wide import Wide, widen

Groups = tuple[tuple[str, ...], ...]
"""Slices, each in one group; groups and their slices in the order of the day."""
QUIET = 12.0
"""A group counts by its load over the busiest one's to this power: machines are bought for the peak."""


@dataclass(frozen=True)
class MergedLp:
    """The merged problem, and what its LP ended with."""

    wide: Wide
    own: Floats | None
    """Its duals, in M$; None where it did not end in time."""
    duals: Floats | None
    """The same as duals of the whole problem."""
    stopped: bool = False
    """Whether the user stopped it."""


def merged_lp(
    instance: Instance,
    sets: Sets,
    wide: Wide,
    groups: Groups,
    seed: int,
    left_s: Callable[[], float],
    tell: Callable[[], None],
    tolerance: float,
) -> MergedLp:
    """The LP with one slice for each group, and its duals as those of the wide problem."""
    merged = with_backlogs(wide, widen(instance, merged_sets(sets, groups)), groups)
    found = interior(merged.matrix(merged.all_columns(), named=False), seed, left_s, tell, tolerance=tolerance)
    if found.duals is None:
        return MergedLp(merged, None, None, found.stopped)
    return MergedLp(merged, found.duals, _lifted(wide, merged, found.duals, groups))


def groups_of(sets: Sets, count: int) -> Groups:
    """At most `count` groups of slices, merged two at a time where the means hide least of the peaks."""
    load = _load_kw(sets)
    busiest = max((float(kw.sum()) for kw in load.values()), default=0.0) or 1.0

    def hidden(group: tuple[str, ...]) -> float:
        kw, hours = np.array([load[h] for h in group]), np.array([sets.hours(h) for h in group])
        mean, most = hours @ kw / hours.sum(), kw.max(axis=0)
        share = float(kw.sum(axis=1).max()) / busiest
        return float((most - mean).sum()) * math.pow(share, QUIET)

    groups: list[tuple[str, ...]] = [(h,) for h in sets.slices]
    order = {h: n for n, h in enumerate(sets.slices)}
    while len(groups) > max(count, 1):
        one, other = min(
            combinations(groups, 2), key=lambda two: hidden(two[0] + two[1]) - hidden(two[0]) - hidden(two[1])
        )
        both = tuple(sorted(one + other, key=order.__getitem__))
        groups = sorted((both, *(g for g in groups if g not in (one, other))), key=lambda g: order[g[0]])
    return tuple(groups)


def merged_sets(sets: Sets, groups: Groups) -> Sets:
    """The same sets with one slice for each group, called as its first: all its hours, and the mean of its arrivals."""
    group_of = {h: group for group in groups for h in group}
    hours = {group: sum(sets.hours(h) for h in group) for group in groups}
    arrivals: dict[tuple[str, str, int, str], float] = {}
    for (w, u, t, h), rate in sets.arrivals.items():
        key = (w, u, t, group_of[h][0])
        arrivals[key] = arrivals.get(key, 0.0) + rate * sets.hours(h) / hours[group_of[h]]
    slices = {
        g[0]: Slice(id=g[0], start_hour=sets.slices[g[0]].start_hour, hours=sum(sets.slices[h].hours for h in g))
        for g in groups
    }
    return replace(sets, slices=slices, arrivals=arrivals)


def with_backlogs(wide: Wide, merged: Wide, groups: Groups) -> Wide:
    """The merged problem with the backlogs of the whole one in place of its own: each at the end of a slice after which
    another group begins, within what may wait there (D2.window).

    A group's balance is the sum of its slices' (D2), in which all backlogs between slices of the group cancel out.
    """
    group_of = {h: group for group in groups for h in group}
    names, backlog = wide.structure.index, wide.model.context.var.backlog
    if not backlog:
        return merged
    pairs = [
        (row, merged.row[e, (*index[:-1], group_of[index[-1]][0])]) for (e, index), row in wide.row.items() if e == "D2"
    ]
    of, at = np.array(pairs, dtype=np.int64).T
    summed = csr_array((np.ones(len(of)), (at, of)), shape=(merged.rows, wide.rows))
    columns = np.array([names[column.name] for column in backlog.values()], dtype=np.int64)
    terms = csc_array(summed @ wide.by_column[:, columns])
    periods = list(wide.model.context.sets.periods)
    most = np.array([wide.structure.row_upper[wide.row["D2.window", (w, u, periods[t], h)]] for w, u, t, h in backlog])
    structure, upper, limits = merged.structure, merged.structure.upper.copy(), merged.limits.copy()
    own = [structure.index[column.name] for column in merged.model.context.var.backlog.values()]
    upper[own] = limits[own] = 0.0
    none = np.zeros(len(columns))
    return replace(
        merged,
        structure=replace(
            structure,
            columns=(*structure.columns, *(f"between__{wide.structure.columns[n]}" for n in columns)),
            cost=np.concatenate([structure.cost, none]),
            lower=np.concatenate([structure.lower, none]),
            upper=np.concatenate([upper, most]),
            integer=np.concatenate([structure.integer, none.astype(bool)]),
            rows=csr_array(hstack([structure.rows, terms], format="csr")),
        ),
        lazy=np.concatenate([merged.lazy, none.astype(bool)]),
        limits=np.concatenate([limits, most]),
    )


def work_kw(sets: Sets) -> dict[str, float]:
    """By workload, the power that a request/s of its mix takes where it takes least."""
    least: dict[tuple[str, str], float] = {}
    for k in sets.candidates:
        for b, point in k.points.items():
            kw = k.units / point.rate_per_s * sets.systems[k.system].power_kw
            least[k.workload, b] = min(least.get((k.workload, b), kw), kw)
    return {w: sum(b.share * least.get((w, b.id), 0.0) for b in x.buckets) for w, x in sets.serving.items()}


def _load_kw(sets: Sets) -> dict[str, Floats]:
    """[workload, region and period] by slice: power that what cannot wait takes at the least."""
    kw_of = work_kw(sets)
    rows: dict[tuple[str, str, int], int] = {}
    for w, u, t, _ in sets.arrivals:
        if sets.serving[w].max_delay_h <= 0:
            rows.setdefault((w, u, t), len(rows))
    load = {h: np.zeros(len(rows)) for h in sets.slices}
    for (w, u, t, h), rate in sets.arrivals.items():
        if (w, u, t) in rows:
            load[h][rows[w, u, t]] += kw_of[w] * rate
    return load


def _lifted(wide: Wide, merged: Wide, duals: Floats, groups: Groups) -> Floats:
    """Duals of the merged problem as those of the wide one, each slice with its share of the group's hours.

    What waits is counted in requests: its balance (D2) has the same dual in all slices of a group, and its limit
    (D2.window) is worth what waiting from one slice to the next would gain.
    """
    sets = wide.model.context.sets
    ids = list(sets.slices)
    after = dict(zip(ids, ids[1:] + ids[:1], strict=True))
    group_of = {h: group for group in groups for h in group}
    share = {h: sets.hours(h) / sum(sets.hours(x) for x in group_of[h]) for h in ids}
    lifted = np.zeros(wide.rows)

    def merged_dual(equation: str, index: tuple[Any, ...], h: str) -> float:
        row = merged.row.get((equation, (*index[:-1], group_of[h][0])))
        return 0.0 if row is None else float(duals[row])

    for (equation, index), row in wide.row.items():
        h = index[-1] if index else None
        if h not in group_of:
            other = merged.row.get((equation, index))
            lifted[row] = 0.0 if other is None else duals[other]
        elif equation == "D2.window":
            lifted[row] = min(merged_dual("D2", index, after[h]) - merged_dual("D2", index, h), 0.0)
        else:
            lifted[row] = merged_dual(equation, index, h) * (1.0 if equation == "D2" else share[h])
    return lifted
