"""The rows behind every report: dates, payments that come to the objective, years that come to the payments."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from builders import tiny_instance
from draw import drawn
from everything import rich_instance, rich_plan
from handmade import plan, purchase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleetopt.instance.load import load_dict
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.plan import MemoryPurchase, Plan, Retirement
from fleetopt.report.rows import Table, report_tables
from fleetopt.report.rows.dates import order_by, starts
from fleetopt.report.rows.worth import Worth
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.memory import capacity_gb
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness

CENT = 0.005
RULES: tuple[dict[str, Any], ...] = (
    {"residual": "annuity"},
    {"residual": "straight_line"},
    {"residual": "table", "residual_table": [[0.0, 0.8], [0.3, 0.5], [0.7, 0.2]]},
)


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


def cells(table: Table, row: int = 0) -> dict[str, Any]:
    """A row by column."""
    return {column.id: value for column, value in zip(table.columns, table.rows[row], strict=True)}


def test_the_last_day_to_order_is_the_lead_time_before_service() -> None:
    """Seven months before October 2027 is the first of March; half a month more, 15 days earlier; none, that day."""
    assert order_by("2027q4", 7.0, "2027q1") == date(2027, 3, 1)
    assert order_by("2027q4", 7.5, "2027q1") == date(2027, 2, 14)
    assert order_by("2028", 0.0, "2028") == starts("2028") == date(2028, 1, 1)


def test_no_order_is_due_before_the_period_it_is_placed_in() -> None:
    """A lead of 9 months and a bit from October would be in December 2026; the plan says the first quarter of 2027."""
    assert order_by("2027q4", 9.2, "2027q1") == date(2027, 1, 1)


def test_dates_stay_in_the_calendar() -> None:
    """A lead time of ten thousand years ends at the period of the order."""
    assert order_by("2027q4", 120_000.0, "2027q1") == date(2027, 1, 1)


def test_instalments_over_a_whole_life_are_worth_the_price() -> None:
    """A life of one quarter in a horizon of two: counted in full at delivery, 1.1^-0.25 for the second quarter."""
    worth = Worth(tiny_instance())
    assert worth.counted(0, 1) == pytest.approx(1.0)
    assert worth.counted(1, 1) == pytest.approx(1.1**-0.25)


def test_payments_of_a_plan_with_everything_come_to_every_cost_line() -> None:
    """The lines worked out from the plan's entries differ from plan.json by less than a cent each."""
    table = report_tables(the_plan(), rich_instance())["objective"]
    assert len(table.rows) == len(the_plan().cost_lines)
    assert table.values("difference_usd") == [0.0] * len(table.rows)
    parts = ("paid_usd", "reckoned_usd", "discounting_usd", "beyond_usd")
    assert sum(table.total(part) for part in parts) == pytest.approx(the_plan().objective_usd, abs=CENT)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6), st.sampled_from(RULES))
def test_payments_come_to_the_objective_under_every_residual_rule(seed: int, rule: dict[str, Any]) -> None:
    """Random small instances: each cost line, their sum, cash by period and capital by year agree to the cent."""
    raw, _ = drawn(seed)
    instance = load_dict({**raw, "finance": {**raw.get("finance", {}), **rule}}).instance
    found = solve(instance, SolveOptions(gap=1e-9)).plan
    if found.status == "infeasible":
        return
    tables = report_tables(found, instance)
    lines, cash, annual = tables["objective"], tables["cash"], tables["annual"]
    assert [usd for usd in lines.values("difference_usd") if usd] == []
    assert lines.total("objective_usd") == pytest.approx(found.objective_usd, abs=CENT)
    assert cash.total("cash_usd") == pytest.approx(lines.total("paid_usd"), abs=CENT)
    booked = annual.total("capital_usd") + annual.total("running_usd") - annual.total("sales_usd")
    assert booked == pytest.approx(lines.total("paid_usd"), abs=CENT)


def test_five_servers_by_hand() -> None:
    """Five of 300,000 USD over 20 quarters: 1.5 M$ in 2027, of which two quarters, 150,000, are written down."""
    tables = report_tables(plan(cost_lines={"systems": 0.0}), tiny_instance())
    year = cells(tables["annual"])
    assert (year["year"], year["capital_usd"], year["depreciation_usd"]) == (2027, 1_500_000.0, 150_000.0)
    assert year["book_usd"] == 1_350_000.0
    order = cells(tables["orders"])
    assert (order["order_by"], order["quantity"], order["total_usd"]) == (date(2027, 1, 1), 5.0, 1_500_000.0)
    parts = cells(tables["materials"])
    assert (parts["chips"], parts["chip_memory_gb"], parts["rated_kw"], parts["slots"]) == (40.0, 3200.0, 50.0, 5.0)
    assert parts["network_usd"] is None


def test_what_is_sold_early_is_written_off_then() -> None:
    """Two of five servers sold after one quarter: 2/5 x 1.5 M$ x 19/20 is written off, three go on for 45,000."""
    gone = Retirement("2027q2", "virginia", "gpu8", "bought-2027q1", 2.0, 0.0)
    tables = report_tables(plan(cost_lines={"systems": 0.0}, retirements=(gone,)), tiny_instance())
    year = cells(tables["annual"])
    assert year["written_off_usd"] == pytest.approx(570_000.0)
    assert year["depreciation_usd"] == pytest.approx(75_000.0 + 45_000.0)
    assert year["book_usd"] == pytest.approx(1_500_000.0 - 570_000.0 - 120_000.0)


