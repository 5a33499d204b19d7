"""What to order, by when, from whom, under which licence; and what it comes to in parts."""

import math
from collections import defaultdict

from fleetopt.report.charts import Columns, Figure
from fleetopt.report.page.cells import brief, period
from fleetopt.report.page.section import Section
from fleetopt.report.page.subject import Subject, listing, ranked, stacked
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column
from fleetopt.report.rows.orders import order_lines

COLUMNS = (
    "order_by",
    "item",
    "vendor",
    "how",
    "site",
    "quantity",
    "unit",
    "unit_price_usd",
    "total_usd",
    "delivery",
    "lead_months",
    "discount_usd",
    "duty_usd",
    "launch_usd",
    "licence",
)
USD_PER_MUSD = 1e6
KINDS = {"system": "systems", "memory": "memory", "power": "power", "site": "sites"}


def order_section(subject: Subject) -> Section:
    """The order schedule and the bill of materials."""
    lines = order_lines(subject.book)
    spent: dict[str, float] = defaultdict(float)
    for o in lines:
        spent[f"to {o.vendor}" if o.vendor else f"for {KINDS[o.subject]} without a named vendor"] += o.total_usd
    ordered = sorted(spent.items(), key=lambda item: (-item[1], item[0]))
    said = (
        f"{len(lines):,} orders, rents and leases, {brief(math.fsum(spent.values()))} undiscounted: " if lines else ""
    )
    said += listing(f"{brief(usd)} {whom}" for whom, usd in ordered) + "." if lines else "Nothing is ordered."
    table = subject.tables["orders"]
    idle = {c for c in ("discount_usd", "duty_usd", "launch_usd", "licence", "vendor") if not any(table.values(c))}
    views = [View(table, tuple(c for c in COLUMNS if c not in idle))] if lines else []
    views += [*_retired(subject), *([View(subject.tables["materials"], closed=True)] if lines else [])]
    if "changes" in subject.tables:
        views.insert(0, View(subject.tables["changes"]))
    return Section("orders", "Orders", said, _by_period(subject), views=tuple(views))


def _by_period(subject: Subject) -> tuple[Figure, ...]:
    """Commitments by the period in which they are made; the first column holds what should be ordered before it."""
    cells, totals = defaultdict[tuple[str, int], float](float), defaultdict[str, float](float)
    for o in order_lines(subject.book):
        name = o.vendor or o.subject
        at = max(0, subject.book.index.get(o.order_period, 0))
        cells[name, at] += o.total_usd / USD_PER_MUSD
        totals[name] += o.total_usd
    if not totals:
        return ()
    series = stacked(cells, {name: name for name in totals}, ranked(totals), len(subject.plan.periods))
    most = max(subject.book.periods, key=lambda t: sum(cells.get((name, t), 0.0) for name in totals))
    said = f"Most is committed in {period(subject.plan.periods[most])}. By vendor; what has no vendor by kind."
    return (
        Columns(
            "commitments",
            "Commitments by the period in which to order",
            said,
            "M$",
            subject.periods,
            series,
            shown=lambda v: brief(v * USD_PER_MUSD),
        ).figure(),
    )


def _retired(subject: Subject) -> list[View]:
    names = subject.book.names
    columns = (
        Column("From", id="period"),
        Column("Site", id="site"),
        Column("System", id="system"),
        Column("Cohort", id="cohort"),
        Column("Units", "count", id="units"),
        Column("Resale", "money", total=True, id="resale_usd"),
    )
    rows = [
        (r.period, names.site(r.site), names.system(r.system), r.cohort, r.units, r.resale_usd)
        for r in subject.plan.retirements
    ]
    said = "Units taken out before the end of their life, with what they are sold for."
    return [View(listed("retirements", "Retired early", said, columns, rows))] if rows else []
