"""Pages for tests: of the instance with something of everything, of long plans, and what stands in them."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import cycle, islice

from everything import rich_instance, rich_plan

from fleetopt.plan import Plan
from fleetopt.report.page import plan_page
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness

BINDING = (
    {"equation": "P1", "says": "firm power is let in full", "index": ["here"], "periods": ["2027"], "state": "full"},
    {"equation": "M1", "says": "<b>memory</b>", "index": [], "periods": [], "state": "no room for one more"},
)


@cache
def the_plan() -> Plan:
    """The plan with something of everything."""
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


@cache
def the_page(paper: bool = False) -> str:
    """Its page."""
    return plan_page(the_plan(), rich_instance(), BINDING, "gap reached", paper=paper)


def long_plan(rows: int) -> Plan:
    """A plan with so many placements and orders, none quite like the other."""
    plan = the_plan()
    placements = tuple(
        replace(p, replicas=float(n + 1), utilisation=(n % 1000) / 1000)
        for n, p in enumerate(islice(cycle(plan.placements), rows))
    )
    bought = [p for p in plan.purchases if p.acquisition == "buy"]
    purchases = tuple(
        replace(p, units=float(n + 1), cost_usd=1000.0 * (n + 1)) for n, p in enumerate(islice(cycle(bought), rows))
    )
    return replace(plan, placements=placements, purchases=purchases)


class Outline(HTMLParser):
    """Tags in order, ids, and the attributes of each table cell."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id" and value]

    @property
    def headings(self) -> list[int]:
        """Levels in order."""
        return [int(tag[1]) for tag in self.tags if re.fullmatch(r"h[1-6]", tag)]


def table(page: str, id_: str) -> str:
    """Markup of a table."""
    return page.split(f'<table id="table-{id_}">')[1].split("</table>")[0]


def figure(cell: str) -> float:
    """The number of a cell's markup, from `<td` on: what it is sorted by, or its text."""
    found = re.search(r'data-v="([^"]+)"', cell)
    return float(found[1] if found else cell.split(">")[1].replace(",", ""))


def sums(page: str, id_: str) -> list[float]:
    """Figures of a table's foot."""
    foot = table(page, id_).split("<tfoot>")[1]
    return [figure(f"<td{cell}") for cell in foot.split("<td") if "data-sum" in cell]
