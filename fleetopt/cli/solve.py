"""`solve`: the main job."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from fleetopt.cli.options import Gap, InstanceFile, Json, Overrides, Seed, Solver, TimeLimit
from fleetopt.cli.output import print_json, say
from fleetopt.cli.progress import progress


def solve(
    file: InstanceFile,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Run folder to write: a new one, or that of an earlier run. Default: `runs/<instance>-<hash>`.",
        ),
    ] = None,
    set_: Overrides = None,
    gap: Gap = 0.001,
    time_limit: TimeLimit = 600.0,
    solver: Solver = "highs",
    method: Annotated[
        Literal["auto", "monolithic", "pricing"],
        typer.Option(
            help="`auto` fixes the structure first, then solves for whole units, and prices where there are very many "
            "columns; `monolithic` does all at once; `pricing` takes in only columns that pay."
        ),
    ] = "auto",
    seed: Seed = 0,
    json_: Json = False,
) -> None:
    """Find the cheapest plan, prove how near the optimum it is, re-check it, and write it.

    Prints what it costs, the gap and what to order first; the run folder has `plan.md`, `plan.json` and `tables/`.
    Ctrl-C stops the search and keeps the best plan found; where there is none yet, one is made first (exit code 5).

    Example: `fleetopt solve fleet.yaml --set workloads.chat.demand.scale=2 --gap 0.01`
    """
    from fleetopt.pipeline import SolveOptions, solve_file

    options = SolveOptions(gap=gap, time_limit_s=time_limit, solver=solver, method=method, seed=seed)
    with progress(quiet=json_) as report:
        result = solve_file(file, out, set_ or [], options, report)
    if json_:
        print_json(_document(result.folder))
    else:
        say(result.summary_lines)
    raise typer.Exit(result.exit_code)


def _document(folder: Path) -> dict[str, Any]:
    """plan.json, with the diagnosis where there is no plan."""
    document: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    diagnosis = folder / "diagnosis.json"
    if diagnosis.is_file():
        document["diagnosis"] = json.loads(diagnosis.read_text(encoding="utf-8"))
    return document


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(solve)
