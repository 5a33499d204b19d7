"""Plans side by side: cost lines, what is spent where and with whom, and the change list, as Markdown and as data."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fleetopt.report.changes import Change, changes, spend
from fleetopt.report.costs import MEANING
from fleetopt.report.text import count, memory, plain, power, table, usd, whole_usd

Plans = Mapping[str, Mapping[str, Any]]
"""plan.json by the name it is shown under, the one to compare with first."""


def comparison_markdown(plans: Plans) -> str:
    """The whole page: costs, spend, and what each further plan does differently from the first."""
    first, *others = plans
    lines = [f"# {plain(first)} and {', '.join(plain(name) for name in others)}", ""]
    lines += cost_comparison(plans)
    lines += spend_comparison(plans)
    for name in others:
        lines += change_section(f"What {plain(name)} does differently from {plain(first)}", plans[first], plans[name])
    return "\n".join(lines).rstrip() + "\n"


def comparison_data(plans: Plans) -> dict[str, Any]:
    """The same as plain data."""
    first, *others = plans
    return {
        "plans": [
            {"name": name} | {key: plan.get(key) for key in ("instance", "status", "objective_usd", "bound_usd")}
            for name, plan in plans.items()
        ],
        "cost_lines": cost_rows(plans),
        "spend_usd": {by: _by_plan(plans, by) for by in ("what", "vendor", "site")},
        "changes": {name: [asdict(change) for change in changes(plans[first], plans[name])] for name in others},
    }


def cost_rows(plans: Plans) -> list[dict[str, Any]]:
    """A row for each cost line and the total: what each plan pays, and its difference from the first."""
    first = next(iter(plans))
    names = dict.fromkeys(line for plan in plans.values() for line in plan["cost_lines"])
    rows = []
    for line in (*names, "total"):
        paid = {
            name: plan["objective_usd"] if line == "total" else plan["cost_lines"].get(line, 0.0)
            for name, plan in plans.items()
        }
        more = {name: float(f"{value - paid[first]:.12g}") + 0.0 for name, value in paid.items() if name != first}
        rows.append({"line": line, "usd": paid, "difference_usd": more})
    return rows


def cost_comparison(plans: Plans) -> list[str]:
    """Cost lines side by side; with two plans the difference as well."""
    names, two = list(plans), len(plans) == 2
    rows = []
    for row in cost_rows(plans):
        if not any(row["usd"].values()):
            continue
        line, bold = row["line"], "**" if row["line"] == "total" else ""
        meaning = "**total = objective**" if bold else f"`{line}` – {MEANING.get(line, line)}"
        cells = [f"{bold}{whole_usd(row['usd'][name])}{bold}" for name in names]
        more = [f"{bold}{signed_usd(row['difference_usd'][names[1]])}{bold}"] if two else []
        rows.append([meaning, *cells, *more])
    header = ["line", *map(plain, names), *([f"{plain(names[1])} less {plain(names[0])}"] if two else [])]
    note = "Present values in USD; lines that are zero everywhere are left out."
    return ["## What they cost", "", note, "", *table(header, rows)]


def spend_comparison(plans: Plans) -> list[str]:
    """What is ordered, undiscounted, by kind, vendor and site."""
    lines = ["## What they spend, undiscounted", ""]
    for by, head in (("what", "kind"), ("vendor", "vendor (systems)"), ("site", "site")):
        sums = _by_plan(plans, by)
        rows = [[plain(key), *(usd(sums[key][name]) for name in plans)] for key in sums]
        lines += table([head, *map(plain, plans)], rows)
    return lines if len(lines) > 2 else []


def _by_plan(plans: Plans, by: Any) -> dict[str, dict[str, float]]:
    found = {name: spend(plan, by) for name, plan in plans.items()}
    keys = sorted({key for sums in found.values() for key in sums})
    return {key: {name: float(f"{sums.get(key, 0.0):.12g}") for name, sums in found.items()} for key in keys}


def change_section(title: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The change list under a heading."""
    found = changes(first, second)
    said = [f"- {change_text(change)}" for change in found] or ["Both order the same, at the same places and times."]
    return [f"## {title}", "", *said, ""]


def change_text(change: Change) -> str:
    """`12 more x hgx-b200-8 (NVIDIA, buy) for virginia in 2027q3: +$4.80 M`."""
    c = change
    where, there = plain(c.site), plain(c.to_site)
    if c.what == "site":
        if c.kind in ("earlier", "later"):
            return f"{c.kind}: open {where} in {c.to_period} instead of {c.period}"
        return f"{c.kind}: open {where} in {c.to_period} ({signed_usd(c.cost_usd)})"
    thing = f"{_amount(c)} {_named(c)}"
    if c.kind == "moved":
        when = f" in {c.to_period}" if c.period == c.to_period else f", {c.to_period} instead of {c.period}"
        return f"moved: {thing} to {there} instead of {where}{when}"
    if c.kind in ("earlier", "later"):
        return f"{c.kind}: {thing} for {where} in {c.to_period} instead of {c.period}"
    cost = f": {signed_usd(c.cost_usd)}" if c.cost_usd else ""
    return f"{c.kind}: {thing} for {where} in {c.period}{cost}"


def _amount(change: Change) -> str:
    if change.unit == "units":
        return f"{count(change.amount)} x"
    return f"{memory(change.amount) if change.unit == 'GB' else power(change.amount)} of"


def _named(change: Change) -> str:
    said = [change.vendor, change.how, change.rental]
    return f"{plain(change.item)} ({', '.join(plain(word) for word in said if word)})"


def signed_usd(value: float) -> str:
    """`+$4.80 M`, `-$1,200`, `$0`."""
    return f"+{usd(value)}" if value >= 0.5 else usd(value)
