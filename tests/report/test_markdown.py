"""plan.md: totals equal the objective, text of an instance shows as it stands, the same plan gives the same page."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from everything import rich_instance, rich_plan

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan, Verification
from fleetopt.report.fleet import fleet_section
from fleetopt.report.markdown import plan_markdown
from fleetopt.report.text import whole_usd
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness

NASTY = "<script>alert(1)</script> a|b **c** _d_ [e](http://f) `g`"


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


def renamed() -> Instance:
    """The instance with names that try to be markup, in every text a report shows."""
    raw: dict[str, Any] = json.loads(rich_instance().model_dump_json())
    for section in ("workloads", "systems", "sites", "memory"):
        for item in raw[section]:
            item["name"] = NASTY
    return Instance.model_validate({**raw, "title": NASTY, "notes": f"# {NASTY}\n\n- {NASTY}"})


def table_rows(page: str, heading: str) -> list[list[str]]:
    """Cells of the table under a heading, without its header."""
    part = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows[2:]]


def amount(cell: str) -> float:
    return float(cell.replace("$", "").replace(",", "").replace("*", ""))


def test_the_cost_table_is_the_objective() -> None:
    """Every cost line that is not nought stands there, and lines and total agree to half a dollar a line."""
    plan = the_plan()
    rows = table_rows(plan_markdown(plan, rich_instance()), "What it costs")
    assert len(rows) == 1 + sum(1 for usd in plan.cost_lines.values() if usd)
    assert amount(rows[-1][1]) == round(plan.objective_usd, 2)
    assert sum(amount(row[1]) for row in rows[:-1]) == pytest.approx(plan.objective_usd, abs=0.5 * len(rows))
    assert sum(float(row[2].removesuffix(" %")) for row in rows[:-1]) == pytest.approx(100.0, abs=0.05 * len(rows))


def test_the_head_says_cost_bound_gap_and_checks() -> None:
    """The first paragraphs carry the objective in full, the gap, and the number of checks."""
    plan = the_plan()
    head = plan_markdown(plan, rich_instance()).split("## ")[0]
    assert whole_usd(plan.objective_usd) in head
    assert f"gap {plan.gap:.4%}" in head
    assert f"{plan.verification.checks:,} checks" in head if plan.verification else False


def test_purchases_stand_in_order_of_their_order_date_and_add_up() -> None:
    """A row for each purchase; their list costs are those of the plan."""
    plan = the_plan()
    rows = table_rows(plan_markdown(plan, rich_instance()), "Purchases")
    bought = [p for p in plan.purchases if p.acquisition == "buy"]
    assert len(rows) == len(bought)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert sorted(amount(row[5]) for row in rows) == sorted(p.units for p in bought)


def test_unserved_demand_comes_first() -> None:
    """The section on demand not served stands before everything else, with all its requests."""
    page = plan_markdown(the_plan(), rich_instance())
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert headings[0] == "Demand not served"
    requests = sum(amount(row[4]) for row in table_rows(page, "Demand not served"))
    assert requests == pytest.approx(sum(u.requests for u in the_plan().unserved), abs=2.0)


def test_every_section_is_there() -> None:
    """A plan with something of everything has every section; a plan with nothing has no empty headings."""
    plan, instance = the_plan(), rich_instance()
    page = plan_markdown(plan, instance)
    for heading in ("What to order first", "Rented systems", "Memory apart from systems", "Power built and leased",
                    "Sites opened", "Retired early", "Training runs", "Placements", "Fleet by period",
                    "Power by site", "Rejected, and why"):  # fmt: skip
        assert table_rows(page, heading) if heading != "What to order first" else heading in page
    empty = replace(
        plan, purchases=(), memory_purchases=(), power_builds=(), sites_opened=(), retirements=(), training_runs=(),
        deployments=(), placements=(), unserved=(), installed=(), rejections=(),
    )  # fmt: skip
    assert "## Purchases" not in plan_markdown(empty, instance)
    assert "Nothing to order" in plan_markdown(empty, instance)


def test_the_forced_site_is_named() -> None:
    """Demand of the far region may go to one site only, which is opened for it: the page says so."""
    assert "Forced: abroad from far may go to no other site than guian" in plan_markdown(the_plan(), rich_instance())


def test_reserved_power_is_within_the_limit() -> None:
    """In every cell of the power table what is reserved is no more than what the site has."""
    for row in table_rows(plan_markdown(the_plan(), rich_instance()), "Power by site"):
        for cell in row[1:]:
            reserved, firm = (float(figure.replace(",", "")) for figure in cell.split(" / "))
            assert reserved <= firm + 0.005


def test_text_of_the_instance_is_shown_not_obeyed() -> None:
    """Tags, pipes, emphasis, links and headings in names and notes are escaped, and no table gains a column."""
    page = plan_markdown(the_plan(), renamed())
    assert "<script" not in page
    assert not re.search(r"(?<!\\)\]\(", page)
    assert "**c**" not in page
    assert not re.search(r"^> # ", page, re.MULTILINE)
    blocks = re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE)
    for block in blocks:
        widths = {len(re.split(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1


def test_the_same_plan_gives_the_same_page() -> None:
    """Two pages of the same plan are the same text, ended by one line break."""
    one, two = (plan_markdown(the_plan(), rich_instance()) for _ in range(2))
    assert one == two
    assert one.endswith("\n") and not one.endswith("\n\n")


def test_a_failed_verification_is_said_in_the_head() -> None:
    """A plan that did not verify says so in bold."""
    plan = replace(the_plan(), verification=Verification(False, 10, ("D1 (a): expected 1, found 2",)))
    assert "**NOT VERIFIED: 1 of 10" in plan_markdown(plan, rich_instance()).split("## ")[0]


def test_without_a_plan_there_is_no_table() -> None:
    """An infeasible run has a page that says so and nothing else; extras are shown as text."""
    plan = Plan("x", "infeasible", 0.0, 0.0, 0.0, 0.001, {}, ("2027q1",))
    assert "|" not in plan_markdown(plan, rich_instance())
    assert "- stopped: a\\|b" in plan_markdown(the_plan(), rich_instance(), {"stopped": "a|b"})


def test_cooling_is_the_power_reserved_without_the_pue() -> None:
    """Heat is reserved power over the peak PUE of 1.25, against the plant's 5 MW; sites without a limit are out."""
    page = plan_markdown(the_plan(), rich_instance())
    reserved = {row[0]: row[1:] for row in table_rows(page, "Power by site")}
    ((site, *cells),) = table_rows(page, "Cooling by site")
    for cell, power in zip(cells, reserved[site], strict=True):
        heat, most = (float(part) for part in cell.split(" / "))
        assert most == 5.0
        assert heat == pytest.approx(float(power.split(" / ")[0]) / 1.25, abs=0.01)


