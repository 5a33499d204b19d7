"""report.html: totals equal the objective, text is data, equal bytes, nothing from outside, size within bounds."""

import json
import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from everything import rich_instance
from hypothesis import given, settings
from hypothesis import strategies as st
from report.pages import BINDING, Outline, figure, long_plan, sums, table, the_page, the_plan

from fleetopt.instance.schema import Instance
from fleetopt.plan import Verification
from fleetopt.report.page import no_plan_page, plan_page
from fleetopt.report.page.cells import brief, cents

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & {{ 7*7 }}"


def nasty() -> Instance:
    """The instance with names that try to be markup, in every text a page shows."""
    raw: dict[str, Any] = json.loads(rich_instance().model_dump_json())
    for section in ("workloads", "systems", "sites", "memory"):
        for item in raw[section]:
            item["name"] = NASTY
    return Instance.model_validate({**raw, "title": NASTY, "notes": NASTY})


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_totals_are_the_objective_to_the_cent(data: st.DataObject) -> None:
    """Whatever the lines: the headline, the foot of the table and the end of the waterfall say the objective."""
    lines = {name: data.draw(st.floats(-1e9, 1e9, allow_nan=False), name) for name in the_plan().cost_lines}
    total = math.fsum(lines.values())
    page = plan_page(replace(the_plan(), cost_lines=lines, objective_usd=total, bound_usd=total), rich_instance())
    assert f"{cents(total)} exactly" in page
    assert round(sums(page, "objective")[0], 2) == round(total, 2)
    rows = table(page, "objective").split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    paid = [figure(row[row.index('<td class="n"') :]) for row in rows]
    assert round(math.fsum(paid), 2) == round(total, 2)
    assert f"Total: the objective: {brief(total)}</title>" in page


def test_the_same_plan_gives_the_same_bytes() -> None:
    """Nothing of a page depends on when or how often it is made."""
    assert plan_page(the_plan(), rich_instance(), BINDING, "gap reached") == the_page()


def test_text_of_the_instance_is_data() -> None:
    """Names that are markup show as text, and a template expression is not evaluated."""
    page, plain = plan_page(the_plan(), nasty(), BINDING), the_page()
    assert page.count("<script") == plain.count("<script") == 1
    assert "<img" not in page and "&lt;/script&gt;&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page and "<b>memory</b>" not in plain and "&lt;b&gt;memory&lt;/b&gt;" in plain


def test_a_page_asks_for_nothing() -> None:
    """No address, no import, no style or handler that its own policy would forbid."""
    outline = Outline(the_page())
    names = {name for name, _ in outline.attributes}
    assert not names & {"src", "style", "onclick", "onload", "xlink:href"}
    assert all(value.startswith("#") for name, value in outline.attributes if name == "href")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", the_page())
    assert "default-src &#39;none&#39;" in the_page() and "unsafe-" not in the_page()


def test_headings_go_down_one_step_at_a_time() -> None:
    """One h1, then no level is skipped; every id stands once."""
    outline = Outline(the_page())
    levels = outline.headings
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert len(outline.ids) == len(set(outline.ids))


def test_every_table_has_a_caption() -> None:
    """Screen readers say which table one is in."""
    tags = Outline(the_page()).tags
    assert tags.count("table") == tags.count("caption") > 10


def test_a_plan_of_ten_thousand_rows_stays_small() -> None:
    """Ten thousand placements, and orders with all their parts: every row is there, below 10 MB."""
    plan = replace(long_plan(1000), placements=long_plan(10_000).placements)
    page = plan_page(plan, rich_instance())
    assert len(page.encode("utf-8")) < 10e6
    assert page.count("<tr><td") > 12_000


def test_a_plan_that_failed_its_checks_says_so_first() -> None:
    """The seal is red and in words."""
    plan = replace(the_plan(), verification=Verification(False, 10, ("D1: short",)))
    page = plan_page(plan, rich_instance())
    assert 'class="seal failed">NOT VERIFIED: 1 of 10 checks failed' in page


def test_what_binds_is_shown_or_said_to_be_unknown() -> None:
    """From binding.json where it is there; else where to get it."""
    assert "firm power is let in full" in the_page()
    assert "does not say what binds" in plan_page(the_plan(), rich_instance())
    assert "Nothing binds" in plan_page(the_plan(), rich_instance(), ())


def test_a_gap_of_nothing_is_said_in_words() -> None:
    """At the bound no plan can cost less."""
    plan = the_plan()
    page = plan_page(replace(plan, bound_usd=plan.objective_usd, gap=0.0), rich_instance())
    assert "It is proven that no plan can cost less." in page


def test_a_run_without_a_plan_shows_its_diagnosis() -> None:
    """Headline, findings, the way out and advice, as text."""
    diagnosis = {
        "status": "infeasible",
        "headline": "<i>too much</i> demand",
        "findings": [{"equation": "D1", "index": ["chat", "here"], "shortfall": 2.5, "unit": "1/s", "message": "m"}],
        "advice": ["more `power_kw`"],
        "rejections": [{"workload": "chat", "system": "s", "rule": "M1", "count": 3, "nearest": "n"}],
        "remedy": {"text": "grant <b>2 MW</b>", "relaxations": [], "cost_usd": None, "gap": None, "law": ""},
    }
    page = no_plan_page(diagnosis, rich_instance())
    assert "&lt;i&gt;too much&lt;/i&gt; demand" in page and "2.5 1/s" in page and "<code>power_kw</code>" in page
    assert "grant &lt;b&gt;2 MW&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("usd", "said"), [(0.0, "$0"), (-2.5e6, "−$2.50 M"), (999.999e6, "$1.00 bn"), (1234, "$1,234")]
)
def test_money_in_a_sentence(usd: float, said: str) -> None:
    """Millions and billions where they are, whole dollars below."""
    assert brief(usd) == said


def test_paper_has_no_script_and_says_what_is_left_out() -> None:
    """For the PDF: no script, no folded table, and long tables end with how much more there is."""
    page = plan_page(long_plan(200), rich_instance(), paper=True)
    assert "<script" not in page and "<details" not in page and "light-dark" not in page
    assert re.search(r"1\d\d more rows are left out here", page) and "table-placements" not in page
