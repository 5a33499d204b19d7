"""What plan.md says of vendors' terms: order sizes, savings, shares of the business; nothing where there are none."""

from dataclasses import replace

from builders import tiny_instance
from everything import rich_instance, rich_plan

from fleetopt.plan import Plan
from fleetopt.report.markdown import plan_markdown
from fleetopt.report.text import power, usd
from fleetopt.report.vendors import vendor_sections
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


def rows(heading: str) -> list[list[str]]:
    """Cells of the table under a heading, without its header."""
    page = "\n".join(vendor_sections(the_plan(), rich_instance()))
    part = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in part.splitlines() if line.startswith("|")][2:]


def test_orders_are_counted_in_lots_over_all_sites() -> None:
    """Servers come in lots of two: as many lots as half of the units; satellites have a least order of two."""
    found = {(row[2], row[1]): row for row in rows("Orders in lots or of a least size")}
    for system, lots, least in (("gpu8", 2, "–"), ("sat", None, "2")):
        for period in the_plan().periods:
            bought = [p.units for p in the_plan().purchases if (p.system, p.period) == (system, period)]
            if bought:
                row = found[system, period]
                assert row[3] == f"{sum(bought):,.0f}" and row[5] == least
                assert row[4] == (f"{sum(bought) / lots:,.0f} of {lots}" if lots else "–")


def test_savings_add_up() -> None:
    """A row for each saving in the plan, and their sum above."""
    plan = the_plan()
    assert len(rows("Volume discounts")) == len(plan.discounts) > 1
    total = usd(sum(d.saving_usd for d in plan.discounts))
    assert f"{total} off list prices" in "\n".join(vendor_sections(plan, rich_instance()))


def test_a_discount_out_of_reach_is_said_so() -> None:
    """A discount of which nothing came names the spend at which it would begin."""
    steps = [{"from_usd": 9e9, "discount": 0.5}]
    instance = tiny_instance(supply={"discounts": [{"id": "v", "vendor": "acme", "kind": "all_units", "steps": steps}]})
    page = "\n".join(vendor_sections(Plan("tiny", "optimal", 0.0, 0.0, 0.0, 0.0, {}, ()), instance))
    assert "v of acme: no step is reached; the first begins at $9,000.00 M" in page


def test_shares_are_of_all_spending() -> None:
    """Each vendor's share, the largest first, and the limit where there is one: together 100 %."""
    found = rows("Vendors' shares")
    assert abs(sum(float(row[2].removesuffix(" %")) for row in found) - 100) < 0.3
    assert [row[3] for row in found if row[0] == "cloudco"] == ["90.0 %"]


def test_without_terms_there_are_no_sections() -> None:
    """An instance without lots, discounts or shares has none of these tables."""
    systems = [system.model_copy(update={"lot": None, "min_order": None}) for system in rich_instance().systems]
    instance = tiny_instance().model_copy(update={"systems": tuple(systems)})
    assert vendor_sections(replace(the_plan(), discounts=()), instance) == []


def test_rental_classes_and_terms_are_named() -> None:
    """A contract's class stands with its system, and a lease for two quarters in the columns of both."""
    page = plan_markdown(the_plan(), rich_instance())
    assert "| cloud8 (spot) |" in page and "| cloud8 (reserved) |" in page
    (leased,) = {power(build.power_kw) for build in the_plan().power_builds if build.source == "lease"}
    assert f"| virginia | {leased} | {leased} |" in page
