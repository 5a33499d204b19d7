"""A first plan by construction: round the LP's whole columns a few at a time, and repair what shared rows do not allow.

What is rounded goes up (units, sites, blocks, replicas), so that demand is met, but for retirements, which go down.
Each step is a warm LP that keeps every row: power, slots, budget, the order of openings, lots, least builds, discount
steps and whole replicas answer at once to what was rounded, and a unit bought early saves those later. A step that
leaves no point rounds each to its nearest, is halved where that leaves none either, and a single column that cannot go
the one way goes the other. Columns that lead others (sites, power, dear machines) come first. Where that ends without a
plan, a search near the last point stops at its first one.
"""

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np

from fleetopt.solve.dive import WHOLE, Dive
from fleetopt.solve.matrix import Flags, Floats, Indices, Matrix
from fleetopt.solve.money import money_factor, multiplied, times
from fleetopt.solve.solver import INTERRUPTED, Limits, Outcome, Status, solve_highs

SHARE = 0.2
"""Share of the fractional columns that a step rounds, unless told otherwise."""
OFTEN = 3
"""A column rounded so often is held where it is: without that two replicas may take turns for hundreds of steps."""
PATIENCE = 10
"""After so many steps without a point, what is at 0 or at many stays there."""
MANY = 20
"""From so many on one more or less is next to nothing."""
ROWS = 1e-6
"""How far a plan may be outside a row, as a share of its largest term."""
NEAR = 2.0
"""How far from the LP's point the search of last resort may move a whole column."""


def first_plan(
    matrix: Matrix, first: Flags, down: Flags, limits: Limits, *, interior_point: bool = False, share: float = SHARE
) -> Outcome:
    """A plan with the LP's bound; without values where there was no time for the LP, or none was found.

    `first` are whole columns to be rounded before the others, `down` those to be rounded down, and `share` what part of
    the fractional ones a step rounds. The time limit is for the LP, and for the search of last resort: steps are short,
    and go on to the end so that a plan does not depend on the clock. Ctrl-C does not stop them either, a second one
    goes through.
    """
    factor = money_factor(matrix)
    if factor != 1.0:
        found = first_plan(multiplied(matrix, factor), first, down, limits, interior_point=interior_point, share=share)
        return replace(found, objective=times(found.objective, 1 / factor), bound=times(found.bound, 1 / factor))
    began = time.perf_counter()
    if matrix.rows.nnz == 0:
        return solve_highs(matrix, limits, phase="first plan")
    dive = Dive(matrix, _options(limits, interior_point))
    bound = dive.outcome
    if bound.values is None:
        return bound
    plan = _settled(matrix, dive) if _Rounding(dive, matrix.integer, first, down, share).run() else None
    if plan is None:
        plan = _near(matrix, dive.values, limits)
    reason = INTERRUPTED if dive.interrupted else plan.stop_reason
    status: Status = "stopped" if plan.values is None else "feasible"
    return Outcome(status, plan.objective, bound.objective, plan.values, reason, time.perf_counter() - began)


def _options(limits: Limits, interior_point: bool) -> dict[str, Any]:
    options = {"threads": 1, "random_seed": limits.seed, "time_limit": float(max(limits.time_limit_s, 0.0))}
    return options | ({"solver": "ipm"} if interior_point else {})


class _Rounding:
    """Whole columns rounded until all are."""

    def __init__(self, dive: Dive, whole: Flags, first: Flags, down: Flags, share: float) -> None:
        self._dive, self._whole, self._first, self._down, self._share = dive, whole, first, down, share
        self._tries = np.zeros(len(whole), dtype=int)
        self._refused = 0
        self._closed: list[tuple[Indices, Floats, Floats]] = []
        """Columns held where they were whole, with their bounds before."""
        self._patience: float = PATIENCE

    def run(self) -> bool:
        """False where a column can go neither way."""
        while True:
            open_ = self._dive.fractional(self._whole & self._first)
            if not len(open_):
                open_ = self._dive.fractional(self._whole)
            if not len(open_):
                return True
            if self._refused >= self._patience:
                self._close()
            values = self._dive.values[open_]
            missing = np.where(self._down[open_], values - np.floor(values), np.ceil(values) - values)
            nearest = open_[np.argsort(missing, kind="stable")]
            if not self._step(nearest[: int(np.ceil(self._share * len(open_)))]) and not self._reopen():
                return False

    def _close(self) -> None:
        """Hold what is whole, and at 0 or at many: else what is left of a scarce thing goes round in fractions."""
        (lower, upper), values = self._dive.bounds, self._dive.values
        whole = self._whole & (np.abs(values - np.round(values)) <= WHOLE) & (lower < upper)
        still = np.flatnonzero(whole & ((values <= WHOLE) | (values >= MANY)))
        at = np.round(values[still])
        if len(still) and self._dive.take(still, at, at):
            self._closed.append((still, lower[still], upper[still]))

    def _reopen(self) -> bool:
        """Whether there is something to be set free, and it is; nothing is closed from then on."""
        closed, self._closed, self._patience = self._closed, [], math.inf
        return bool(closed) and all(self._dive.take(*each) for each in closed)

    def _step(self, columns: Indices) -> bool:
        """Round those of some columns that are still fractions: each its way, or each to its nearest where that leaves
        no point, for what is scarce cannot go up everywhere; else halve the step. A single one goes the other way, and
        stays there if it can: or two columns with one scarce thing between them would go on in turns."""
        dive, down = self._dive, self._down
        columns = columns[np.isin(columns, dive.fractional(np.ones_like(down)))]
        if not len(columns):
            return True
        values, up, often = dive.values[columns], ~down[columns], self._tries[columns] >= OFTEN
        nearest = values - np.floor(values) >= 0.5
        ways = ((up, often), (nearest, often)) if len(columns) > 1 else ((up, often), (~up, True), (~up, often))
        for way, held in ways:
            low, high = dive.rounded(columns, way)
            at = np.where(way, low, high)
            if dive.take(columns, np.where(held, at, low), np.where(held, at, high)):
                self._tries[columns] += 1
                return True
            self._refused += 1
        half = (len(columns) + 1) // 2
        return len(columns) > 1 and all(self._step(part) for part in (columns[:half], columns[half:]))


def _settled(matrix: Matrix, dive: Dive) -> Outcome | None:
    """The best plan with the whole numbers found, or None where rounding them exactly leaves none."""
    held = matrix.fixed(matrix.integer, np.round(dive.values))
    plan = solve_highs(held, Limits(gap=0.0, time_limit_s=math.inf), phase="first plan")
    if plan.values is None or matrix.violations(plan.values).max(initial=0.0) > ROWS:
        return None
    return plan


def _near(matrix: Matrix, point: Floats, limits: Limits) -> Outcome:
    """The first plan that a search near a point finds; without values where it finds none in time."""
    low = np.where(matrix.integer, np.floor(point) - NEAR, -np.inf)
    high = np.where(matrix.integer, np.ceil(point) + NEAR, np.inf)
    near = replace(matrix, lower=np.maximum(matrix.lower, low), upper=np.minimum(matrix.upper, high))
    any_ = replace(limits, gap=1.0, extra={"mip_max_improving_sols": 1})
    found = solve_highs(near, any_, phase="first plan")
    if found.values is not None or found.stop_reason.startswith("interrupted"):
        return found
    return solve_highs(matrix, any_, phase="first plan")
