"""Plans that cost nearly the same and differ most in what is bought, from whom, or where.

Hop, skip, jump: what plans so far spend on each system, vendor or site is minimised within the cost allowed; the plan
kept is the cheapest one that spends about as little on them. So its cost is what the difference really takes, and not
whatever the allowance leaves to waste.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.plan import Plan
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.read import read_plan
from fleetopt.solve.resolve import Budget, Say, with_row
from fleetopt.solve.solver import Limits, Outcome
from fleetopt.solve.stages import search

By = Literal["systems", "vendors", "sites"]
KINDS: tuple[By, ...] = get_args(By)
LEAST_DISTANCE = 0.01
"""Plans that differ in less of the money spent, from any plan before, are the same to a planner."""
GIVE = 0.05
"""Share of what was avoided that the cheapest plan may spend on it after all."""
HOP_GAP = 0.02
"""Gap at which the least use is known well enough."""


@dataclass(frozen=True)
class Alternative:
    """One more way, at nearly the same cost."""

    plan: Plan
    """Its bound is that of the best plan: no plan at all costs less."""
    by: By
    """In what it was made to differ."""
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
    budget, found = Budget(limits.time_limit_s, 2 * most), list[Alternative]()
    open_kinds = [by for by in KINDS if len(_keys(model, by)) > 1]
    while open_kinds and len(found) < most:
        for by in tuple(open_kinds):
            if len(found) == most:
                break
            say(f"looking for plan {len(found) + 1} of {most}, other {by}")
            before = [plan, *(a.plan for a in found)]
            other = _other(model, allowed, plan, before, by, limits, budget)
            apart = {kind: min(distance(other, b, kind) for b in before) for kind in KINDS} if other else {}
            if other is None or apart[by] < LEAST_DISTANCE:
                open_kinds.remove(by)
            else:
                found.append(Alternative(other, by, apart))
    return tuple(found)


def spend(plan: Plan, by: By) -> Counter[str]:
    """Undiscounted USD of purchases and rents by system, vendor or site."""
    usd: Counter[str] = Counter()
    for p in plan.purchases:
        usd[{"systems": p.system, "vendors": p.vendor, "sites": p.site}[by]] += p.cost_usd  # type: ignore[assignment]
    return usd


def distance(a: Plan, b: Plan, by: By) -> float:
    """Share of the money spent that goes to other systems, vendors or sites: 0 the same, 1 nothing in common."""
    mine, theirs = spend(a, by), spend(b, by)
    if not (total_a := sum(mine.values())) or not (total_b := sum(theirs.values())):
        return float(bool(sum(mine.values())) != bool(sum(theirs.values())))
    return 0.5 * sum(abs(mine[k] / total_a - theirs[k] / total_b) for k in sorted(mine.keys() | theirs.keys()))


def _keys(model: Model, by: By) -> set[str]:
    """What could be bought, from whom, or where."""
    return {_key(model, key, by) for family in (model.context.var.buy, model.context.var.rent) for key in family}


def _key(model: Model, key: tuple[object, ...], by: By) -> str:
    system, site = str(key[0]), str(key[1])
    return {"systems": system, "vendors": model.context.sets.systems[system].vendor, "sites": site}[by]


def _other(
    model: Model, allowed: Matrix, plan: Plan, before: list[Plan], by: By, limits: Limits, budget: Budget
) -> Plan | None:
    """The cheapest plan that spends about as little as can be on what the plans before use; None where none is apart."""
    times = Counter(key for b in before for key, usd in spend(b, by).items() if usd > 0)
    use = np.zeros(len(allowed.columns))
    for family in (model.context.var.buy, model.context.var.rent):
        for key, column in family.items():
            at = allowed.index[column.name]
            use[at] = max(float(allowed.cost[at]), 0.0) * times[_key(model, key, by)]
    hop = search(model, replace(allowed, cost=use, offset=0.0), replace(budget.share(limits), gap=HOP_GAP))
    budget.spend(hop)
    if hop.objective is None:
        return None
    used = _used(model, before[0], use, allowed)
    most_use = hop.objective + GIVE * max(used - hop.objective, 0.0) + 1e-9
    terms = {int(column): float(use[column]) for column in np.flatnonzero(use)}
    bounded = with_row(allowed, "used", terms, -np.inf, most_use) if terms else allowed
    cheapest = search(model, bounded, budget.share(limits))
    budget.spend(cheapest)
    if cheapest.values is None:
        return None
    outcome: Outcome = replace(cheapest, bound=plan.bound_usd / USD_PER_MUSD)
    return read_plan(model, bounded, outcome, plan.gap_target, plan.rejections, plan.provenance).plan


def _used(model: Model, plan: Plan, use: np.ndarray, matrix: Matrix) -> float:
    """What a plan spends in the measure that is minimised, in M$."""
    index, total = model.context.instance.time.period_index, 0.0
    for p in plan.purchases:
        family = model.context.var.buy if p.acquisition == "buy" else model.context.var.rent
        column = family[p.system, p.site, index(p.period)]
        total += p.units * float(use[matrix.index[column.name]])
    return total
