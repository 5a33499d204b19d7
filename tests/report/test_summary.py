"""The few lines for the terminal."""

import re
from dataclasses import replace

from everything import rich_plan

from fleetopt.plan import Plan, Verification
from fleetopt.report.summary import headline
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


def test_the_first_line_is_status_cost_bound_and_gap() -> None:
    """1,234,567 USD at a bound of 1,200,000 is $1.23 M, $1.20 M, and a gap of 2.8 %."""
    plan = replace(the_plan(), status="feasible", objective_usd=1234567.0, bound_usd=1.2e6, gap=0.028, gap_target=0.001)
    assert headline(plan)[0] == "feasible: $1.23 M ($1,234,567), bound $1.20 M, gap 2.8000% (target 0.1000%)"


def test_unserved_demand_and_failed_checks_come_before_orders() -> None:
    """What is wrong is said before what to buy."""
    plan = replace(the_plan(), verification=Verification(False, 10, ("D1 (a): expected 1, found 2",)))
    lines = headline(plan)
    assert lines[1].startswith("unserved: ")
    assert lines[2] == "NOT VERIFIED: 1 of 10 checks failed"
    assert lines[3].startswith("to order in 2027q1: ")


def test_the_dearest_first_orders_are_named() -> None:
    """The first order is the dearest of the first period, and the count says how many lines there are in all."""
    lines = headline(the_plan(), most=1)
    assert lines[-2] == "  open guian: $10.00 M"
    assert lines[-1].startswith("  and ")


def test_rental_classes_and_leases_are_told_apart() -> None:
    """What is rented says its class, fractions to the hundredth, and powered space is leased, not built."""
    lines = "\n".join(headline(the_plan(), most=20))
    assert " x cloud8 for virginia (rent, spot): " in lines
    assert " kW of lease at virginia (lease): " in lines
    assert re.search(r"  \d+\.\d{3,} x", lines) is None


def test_without_a_plan_the_line_says_so() -> None:
    """An infeasible run has no figures."""
    assert headline(Plan("x", "infeasible", 0.0, 0.0, 0.0, 0.001, {}, ())) == ["infeasible: there is no plan"]


def test_a_plan_that_buys_nothing_says_so() -> None:
    """The fleet that is there serves everything."""
    plan = replace(the_plan(), purchases=(), memory_purchases=(), power_builds=(), sites_opened=())
    assert headline(plan)[-1] == "nothing to order"
