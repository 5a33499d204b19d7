"""The comparison page: costs and orders side by side, expectations, plans that are missing."""

from itertools import pairwise
from typing import Any

from everything import rich_plan
from report.pages import Outline, sums

from fleetopt.report.page import Differing, Verdict, comparison_page

NASTY = "<script>alert(1)</script>"


def dearer() -> dict[str, Any]:
    """The plan with energy a million dearer."""
    plan = rich_plan()
    lines = {**plan["cost_lines"], "energy": plan["cost_lines"]["energy"] + 1e6}
    return {**plan, "cost_lines": lines, "objective_usd": plan["objective_usd"] + 1e6}


def test_two_plans_with_their_difference() -> None:
    """The sums are both objectives, and the difference is a million."""
    page = comparison_page("T", {"base": rich_plan(), "other": dearer()})
    foot, base = sums(page, "costs"), rich_plan()["objective_usd"]
    assert [round(v, 2) for v in foot] == [round(base, 2), round(base + 1e6, 2), 1e6]
    assert "other costs $1.00\N{NO-BREAK SPACE}M" in page and "Both order the same" in page


def test_a_scenario_without_a_plan_is_said() -> None:
    """It stands in the warnings, and nothing is compared with it."""
    page = comparison_page("T", {"base": rich_plan(), "none": {"status": "infeasible"}, "never": {}}, [], ())
    assert "none: infeasible" in page and "never: did not run" in page
    assert "base has no plan" in comparison_page("T", {"base": {}, "other": rich_plan()})


def test_expectations_and_differences_are_text() -> None:
    """Names of scenarios and verdicts show as they stand; those that fail are marked."""
    rows = [Differing("cost", NASTY, "M$", ("1.0", ""))]
    page = comparison_page(NASTY, {NASTY: rich_plan(), "b": {}}, rows, [Verdict(False, f"DOES NOT HOLD: {NASTY}")])
    assert page.count("<script") == 1 and '<li class="fails">DOES NOT HOLD: &lt;script&gt;' in page
    levels = Outline(page).headings
    assert all(b <= a + 1 for a, b in pairwise(levels))


def test_the_same_plans_give_the_same_bytes() -> None:
    """Nothing depends on when the page is made."""
    assert comparison_page("T", {"a": rich_plan(), "b": dearer()}) == comparison_page(
        "T", {"a": rich_plan(), "b": dearer()}
    )
