"""Duals for rows that the restricted LP does not have yet: what the columns missing there would have to earn.

Any value gives a valid bound, so this is about good ones: a row of a site that nobody serves yet takes the price at
which its best route just pays, a row of replicas not loaded yet what loading one costs, a balance of pools what
decoding costs.
"""

from dataclasses import dataclass

import numpy as np

from fleetopt.model.bulk import NO_ROW
from fleetopt.solve.matrix import Flags, Floats
from fleetopt.solve.wide import Numbers, Wide

FAR = 1e6
"""Dual of a row that leads nowhere, so that nothing pays there."""


@dataclass(frozen=True)
class Replicas:
    """Candidates counted whole."""

    points: Numbers
    candidate: Numbers
    """[point of these] its candidate, among those counted whole."""
    rate: Floats
    """[point of these] requests/s of a replica."""
    rows: Numbers
    """[candidate, period, slice] row of C1.keep."""
    capacity: Numbers
    """[candidate, period, slice] row of C1 or T3 that its replicas draw on."""
    column: Numbers
    """[candidate, period] column of its loaded replicas among the structural ones, -1 where there is none."""


@dataclass(frozen=True)
class Pools:
    """Decode pools."""

    points: Numbers
    block: Numbers
    """[point of these] its balance, among those there are."""
    rows: Numbers
    """[balance, period, slice] row of D4."""


class Completion:
    """What of a problem's layout is needed for its missing duals, worked out once."""

    def __init__(self, wide: Wide) -> None:
        self.wide = wide
        self._sites = wide.rows_of("D1.site")
        self._replicas, self._pools = _replicas(wide), _pools(wide)

    def of(self, duals: Floats, there: Flags) -> Floats:
        """The duals with those of the rows that are not there."""
        found = duals.copy()
        if not there.all():
            missing = np.append(~there, False)  # NO_ROW is never missing
            self._price_routes(missing, found)
            self._price_replicas(missing, found, by_earnings=False)
            self._price_pools(missing, found)
            self._price_replicas(missing, found, by_earnings=True)
        return found

    def _reduced(self, duals: Floats) -> Floats:
        reduced: Floats = self.wide.structure.cost - self.wide.structure.rows.T @ duals
        return reduced

    def _price_routes(self, missing: Flags, duals: Floats) -> None:
        """D1.site: the price at which the best of its flows just pays."""
        rows = self._sites[missing[self._sites]]
        part = self.wide.structure.rows[rows]
        best, filled = np.full(len(rows), np.inf), np.diff(part.indptr) > 0
        if filled.any():
            best[filled] = np.minimum.reduceat(self._reduced(duals)[part.indices], part.indptr[:-1][filled])
        duals[rows] = np.where(np.isfinite(best), -best, -FAR)

    def _price_replicas(self, missing: Flags, duals: Floats, *, by_earnings: bool) -> None:
        """C1.keep: what loading a replica costs, shared out over the slices as it would earn it, or else as the
        capacity that it takes is priced in them."""
        whole = self._replicas
        absent = missing[whole.rows].all(axis=2) & (whole.column >= 0)
        if not absent.any():
            return
        rows = whole.rows[absent]
        duals[rows] = 0.0
        cost = np.where(absent, np.maximum(self._reduced(duals)[whole.column], 0.0), 0.0)
        if by_earnings:
            earned = np.maximum(self.wide.serving.priced(duals, whole.points) * whole.rate[:, None, None], 0.0)
            weight = np.zeros(whole.rows.shape)
            np.maximum.at(weight, whole.candidate, earned)
            scale = np.minimum(1.0, cost / np.maximum(weight.sum(axis=2), 1e-300))
        else:
            weight = np.abs(np.append(duals, 0.0)[whole.capacity])
            scale = cost / np.maximum(weight.sum(axis=2), 1e-300)
        duals[rows] = -(weight * scale[:, :, None])[absent]

    def _price_pools(self, missing: Flags, duals: Floats) -> None:
        """D4: what decoding costs at the site, at its cheapest."""
        pools = self._pools
        if not len(pools.points):
            return
        there = self.wide.serving.exists[pools.points]
        cost = np.where(there, -self.wide.serving.priced(duals, pools.points), np.inf)
        least = np.full(pools.rows.shape, np.inf)
        np.minimum.at(least, pools.block, cost)
        absent = missing[pools.rows]
        duals[pools.rows[absent]] = np.where(np.isfinite(least[absent]), -least[absent], -FAR)


def _replicas(wide: Wide) -> Replicas:
    serving, keep = wide.serving, wide.model.context.var.keep
    points = np.array([n for n, p in enumerate(serving.points) if p.candidate.whole], dtype=np.int64)
    number: dict[str, int] = {}
    of = {serving.points[n].candidate.id: serving.points[n].candidate for n in points}
    ids = [serving.points[n].candidate.id for n in points]
    candidate = np.array([number.setdefault(id_, len(number)) for id_ in ids], dtype=np.int64)
    column = np.full((len(number), serving.shape[1]), -1, dtype=np.int64)
    for (k, t), variable in keep.items():
        if k in number:
            column[number[k], t] = wide.structure.index[variable.name]
    places = [(of[k].system, of[k].site) for k in number]
    return Replicas(
        points=points,
        candidate=candidate,
        rate=np.array([p.candidate.points[p.bucket].rate_per_s for p in (serving.points[n] for n in points)]),
        rows=_blocks(wide, [("C1.keep", (k,)) for k in number]),
        capacity=_blocks(wide, [("T3" if p in wide.model.context.sets.teams_on else "C1", p) for p in places]),
        column=column,
    )


def _pools(wide: Wide) -> Pools:
    number: dict[tuple[str, str, str], int] = {}
    points, block = [], []
    for n, point in enumerate(wide.serving.points):
        if point.candidate.stage == "decode":
            points.append(n)
            key = (point.candidate.workload, point.bucket, point.candidate.site)
            block.append(number.setdefault(key, len(number)))
    rows = _blocks(wide, [("D4", key) for key in number])
    return Pools(np.array(points, dtype=np.int64), np.array(block, dtype=np.int64), rows)


def _blocks(wide: Wide, keys: list[tuple[str, tuple[str, ...]]]) -> Numbers:
    sets = wide.model.context.sets
    found = [
        [[wide.row.get((id_, (*before, period, h)), NO_ROW) for h in sets.slices] for period in sets.periods]
        for id_, before in keys
    ]
    return np.array(found, dtype=np.int64).reshape(len(keys), len(sets.periods), len(sets.slices))
