"""comparison.md, comparison.csv and comparison.html."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleetopt.pipeline.folder import write_into
from fleetopt.report.page import Differing, Verdict, comparison_page
from fleetopt.report.text import plain, safe_cell
from fleetopt.suite.compare import Row, Value
from fleetopt.suite.expect import Judgement
from fleetopt.suite.schema import FlipClaim, Use
from fleetopt.suite.sweeps import Swept
from fleetopt.suite.tables import TextTable


def write_comparison(
    out: Path,
    title: str,
    plans: Mapping[str, Mapping[str, Any]],
    rows: Sequence[Row],
    judgements: Sequence[Judgement],
    tables: Sequence[TextTable] = (),
    messages: Mapping[str, str] | None = None,
    answers: Sequence[str] = (),
) -> None:
    """Write the files into the folder `out`; the CSV has figures in full, the pages in readable units.

    `tables` stand before the rows on the pages; `messages` say why a scenario has no plan; `answers` are lines of
    Markdown on what else the suite asks, for the end of the page.
    `plans` holds plan.json by scenario, empty for one that did not run.
    """
    scenarios = list(plans)
    files = {
        "comparison.md": page(title, scenarios, rows, judgements, tables) + "".join(f"{line}\n" for line in answers),
        "comparison.csv": csv_text(scenarios, rows),
        "comparison.html": html(title, plans, rows, judgements, tables, messages),
    }
    write_into(out, files)


def html(
    title: str,
    plans: Mapping[str, Mapping[str, Any]],
    rows: Sequence[Row],
    judgements: Sequence[Judgement],
    tables: Sequence[TextTable] = (),
    messages: Mapping[str, str] | None = None,
) -> str:
    """The comparison as a page that sorts and filters."""
    differing = [
        Differing(row.group, *_named(row), tuple(shown(value, row.unit) for value in row.values)) for row in rows
    ]
    verdicts, extras = [Verdict(j.holds, verdict(j)) for j in judgements], list(tables)
    return comparison_page(title, plans, differing, verdicts, extras, messages)


def page(
    title: str,
    scenarios: Sequence[str],
    rows: Sequence[Row],
    judgements: Sequence[Judgement],
    tables: Sequence[TextTable] = (),
) -> str:
    """The comparison as Markdown: tables, rows that differ, then the expectations."""
    lines = [
        f"# {plain(title)}",
        "",
        *(line for table in tables for line in table.markdown()),
        *(["## What differs", ""] if tables else []),
        differ(len(rows), len(scenarios)),
        "",
    ]
    lines += [_line(["", *scenarios]), _line(["---", *["---:"] * len(scenarios)])] if rows else []
    lines += [_line([name(row), *(shown(value, row.unit) for value in row.values)]) for row in rows]
    if judgements:
        lines += ["", "## Expectations", ""]
        lines += [f"- {plain(verdict(judgement))}" for judgement in judgements]
    return "\n".join(lines) + "\n"


def differ(rows: int, scenarios: int) -> str:
    """How many figures differ, in a sentence."""
    if not rows:
        return f"No figure differs between {scenarios} scenarios."
    return f"{rows} figures differ between {scenarios} scenarios; the others are left out."


def sweep_csv(sweep: Swept, plans: Mapping[str, Mapping[str, Any]]) -> str:
    """The values of a sweep's scenarios, and what they came to, as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    figures = ("status", "objective_usd", "bound_usd")
    writer.writerow(["scenario", *sweep.paths, *figures])
    for name, values in sweep.values.items():
        writer.writerow([name, *map(safe_cell, values.values()), *(plans[name].get(figure, "") for figure in figures)])
    return stream.getvalue()


def csv_text(scenarios: Sequence[str], rows: Sequence[Row]) -> str:
    """The rows as CSV."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["group", "name", "unit", *scenarios])
    writer.writerows(map(safe_cell, [row.group, row.name, row.unit, *row.values]) for row in rows)
    return stream.getvalue()


def name(row: Row) -> str:
    """Group and name, and the unit as shown."""
    called, unit = _named(row)
    return f"{row.group}: {called}" + (f", {unit}" if unit else "")


def _named(row: Row) -> tuple[str, str]:
    """Name, and the unit as shown."""
    return row.name, {"USD": "M$", "kW": "MW", "GB": "TB"}.get(row.unit, row.unit)


def shown(value: Value, unit: str) -> str:
    """A figure for people: money in M$, power in MW, memory in TB; a dash for none."""
    if isinstance(value, str):
        return value or "–"
    scaled = value / {"USD": 1e6, "kW": 1e3, "GB": 1e3}.get(unit, 1.0)
    decimals = 2 if unit == "USD" else 1
    return f"{scaled:,.{decimals}f}" if scaled % 1 else f"{scaled:,.0f}"


def verdict(judgement: Judgement) -> str:
    """One line about an expectation."""
    expectation = judgement.expectation
    said, relation = getattr(expectation, expectation.kind), expectation.kind.replace("_", " ")
    if expectation.sides:
        first, second = (" + ".join(side) for side in expectation.sides)
        by = f" by {100 * expectation.by:g} %" if expectation.by else ""
        what = f"{first} {relation}{by} {'to' if expectation.dearer_or_equal else 'than'} {second}"
    elif isinstance(said, Use):
        what = f"{said.scenario} {relation} {said.said}"
    elif isinstance(said, FlipClaim):
        between = f" between {said.between[0]} and {said.between[1]}" if said.between else ""
        what = f"{said.flip} {relation}{between}"
    else:
        what = f"{said} {relation}"
    state = "holds" if judgement.holds else "DOES NOT HOLD" if judgement.known else "NOT KNOWN"
    text = f"{state}: {what} ({judgement.because})"
    return f"{text}. {expectation.why}" if expectation.why else text


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
