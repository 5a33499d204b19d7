"""Expectations are judged from plans, no further than their bounds allow."""

from collections.abc import Mapping
from typing import Any

import pytest

from fleetopt.suite.expect import judge
from fleetopt.suite.schema import Expectation
from fleetopt.suite.write import verdict

Plans = Mapping[str, Mapping[str, Any]]


def plan(objective_usd: float = 100.0, bound_usd: float = 99.0, **fields: Any) -> dict[str, Any]:
    """A plan.json with a cost, a bound, and the lists given."""
    return {"status": "optimal", "objective_usd": objective_usd, "bound_usd": bound_usd, **fields}


PLACED = plan(
    purchases=[{"system": "cs-3", "vendor": "Cerebras", "site": "oslo"}],
    deployments={
        "k1": {"workload": "chat", "system": "cs-3", "site": "oslo"},
        "k2": {"workload": "agents", "system": "h100", "site": "oslo"},
    },
    placements=[
        {"deployment": "k1", "served_per_s": {"b": 2.0}},
        {"deployment": "k2", "served_per_s": {"b": 0.0}},
    ],
    training_runs=[{"workload": "pretrain", "system": "gb200", "site": "texas"}],
)


def holds(plans: Plans, **relation: Any) -> bool:
    """Whether one relation holds."""
    return judge(Expectation.model_validate(relation), plans).holds


def test_cheaper_needs_proof() -> None:
    """100 is cheaper than 110 with bound 105; it is not proven cheaper than 101 with bound 99.5, nor than itself."""
    plans = {"a": plan(100, 99), "b": plan(110, 105), "c": plan(101, 99.5)}
    assert holds(plans, cheaper=("a", "b"))
    assert not holds(plans, cheaper=("a", "c"))
    assert not holds(plans, cheaper=("a", "a"))
    assert not holds(plans, cheaper=("b", "a"))


def test_dearer_or_equal_fails_only_where_the_opposite_is_proven() -> None:
    """100 is below 110's bound of 105, so the first is not dearer; 101 against 100 is, and so is 100 against 101."""
    plans = {"a": plan(100, 99), "b": plan(110, 105), "c": plan(101, 99.5)}
    assert not holds(plans, dearer_or_equal=("a", "b"))
    assert holds(plans, dearer_or_equal=("b", "a"))
    assert holds(plans, dearer_or_equal=("a", "c"))


@pytest.mark.parametrize("status, feasible", [("optimal", True), ("feasible", True), ("infeasible", False)])
def test_feasible_and_infeasible(status: str, feasible: bool) -> None:
    """A scenario with a plan is feasible, one proven to have none is infeasible."""
    plans = {"a": {"status": status}}
    assert holds(plans, feasible="a") is feasible
    assert holds(plans, infeasible="a") is not feasible


def test_a_run_stopped_without_a_plan_is_neither() -> None:
    """`no_plan` proves nothing: neither feasible nor infeasible holds."""
    plans = {"a": {"status": "no_plan"}}
    assert not holds(plans, feasible="a")
    assert not holds(plans, infeasible="a")


@pytest.mark.parametrize(
    "use, used",
    [
        ({"system": "cs-3"}, True),
        ({"system": "cs-3", "workload": "chat"}, True),
        ({"system": "cs-3", "workload": "agents"}, False),
        ({"vendor": "Cerebras"}, True),
        ({"vendor": "Groq"}, False),
        ({"site": "texas"}, True),
        ({"system": "gb200", "workload": "pretrain"}, True),
        ({"system": "h100"}, False),
    ],
)
def test_uses_and_avoids(use: dict[str, str], used: bool) -> None:
    """Purchases, placements that serve something, and training runs count; a placement that serves nothing does not."""
    assert holds({"a": PLACED}, uses={"scenario": "a", **use}) is used
    assert holds({"a": PLACED}, avoids={"scenario": "a", **use}) is not used


def test_a_scenario_without_a_plan_avoids_nothing() -> None:
    """Neither `uses` nor `avoids` holds of a scenario that is infeasible or did not run."""
    for plans in ({"a": {"status": "infeasible"}}, {"a": {}}):
        for relation in ("uses", "avoids"):
            assert not holds(plans, **{relation: {"scenario": "a", "system": "cs-3"}})


def test_what_did_not_run_is_not_known() -> None:
    """It counts as not holding, and the line says that nobody knows."""
    judgement = judge(Expectation(feasible="a"), {"a": {}})
    assert not judgement.holds and not judgement.known
    assert verdict(judgement) == "NOT KNOWN: a feasible (a did not run)"


def test_a_comparison_with_no_plan_does_not_hold() -> None:
    """Nothing is cheaper than a plan that does not exist, and the judgement says which one."""
    judgement = judge(Expectation(cheaper=("a", "b")), {"a": plan(), "b": {"status": "infeasible"}})
    assert not judgement.holds
    assert judgement.because == "b is infeasible"


def test_sums_are_compared_by_all_their_bounds_together() -> None:
    """100 + 100 is cheaper than 300 with bound 250; two plans of 100 are not cheaper than 201 with bound 199."""
    plans = {"a": plan(100, 99), "b": plan(100, 99), "c": plan(300, 250), "d": plan(201, 199)}
    assert holds(plans, cheaper=(["a", "b"], "c"))
    assert not holds(plans, cheaper=(["a", "b"], "d"))
    assert not holds(plans, cheaper=("c", ["a", "b"]))
    assert holds(plans, dearer_or_equal=("d", ["a", "b"]))


def test_by_how_much_is_part_of_the_claim() -> None:
    """100 is cheaper than 200 with bound 198 by 40 % (198 - 80 = 118), not by 50 % (198 - 100 = 98)."""
    plans = {"a": plan(100, 99), "b": plan(200, 198)}
    assert holds(plans, cheaper=("a", "b"), by=0.4)
    assert not holds(plans, cheaper=("a", "b"), by=0.5)


def test_a_sum_with_a_scenario_that_has_no_plan_is_none() -> None:
    """Nothing is cheaper than it; what is infeasible is never cheaper."""
    plans = {"a": plan(1, 1), "b": plan(100, 99), "c": {"status": "infeasible"}, "d": {"status": "no_plan"}}
    assert not holds(plans, cheaper=("a", ["b", "c"]))
    assert holds(plans, never_cheaper=(["a", "c"], "b"))
    assert not holds(plans, never_cheaper=(["a", "d"], "b"))
    assert not holds(plans, never_cheaper=("a", ["b", "c"]))
