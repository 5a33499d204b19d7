"""The LP of a whole wide problem, by the way that its size and the gap asked for call for, and what it ended with."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fleetopt.instance.schema import Instance
from fleetopt.model.sets import Sets
from fleetopt.solve.bound import DualBound, dual_bound
from fleetopt.solve.central import central
from fleetopt.solve.coarse import ROUGH, prices, used_points
from fleetopt.solve.interior import interior
from fleetopt.solve.matrix import Flags
from fleetopt.solve.near import near_columns
from fleetopt.solve.periods import by_periods
from fleetopt.solve.pricing import Priced, Say, generate
from fleetopt.solve.solver import Limits
from fleetopt.solve.wide import Wide

ALL_AT_ONCE = 1_500_000
"""Up to so many columns the LP is solved with all of them, by interior point; beyond, period by period."""
BY_PERIODS = 200_000
"""From so many on it is solved period by period where the gap asked for leaves room for what that loses."""
ROOMY_GAP = 0.005
"""Such a gap: the bound by periods was 0.1 to 0.4 % below the LP (docs/decisions/014-pricing.md)."""
COARSE_FROM = 20_000
"""From so many serving columns on the rounds begin with one slice a period."""
NEAR_COARSE, NEAR_PERIODS = 0.01, 0.05
"""Windows for the LP over all periods, by the prices of the coarse problem and by those of the periods' own LPs."""
SHARE_TOLERANCE = 0.05
"""Tolerance of a period's LP, as a share of the gap asked for."""
PRICING = "pricing"
"""How the phase of the LP is called: its objective is an LP's, its bound that of the whole problem."""
NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class WholeLp:
    """A wide problem, how long its LP may take, and whom to tell."""

    instance: Instance
    sets: Sets
    wide: Wide
    limits: Limits
    factor: float
    """What the wide problem's objective was multiplied with."""
    until: float
    """Clock (time.perf_counter) at which the LP ends."""
    tell: Callable[[str], Say]
    """Progress of a phase."""

    def left_s(self) -> float:
        """Seconds left."""
        return self.until - time.perf_counter()

    def priced(self) -> Priced:
        """By periods, at once, or in rounds."""
        count, start = self.wide.serving.count, None
        most = BY_PERIODS if self.limits.gap >= ROOMY_GAP else ALL_AT_ONCE
        found: Priced | None = None
        if count > most and len(self.sets.periods) > 1 and self.left_s() > 0:
            found = self._by_periods()
        if found is None and count <= ALL_AT_ONCE and self.left_s() > 0:
            found = central(self.wide, self.limits.seed, self.left_s, self._step(PRICING))
            if found is not None and found.bound is not None:
                self.tell(PRICING)(found.value, found.bound.value)
        if found is not None:
            return found
        if count >= COARSE_FROM and len(self.sets.slices) > 1 and self.left_s() > 0:
            start = self._used_points()
        return generate(self.wide, start, self.limits.seed, self.left_s, self.tell(PRICING)).priced()

    def _used_points(self) -> Flags:
        return used_points(self.instance, self.sets, self.limits.seed, self.left_s, self.tell("coarse"))

    def _by_periods(self) -> Priced | None:
        """The bound from an LP a period; None where one did not end."""
        wide, seed = self.wide, self.limits.seed
        duals, stopped = prices(self.instance, self.sets, wide, seed, self.left_s, self._step("coarse"))
        if duals is not None:
            exact = min(ROUGH, self.limits.gap * SHARE_TOLERANCE)
            bound, stopped = by_periods(wide, duals * self.factor, seed, self.left_s, self._step(PRICING), exact)
            if bound is not None:
                self.tell(PRICING)(None, bound.value)
                found = Priced(bound, None, wide.all_columns(), rounds=1, done=True)
                return self._guided(found, dual_bound(wide, duals * self.factor))
        return Priced(None, None, NONE, stopped=True) if stopped else None

    def _guided(self, found: Priced, coarse: DualBound) -> Priced:
        """With the prices of one LP over all periods, of the columns that are near by the prices of each.

        Those near by the coarse problem's prices come in as well: that one knew of what supply leaves each period.
        """
        near = near_columns(self.wide, found, NEAR_PERIODS)
        columns = np.union1d(near, near_columns(self.wide, replace(found, guide=coarse), NEAR_COARSE))
        matrix = self.wide.matrix(columns, named=False)
        inside = interior(matrix, self.limits.seed, self.left_s, self._step(PRICING))
        if inside.duals is None:
            return replace(found, stopped=inside.stopped)
        return replace(found, guide=dual_bound(self.wide, inside.duals), columns=columns)

    def _step(self, phase: str) -> Callable[[], None]:
        say = self.tell(phase)
        return lambda: say(None, None)
