"""The section on carbon: every tonne of the plan, and the budget beside it."""

from dataclasses import replace

import pytest
from everything import rich_instance, rich_plan
from handmade import plan

from fleetopt.plan import Plan
from fleetopt.report.carbon import carbon_section
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


def rows(lines: list[str]) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("|")][2:]


def number(cell: str) -> float:
    return float(cell.replace(",", ""))


def test_sources_leases_and_launches_add_up_to_all() -> None:
    """Each column adds up to its total to three digits, and the totals are the plan's; the budget of 1 Mt follows."""
    made = the_plan()
    *parts, total, budget = rows(carbon_section(made, rich_instance()))
    assert {part[1] for part in parts} == {e.source for e in made.carbon} >= {"gas", "lease", "launch"}
    for column, period in enumerate(made.periods, start=2):
        tonnes = sum(e.tonnes for e in made.carbon if e.period == period)
        assert number(total[column]) == pytest.approx(tonnes, rel=5e-3)
        assert sum(number(part[column]) for part in parts) == pytest.approx(tonnes, rel=5e-3)
        assert budget[column] == "1,000,000"


def test_without_carbon_or_budget_nothing_is_said() -> None:
    """A plan that emits nothing has no section, unless a budget was set."""
    clean = replace(plan(), carbon=())
    free = rich_instance().model_copy(
        update={"finance": rich_instance().finance.model_copy(update={"carbon_budget_t": ()})}
    )
    assert carbon_section(clean, free) == []
    assert carbon_section(clean, rich_instance())
