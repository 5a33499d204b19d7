"""Serving columns as arrays: where each one stands in which row, without an object a column.

The equations stay the truth. They are written with a few serving columns only, enough for every row that serving
touches to exist, and this module says where all the others stand in those rows. Wherever both speak they are compared
on every run (solve/wide.py), and for every column by the tests.

A *point* is one operating point of a candidate (candidate x bucket); its columns are serve[k, b, t, h] for the periods
in which its system may be in service and all slices, numbered point by point.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from fleetopt.candidates.candidate import Candidate, OperatingPoint
from fleetopt.candidates.prefix import PREFIX
from fleetopt.instance.schema import Instance
from fleetopt.model.context import GB_PER_TB
from fleetopt.model.equation import Index
from fleetopt.model.equations.demand import ENTRY_STAGES
from fleetopt.model.holdings import SHARED
from fleetopt.model.sets import Sets
from fleetopt.network.graph import gb_per_request

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Rows = dict[tuple[str, Index], int]
"""Number of a row by equation id and index."""
NO_ROW = -1


class Stand(NamedTuple):
    """A point's place in a block of rows; `spread` where a slice counts in the rows of all slices by its hours."""

    equation: str
    before: Index
    coefficient: float
    spread: bool = False


@dataclass(frozen=True)
class Family:
    """One place that points have in rows: the block of rows of each and its coefficient, 0 where it has none."""

    block: Numbers
    coefficient: Floats
    spread: bool


@dataclass(frozen=True)
class Point:
    """An operating point."""

    candidate: Candidate
    bucket: str


@dataclass(frozen=True)
class ServingColumns:
    """All serving columns of an instance; period and slice are axes, so (point, period, slice) has a number."""

    points: tuple[Point, ...]
    live: Flags
    """[point, period] whether its columns exist."""
    weights: Floats
    """[slice] share of the cycle's hours."""
    blocks: Numbers
    """[block, period, slice] row, NO_ROW where there is none."""
    families: tuple[Family, ...]
    entry: Numbers
    """[point] block of D1.site, NO_ROW for decode pools."""
    home: Numbers
    """[point] block whose duals say what its requests are worth: of D1.site, or D4 for decode pools."""

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """Points, periods, slices."""
        return len(self.points), self.live.shape[1], len(self.weights)

    @cached_property
    def exists(self) -> Flags:
        """[point, period, slice] whether a column can be above 0: its system is there, and so is somebody to serve."""
        there = np.repeat(self.live[:, :, None], self.shape[2], axis=2)
        arrives = self.blocks[self.entry] != NO_ROW
        found: Flags = there & (arrives | (self.entry == NO_ROW)[:, None, None])
        return found

    @property
    def count(self) -> int:
        """Columns that can be above 0."""
        return int(self.exists.sum())

    def priced(self, duals: Floats, points: Numbers | None = None) -> Floats:
        """[point, period, slice] duals x coefficients of each column, of all points or of some: as serving itself costs
        nothing, its reduced cost is minus this."""
        which = slice(None) if points is None else points
        dual = np.append(duals, 0.0)[self.blocks]
        found = np.zeros((len(self.points) if points is None else len(points), *self.shape[1:]))
        for family in self.families:
            charged = dual.sum(axis=2)[:, :, None] * self.weights if family.spread else dual
            found += charged[family.block[which]] * family.coefficient[which, None, None]
        return found

    def signs(self, rows: int) -> tuple[Flags, Flags]:
        """[row] whether any column has a positive coefficient there, and whether any has a negative one."""
        positive, negative = np.zeros(rows + 1, dtype=bool), np.zeros(rows + 1, dtype=bool)
        for family in self.families:
            for found, has in ((positive, family.coefficient > 0), (negative, family.coefficient < 0)):
                found[self.blocks[np.unique(family.block[has])]] = True
        return positive[:rows], negative[:rows]

    def columns(self, numbers: Numbers, rows: int) -> csc_array:
        """Coefficients of some columns, numbered as the flattened (point, period, slice), over all rows."""
        point, period, slice_ = np.unravel_index(numbers, self.shape)
        order = np.arange(len(numbers))
        at, row, data = [order[:0]], [order[:0]], [np.zeros(0)]
        for family in self.families:
            coefficient, block = family.coefficient[point], family.block[point]
            for other in range(self.shape[2]) if family.spread else (None,):
                slices = slice_ if other is None else np.full_like(slice_, other)
                values = coefficient if other is None else coefficient * self.weights[slice_]
                found = self.blocks[block, period, slices]
                used = (values != 0) & (found != NO_ROW)
                at.append(order[used])
                row.append(found[used])
                data.append(values[used])
        entries = (np.concatenate(data), (np.concatenate(row), np.concatenate(at)))
        return csc_array(entries, shape=(rows, len(numbers)))

    def key(self, number: int, slices: tuple[str, ...]) -> tuple[str, str, int, str]:
        """[k, b, t, h] of a column."""
        point, period, slice_ = (int(x) for x in np.unravel_index(number, self.shape))
        return self.points[point].candidate.id, self.points[point].bucket, period, slices[slice_]


def points_of(sets: Sets) -> tuple[Point, ...]:
    """Every operating point, in the order of the instance."""
    return tuple(Point(k, b) for k in sets.candidates for b in k.points)


def serving_count(sets: Sets) -> int:
    """Serving columns of an instance, if all were written out."""
    slices = len(sets.slices)
    return sum(len(k.points) * len(sets.live[k.system, k.site]) * slices for k in sets.candidates)


