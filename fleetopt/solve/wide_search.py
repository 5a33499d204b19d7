"""The plan of a wide problem: a proven bound from column generation, plans from parts of the columns.

The bound holds for all columns (solve/bound.py). Plans come from MILPs over the columns that are worth having at the
LP's prices, the first over those within a narrow window, later ones over wider windows; a bound of such a part is never
one of the whole. Where all columns can be written out, the last window is all of them, and the part's bound is the
whole's.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fleetopt.instance.schema import Instance
from fleetopt.model.sets import Sets
from fleetopt.solve.bound import dual_bound
from fleetopt.solve.certificate import certificate_of
from fleetopt.solve.kinds import kinds_of
from fleetopt.solve.money import money_factor, multiplied, told_in_m_usd
from fleetopt.solve.near import near_columns
from fleetopt.solve.pricing import Built, Priced, Say, cheap_points, columns_of
from fleetopt.solve.solver import INTERRUPTED, Limits, Outcome, Progress, contradicts, in_m_usd, scaled_limits
from fleetopt.solve.whole import NEAR_PERIODS, WholeLp
from fleetopt.solve.wide import Numbers, Wide
from fleetopt.solve.wide_part import Part, searched
from fleetopt.solve.wide_plan import Key

WINDOWS = (0.002, 0.01, 0.03)
"""Serving columns come into a part whose reduced cost is at most this share of what serving the request is worth."""
WRITABLE = 60_000
"""Up to so many columns the last part is the whole problem."""
SHARE_LP = 0.6
"""Share of the time that the LP may take."""
SHARE_PART = 0.7
"""Share of the time left that one part may take."""


@dataclass(frozen=True)
class Wanted:
    """A search's outcome, with its point by column name: columns that are not named are 0."""

    outcome: Outcome
    point: Mapping[str, float]
    serving: tuple[Key, ...]
    """Keys of the serving columns in use."""
    certificate: Mapping[str, Any]
    """How the bound was got; see docs/certificate.md."""


def search_wide(
    instance: Instance, sets: Sets, wide: Wide, limits: Limits, *, progress: Progress | None = None, log_file: str = ""
) -> Wanted:
    """The plan with the bound and gap of the whole problem; `stop_reason` says plainly why it ended."""
    factor = money_factor(wide.structure)
    if factor != 1.0:
        wide, limits = replace(wide, structure=multiplied(wide.structure, factor)), scaled_limits(limits, factor)
        progress = told_in_m_usd(progress, factor)
    found = _WideSearch(instance, sets, wide, limits, progress, log_file, factor).run()
    if factor == 1.0:
        return found
    scaled = {k: v / factor if k.endswith("_musd") and v is not None else v for k, v in found.certificate.items()}
    return Wanted(in_m_usd(found.outcome, limits, factor), found.point, found.serving, scaled)


