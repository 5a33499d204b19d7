"""Regret for people: the table, the plans with least of it, the page, and the data."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from fleetopt.pipeline.folder import to_json, write_into
from fleetopt.report.charts import Figure, Legend, Tile, Tiles
from fleetopt.report.page.answer import answer_page
from fleetopt.report.page.cells import brief, spread
from fleetopt.report.page.section import Section
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column
from fleetopt.report.text import plain, safe_cell, share, table
from fleetopt.suite.regret import Cell, Line, RegretFound

TRY = "To rank them all the same, say what a request not served costs (`shortfall_usd`, `--shortfall`)."
COMPLETED = "If all that is missing could still be had from the first day, which flatters plans that buy little,"
CELL_FIELDS = ("cost_usd", "regret_usd", "least_usd", "most_usd")


def write_regret(folder: Path, found: RegretFound) -> None:
    """regret.md, regret.csv, regret.json and regret.html."""
    files = {
        "regret.md": regret_markdown(found),
        "regret.csv": regret_csv(found),
        "regret.json": to_json(asdict(found) | {"said": summary(found)}),
        "regret.html": regret_page(found),
    }
    write_into(folder, files)


def summary(found: RegretFound) -> str:
    """Which plan to take, in a sentence or two."""
    if not found.lines:
        return "No scenario has a plan, so there is nothing to regret."
    strict, completed = found.best("expected"), found.best("expected", completed=True)
    if strict is None:
        lead = f"No plan serves every scenario with the purchases it makes. {TRY}"
        if completed is None:
            return f"{lead} Nor can one be completed in each of them as far as was found."
        return f"{lead} {COMPLETED} {_choice(found, completed=True)}"
    said = _capital(_choice(found, completed=False))
    if completed is None or completed.plan == strict.plan:
        return said
    return f"{said} {COMPLETED} {_choice(found, completed=True)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _choice(found: RegretFound, completed: bool) -> str:
    mean, worst = found.best("expected", completed), found.best("largest", completed)
    assert mean is not None and worst is not None
    assert mean.expected_usd is not None and worst.largest_usd is not None
    if mean.plan == worst.plan:
        return (
            f"the plan of {mean.plan} has the least regret on both counts, {brief(mean.expected_usd)} expected and "
            f"{brief(worst.largest_usd)} at most{_doubt(found, mean, completed)}."
        )
    return (
        f"the plan of {mean.plan} has the least expected regret, {brief(mean.expected_usd)}; that of {worst.plan} the "
        f"least at most, {brief(worst.largest_usd)}{_doubt(found, mean, completed)}."
    )


def _doubt(found: RegretFound, best: Line, completed: bool) -> str:
    """Other plans that the gaps do not tell from the best by expected regret."""
    most = _expected(found, best, "most_usd")
    others = [
        line.plan
        for line in found.lines
        if line is not best
        and (line.serves_all or (completed and line.completed_all))
        and (least := _expected(found, line, "least_usd")) is not None
        and most is not None
        and least < most
    ]
    return f" (within the gaps {', '.join(others)} may have less on average)" if others else ""


def _expected(found: RegretFound, line: Line, field: str) -> float | None:
    values = [getattr(cell, field) for cell in line.cells]
    if any(value is None for value in values):
        return None
    return float(sum(weight * value for weight, value in zip(found.weights, values, strict=True)))


def regret_markdown(found: RegretFound) -> str:
    """The whole answer as text."""
    lines = ["# Regret", "", plain(summary(found)), ""]
    lines += [
        "Each row is the plan of one scenario; each column is what comes. Purchases (systems, memory, power, sites, "
        "retirements) are held as the plan has them, operation is optimised anew, and what that costs more than the "
        "scenario's own plan is its regret. In brackets: what it may be by what the gaps leave open.",
        "",
    ]
    header = ["plan of", *(f"{plain(n)} comes" for n in found.scenarios), "expected", "at most"]
    rows = [["*weight*", *(share(weight) for weight in found.weights), "", ""]]
    rows += [["*its own plan costs*", *("–" if c is None else brief(c) for c in found.optima), "", ""]]
    rows += [[plain(line.plan), *map(_cell, line.cells), *_sums(line)] for line in found.lines]
    lines += table(header, rows)
    if notes := list(_notes(found)):
        lines += ["## Where purchases do not do", "", *(f"- {note}" for note in notes), ""]
        lines += [
            "*completed* is the cost of the cheapest plan that keeps all these purchases and adds what is missing, as "
            "if what comes were known from the first day; the regret of buying late would be larger.",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _cell(cell: Cell) -> str:
    if cell.kind == "own":
        return "own"
    if cell.regret_usd is None or cell.least_usd is None or cell.most_usd is None:
        return f"**{cell.kind}**"
    regret, open_ = brief(cell.regret_usd), spread(cell.least_usd, cell.most_usd)
    text = regret if open_ == regret else f"{regret} ({open_})"
    return text if cell.kind == "served" else f"**{cell.kind}**; completed {text}"


def _sums(line: Line) -> list[str]:
    if line.expected_usd is None or line.largest_usd is None:
        return ["–", "–"]
    mark = "" if line.serves_all else " completed"
    return [f"{brief(line.expected_usd)}{mark}", f"{brief(line.largest_usd)}{mark}"]


def _notes(found: RegretFound) -> Iterator[str]:
    for line in found.lines:
        for name, cell in zip(found.scenarios, line.cells, strict=True):
            if cell.because and not cell.serves:
                yield f"plan of {plain(line.plan)} where {plain(name)} comes, {cell.kind}: {plain(cell.because)}"


def regret_csv(found: RegretFound) -> str:
    """A row for each pair, figures in full."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["plan", "scenario", "weight", "kind", *CELL_FIELDS, "because"])
    for line in found.lines:
        for name, weight, cell in zip(found.scenarios, found.weights, line.cells, strict=True):
            figures = ["" if (value := getattr(cell, key)) is None else value for key in CELL_FIELDS]
            writer.writerow([line.plan, name, weight, cell.kind, *figures, safe_cell(cell.because)])
    return stream.getvalue()


