"""`stress`: an instance under the standard stresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleetopt.cli.options import EachGap, EachSolver, EachTimeLimit, InstanceFile, Json, MemoryGb, Workers
from fleetopt.cli.output import print_json, print_table, say, warn
from fleetopt.cli.suite import document, ended, warn_if_stopped
from fleetopt.cli.suite_progress import suite_progress

if TYPE_CHECKING:
    from fleetopt.suite import SuiteResult
    from fleetopt.suite.runs import ScenarioResult


def stress(
    file: InstanceFile,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for run folders and the comparison.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="NAME", help="Only this stress; may be given again.")
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="Say what the stresses of this instance are; run none.")
    ] = False,
    gap: EachGap = None,
    time_limit: EachTimeLimit = None,
    solver: EachSolver = None,
    workers: Workers = None,
    memory_gb: MemoryGb = None,
    json_: Json = False,
) -> None:
    """Solve an instance as it stands and under the standard stresses, and compare the plans.

    Deliveries one quarter late, each site's new power one year late, demand 30 % up and down, twice the failures, DRAM
    at twice the price, each vendor out. Each is an override of the `stress` section, so it can stand in a suite too
    (`stresses: [standard]`) or in `--set stress.demand_scale=1.3`. A stress without a plan is an answer, not an error.

    Example: `fleetopt stress fleet.yaml --out runs/stress --gap 0.01`
    """
    from fleetopt.errors import UsageError
    from fleetopt.instance.load import load
    from fleetopt.suite import SuiteOptions, run_stresses
    from fleetopt.suite.stresses import STANDARD, chosen

    names = tuple(only) if only else (STANDARD,)
    if list_:
        found = chosen(load(file).instance, names)
        rows = {s.name: {o.path: o.value for o in s.overrides} for s in found}
        if json_:
            print_json([{"name": s.name, "title": s.title, "overrides": rows[s.name]} for s in found])
        else:
            width = max((len(s.name) for s in found), default=0)
            say(f"{s.name:{width}}  {s.title}" for s in found)
        return
    if out is None:
        raise UsageError("--out is missing; try --out runs/stress, or --list to see what would run")
    with suite_progress(quiet=json_) as report:
        options = SuiteOptions(gap, time_limit, solver, workers, memory_gb)
        result = run_stresses(file, out, names, options, report)
    if json_:
        print_json(document(result))
    else:
        _print(result, out)
    raise typer.Exit(result.exit_code)


def _print(result: SuiteResult, out: Path) -> None:
    """A row for each stress, then what is not as expected."""
    from fleetopt.suite.write import verdict

    base = next(s for s in result.scenarios if s.name == "base").plan.get("objective_usd")
    rows = [[s.name, *_figures(s, base)] for s in result.scenarios]
    figures = ("cost, M$", "than base")
    print_table(result.title, ["", "status", *figures, "in the way"], rows, figures)
    say(verdict(judgement) for judgement in result.judgements if not judgement.holds)
    say(f"wrote {out / 'comparison.md'} and {out / 'comparison.csv'}")
    for scenario in result.scenarios:
        if not scenario.answered and not scenario.stopped:
            warn(f"{scenario.name}: {ended(scenario)}:\n{scenario.message}")
    warn_if_stopped(result)


def _figures(scenario: ScenarioResult, base_usd: float | None) -> list[str]:
    """Status, cost, share above the base, and what keeps a plan from being."""
    cost = scenario.plan.get("objective_usd")
    more = f"{cost / base_usd - 1:+.1%}" if cost is not None and base_usd else ""
    diagnosis = scenario.folder / "diagnosis.json"
    why = ""
    if cost is None and scenario.answered and diagnosis.is_file():
        why = json.loads(diagnosis.read_text(encoding="utf-8"))["headline"]
    return [scenario.plan.get("status", "did not run"), f"{cost / 1e6:,.2f}" if cost is not None else "", more, why]


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(stress)