class _WideSearch:
    def __init__(
        self,
        instance: Instance,
        sets: Sets,
        wide: Wide,
        limits: Limits,
        progress: Progress | None,
        log_file: str,
        factor: float,
    ) -> None:
        self.instance, self.sets, self.wide, self.limits, self.factor = instance, sets, wide, limits, factor
        self.progress, self.log_file = progress, log_file
        self.began = time.perf_counter()
        self.bound = -np.inf
        self.plan: Built | None = None
        self.phases: list[Mapping[str, Any]] = []
        self.none = False
        """Whether the whole problem is known to have no plan."""
        self.kinds = kinds_of(wide.model, wide.structure)

    def left_s(self) -> float:
        return self.limits.time_limit_s - (time.perf_counter() - self.began)

    def run(self) -> Wanted:
        until = self.began + SHARE_LP * self.limits.time_limit_s
        found = WholeLp(self.instance, self.sets, self.wide, self.limits, self.factor, until, self._tell).priced()
        if found.feasible and found.bound is None:
            found = replace(found, bound=dual_bound(self.wide, np.zeros(self.wide.rows)))
        certificate = certificate_of(self.wide, found)
        if not found.feasible:
            return Wanted(Outcome("infeasible", None, None, None, "infeasible", self._seconds()), {}, (), certificate)
        assert found.bound is not None
        if not np.isfinite(found.bound.value):
            return Wanted(Outcome("stopped", None, None, None, "time limit", self._seconds()), {}, (), certificate)
        self.bound = found.bound.value
        self.plan = found.plan
        reason = "time limit"
        over = self._proven() or (found.stopped and self.plan is not None)
        for window in () if over else _windows(found):
            everything = window is None or (self.wide.potential <= WRITABLE and self.plan is not None)
            if window is None and self.wide.potential > WRITABLE:
                break
            near = self.wide.all_columns() if everything else near_columns(self.wide, found, window or 0.0)
            columns = near if self.plan is None else np.union1d(near, self.plan.columns)
            reason = self._part(columns, everything, now=found.stopped)
            certificate = {**certificate, "last_part_columns": len(columns), "whole_part": everything}
            if everything or self._over(reason):
                break
        for columns, everything in () if over or found.stopped else self._last_resort():
            if self._over(reason):
                break
            reason = self._part(columns, everything, now=False)
            certificate = {**certificate, "last_part_columns": len(columns), "whole_part": everything}
        return self._result(INTERRUPTED if found.stopped else reason, certificate)

    def _over(self, reason: str) -> bool:
        """Whether there is nothing left to search for, or no time."""
        return self._proven() or self.left_s() <= 0 or reason.startswith("interrupted")

    def _last_resort(self) -> Iterator[tuple[Numbers, bool]]:
        """Parts where none near the prices has a plan: the cheapest ways to serve each request, then all there are."""
        if self.plan is None:
            yield columns_of(self.wide, cheap_points(self.wide)), False
        if self.plan is None:
            yield self.wide.all_columns(), True

    def _tell(self, phase: str) -> Say:
        def say(objective: float | None, bound: float | None) -> None:
            if self.progress is not None:
                self.progress(phase, objective, bound, None, self._seconds())

        return say

    def _seconds(self) -> float:
        return time.perf_counter() - self.began

    def _part(self, columns: Numbers, everything: bool, *, now: bool) -> str:
        """One MILP search over some columns; the reason why it ended. `now` leaves it time for a first plan alone."""
        share = 1.0 if everything else SHARE_PART
        limits = replace(self.limits, time_limit_s=0.0 if now else self.left_s() * share)
        kinds = self.kinds.of(columns)
        part = Part(self.wide, kinds, columns, everything, limits, self.progress, self.log_file, self._tell)
        found = searched(part, self.plan, self.bound, construct_first=not now)
        self.plan = found.plan
        if everything:
            self.bound = max(self.bound, found.bound)
            self.none = found.status == "infeasible"
        self.phases += found.phases
        return found.stop_reason

    def _proven(self) -> bool:
        gap = self._outcome("").gap
        return gap is not None and gap <= self.limits.gap + 1e-9

    def _outcome(self, reason: str) -> Outcome:
        plan, bound = self.plan, self.bound if np.isfinite(self.bound) else None
        if plan is None and self.none:
            return Outcome("infeasible", None, None, None, "infeasible", self._seconds(), tuple(self.phases))
        if plan is None:
            return Outcome("stopped", None, bound, None, reason, self._seconds(), tuple(self.phases))
        return replace(plan.outcome, status="feasible", bound=bound, stop_reason=reason, seconds=self._seconds(),
                       phases=tuple(self.phases))  # fmt: skip

    def _result(self, reason: str, certificate: Mapping[str, Any]) -> Wanted:
        outcome = self._outcome("time limit" if self.left_s() <= 0 and not reason.startswith("interr") else reason)
        point: dict[str, float] = {}
        serving: tuple[Key, ...] = ()
        values = outcome.values
        if self.plan is not None and values is not None and outcome.objective is not None:
            if outcome.bound is not None and contradicts(outcome.objective, outcome.bound):
                outcome = replace(outcome, bound=min(outcome.objective, certificate["dual_bound_musd"]))
            if self._proven():
                outcome = replace(outcome, status="optimal", stop_reason="gap reached")
            above = self.plan.columns[values != 0.0]
            names = self.wide.matrix(above).columns
            point = dict(zip(names, values[values != 0.0].tolist(), strict=True))
            slices, served = tuple(self.sets.slices), above[above >= self.wide.structural] - self.wide.structural
            serving = tuple(self.wide.serving.key(int(n), slices) for n in served)
        return Wanted(outcome, point, serving, {**certificate, "bound_musd": outcome.bound})


def _windows(found: Priced) -> tuple[float | None, ...]:
    """Windows of the parts to be searched, one after the other; None is the whole problem."""
    if not found.done:
        return (WINDOWS[0],)
    if found.value is None and found.guide is None:
        return (NEAR_PERIODS, None)
    return (*WINDOWS, None)
