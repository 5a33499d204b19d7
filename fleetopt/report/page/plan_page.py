"""report.html: a plan for those who order, those who decide, and those who run it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.page.cells import period
from fleetopt.report.page.costs import cost_section
from fleetopt.report.page.demand import demand_section
from fleetopt.report.page.document import document
from fleetopt.report.page.fleet import fleet_section
from fleetopt.report.page.headline import headline
from fleetopt.report.page.latency import latency_section
from fleetopt.report.page.memory import memory_section
from fleetopt.report.page.orders import order_section
from fleetopt.report.page.places import power_section, site_section
from fleetopt.report.page.reasons import assumption_section, binding_section, rejected_section
from fleetopt.report.page.section import Section
from fleetopt.report.page.subject import Subject
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column

ON_PAPER = 60
"""Rows of a table that are printed in a PDF; the files hold them all."""
UNFOLDED = ("cash", "annual")
"""Folded tables that a PDF has all the same; the others are in the workbook."""
ON_PAGE = 20_000
"""Rows of a table that a page holds; more would make it heavy to open."""
READERS = (
    ("To order", ("orders", "cost", "assumptions")),
    ("To decide", ("cost", "fleet", "binds", "rejected")),
    ("To run it", ("demand", "latency", "power", "sites", "memory")),
)


def plan_page(
    plan: Plan,
    instance: Instance,
    binding: Sequence[Mapping[str, Any]] | None = None,
    stopped: str = "",
    previous: Plan | None = None,
    paper: bool = False,
) -> str:
    """The whole page of a plan, as HTML; `paper` for the PDF, with the heads of long tables only."""
    subject = Subject(plan, instance, binding, stopped, previous)
    found = [
        cost_section(subject),
        order_section(subject),
        fleet_section(subject),
        demand_section(subject),
        latency_section(subject),
        power_section(subject),
        memory_section(subject),
        site_section(subject),
        binding_section(subject),
        rejected_section(subject),
        assumption_section(subject),
    ]
    most = ON_PAPER if paper else ON_PAGE
    sections = [_cut(s, most, paper) for s in found if s is not None]
    ids = {s.id: s.title for s in sections}
    values = {
        "title": instance.title or instance.name,
        "span": f"{period(plan.periods[0])} to {period(plan.periods[-1])}",
        "start": period(plan.periods[0]),
        "instance": plan.instance,
        "head": headline(subject),
        "sections": sections,
        "readers": [(who, [(id_, ids[id_]) for id_ in of if id_ in ids]) for who, of in READERS],
    }
    return document("plan.html", values, paper)


def no_plan_page(diagnosis: Mapping[str, Any], instance: Instance, paper: bool = False) -> str:
    """The page of a run that ended without a plan: why, and what would help (diagnosis.json)."""
    columns = (
        Column("Rule", id="equation"),
        Column("Where", id="where"),
        Column("Missing", id="missing"),
        Column("What", id="what"),
    )
    rows = [
        (
            str(f["equation"]),
            ", ".join(str(part) for part in f["index"]) or None,
            f"{f['shortfall']:,.10g} {f['unit']}" if f["shortfall"] else None,
            str(f["message"]),
        )
        for f in diagnosis["findings"]
    ]
    nearest = (
        Column("Workload", id="workload"),
        Column("System", id="system"),
        Column("Rule", id="rule"),
        Column("How many", "count", id="count"),
        Column("Nearest", id="nearest"),
    )
    fallen = [tuple(r[c.id] for c in nearest) for r in diagnosis["rejections"]]
    views = [View(listed("findings", "What is in the way", "", columns, rows))] if rows else []
    views += [View(listed("fallen", "Rejected on the way", "", nearest, fallen))] if fallen else []
    values = {
        "title": instance.title or instance.name,
        "infeasible": diagnosis["status"] == "infeasible",
        "diagnosis": diagnosis,
        "views": [_short(v, ON_PAPER if paper else ON_PAGE, paper) for v in views],
    }
    return document("no_plan.html", values, paper)


def _cut(section: Section, most: int, paper: bool) -> Section:
    views = [v for v in section.views if not paper or not v.closed or v.table.id in UNFOLDED]
    return replace(section, views=tuple(_short(v, most, paper) for v in views))


def _short(view: View, most: int, paper: bool) -> View:
    """A table with no more rows than the medium bears; on paper nothing is folded."""
    if paper or len(view.table.rows) > most:
        return replace(view, most=most, closed=view.closed and not paper)
    return view
