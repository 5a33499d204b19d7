"""`suite`: scenarios side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleetopt.cli.options import EachGap, EachSolver, EachTimeLimit, Json, MemoryGb, Workers
from fleetopt.cli.output import print_json, print_table, say, warn
from fleetopt.cli.suite_progress import suite_progress

if TYPE_CHECKING:
    from fleetopt.suite import SuiteResult
    from fleetopt.suite.runs import ScenarioResult


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
    from fleetopt.suite.write import name, shown, verdict

    names = [scenario.name for scenario in result.scenarios]
    rows = [[name(row), *(shown(value, row.unit) for value in row.values)] for row in result.rows]
    print_table(result.title, ["", *names], rows, names)
    say(verdict(judgement) for judgement in result.judgements)
    say(f"wrote {out / 'comparison.md'} and {out / 'comparison.csv'}")
    for scenario in result.scenarios:
        if scenario.message and not scenario.stopped:
            warn(f"{scenario.name}: {ended(scenario)}:\n{scenario.message}")
    warn_if_stopped(result)


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
        "expectations": [{"holds": j.holds, "text": verdict(j)} for j in result.judgements],
    }


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(suite)
