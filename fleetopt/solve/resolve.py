"""A plan solved anew with something changed, and what the two costs say when neither is proven to the last dollar."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.plan import Plan
from fleetopt.solve.marginal import TRIES, Held, dual_usd, step_usd
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.solver import Limits, Outcome
from fleetopt.solve.stages import search
from fleetopt.solve.steps import Resource
from fleetopt.solve.warm_lp import WarmLp

LEAST_USD = 1.0
"""What is worth less, with nothing held whole, is not solved anew."""
Say = Callable[[str], None]
Sense = Literal["never dearer", "never cheaper"]
"""What a change can do to the optimum."""


@dataclass(frozen=True)
class Difference:
    """What a change does to the cost of the best plan, in USD: between `low` and `high`, as both searches prove."""

    usd: float | None
    """The costlier or cheaper plan found, minus the plan; None without one."""
    low_usd: float | None
    """None where the search proved nothing."""
    high_usd: float | None
    stop_reason: str
    cheaper_usd: float = 0.0
    """How much the new search beat the plan by although the change cannot help: the plan is not optimal."""


@dataclass(frozen=True)
class Resolved:
    """A resource with one more of it, everything decided anew."""

    resource: Resource
    difference: Difference


class Budget:
    """Seconds for several solves, shared out evenly over those still to come."""

    def __init__(self, seconds: float, solves: int) -> None:
        self._left, self._solves = seconds, solves

    def share(self, limits: Limits) -> Limits:
        """Limits of the next solve."""
        return replace(limits, time_limit_s=max(1.0, self._left / max(1, self._solves)))

    def spend(self, outcome: Outcome) -> None:
        """Count a solve."""
        self._left, self._solves = self._left - outcome.seconds, self._solves - 1


def difference(plan: Plan, outcome: Outcome, sense: Sense) -> Difference:
    """The change in cost from a plan to the outcome of a search with something changed.

    Where that can only help, the plan itself is still one: a search that found none has not made it dearer.
    """
    low = None if outcome.bound is None else outcome.bound * USD_PER_MUSD - plan.objective_usd
    if outcome.objective is None and sense == "never dearer" and outcome.status == "stopped":
        return Difference(0.0, None if low is None else min(low, 0.0), 0.0, outcome.stop_reason)
    if outcome.objective is None:
        return Difference(None, low, None, outcome.stop_reason)
    found = outcome.objective * USD_PER_MUSD - plan.objective_usd
    high = outcome.objective * USD_PER_MUSD - plan.bound_usd
    if sense == "never dearer":
        high = min(high, 0.0)
        return Difference(min(found, high), None if low is None else min(low, high), high, outcome.stop_reason)
    low = 0.0 if low is None else max(low, 0.0)
    return Difference(max(found, 0.0), low, max(high, low), outcome.stop_reason, max(-found, 0.0))


def headlines(held: Held, most: int) -> list[Resource]:
    """The resources worth a new plan: the dearest of each equation in turn, by the LP with nothing held whole.

    Nothing is held there because a price with the whole numbers held is often nought where one unit more would change
    them.
    """
    relaxed = WarmLp(held.matrix)
    ranked: dict[str, list[tuple[float, Resource]]] = defaultdict(list)
    for resource in (r for r in held.resources if r.headline):
        usd = abs(dual_usd(resource, relaxed.row_dual, relaxed.values))
        if not resource.looser or usd >= LEAST_USD:
            ranked[resource.equation].append((usd, resource))
    for id_, entries in ranked.items():
        entries.sort(key=lambda entry: -entry[0])
        worth = [(step_usd(held.matrix, relaxed, r), r) for _, r in entries[: TRIES * most]]
        sure = [(np.inf if usd is None else abs(usd), r) for usd, r in worth]
        ranked[id_] = sorted((e for e in sure if e[0] >= LEAST_USD), key=lambda entry: -entry[0])
    order: list[tuple[int, float, Resource]] = []
    for entries in ranked.values():
        order += [(place, -usd, resource) for place, (usd, resource) in enumerate(entries)]
    order.sort(key=lambda entry: entry[:2])
    return [resource for _, _, resource in order[:most]]


def with_one_more(
    model: Model, matrix: Matrix, plan: Plan, chosen: list[Resource], limits: Limits, say: Say, times: float = 1.0
) -> tuple[Resolved, ...]:
    """Each resource with one more of it, or `times` as much more; `limits.time_limit_s` is for all of them together."""
    budget, found = Budget(limits.time_limit_s, len(chosen)), []
    for number, resource in enumerate(chosen, start=1):
        say(f"re-solving {number} of {len(chosen)}: {resource.words}")
        outcome = search(model, resource.step.applied(matrix, times), budget.share(limits))
        budget.spend(outcome)
        sense: Sense = "never dearer" if resource.looser else "never cheaper"
        found.append(Resolved(resource, difference(plan, outcome, sense)))
        if outcome.stop_reason.startswith("interrupted"):
            break
    return tuple(found)


def with_row(matrix: Matrix, name: str, terms: dict[int, float], low: float, high: float = np.inf) -> Matrix:
    """The problem with one more row."""
    from scipy.sparse import csr_array, vstack

    columns = np.array(list(terms), dtype=np.int32)
    row = csr_array(
        (np.array(list(terms.values()), dtype=float), columns, np.array([0, len(columns)])),
        shape=(1, len(matrix.columns)),
    )
    return replace(
        matrix,
        row_names=(*matrix.row_names, name),
        rows=csr_array(vstack([matrix.rows, row], format="csr")),
        row_lower=np.append(matrix.row_lower, low),
        row_upper=np.append(matrix.row_upper, high),
    )
