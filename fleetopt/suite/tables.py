"""Tables of a comparison that are text already: on the page, in Markdown, and on a terminal."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from fleetopt.report.page import Extra
from fleetopt.report.text import plain
from fleetopt.suite.runs import PLANNED, ScenarioResult
from fleetopt.suite.sweeps import Swept

NONE = "–"
BUYS = "buys and rents, or what is in the way"
MOST_BOUGHT = 3
"""Systems that a scenario's line names."""


class TextTable(Extra):
    """A table of the comparison's pages, as Markdown too; columns that `figures` names are to the right."""

    def markdown(self) -> list[str]:
        """A section."""
        rules = ["---:" if head in self.figures else "---" for head in self.heads]
        heads, *rows = ([marked(cell) for cell in cells] for cells in (self.heads, *self.rows))
        lines = ["| " + " | ".join(cells) + " |" for cells in (heads, rules, *rows)]
        return [f"## {marked(self.title)}", "", *([self.said, ""] if self.said else []), *lines, ""]


def overview(scenarios: Sequence[ScenarioResult]) -> TextTable:
    """A line a scenario: how it ended, what it costs beside the first, what it buys most of; or what is in the way."""
    first = next((s.plan["objective_usd"] for s in scenarios if s.plan.get("status") in PLANNED), 0.0)
    rows = tuple((s.name, *_line(s, first)) for s in scenarios)
    heads = ("scenario", "status", "cost, M$", "beside the first", "gap", BUYS)
    return TextTable("scenarios", "Scenarios", "", heads, rows, ("cost, M$", "beside the first", "gap"))


def _line(its: ScenarioResult, first: float) -> tuple[str, ...]:
    status = "not run" if its.stopped else str(its.plan.get("status", "failed"))
    if status not in PLANNED:
        return status, NONE, NONE, NONE, cell(its.message.partition("\n")[0])
    cost = its.plan["objective_usd"]
    beside = f"{100 * (cost - first) / abs(first):+.2f} %" if first and cost != first else NONE
    return status, f"{cost / 1e6:,.2f}", beside, f"{100 * its.plan['gap']:.2f} %", _bought(its.plan)


def _bought(plan: Mapping[str, Any]) -> str:
    """The systems that cost most, with their units."""
    units, cost = units_of(plan), dict[str, float](defaultdict(float))
    for line in plan.get("purchases", ()):
        cost[line["system"]] = cost.get(line["system"], 0.0) + line["cost_usd"]
    ranked = sorted((s for s in units if units[s] > 0), key=lambda system: (-cost[system], system))
    more = f", {len(ranked) - MOST_BOUGHT} more" if len(ranked) > MOST_BOUGHT else ""
    return ", ".join(f"{units[system]:,.10g} {system}" for system in ranked[:MOST_BOUGHT]) + more or NONE


def units_of(plan: Mapping[str, Any]) -> dict[str, float]:
    """Units bought and rented by system."""
    units: dict[str, float] = {}
    for line in plan.get("purchases", ()):
        units[line["system"]] = units.get(line["system"], 0.0) + line["units"]
    return units


def sweep_table(sweep: Swept, results: Mapping[str, ScenarioResult]) -> TextTable:
    """The values of each scenario of a sweep, and what came of them."""
    short = sweep.short
    heads = ("scenario", *(short[path] for path in sweep.paths), "status", "cost, M$", BUYS)
    rows = []
    for name, values in sweep.values.items():
        status, cost, _, _, bought = _line(results[name], 0.0)
        rows.append((name, *(cell(values[path]) for path in sweep.paths), status, cost, bought))
    figures = (*(short[path] for path in sweep.paths), "cost, M$")
    paths = "; ".join(f"{short[path]} is `{path}`" for path in sweep.paths if short[path] != path)
    title = f"Sweep {sweep.name}" + (f": {sweep.title}" if sweep.title != sweep.name else "")
    return TextTable(f"sweep-{sweep.name}", title, f"{paths}." if paths else "", heads, tuple(rows), figures)


def cell(value: Any) -> str:
    """A value on one line of a table."""
    text = f"{value:.10g}" if isinstance(value, float) else str(value)
    return " ".join(text.split()).replace("|", "/")


def marked(text: str) -> str:
    """A cell or title as Markdown that shows it as it stands; figures keep their signs."""
    return plain(text) if any(letter.isalpha() for letter in text) else text