def test_the_network_share_is_taken_out_of_the_price() -> None:
    """Of 360,000 USD with a network share of 20 %, 300,000 are the server."""
    instance = tiny_instance(systems={"gpu8": {"price": {"network_share": 0.2}}})
    bought = purchase(unit_price_usd=360_000.0, cost_usd=1_800_000.0)
    parts = cells(report_tables(plan(purchases=(bought,)), instance)["materials"])
    assert parts["network_usd"] == pytest.approx(300_000.0)
    assert parts["hardware_usd"] == pytest.approx(1_500_000.0)


def test_orders_add_up_to_what_is_spent() -> None:
    """List cost less discounts plus duty and launch, over all orders, is capital, rents and leases of the objective."""
    tables = report_tables(the_plan(), rich_instance())
    orders, plan_ = tables["orders"], the_plan()
    listed = [*plan_.purchases, *plan_.memory_purchases, *plan_.power_builds, *plan_.sites_opened]
    assert len(orders.rows) == len(listed) > 0
    assert orders.total("list_usd") == pytest.approx(math.fsum(entry.cost_usd for entry in listed))
    parts = ("list_usd", "discount_usd", "duty_usd", "launch_usd")
    assert orders.total("total_usd") == pytest.approx(sum(orders.total(part) for part in parts))
    assert orders.total("discount_usd") == pytest.approx(-math.fsum(d.saving_usd for d in plan_.discounts))


def test_room_for_memory_is_what_verify_finds() -> None:
    """Bundled, bought and rented memory of every tier, site and period agree with the independent witness."""
    instance, plan_ = rich_instance(), the_plan()
    ledger, table = Ledger(instance, plan_), report_tables(plan_, instance)["memory_tiers"]
    assert len(table.rows) > 0
    for n in range(len(table.rows)):
        row = cells(table, n)
        expected = capacity_gb(ledger, instance.tier(row["tier_id"]), row["site_id"], ledger.index[row["period"]])
        assert row["room_gb"] == pytest.approx(expected)
        assert row["held_gb"] <= row["room_gb"] * (1 + 1e-6)


def test_memory_bought_goes_after_its_life() -> None:
    """Memory of a quarter's life is there in the quarter of its delivery, and not in the next."""
    tier = {"id": "flash", "kind": "nvme", "price": {"usd_per_gb": 0.1}, "life_years": 0.25}
    bought = MemoryPurchase("2027q1", "virginia", "flash", "buy", 1.0, 1000.0, 100.0, 100.0, "2027q1")
    table = report_tables(plan(memory_purchases=(bought,)), tiny_instance(memory=[tier]))["memory_tiers"]
    assert table.values("period") == ["2027q1"]


def test_every_latency_stands_beside_its_target() -> None:
    """A row for each size and latency; what is slower than its target at p90 alone says so."""
    table = report_tables(the_plan(), rich_instance())["slo"]
    for n in range(len(table.rows)):
        row = cells(table, n)
        if row["target_s"] is None:
            assert row["met"] == "no target"
        elif row["p90_s"] is not None and row["p90_s"] > row["target_s"] * 1.000001:
            assert row["met"] in ("not at p90", "no")
        else:
            assert row["met"] == ("yes" if row["predicted_s"] <= row["target_s"] * 1.000001 else "no")
    assert {row["source"] for row in (cells(table, n) for n in range(len(table.rows)))} == {"predicted", "measured"}


def test_assumptions_say_where_they_come_from() -> None:
    """A catalogue system keeps its source, a price the instance gives says so, and what nobody gave is a default."""
    raw = {"use": "hgx-h100-8", "price": {"buy_usd": 123_456.0}}
    loaded = load_dict({**_tiny_raw(), "systems": [raw]}).instance
    bought = purchase(system="hgx-h100-8")
    found = report_tables(plan(purchases=(bought,), installed=(), deployments=(), placements=()), loaded)["assumptions"]
    rows = {(r["subject"], r["figure"]): r for r in (cells(found, n) for n in range(len(found.rows)))}
    assert rows["system", "price.buy_usd"]["origin"] == "the instance"
    assert rows["system", "price.buy_usd"]["value"] == 123_456.0
    assert rows["system", "power_kw"]["origin"] == "the catalogue"
    assert rows["chip", "memory_gb"]["source"]
    assert rows["chip", "memory_gb"]["confidence"]
    assert rows["chip", "memory_gb"]["date"]
    assert rows["finance", "carbon_usd_per_t"]["origin"].startswith("fleetopt's default")


def _tiny_raw() -> dict[str, Any]:
    from builders import tiny_raw

    return tiny_raw()


def test_changes_against_another_plan() -> None:
    """Two servers more than before is one change, priced."""
    now = plan(purchases=(purchase(units=7.0, cost_usd=2_100_000.0),))
    tables = report_tables(now, tiny_instance(), plan())
    change = cells(tables["changes"])
    assert (change["kind"], change["amount"], change["cost_usd"]) == ("more", 2.0, 600_000.0)
    assert "changes" not in report_tables(now, tiny_instance())


def test_figures_lose_the_noise_of_their_last_digits() -> None:
    """A tenth and two tenths make three tenths."""
    found = plan(cost_lines={"systems": 0.1 + 0.2}, objective_usd=0.3)
    table = report_tables(replace(found, purchases=(), installed=()), tiny_instance())["objective"]
    assert table.values("objective_usd") == [0.3]
