"""`evaluate`: the planner's own plan beside the optimum."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from fleetopt.cli.options import Gap, InstanceFile, Json, Overrides, Seed, Solver, TimeLimit
from fleetopt.cli.output import print_json, say
from fleetopt.cli.progress import progress


def evaluate(
    file: InstanceFile,
    plan: Annotated[
        list[Path],
        typer.Option(
            "--plan",
            metavar="PURCHASES.csv",
            help="Your plan: a table of purchases (`period,site,system,units`, with `acquisition` where rented), or a "
            "run folder. May be given again, for tables of memory, power, sites or retirements.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Run folder to write. Default: `runs/<instance>-own-<hash>`."),
    ] = None,
    optimum: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Run folder of the solved instance, to compare with it and not solve again."),
    ] = None,
    shortfall: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            metavar="USD",
            help="Price of a request not served, for workloads without one: what your plan leaves unserved is shown.",
        ),
    ] = None,
    set_: Overrides = None,
    gap: Gap = 0.001,
    time_limit: TimeLimit = 600.0,
    solver: Solver = "highs",
    seed: Seed = 0,
    json_: Json = False,
) -> None:
    """Cost your own plan: purchases as you give them, operated at the least cost, beside the optimum line by line.

    A system that your tables do not name is not bought. Memory, power, sites and retirements are optimised unless a
    table speaks of them: the header tells what a table is of, and a table without rows means none. Every table of a
    run folder is read as it stands. What cannot be had (lead time, export rule, nothing on offer) ends with 2 and
    the reason; a plan that cannot serve ends with 3 and what it lacks.

    Example: `fleetopt evaluate fleet.yaml --plan mine.csv --optimum runs/fleet-1a2b3c4d`
    """
    from fleetopt.pipeline import SolveOptions, evaluate_file

    options = SolveOptions(gap=gap, time_limit_s=time_limit, solver=solver, seed=seed)
    with progress(quiet=json_) as report:
        result = evaluate_file(file, plan, out, set_ or [], options, report, optimum=optimum, shortfall_usd=shortfall)
    if json_:
        print_json(_document(result.folder))
    else:
        say(result.summary_lines)
    raise typer.Exit(result.exit_code)


def _document(folder: Path) -> dict[str, Any]:
    """evaluation.json, or the diagnosis where there is no plan."""
    found = folder / "evaluation.json"
    name = "evaluation.json" if found.is_file() else "diagnosis.json"
    document: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return document


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(evaluate)