def test_the_page_says_how_purchases_are_charged_and_what_was_decided() -> None:
    """Under a residual rule the cost section and the notes say so; where orders are frozen, up to when."""
    page = plan_markdown(the_plan(), rich_instance())
    assert "equal instalments over their life, those inside the horizon only. Lines that are zero" in page
    assert "was decided before" not in page
    raw = json.loads(rich_instance().model_dump_json())
    raw["finance"]["residual"], raw["policy"]["frozen_until"] = "straight_line", "2027q1"
    other = plan_markdown(the_plan(), Instance.model_validate(raw))
    assert "purchases in full" in other and "resale and value at the end (negative)" in other
    assert "an assumption of the instance, not money received" in other
    assert "What is ordered up to 2027q1 was decided before" in other


def test_the_page_says_what_rests_on_licences() -> None:
    """The licence used with its units and cap; with a seller's shipments, accelerators so far against the cap."""
    plan, instance = the_plan(), rich_instance()
    units = sum(p.units for p in plan.purchases if p.licence == "lic")
    row = table_rows(plan_markdown(plan, instance), "Licences")[0]
    assert (row[0], amount(row[3]), row[4]) == ("lic", units, "500")
    raw = json.loads(instance.model_dump_json())
    product = {"id": "gpus", "systems": ["gpu8"], "chips_per_period": [10_000.0], "expected_share": 0.5}
    raw["trade"]["seller_shipments"] = [product]
    bought = [p for p in plan.purchases if p.system == "gpu8" and p.acquisition == "buy" and p.period == "2027q1"]
    abroad, home = (sum(p.chips for p in bought if (p.site == "guian") is far) for far in (True, False))
    page = plan_markdown(plan, Instance.model_validate(raw))
    assert f"| gpus | {abroad:,.0f} / {0.5 * (5_000 + home):,.0f} |" in page


def test_racks_without_chips_show_no_share_in_use() -> None:
    """CPU racks carry tools, not requests: 0 % in use would say that nobody needs them."""
    lines = "\n".join(fleet_section(the_plan(), rich_instance()))
    assert re.search(r"\| virginia \| cpu \| \d+ \| \d+ \|", lines)
    assert re.search(r"\| virginia \| gpu8 \| \d+ \(\d+\.\d %\)", lines)
