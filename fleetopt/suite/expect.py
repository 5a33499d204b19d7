"""Whether expectations hold, judged from plans alone and no further than their bounds allow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleetopt.suite.runs import PLANNED
from fleetopt.suite.schema import Expectation, Use

_SLACK = 1e-9


@dataclass(frozen=True)
class Judgement:
    """An expectation and whether it holds, with the figures that say so."""

    expectation: Expectation
    holds: bool
    because: str


def judge(expectation: Expectation, plans: Mapping[str, Mapping[str, Any]]) -> Judgement:
    """Judge one expectation; `plans` is plan.json by scenario, `{}` for one that did not run."""
    missing = [name for name in expectation.scenarios if not plans.get(name)]
    if missing:
        return Judgement(expectation, False, f"{missing[0]} did not run")
    if expectation.cheaper:
        return _compare(expectation, *expectation.cheaper, plans)
    if expectation.never_cheaper:
        first, second = expectation.never_cheaper
        if plans[first]["status"] == "infeasible" and plans[second]["status"] in PLANNED:
            return Judgement(expectation, True, f"{first} is infeasible")
        return _compare(expectation, first, second, plans)
    if expectation.dearer_or_equal:
        return _compare(expectation, *expectation.dearer_or_equal, plans)
    if expectation.uses or expectation.avoids:
        return _look(expectation, plans)
    name = expectation.scenarios[0]
    status = plans[name]["status"]
    holds = status in PLANNED if expectation.feasible else status == "infeasible"
    return Judgement(expectation, holds, f"{name} is {status}")


def _compare(expectation: Expectation, first: str, second: str, plans: Mapping[str, Mapping[str, Any]]) -> Judgement:
    one, two = plans[first], plans[second]
    for name, plan in ((first, one), (second, two)):
        if plan["status"] not in PLANNED:
            return Judgement(expectation, False, f"{name} is {plan['status']}")
    slack = _SLACK * max(abs(one["objective_usd"]), 1.0)
    proven_cheaper = one["objective_usd"] < two["bound_usd"] - slack
    costs = f"{first} {_cost(one)}, {second} {_cost(two)}"
    return Judgement(expectation, proven_cheaper == bool(expectation.cheaper), costs)


def _cost(plan: Mapping[str, Any]) -> str:
    return f"{plan['objective_usd']:,.0f} USD (bound {plan['bound_usd']:,.0f})"


def _look(expectation: Expectation, plans: Mapping[str, Mapping[str, Any]]) -> Judgement:
    use = expectation.uses or expectation.avoids
    assert use is not None
    plan = plans[use.scenario]
    if plan["status"] not in PLANNED:
        return Judgement(expectation, False, f"{use.scenario} is {plan['status']}")
    found = uses(plan, use)
    because = f"{use.scenario} uses it: {found}" if found else f"{use.scenario} does not use it"
    return Judgement(expectation, bool(found) == bool(expectation.uses), because)


def uses(plan: Mapping[str, Any], use: Use) -> str:
    """The first purchase, placement or training run of a plan that matches, in words; empty where there is none."""
    wanted = {name: value for name in ("system", "site", "vendor", "workload") if (value := getattr(use, name))}
    deployments = plan.get("deployments", {})
    placed = [
        deployments[placement["deployment"]]
        for placement in plan.get("placements", ())
        if any(rate > 0 for rate in placement["served_per_s"].values())
    ]
    lines = [("purchase", line) for line in plan.get("purchases", ())]
    lines += [("placement", line) for line in placed]
    lines += [("training", line) for line in plan.get("training_runs", ())]
    for kind, line in lines:
        if all(line.get(name) == value for name, value in wanted.items()):
            what = " ".join(str(line[name]) for name in ("workload", "system", "site") if line.get(name))
            return f"{kind} {what}"
    return ""
