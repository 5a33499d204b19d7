"""The LP of a whole wide problem, by the way that its size and the gap asked for call for, and what it ended with."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fleetopt.instance.schema import Instance
from fleetopt.model.sets import Sets
from fleetopt.solve.bound import DualBound, dual_bound, mended
from fleetopt.solve.central import central
from fleetopt.solve.coarse import used_points
from fleetopt.solve.interior import interior
from fleetopt.solve.matrix import Flags
from fleetopt.solve.merged import MergedLp, groups_of, merged_lp
from fleetopt.solve.merged_plan import merged_plan
from fleetopt.solve.near import near_columns
from fleetopt.solve.periods import by_periods
from fleetopt.solve.pricing import Priced, Say, generate
from fleetopt.solve.search import FIRST
from fleetopt.solve.solver import Limits
from fleetopt.solve.wide import Wide

ALL_AT_ONCE = 1_500_000
"""Up to so many columns the LP may be solved with all of them, by interior point."""
BY_PERIODS = 200_000
"""From so many on it is solved period by period instead."""
CLOSEST_GAP = 5e-4
"""But not for a gap below this: the bound by periods was up to 0.07 % below the LP (docs/decisions/014-pricing.md)."""
MERGED = 200_000
"""Serving columns that the problem of merged slices may have, unless the fewest groups have more."""
GROUPS = 3
"""The fewest groups: with two a plan was 1.3 % dearer, with peaks of two regions in one group 10 %."""
COARSE_FROM = 20_000
"""From so many serving columns on the rounds begin with one slice a period."""
GUIDED = 700_000
"""Up to so many columns one LP over all periods is tried."""
NEAR_PERIODS = 0.02
"""Window for the LP over all periods, by the prices of the periods' own LPs."""
SHARE_TOLERANCE, ROUGH = 0.05, 1e-4
"""Tolerance of the merged and the periods' LPs, as a share of the gap asked for, and at the most."""
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
        roomy = self.limits.gap >= CLOSEST_GAP
        found: Priced | None = None
        if count > (BY_PERIODS if roomy else ALL_AT_ONCE) and len(self.sets.periods) > 1 and self.left_s() > 0:
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
        """The bound from an LP a period, or from that of merged slices; None where there was no time for either."""
        wide, seed, slices = self.wide, self.limits.seed, len(self.sets.slices)
        exact = min(ROUGH, self.limits.gap * SHARE_TOLERANCE)
        groups = groups_of(self.sets, max(GROUPS, MERGED * slices // wide.serving.count))
        merged = merged_lp(self.instance, self.sets, wide, groups, seed, self.left_s, self._step("merged"), exact)
        if merged.duals is None:
            return Priced(None, None, NONE, stopped=True) if merged.stopped else None
        duals = merged.duals * self.factor
        bound = dual_bound(wide, mended(wide, duals))
        self.tell(PRICING)(None, bound.value)
        found = self._planned(merged, bound)
        if found.stopped or self._near_enough(found):
            return found
        better, stopped = by_periods(wide, duals, seed, self.left_s, self._step(PRICING), exact)
        if better is not None and better.value > bound.value:
            found = replace(found, bound=better, way="periods")
            self.tell(PRICING)(None, better.value)
        assert found.bound is not None
        if not np.isfinite(found.bound.value):
            return Priced(None, None, NONE, stopped=True) if stopped else None
        found = replace(found, stopped=stopped)
        return found if better is None or wide.serving.count > GUIDED else self._guided(found)

    def _planned(self, merged: MergedLp, bound: DualBound) -> Priced:
        """A bound from merged slices, with a plan of the merged structure where there is one."""
        found = Priced(bound, None, self.wide.all_columns(), rounds=1, done=True, way="merged slices")
        if not np.isfinite(bound.value):
            return found
        limits = replace(self.limits, time_limit_s=self.left_s())
        plan, stopped = merged_plan(self.wide, merged, bound, limits, self._step(FIRST))
        if plan is not None:
            self.tell(FIRST)(plan.outcome.objective, bound.value)
        return replace(found, plan=plan, stopped=stopped)

    def _near_enough(self, found: Priced) -> bool:
        gap = None if found.plan is None else found.plan.outcome.gap
        return gap is not None and gap <= self.limits.gap

    def _guided(self, found: Priced) -> Priced:
        """With the prices of one LP over all periods, of the columns that are near by the prices of each."""
        columns = near_columns(self.wide, found, NEAR_PERIODS)
        matrix = self.wide.matrix(columns, named=False)
        inside = interior(matrix, self.limits.seed, self.left_s, self._step(PRICING))
        if inside.duals is None:
            return replace(found, stopped=inside.stopped)
        return replace(found, guide=dual_bound(self.wide, inside.duals), columns=columns)

    def _step(self, phase: str) -> Callable[[], None]:
        say = self.tell(phase)
        return lambda: say(None, None)
