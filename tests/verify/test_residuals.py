"""F2 under a residual rule, as the witness counts it: by hand, and against the programme on something of everything."""

import json
from dataclasses import replace
from typing import Any

import pytest
from builders import merge, tiny_instance, with_orbit
from everything import CHANGES
from handmade import failures, plan

from fleetopt.instance.schema import Instance
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.plan import Retirement, SiteOpening
from fleetopt.verify import verify_plan
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.money import LINES, check_money
from fleetopt.verify.worth import Worth

LINE = {"wacc": 0.0, "residual": "straight_line"}
TABLE = {"wacc": 0.0, "residual": "table", "residual_table": [[0.1, 0.6], [0.6, 0.1]]}
OLD = {"id": "old", "system": "gpu8", "site": "virginia", "units": 4, "in_service": "2025q1", "end_of_life": "2029q4"}


def total(name: str, instance: Instance, **fields: Any) -> float:
    """One cost line of the hand-made plan."""
    return sum(LINES[name](Ledger(instance, plan(instance, **fields))))


@pytest.mark.parametrize(("finance", "left"), [(LINE, 1_350_000), (TABLE, 900_000)])
def test_five_servers_are_paid_and_partly_left(finance: dict[str, Any], left: float) -> None:
    """1.5 M USD at once; after 2 of 20 quarters 90 % is left in a straight line, 60 % by the table."""
    instance = tiny_instance(finance=finance)
    assert total("systems", instance) == pytest.approx(1_500_000)
    assert total("residual", instance) == pytest.approx(-left)


def test_retired_units_give_up_what_would_be_left() -> None:
    """A held unit of 20 quarters, 8 of them over, sold at the start for 75,000 (12/20 of 125,000) gives up 10/20 of its
    list price of 300,000, though it was never charged; one bought in q1 and sold in q2 gives up the 90 % credited."""
    resale = {"gpu8": {"resale": {"first_share": 125 / 300}}}
    instance = tiny_instance(finance=LINE, systems=resale, fleet=[OLD])
    sold = Retirement("2027q1", "virginia", "gpu8", "old", 1.0, 75_000.0)
    assert total("residual", instance, retirements=(sold,)) == pytest.approx(-1_350_000 - 75_000 + 150_000)
    new = Retirement("2027q2", "virginia", "gpu8", "bought-2027q1", 1.0, 118_750.0)
    assert total("residual", instance, retirements=(new,)) == pytest.approx(-1_350_000 - 118_750 + 270_000)


def test_an_opening_is_paid_at_the_start_of_each_life() -> None:
    """The formula for a life of one quarter: paid twice within two, nothing left; of 80 quarters: once, 78/80 left."""
    opened = (SiteOpening("virginia", "2027q1", "2027q1", 1e6),)
    for life, paid, left in ((0.25, 2e6, 0.0), (20.0, 1e6, 975_000.0)):
        opening = {"virginia": {"opening": {"cost_usd": 1e6, "life_years": life}}}
        instance = tiny_instance(finance=LINE, sites=opening)
        assert total("site", instance, sites_opened=opened) == pytest.approx(paid)
        assert total("residual", instance, sites_opened=opened) == pytest.approx(-1_350_000 - left)


def test_shares_left_by_age() -> None:
    """By the table, straight between (0, 1), (0.1, 0.6), (0.6, 0.1) and (1, 0)."""
    worth = Worth(tiny_instance(finance=TABLE))
    ages = (0.0, 0.05, 0.1, 0.35, 0.6, 0.8, 1.0, 1.2)
    assert [worth.kept(age) for age in ages] == pytest.approx([1.0, 0.8, 0.6, 0.35, 0.1, 0.05, 0.0, 0.0])


def test_a_plan_charged_by_another_rule_is_caught() -> None:
    """The cost lines of a plan made under annuities do not pass where the instance says straight line."""
    annuity, line = tiny_instance(finance={"wacc": 0.0}), tiny_instance(finance=LINE)
    named = {name: amounts for name, amounts in LINES.items() if name not in ("launch_risk", "deorbit")}  # no orbit
    lines = {name: float(sum(amounts(Ledger(annuity, plan(annuity))))) for name, amounts in named.items()}
    objective = sum(lines.values())
    made = replace(plan(annuity), cost_lines=lines, objective_usd=objective, bound_usd=objective)
    assert failures(check_money, made, annuity) == []
    assert {f.split(":")[0] for f in failures(check_money, made, line)} == {
        "objective (residual)",
        "objective (systems)",
    }


@pytest.mark.parametrize("finance", [LINE, TABLE])
def test_model_and_witness_agree_on_something_of_everything(finance: dict[str, Any]) -> None:
    """Systems, satellites, memory, power, an opening, duty, resale: the plan's lines are the witness's to the digit,
    and a residual a thousandth larger is not."""
    instance = tiny_instance(**with_orbit(**merge(CHANGES, {"finance": {**finance, "wacc": 0.1}})))
    result = solve(instance, SolveOptions(gap=1e-3, time_limit_s=60.0))
    assert result.plan.verification is not None and result.plan.verification.failures == ()
    assert result.plan.cost_lines["residual"] < 0
    data = json.loads(json.dumps(result.plan.as_dict()))
    data["cost_lines"]["residual"] *= 1.001
    assert not verify_plan(instance, data).passed