def representatives(instance: Instance, sets: Sets) -> list[tuple[str, str, int, str]]:
    """Keys of serving columns without which some rows would not exist: the first point in each block and period."""
    covered: set[tuple[Any, ...]] = set()
    found: list[tuple[str, str, int, str]] = []
    for point in points_of(sets):
        blocks = [(x.equation, x.before) for x in _stands(instance, sets, point) if x.equation in _BY_COLUMN]
        for t in sets.live[point.candidate.system, point.candidate.site] if blocks else ():
            new = {(*block, t) for block in blocks} - covered
            if new:
                covered |= new
                found += [(point.candidate.id, point.bucket, t, h) for h in sets.slices]
    return found


def serving_columns(instance: Instance, sets: Sets, rows: Rows) -> ServingColumns:
    """All serving columns as arrays over the rows given."""
    points, slices = points_of(sets), tuple(sets.slices)
    periods = sets.periods
    live = np.zeros((len(points), len(periods)), dtype=bool)
    number: dict[tuple[str, Index], int] = {}
    found: dict[tuple[int, bool], list[tuple[int, int, float]]] = {}
    entry, home = (np.full(len(points), NO_ROW, dtype=np.int64) for _ in range(2))
    for p, point in enumerate(points):
        live[p, list(sets.live[point.candidate.system, point.candidate.site])] = True
        for place, stand in enumerate(_stands(instance, sets, point)):
            block = number.setdefault((stand.equation, stand.before), len(number))
            if stand.equation == "D1.site":
                entry[p] = block
            if stand.equation in ("D1.site", "D4") and home[p] == NO_ROW:
                home[p] = block
            found.setdefault((place, stand.spread), []).append((p, block, stand.coefficient))
    blocks = np.full((len(number) + 1, len(periods), len(slices)), NO_ROW, dtype=np.int64)
    for (equation, before), block in number.items():
        for t, period in enumerate(periods):
            for h, slice_ in enumerate(slices):
                blocks[block, t, h] = rows.get((equation, (*before, period, slice_)), NO_ROW)
    families = []
    for (_, spread), stands in sorted(found.items()):
        at, coefficient = np.full(len(points), len(number), dtype=np.int64), np.zeros(len(points))
        for p, block, value in stands:
            at[p], coefficient[p] = block, value
        families.append(Family(at, coefficient, spread))
    hours = np.array([sets.hours(h) for h in slices])
    return ServingColumns(points, live, hours / hours.sum(), blocks, tuple(families), entry, home)


_BY_COLUMN = ("D4", "D1.one", "M2.hold", "M4")
"""Equations whose rows are written for the serving columns that there are; the others have theirs in any case."""


def _stands(instance: Instance, sets: Sets, point: Point) -> Iterator[Stand]:
    """Every place of a point's columns in rows: the same terms as in the equations."""
    k, b = point.candidate, point.bucket
    yield from _in_demand(instance, sets, k, b)
    yield from _in_compute(instance, sets, k, k.points[b])
    yield from _in_memory(instance, sets, k, k.points[b])


def _in_demand(instance: Instance, sets: Sets, k: Candidate, b: str) -> Iterator[Stand]:
    workload = sets.serving[k.workload]
    if k.stage in ENTRY_STAGES:
        yield Stand("D1.site", (k.workload, b, k.site), 1.0)
        if instance.parts(workload) is not None:
            yield Stand("D1.parts", (k.workload, b, k.system, k.site), 1.0)
    if k.stage != "aggregated":
        yield Stand("D4", (k.workload, b, k.site), 1.0 if k.stage == "prefill" else -1.0)
    if instance.one_system(workload):
        stage = "entry" if k.stage in ENTRY_STAGES else "decode"
        yield Stand("D1.one", (k.workload, b, k.system, stage), 1.0)


def _in_compute(instance: Instance, sets: Sets, k: Candidate, point: OperatingPoint) -> Iterator[Stand]:
    workload, place = sets.serving[k.workload], (k.system, k.site)
    units = k.units / point.rate_per_s
    if k.whole:
        yield Stand("C1.keep", (k.id,), 1 / point.rate_per_s)
    else:
        yield Stand("T3" if place in sets.teams_on else "C1", place, units)
        if workload.kind == "answer":
            yield Stand("C1.steady", place, units)
    yield Stand("P2.running", place, units)
    if k.stage in ENTRY_STAGES and workload.agent is not None and workload.agent.tool_core_s > 0:
        yield Stand("C3", (k.site,), workload.agent.tool_core_s)
    bus = sets.systems[k.system].satellite
    if bus is not None and bus.link_gb_s is not None and sets.sites[k.site].kind == "orbit":
        bucket = next(x for x in workload.buckets if x.id == point.bucket)
        yield Stand("O5.link", place, 1e3 * gb_per_request(instance.network, bucket))


def _in_memory(instance: Instance, sets: Sets, k: Candidate, point: OperatingPoint) -> Iterator[Stand]:
    if k.stage not in ENTRY_STAGES:
        return
    for holding in sets.holdings:
        if holding.workload != k.workload or holding.id in (SHARED, "checkpoint"):
            continue
        if holding.reuse and (holding.reuse != k.reuse or point.parked_gb_s <= 0):
            continue
        if not holding.buckets or point.bucket in holding.buckets:
            gb_s = (point.parked_gb_s if holding.reuse else holding.gb_s) / GB_PER_TB
            yield Stand("M2.hold", (k.workload, holding.id, k.site), -gb_s, holding.mean)
    if k.reuse.startswith(PREFIX) and (k.workload, point.bucket) in sets.shared_gb:
        yield Stand("M4", (k.workload, k.site), -sets.shared_gb[k.workload, point.bucket])
