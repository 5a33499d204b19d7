"""What was not chosen, and what changed: rejected options with reasons, and the change list against another plan."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fleetopt.plan import Plan
from fleetopt.report.changes import Change, changes
from fleetopt.report.rows.book import Book
from fleetopt.report.rows.table import Column, Table, table

REJECTED_SAID = (
    "Configurations that did not become an option, by workload, system and rule, with the one that came nearest. "
    "Short by says how far it was from passing."
)
CHANGES_SAID = (
    "What this plan orders anew, no longer, more, less, earlier, later or elsewhere than the plan it is compared with. "
    "The cost is what this plan pays more (negative: less), undiscounted, duty included; a move in time or place alone "
    "costs nothing here."
)
FAR = 1e6
"""A shortfall beyond this says only that it cannot be."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Configurations of a system stopped by one rule."""

    workload: Annotated[str, Column("Workload")]
    system: Annotated[str, Column("System")]
    reason: Annotated[str, Column("Rule")]
    rule: Annotated[str, Column("Rule id")]
    count: Annotated[int, Column("Configurations", "count", total=True)]
    short_by: Annotated[float | None, Column("Short by", "share")]
    nearest_site: Annotated[str | None, Column("Nearest at")]
    because: Annotated[str, Column("Because")]
    workload_id: Annotated[str, Column("Workload id")]
    system_id: Annotated[str, Column("System id")]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One difference from another plan."""

    kind: Annotated[str, Column("Change")]
    what: Annotated[str, Column("What")]
    how: Annotated[str, Column("How")]
    item: Annotated[str, Column("Item")]
    vendor: Annotated[str | None, Column("Vendor")]
    amount: Annotated[float, Column("Amount", "count")]
    unit: Annotated[str | None, Column("Unit")]
    site: Annotated[str, Column("Site")]
    period: Annotated[str, Column("Period")]
    to_site: Annotated[str | None, Column("Now at", note="Where it has moved; empty where it has not.")]
    to_period: Annotated[str | None, Column("Now in", note="When it now comes; empty where that has not changed.")]
    cost_usd: Annotated[float, Column("Cost", "money", total=True)]


def rejected_table(book: Book) -> Table:
    """Rows by workload, most frequent first."""
    order = {w: n for n, w in enumerate(book.workloads)}
    rows = sorted(_rejected(book), key=lambda r: (order.get(r.workload_id, -1), -r.count, r.system_id, r.rule))
    return table("rejected", "Rejected options", REJECTED_SAID, Rejected, rows)


def _rejected(book: Book) -> Iterator[Rejected]:
    for r in book.plan.rejections:
        short, site, system = r["nearest_shortfall"], str(r["nearest_site"]), str(r["system"])
        known = isinstance(short, int | float) and 0.0 < short < FAR
        yield Rejected(
            workload="all" if r["workload"] == "*" else book.names.workload(str(r["workload"])),
            system="all" if system == "*" else book.names.system(system),
            reason=str(r["reason"]),
            rule=str(r["rule"]),
            count=int(r["count"]),
            short_by=float(short) if known else None,
            nearest_site=None if site == "*" else book.names.site(site),
            because=str(r["nearest"]),
            workload_id=str(r["workload"]),
            system_id=system,
        )


def changes_table(book: Book, previous: Plan) -> Table:
    """Rows in the order of `changes`."""
    found = changes(_plain(previous), _plain(book.plan))
    return table("changes", "Changes", CHANGES_SAID, ChangeLine, [_change(book, c) for c in found])


def _plain(plan: Plan) -> dict[str, Any]:
    """A plan as plan.json holds it."""
    data: dict[str, Any] = json.loads(json.dumps(plan.as_dict()))
    return data


def _change(book: Book, c: Change) -> ChangeLine:
    item = book.names.site(c.item) if c.what == "site" else book.names.item(c.item)
    return ChangeLine(
        kind=c.kind,
        what=c.what,
        how=f"{c.how}, {c.rental}" if c.rental else c.how,
        item=item,
        vendor=c.vendor or None,
        amount=c.amount,
        unit=c.unit or None,
        site=book.names.site(c.site),
        period=c.period,
        to_site=book.names.site(c.to_site) if c.to_site != c.site else None,
        to_period=c.to_period if c.to_period != c.period else None,
        cost_usd=c.cost_usd,
    )
