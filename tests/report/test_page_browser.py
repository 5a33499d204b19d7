"""The page in a real browser: it loads, filters, sorts, answers to mouse and keyboard, fits, and can be read by all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from everything import rich_instance, rich_plan
from report.browser import Visit, launched
from report.pages import long_plan, the_page
from report.test_page import nasty

from fleetopt.report.page import Differing, Verdict, comparison_page, no_plan_page, plan_page

pytestmark = pytest.mark.once

DIAGNOSIS: dict[str, Any] = {
    "status": "infeasible",
    "headline": "too much demand",
    "findings": [{"equation": "D1", "index": ["chat"], "shortfall": 2.5, "unit": "1/s", "message": "not served"}],
    "advice": ["more power"],
    "rejections": [],
    "remedy": {"text": "grant 2 MW", "relaxations": [], "cost_usd": None, "gap": None, "law": ""},
}
ROWS = "#table-placements tbody tr"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for all tests of this file."""
    with launched() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages as files, by what they are of."""
    folder = tmp_path_factory.mktemp("pages")
    rows = [Differing("cost", "energy", "M$", ("1.0", "2.0")), Differing("bought", "gpu", "units", ("3", ""))]
    texts = {
        "plan": the_page(),
        "long": plan_page(long_plan(1000), rich_instance()),
        "nasty": plan_page(long_plan(1), nasty()),
        "none": no_plan_page(DIAGNOSIS, rich_instance()),
        "comparison": comparison_page("T", {"a": rich_plan(), "b": rich_plan()}, rows, [Verdict(True, "holds: a")]),
    }
    found = {}
    for name, text in texts.items():
        found[name] = folder / f"{name}.html"
        found[name].write_text(text, encoding="utf-8")
    return found


@pytest.mark.parametrize("name", ["plan", "long", "nasty", "none", "comparison"])
def test_a_page_loads_without_a_word_and_asks_for_nothing(browser: Any, pages: dict[str, Path], name: str) -> None:
    """No error or warning on the console, no request but the file itself, and the script ran to its end."""
    with Visit(browser, pages[name]) as visit:
        assert visit.said == [] and visit.asked == [pages[name].as_uri()]
        assert visit.run("document.documentElement.dataset.ready") == "yes"


def test_markup_in_names_is_text(browser: Any, pages: dict[str, Path]) -> None:
    """What tries to be a script is there to read, and no element came of it."""
    with Visit(browser, pages["nasty"]) as visit:
        assert "<script>alert(1)</script>" in visit.run("document.querySelector('h1').textContent")
        assert visit.run("document.images.length") == 0 and visit.run("document.scripts.length") == 1


@pytest.mark.parametrize("name", ["plan", "long", "none", "comparison"])
@pytest.mark.parametrize("width", [390, 760, 1440])
def test_nothing_is_wider_than_the_screen(browser: Any, pages: dict[str, Path], name: str, width: int) -> None:
    """On a phone, a tablet and a laptop the page scrolls downwards only; a picture of it can be taken."""
    with Visit(browser, pages[name], width) as visit:
        assert visit.run("document.documentElement.scrollWidth") <= width
        assert len(visit.page.screenshot(full_page=True)) > 10_000


def test_the_printed_page_fits_its_paper(browser: Any, pages: dict[str, Path]) -> None:
    """With print rules at the width of A4: no overflow, charts wide, on white even where the screen is dark."""
    with Visit(browser, pages["plan"], 720, "dark") as visit:
        visit.page.emulate_media(media="print")
        assert visit.run("document.documentElement.scrollWidth") <= 720
        assert visit.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert visit.run("getComputedStyle(document.querySelector('.plot.narrow')).display") == "none"
        assert visit.page.pdf(format="A4").startswith(b"%PDF")


def opened(visit: Visit) -> None:
    """Unfold the table of placements."""
    visit.page.locator("#fold-placements > summary").click()
    visit.page.wait_for_selector("#fold-placements .tools:not([hidden])")


def test_filters_work_at_a_thousand_rows(browser: Any, pages: dict[str, Path]) -> None:
    """Typing narrows the rows and says how many are left; a list narrows further; clearing brings all back."""
    with Visit(browser, pages["long"]) as visit:
        opened(visit)
        fold = visit.page.locator("#fold-placements")
        assert fold.locator("output").text_content() == "1,000 rows, the first 100 shown"
        assert visit.page.locator(ROWS).count() == 100
        fold.get_by_role("button", name="Show all 1,000").click()
        assert visit.page.locator(ROWS).count() == 1000
        text = visit.run(f"document.querySelector('{ROWS}').cells[4].textContent")
        fold.get_by_label("Filter rows").fill(text)
        left = visit.page.locator(ROWS).count()
        assert 0 < left < 1000 and fold.locator("output").text_content() == f"{left} of 1,000 rows"
        cells = visit.run(f"[...document.querySelectorAll('{ROWS}')].map(r => r.textContent.includes('{text}'))")
        assert all(cells)
        fold.get_by_label("Filter rows").fill("no such row")
        assert fold.locator("output").text_content() == "0 of 1,000 rows"
        fold.get_by_label("Filter rows").fill("")
        assert visit.page.locator(ROWS).count() == 1000


def test_columns_sort_both_ways_by_number(browser: Any, pages: dict[str, Path]) -> None:
    """Replicas 1 to 1,000: largest first, then smallest, and assistive technology is told."""
    with Visit(browser, pages["long"]) as visit:
        opened(visit)
        head = visit.page.locator("#table-placements thead th", has_text="Replicas")
        head.get_by_role("button").click()
        cell = f"document.querySelector('{ROWS}').cells[8].textContent"
        assert visit.run(cell) == "1,000" and head.get_attribute("aria-sort") == "descending"
        head.get_by_role("button").click()
        assert visit.run(cell) == "1" and head.get_attribute("aria-sort") == "ascending"
        assert visit.page.locator("#table-placements [aria-sort]").count() == 1


def test_sums_follow_the_filter(browser: Any, pages: dict[str, Path]) -> None:
    """The foot of the order schedule adds up what is shown, and is the whole again afterwards."""
    with Visit(browser, pages["long"]) as visit:
        foot = "[...document.querySelectorAll('#table-orders tfoot [data-sum]')].map(c => c.textContent)"
        before = visit.run(foot)
        search = visit.page.locator("#fold-orders").get_by_label("Filter rows")
        search.fill("no such row")
        assert set(visit.run(foot)) == {"$0"}
        search.fill("")
        assert visit.run(foot) == before


def test_charts_answer_to_the_mouse(browser: Any, pages: dict[str, Path]) -> None:
    """Over a bar of the waterfall its line and value are shown, and gone when the mouse leaves."""
    with Visit(browser, pages["plan"]) as visit:
        mark = visit.page.locator("#chart-waterfall .wide .m").first
        mark.scroll_into_view_if_needed()
        mark.hover()
        said = visit.page.locator("#tip").text_content()
        assert said == mark.get_attribute("data-t") and "$" in (said or "")
        visit.page.mouse.move(2, 2)
        assert visit.page.locator("#tip").is_hidden()


def test_charts_answer_to_the_keyboard(browser: Any, pages: dict[str, Path]) -> None:
    """Arrow keys step through the values of a chart that has the focus; escape leaves."""
    with Visit(browser, pages["plan"]) as visit:
        visit.page.locator("#chart-waterfall .plot.wide").focus()
        marks = visit.page.locator("#chart-waterfall .wide .m")
        for key, n in (("ArrowRight", 0), ("ArrowRight", 1), ("ArrowLeft", 0), ("End", marks.count() - 1)):
            visit.page.keyboard.press(key)
            assert visit.page.locator("#tip").text_content() == marks.nth(n).get_attribute("data-t")
        visit.page.keyboard.press("Escape")
        assert visit.page.locator("#tip").is_hidden()


def test_everything_can_be_done_without_a_mouse(browser: Any, pages: dict[str, Path]) -> None:
    """Tab reaches the skip link first; a table is unfolded, filtered and sorted by keys alone."""
    with Visit(browser, pages["long"]) as visit:
        page = visit.page
        page.keyboard.press("Tab")
        assert visit.run("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        assert visit.run("document.activeElement.id") == "main"
        page.locator("#fold-placements > summary").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#fold-placements .tools:not([hidden])")
        page.keyboard.press("Tab")
        page.keyboard.type("no such row")
        assert page.locator("#fold-placements output").text_content() == "0 of 1,000 rows"
        page.keyboard.press("Control+A")
        page.keyboard.press("Delete")
        page.locator("#table-placements thead button").first.focus()
        page.keyboard.press("Space")
        assert page.locator("#table-placements thead th").first.get_attribute("aria-sort") == "ascending"


def test_dark_is_dark_and_can_be_chosen(browser: Any, pages: dict[str, Path]) -> None:
    """It follows the system, and the button overrides it, light and dark."""
    ground = "getComputedStyle(document.body).backgroundColor"
    with Visit(browser, pages["plan"], scheme="dark") as visit:
        assert visit.run(ground) == "rgb(17, 22, 29)"
        visit.page.locator("#theme").click()
        assert visit.run(ground) == "rgb(255, 255, 255)" and "light" in (
            visit.page.locator("#theme").text_content() or ""
        )
        visit.page.locator("#theme").click()
        assert visit.run(ground) == "rgb(17, 22, 29)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["plan", "none", "comparison"])
def test_the_accessibility_audit_finds_nothing(browser: Any, pages: dict[str, Path], name: str, scheme: str) -> None:
    """axe: no violation of WCAG 2 A or AA, with every table unfolded."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: extra `test`")
    with Visit(browser, pages[name], scheme=scheme) as visit:
        visit.run("document.querySelectorAll('details').forEach(d => d.open = true)")
        visit.page.wait_for_timeout(50)
        rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        found = axe.Axe().run(visit.page, options=rules).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120], v["nodes"][0].get("failureSummary")) for v in found] == []
