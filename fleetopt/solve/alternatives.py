"""Plans that cost nearly the same and differ most in what is bought, from whom, or where.

The money spent on one system, vendor or site of the plan is minimised within the cost allowed, the largest first; then,
hop, skip, jump, the money spent on all of them, weighted by their shares in the plans found so far. The plan kept is
the cheapest that spends about as little by that measure: so its cost is what the difference takes, and not whatever the
allowance leaves to waste.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.plan import Plan
from fleetopt.solve.acquired import acquisitions
from fleetopt.solve.held import hold
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.read import read_plan
from fleetopt.solve.resolve import Budget, Say, with_row
from fleetopt.solve.solver import Limits
from fleetopt.solve.stages import search
from fleetopt.solve.warm_lp import WarmLp

By = Literal["systems", "vendors", "sites"]
KINDS: tuple[By, ...] = get_args(By)
LEAST_DISTANCE = 0.01
"""Plans that differ in less of the money spent, from any plan before, are the same to a planner."""
GIVE = 0.05
"""Share of what was avoided that the cheapest plan may spend on it after all."""
LEAST_GAP = 0.02
"""Gap at which the least use is known well enough."""


SMALL = 0.05
"""Shares of the money below this are not worth a plan of their own."""


@dataclass(frozen=True)
class Direction:
    """What is to be spent less on."""

    by: By
    weights: Mapping[str, float]
    """By system, vendor or site."""

    @property
    def name(self) -> str:
        """`less gpu-server`, `other vendors`."""
        return f"less {next(iter(self.weights))}" if len(self.weights) == 1 else f"other {self.by}"


@dataclass(frozen=True)
class Alternative:
    """One more way, at nearly the same cost."""

    plan: Plan
    """Its bound is that of the best plan: no plan at all costs less."""
    direction: Direction
    distance: Mapping[By, float]
    """Share of the money spent that goes elsewhere than in the nearest plan before it."""


def alternatives(
    model: Model, matrix: Matrix, plan: Plan, within: float, most: int, limits: Limits, say: Say
) -> tuple[Alternative, ...]:
    """Up to `most` plans that cost at most `within` (a share) more than `plan`, each far from those before.

    `limits.time_limit_s` is for all searches together.
    """
    ceiling = plan.objective_usd / USD_PER_MUSD * (1 + within * np.sign(plan.objective_usd)) - matrix.offset
    priced = {column: float(cost) for column, cost in enumerate(matrix.cost) if cost}
    allowed = with_row(matrix, "allowed_cost", priced, -np.inf, ceiling)
    budget, found, tried = Budget(limits.time_limit_s, 3 * most), list[Alternative](), set[bytes]()
    values = WarmLp(hold(model, matrix, plan)).values
    kinds = [by for by in KINDS if len(_keys(model, by)) > 1]
    for direction in _directions(plan, found, kinds):
        use = _use(model, allowed, direction)
        if use.tobytes() in tried:
            continue
        tried.add(use.tobytes())
        say(f"looking for plan {len(found) + 1} of {most}: {direction.name}")
        other = _other(model, allowed, plan, float(use @ values), use, limits, budget)
        before = [plan, *(a.plan for a in found)]
        if other is not None and min(max(distance(other, b, by) for by in KINDS) for b in before) >= LEAST_DISTANCE:
            apart = {by: min(distance(other, b, by) for b in before) for by in KINDS}
            found.append(Alternative(other, direction, apart))
        if len(found) == most:
            break
    return tuple(found)


def _directions(plan: Plan, found: list[Alternative], kinds: list[By]) -> Iterator[Direction]:
    """Less of each thing the plan uses, by share; then less of what all plans use. `found` grows meanwhile."""
    parts = [(-share, by, key) for by in kinds for key, share in shares(plan, by).items() if share >= SMALL]
    for _, by, key in sorted(parts, key=lambda part: (part[0], KINDS.index(part[1]), part[2])):
        yield Direction(by, {key: 1.0})
    for by in kinds:
        weights: Counter[str] = Counter()
        for plan_ in [plan, *(a.plan for a in found)]:
            for key, share in shares(plan_, by).items():
                weights[key] += share  # type: ignore[assignment]
        if len(weights) > 1:
            yield Direction(by, dict(sorted(weights.items())))


def shares(plan: Plan, by: By) -> dict[str, float]:
    """Share of the money spent on each system, vendor or site."""
    money = spend(plan, by)
    total = sum(money.values())
    return {key: usd / total for key, usd in money.items()} if total else {}


def spend(plan: Plan, by: By) -> Counter[str]:
    """Undiscounted USD of purchases and rents by system, vendor or site."""
    usd: Counter[str] = Counter()
    for p in plan.purchases:
        usd[{"systems": p.system, "vendors": p.vendor, "sites": p.site}[by]] += p.cost_usd  # type: ignore[assignment]
    return usd


def distance(a: Plan, b: Plan, by: By) -> float:
    """Share of the money spent that goes to other systems, vendors or sites: 0 the same, 1 nothing in common."""
    mine, theirs = shares(a, by), shares(b, by)
    if not mine or not theirs:
        return float(mine != theirs)
    return 0.5 * sum(abs(mine.get(k, 0.0) - theirs.get(k, 0.0)) for k in sorted(mine.keys() | theirs.keys()))


def _keys(model: Model, by: By) -> set[str]:
    """What could be bought, from whom, or where."""
    return {_key(model, system, site, by) for system, site, _ in acquisitions(model)}


def _key(model: Model, system: str, site: str, by: By) -> str:
    return {"systems": system, "vendors": model.context.sets.systems[system].vendor, "sites": site}[by]


def _use(model: Model, matrix: Matrix, direction: Direction) -> Floats:
    """By column, M$ spent on what there should be less of."""
    use = np.zeros(len(matrix.columns))
    for system, site, column in acquisitions(model):
        at = matrix.index[column.name]
        weight = direction.weights.get(_key(model, system, site, direction.by), 0.0)
        use[at] = weight * max(float(matrix.cost[at]), 0.0)
    return use


def _other(
    model: Model, allowed: Matrix, plan: Plan, used: float, use: Floats, limits: Limits, budget: Budget
) -> Plan | None:
    """The cheapest plan that spends about as little as can be by the measure; None where the search found none.

    `used` is what the plan itself spends by it, in M$.
    """
    least = search(model, replace(allowed, cost=use, offset=0.0), replace(budget.share(limits), gap=LEAST_GAP))
    budget.spend(least)
    if least.objective is None:
        return None
    most = least.objective + GIVE * max(used - least.objective, 0.0) + 1e-9
    terms = {int(column): float(use[column]) for column in np.flatnonzero(use)}
    bounded = with_row(allowed, "less_use", terms, -np.inf, most)
    if least.stop_reason.startswith("interrupted"):
        return None
    cheapest = search(model, bounded, budget.share(limits))
    budget.spend(cheapest)
    if cheapest.values is None:
        return None
    outcome = replace(cheapest, bound=plan.bound_usd / USD_PER_MUSD)
    return read_plan(model, bounded, outcome, plan.gap_target, plan.rejections, plan.provenance).plan
