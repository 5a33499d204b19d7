"""A plan's whole numbers as columns of its model: what an explanation holds while it asks what the rest is worth."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from fleetopt.errors import UsageError
from fleetopt.model.build import Model
from fleetopt.model.context import Context
from fleetopt.model.variables import LEASE, bought
from fleetopt.plan import Plan
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.solver import Limits, solve_highs

Values = Mapping[tuple[Any, ...], float]
"""By key of a column family; keys that are absent are 0."""


def hold(model: Model, matrix: Matrix, plan: Plan) -> Matrix:
    """The problem with every whole column held at the plan's value.

    Whole columns that a plan does not write (those that follow from the rest) are found by a small solve. Raises
    UsageError where there is none that fits.
    """
    known = np.full(len(matrix.columns), np.nan)
    for family, read in _READERS.items():
        values = read(model.context, plan)
        for key, column in getattr(model.context.var, family).items():
            known[matrix.index[column.name]] = values.get(key, 0.0)
    said = matrix.integer & ~np.isnan(known)
    held = matrix.fixed(said, np.where(said, known, 0.0))
    if held.integer.any():
        outcome = solve_highs(held, Limits(gap=0.0, time_limit_s=float("inf")), phase="hold")
        if outcome.values is None:
            raise UsageError(
                f"no operation fits the plan's whole numbers ({outcome.stop_reason}); try `fleetopt verify`"
            )
        held = held.fixed(held.integer, np.round(outcome.values))
    return held


def _buy(m: Context, plan: Plan) -> Values:
    index = m.instance.time.period_index
    units: Counter[tuple[Any, ...]] = Counter()
    for p in plan.purchases:
        if p.acquisition == "buy":
            units[p.system, p.site, index(p.period)] += p.units  # type: ignore[assignment]
    return units


def _mem(m: Context, plan: Plan) -> Values:
    index = m.instance.time.period_index
    return {(p.tier, p.site, index(p.period)): p.units for p in plan.memory_purchases if p.acquisition == "buy"}


def _build(m: Context, plan: Plan) -> Values:
    index = m.instance.time.period_index
    return {(p.source, p.site, index(p.period)): p.blocks for p in plan.power_builds if p.source != LEASE}


def _open(m: Context, plan: Plan) -> Values:
    index = m.instance.time.period_index
    periods = range(len(m.sets.periods))
    return {(o.site, t): 1.0 for o in plan.sites_opened for t in periods if t >= index(o.period)}


def _retire(m: Context, plan: Plan) -> Values:
    index = m.instance.time.period_index
    cohorts = {f"bought-{period}": bought(t) for t, period in enumerate(m.sets.periods)}
    return {(r.system, r.site, cohorts.get(r.cohort, r.cohort), index(r.period)): r.units for r in plan.retirements}


def _keep(m: Context, plan: Plan) -> Values:
    index = m.instance.time.period_index
    loaded: dict[tuple[Any, ...], float] = defaultdict(float)
    for p in plan.placements:
        key = (p.deployment, index(p.period))
        loaded[key] = max(loaded[key], p.replicas)
    return loaded


def _train(m: Context, plan: Plan) -> Values:
    return {(run.candidate,): 1.0 for run in plan.training_runs}


def _active(m: Context, plan: Plan) -> Values:
    index = m.instance.time.period_index
    return {(run.candidate, index(t)): 1.0 for run in plan.training_runs for t, x in run.share_of_period.items() if x}


_READERS: Mapping[str, Callable[[Context, Plan], Values]] = {
    "buy": _buy,
    "mem": _mem,
    "build": _build,
    "open": _open,
    "retire": _retire,
    "keep": _keep,
    "train": _train,
    "active": _active,
}
