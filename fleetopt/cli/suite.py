"""`suite`: scenarios side by side."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleetopt.cli.options import EachGap, EachSolver, EachTimeLimit, Json, MemoryGb, Workers
from fleetopt.cli.output import print_json, print_table, say, stdout, warn
from fleetopt.cli.suite_answers import answers_data, print_answers
from fleetopt.cli.suite_progress import suite_progress

if TYPE_CHECKING:
    from fleetopt.suite import SuiteResult
    from fleetopt.suite.runs import ScenarioResult

MOST_COLUMNS = 9
"""Of the table with a column a scenario; with more, a line each is read more easily."""


def suite(
    file: Annotated[Path, typer.Argument(metavar="SUITE.yaml", help="Suite file: base, overrides, scenarios, expect.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for run folders and the comparison.")],
    gap: EachGap = None,
    time_limit: EachTimeLimit = None,
    solver: EachSolver = None,
    workers: Workers = None,
    memory_gb: MemoryGb = None,
    json_: Json = False,
) -> None:
    """Solve scenarios side by side, several at once, and compare their plans.

    A suite names overrides (values by path, as `--set`), scenarios (lists of overrides), and what is expected of them
    (`cheaper: [a, b]`, `feasible: a`, `uses: {scenario: a, system: cs-3}`). The table has only the rows that differ.
    Stopped or killed, the same command goes on where it was: only what is not there yet, or has changed, is solved.
    Exit code 0 if every scenario got an answer and every expectation holds.

    Example: `fleetopt suite instances/suites/reference.yaml --out runs/reference --gap 0.005`
    """
    from fleetopt.suite import SuiteOptions, run_suite

    with suite_progress(quiet=json_) as report:
        result = run_suite(file, out, SuiteOptions(gap, time_limit, solver, workers, memory_gb), report)
    if json_:
        print_json(document(result))
    else:
        _print(result, out)
    raise typer.Exit(result.exit_code)


def _print(result: SuiteResult, out: Path) -> None:
    from fleetopt.suite.compare import IN_WORDS
    from fleetopt.suite.write import name, shown, verdict

    names = [scenario.name for scenario in result.scenarios]
    rows = [
        [name(row), *(shown(value, row.unit) for value in row.values)] for row in result.rows if row.key not in IN_WORDS
    ]
    if not names:
        say(result.title)
    elif rows and _fits([["", *names], *rows]):
        print_table(result.title, ["", *names], rows, names)
    else:
        first, *others = result.tables
        differ = f"{len(rows)} figures differ, all in comparison.md" if rows else "no figure differs"
        print_table(f"{result.title}: {differ}", first.heads, first.rows, first.figures)
        for table in others:
            if not table.id.startswith("sweep-"):
                print_table(table.title, table.heads, table.rows, table.figures)
    say(verdict(judgement) for judgement in result.judgements)
    print_answers(result.answers, out)
    if names:
        say(f"wrote {out / 'comparison.md'}, {out / 'comparison.html'} and {out / 'comparison.csv'}")
    for (how, message), its in without_plan(result).items():
        warn(f"{', '.join(its)}: {how}:\n{message}")
    warn_if_stopped(result)


def without_plan(result: SuiteResult) -> dict[tuple[str, str], list[str]]:
    """Scenarios by how they ended without a plan and why, so that what ails all of them is said once."""
    found: dict[tuple[str, str], list[str]] = {}
    for scenario in result.scenarios:
        if scenario.message and not scenario.stopped:
            found.setdefault((ended(scenario), scenario.message), []).append(scenario.name)
    return found


def _fits(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table fits the terminal; where there is none everything does, but a page of scenarios."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    width = stdout().width if sys.stdout.isatty() or "COLUMNS" in os.environ else 160
    return len(widths) <= MOST_COLUMNS and sum(widths) + 3 * len(widths) + 1 <= width


def ended(scenario: ScenarioResult) -> str:
    """How a scenario without a plan ended."""
    return str(scenario.plan["status"]) if scenario.answered else f"failed with exit code {scenario.exit_code}"


def warn_if_stopped(result: SuiteResult) -> None:
    """Say how to go on where a suite was stopped."""
    if result.stopped:
        left = sum(scenario.stopped for scenario in result.scenarios)
        warn(f"stopped with {left} of {len(result.scenarios)} scenarios to go; the same command goes on from here")


def document(result: SuiteResult) -> dict[str, Any]:
    """The same as plain data."""
    from fleetopt.suite.write import verdict

    return {
        "title": result.title,
        "scenarios": [
            {"name": s.name, "title": s.title, "exit_code": s.exit_code, "folder": str(s.folder), "message": s.message}
            | {key: s.plan.get(key) for key in ("status", "objective_usd", "bound_usd", "gap")}
            for s in result.scenarios
        ],
        "rows": [
            {"group": row.group, "name": row.name, "unit": row.unit}
            | {"values": {s.name: value for s, value in zip(result.scenarios, row.values, strict=True)}}
            for row in result.rows
        ],
        "tables": [
            {"title": table.title, "heads": list(table.heads), "rows": [list(row) for row in table.rows]}
            for table in result.tables
        ],
        "expectations": [{"holds": j.holds, "text": verdict(j)} for j in result.judgements],
    } | answers_data(result.answers)


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(suite)
