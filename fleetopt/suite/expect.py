"""Whether expectations hold, judged from plans alone and no further than their bounds allow."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleetopt.suite.flip import FlipFound
from fleetopt.suite.look import found
from fleetopt.suite.runs import PLANNED
from fleetopt.suite.schema import Expectation

_SLACK = 1e-9


@dataclass(frozen=True)
class Judgement:
    """An expectation and whether it holds, with the figures that say so."""

    expectation: Expectation
    holds: bool
    because: str
    known: bool = True
    """Whether what it speaks of has run to an end; if not it does not count as holding."""


def judge(
    expectation: Expectation, plans: Mapping[str, Mapping[str, Any]], flips: Mapping[str, FlipFound] | None = None
) -> Judgement:
    """Judge one expectation; `plans` is plan.json by scenario, `{}` for one that did not run, `flips` what they found.

    A scenario looked into for kinds of systems or sites must know which those are (`Look.among`).
    """
    if expectation.flip:
        return _flip(expectation, (flips or {}).get(expectation.flip))
    missing = [name for name in expectation.scenarios if not plans.get(name)]
    if missing:
        return Judgement(expectation, False, f"{missing[0]} did not run", known=False)
    if expectation.sides:
        return _costs(expectation, plans)
    if expectation.uses or expectation.avoids:
        return _look(expectation, plans)
    name = expectation.scenarios[0]
    status = plans[name]["status"]
    holds = status in PLANNED if expectation.feasible else status == "infeasible"
    return Judgement(expectation, holds, f"{name} is {status}")


def _costs(expectation: Expectation, plans: Mapping[str, Mapping[str, Any]]) -> Judgement:
    """Compare two sides; a sum is known no better than all its bounds together."""
    first, second = expectation.sides
    unplanned = [name for name in (*first, *second) if plans[name]["status"] not in PLANNED]
    if unplanned:
        sure = expectation.never_cheaper is not None and set(unplanned) <= set(first)
        infeasible = [name for name in unplanned if plans[name]["status"] == "infeasible"]
        if sure and infeasible:
            return Judgement(expectation, True, f"{infeasible[0]} is infeasible")
        return Judgement(expectation, False, f"{unplanned[0]} is {plans[unplanned[0]]['status']}")
    one, two = _sum(first, plans), _sum(second, plans)
    slack = _SLACK * max(abs(one.cost_usd), 1.0)
    limit = two.bound_usd - (expectation.by or 0.0) * abs(two.cost_usd)
    proven_cheaper = one.cost_usd < limit - slack
    costs = f"{' + '.join(first)} {one}, {' + '.join(second)} {two}"
    if two.cost_usd > 0 and one.cost_usd > 0:
        costs += f": {_beside(one.cost_usd, two.cost_usd)}"
    return Judgement(expectation, proven_cheaper == bool(expectation.cheaper), costs)


@dataclass(frozen=True)
class _Sum:
    cost_usd: float
    bound_usd: float

    def __str__(self) -> str:
        return f"{self.cost_usd:,.0f} USD (bound {self.bound_usd:,.0f})"


def _sum(names: tuple[str, ...], plans: Mapping[str, Mapping[str, Any]]) -> _Sum:
    costs, bounds = ([plans[name][key] for name in names] for key in ("objective_usd", "bound_usd"))
    return _Sum(math.fsum(costs), math.fsum(bounds))


def _beside(one: float, two: float) -> str:
    part = (one - two) / two
    return "the same" if abs(part) < 5e-6 else f"{abs(100 * part):.3g} % {'less' if part < 0 else 'more'}"


def _flip(expectation: Expectation, flip: FlipFound | None) -> Judgement:
    """Whether a flip is there, and where it was expected."""
    if flip is None or any(point.state == "unknown" for point in flip.points):
        return Judgement(expectation, False, f"{expectation.flip} did not run to its end", known=False)
    if expectation.never_flips:
        said = f"first flips at {flip.brackets[0].said}" if flip.brackets else f"{flip.points[0].state} throughout"
        return Judgement(expectation, not flip.brackets, said)
    assert expectation.flips is not None
    if not flip.brackets:
        return Judgement(expectation, False, f"{flip.points[0].state} throughout")
    between = expectation.flips.between
    return Judgement(expectation, flip.lies(between) if between else True, f"flips at {flip.brackets[0].said}")


def _look(expectation: Expectation, plans: Mapping[str, Mapping[str, Any]]) -> Judgement:
    use = expectation.uses or expectation.avoids
    assert use is not None
    plan = plans[use.scenario]
    if plan["status"] not in PLANNED:
        return Judgement(expectation, False, f"{use.scenario} is {plan['status']}")
    words = found(plan, use)
    because = f"{use.scenario} uses it: {words}" if words else f"{use.scenario} does not use it"
    return Judgement(expectation, bool(words) == bool(expectation.uses), because)
