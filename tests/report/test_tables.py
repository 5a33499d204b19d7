"""tables/*.csv: every entry of the plan, figures in full, and no cell that a spreadsheet would run."""

import csv
import io
from dataclasses import replace

import pytest
from everything import rich_instance, rich_plan

from fleetopt.plan import Plan
from fleetopt.report.tables import ENTRIES, tables
from fleetopt.report.text import safe_cell
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


def rows(plan: Plan, name: str) -> list[dict[str, str]]:
    """A table as its CSV reads back."""
    text = tables(plan, rich_instance())[name].to_csv(index=False, lineterminator="\n")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_entry_has_its_row() -> None:
    """Lists of the plan have as many rows as entries; points, placements and shares a row a bucket or period."""
    plan = the_plan()
    for name, (field, _) in ENTRIES.items():
        assert len(rows(plan, name)) == len(getattr(plan, field)) > 0
    assert len(rows(plan, "deployments")) == sum(len(d.points) for d in plan.deployments)
    assert len(rows(plan, "placements")) == sum(max(len(p.served_per_s), 1) for p in plan.placements)
    assert len(rows(plan, "training")) == sum(len(r.share_of_period) for r in plan.training_runs)
    assert len(rows(plan, "rejections")) == len(plan.rejections)


def test_cost_lines_add_up_to_their_total_exactly_as_in_the_plan() -> None:
    """The figures read back are the plan's to the last digit; the last row is the objective."""
    plan = the_plan()
    found = {row["line"]: float(row["usd"]) for row in rows(plan, "cost_lines")}
    assert found.pop("total") == plan.objective_usd
    assert found == dict(plan.cost_lines)
    assert sum(found.values()) == pytest.approx(plan.objective_usd, rel=1e-11)


def test_purchases_read_back_as_they_are() -> None:
    """Units and prices of every purchase come back as the same numbers."""
    plan = the_plan()
    found = [(row["system"], float(row["units"]), float(row["cost_usd"])) for row in rows(plan, "purchases")]
    assert found == [(p.system, p.units, p.cost_usd) for p in plan.purchases]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1"])
def test_text_cannot_start_a_formula(text: str) -> None:
    """Such a vendor is written with an apostrophe before it; a negative number stays a number."""
    plan = the_plan()
    plan = replace(plan, purchases=(replace(plan.purchases[0], vendor=text),))
    assert rows(plan, "purchases")[0]["vendor"].startswith("'")
    assert safe_cell(-1.5) == -1.5
    assert safe_cell("acme - the vendor") == "acme - the vendor"


def test_an_empty_table_keeps_its_header() -> None:
    """Without retirements the file still says what would stand there."""
    text = tables(replace(the_plan(), retirements=()), rich_instance())["retirements"].to_csv(index=False)
    assert text.strip() == "period,site,system,cohort,units,resale_usd"


def test_tables_come_in_the_same_order_with_the_same_bytes() -> None:
    """Two calls give the same files."""
    one, two = (tables(the_plan(), rich_instance()) for _ in range(2))
    assert list(one) == list(two) == sorted(one)
    assert [t.to_csv(index=False) for t in one.values()] == [t.to_csv(index=False) for t in two.values()]