def regret_figure(found: RegretFound) -> Figure:
    """A tile for each pair."""
    slots = {"own": 7, "served": 0, "cannot serve": 1, "cannot be had": 3, "unknown": 5}
    rows = tuple(
        (
            line.plan,
            tuple(
                Tile(slots[c.kind], _words(c), f"{c.kind}, {_words(c)}{f': {c.because}' if c.because else ''}")
                for c in line.cells
            ),
        )
        for line in found.lines
    )
    kinds = [kind for kind in slots if any(c.kind == kind for line in found.lines for c in line.cells)]
    legend = tuple(Legend({"own": "own scenario"}.get(kind, kind), slots[kind]) for kind in kinds)
    title = "Regret of each plan in each scenario"
    said = "What a plan costs more than the scenario's own; completed where it cannot serve."
    return Tiles("regret", title, said, "what comes", "plan of", found.scenarios, rows, legend).figure()


def _words(cell: Cell) -> str:
    if cell.kind == "own":
        return "own"
    return cell.kind if cell.regret_usd is None else f"+{brief(cell.regret_usd)}"


def regret_page(found: RegretFound) -> str:
    """The answer as a page."""
    columns = (
        Column("Plan of", id="plan"),
        Column("What comes", id="scenario"),
        Column("Weight", "share", id="weight"),
        Column("Stands", id="kind"),
        Column("Cost", "money", id="cost_usd"),
        Column("Regret", "money", id="regret_usd"),
        Column("At least", "money", id="least_usd"),
        Column("At most", "money", id="most_usd"),
        Column("Because", id="because"),
    )
    rows = [
        (line.plan, name, weight, c.kind, c.cost_usd, c.regret_usd, c.least_usd, c.most_usd, c.because or None)
        for line in found.lines
        for name, weight, c in zip(found.scenarios, found.weights, line.cells, strict=True)
    ]
    pairs = listed("pairs", "Every plan in every scenario", "", columns, rows)
    figures = (regret_figure(found),) if found.lines else ()
    section = Section("regret", "Plans and what comes", "", figures, views=(View(pairs),))
    span = f"{len(found.lines)} plans, {found.evaluations} evaluations"
    return answer_page("Regret", span, summary(found), [section])
