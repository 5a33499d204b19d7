"""A page for plans side by side: what each costs and orders, what differs, and which expectations hold."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fleetopt.report.changes import changes
from fleetopt.report.charts import Bars, Figure
from fleetopt.report.costs import MEANING
from fleetopt.report.evaluation import order_rows
from fleetopt.report.page.cells import amount, brief
from fleetopt.report.page.document import document
from fleetopt.report.page.section import Section
from fleetopt.report.page.subject import ranked, stacked
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Cell, Column
from fleetopt.report.side_by_side import Plans, cost_rows

PLANNED = ("optimal", "feasible")


@dataclass(frozen=True, slots=True)
class Differing:
    """A figure in which plans differ; a text where it is one, None where a plan has none of it."""

    group: str
    name: str
    unit: str
    values: tuple[str, ...]
    """As shown."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An expectation, and whether it holds."""

    holds: bool
    said: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A further table, its cells as they are shown."""

    id: str
    title: str
    said: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[str, ...] = ()
    """Heads of the columns of figures, which stand to the right."""

    def section(self) -> Section:
        """A section of the page."""
        columns = [
            Column(head or "of", "plain" if head in self.figures else "text", id=f"{self.id}{n}")
            for n, head in enumerate(self.heads)
        ]
        return Section(
            self.id, self.title, "", views=(View(listed(self.id, self.title, self.said, columns, self.rows)),)
        )


def comparison_page(
    title: str,
    plans: Plans,
    differing: Sequence[Differing] | None = None,
    verdicts: Sequence[Verdict] = (),
    extras: Sequence[Extra] = (),
    messages: Mapping[str, str] | None = None,
) -> str:
    """The whole page; `plans` holds plan.json by name (those without a plan too), the one to compare with first.

    `messages` say why those without a plan have none; `extras` are tables that stand before all others.
    """
    planned = {name: plan for name, plan in plans.items() if plan.get("status") in PLANNED}
    sections = [extra.section() for extra in extras]
    if planned:
        sections.append(_costs(planned))
        sections.append(_orders(planned))
    if differing is not None:
        sections.append(_differing(tuple(plans), differing))
    first = next(iter(plans))
    if first in planned:
        sections += [_changes(n, first, name, planned) for n, name in enumerate(planned) if name != first]
    values = {
        "title": title,
        "span": f"{len(plans)} plans side by side" if differing is None else f"{len(plans)} scenarios side by side",
        "said": _said(first, planned),
        "without": [
            (name, str(plan.get("status", "did not run")), (messages or {}).get(name) or "nothing to compare")
            for name, plan in plans.items()
            if name not in planned
        ],
        "verdicts": verdicts,
        "sections": sections,
    }
    return document("comparison.html", values)


def _said(first: str, planned: Plans) -> str:
    """What each costs beside the first."""
    if first not in planned:
        return f"{first} has no plan to compare with."
    base = planned[first]["objective_usd"]
    if len(planned) == 1:
        return f"{first} costs {brief(base)}."
    others = {name: plan["objective_usd"] - base for name, plan in planned.items() if name != first}
    least, most = min(others, key=others.__getitem__), max(others, key=others.__getitem__)
    said = f"{first} costs {brief(base)}. "
    shown = [least] if len(others) == 1 else [least, most]
    return said + "; ".join(f"{name} {_more(others[name], base)}" for name in shown) + "."


def _more(usd: float, base: float) -> str:
    if abs(usd) < 0.005:
        return "costs the same"
    part = f" ({amount(100 * abs(usd) / abs(base))} %)" if base else ""
    return f"costs {brief(abs(usd))}{part} {'more' if usd > 0 else 'less'}"


def _costs(plans: Plans) -> Section:
    rows = [row for row in cost_rows(plans) if row["line"] != "total" and any(row["usd"].values())]
    columns = [Column("Line", id="line")]
    columns += [Column(name, "money", total=True, id=f"plan{n}") for n, name in enumerate(plans)]
    names = list(plans)
    if len(names) == 2:
        columns.append(Column(f"{names[1]} less {names[0]}", "money", total=True, id="difference"))
    cells: list[tuple[Cell, ...]] = []
    for row in rows:
        more = [row["difference_usd"][names[1]]] if len(names) == 2 else []
        cells.append((MEANING.get(row["line"], row["line"]), *(row["usd"][name] for name in names), *more))
    said = "Present values; the sums are the objectives, to the cent."
    table = listed("costs", "Cost lines side by side", said, columns, cells)
    return Section("cost", "What they cost", "", _chart(plans, rows), views=(View(table, exact=len(plans) < 5),))


def _chart(plans: Plans, rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, ...]:
    parts, totals = dict[tuple[str, int], float](), defaultdict[str, float](float)
    for row in rows:
        for n, usd in enumerate(row["usd"].values()):
            parts[row["line"], n] = usd
            totals[row["line"]] += abs(usd)
    if not parts:
        return ()
    names = {line: MEANING.get(line, line) for line in totals}
    series = stacked(parts, names, ranked(totals), len(plans))
    paid = tuple(plan["objective_usd"] for plan in plans.values())
    return (Bars("costs", "Cost by line", "Present values.", tuple(plans), series, paid, brief).figure(),)


def _orders(plans: Plans) -> Section:
    """Everything ordered over the horizon, by thing; amounts beside each other."""
    sums: dict[tuple[str, str, str, str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in order_rows(plans):
        how = f"{row['how']}, {row['rental']}" if row["rental"] else row["how"]
        key = (str(row["what"]), str(row["item"]), how, str(row["vendor"]), str(row["unit"]))
        for name, much in row["amount"].items():
            sums[key][name] += much
    columns = [
        Column("What", id="what"),
        Column("Item", id="item"),
        Column("How", id="how"),
        Column("Vendor", id="vendor"),
        Column("Unit", id="unit"),
        *(Column(name, "count", id=f"plan{n}") for n, name in enumerate(plans)),
    ]
    cells = [
        (*key[:3], key[3] or None, key[4] or None, *(amounts.get(name, 0.0) for name in plans))
        for key, amounts in sums.items()
    ]
    said = "Added up over sites and periods."
    return Section(
        "fleets", "What they order", said, views=(View(listed("fleets", "Orders side by side", "", columns, cells)),)
    )


def _differing(names: Sequence[str], rows: Sequence[Differing]) -> Section:
    columns = [Column("Group", id="group"), Column("Figure", id="name"), Column("Unit", id="unit")]
    columns += [Column(name, "plain", id=f"plan{n}") for n, name in enumerate(names)]
    cells = [(r.group, r.name, r.unit or None, *(v or None for v in r.values)) for r in rows]
    said = f"{len(rows):,} figures differ between the scenarios; the others are left out."
    table = listed("differing", "Figures that differ", "", columns, cells)
    return Section("differs", "What differs", said, views=(View(table),) if rows else ())


def _changes(number: int, first: str, name: str, plans: Plans) -> Section:
    found = changes(plans[first], plans[name])
    columns = (
        Column("Change", id="kind"),
        Column("Item", id="item"),
        Column("How", id="how"),
        Column("Amount", "count", id="amount"),
        Column("Unit", id="unit"),
        Column("Site", id="site"),
        Column("Period", id="period"),
        Column("Now at", id="to_site"),
        Column("Now in", id="to_period"),
        Column("Cost", "money", total=True, id="cost_usd"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            c.kind,
            c.item,
            f"{c.how}, {c.rental}" if c.rental else c.how,
            c.amount,
            c.unit or None,
            c.site,
            c.period,
            c.to_site if c.to_site != c.site else None,
            c.to_period if c.to_period != c.period else None,
            c.cost_usd,
        )
        for c in found
    ]
    title = f"{name} against {first}"
    said = f"{len(rows):,} differences in orders." if rows else "Both order the same, at the same places and times."
    table = listed(f"changes{number}", f"Changes from {first} to {name}", "", columns, rows)
    return Section(f"changes-{number}", title, said, views=(View(table, closed=True),) if rows else ())
