"""`regret`: every scenario's plan under every other scenario."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleetopt.cli.options import Json, MemoryGb, Workers
from fleetopt.cli.output import print_json, print_table, say
from fleetopt.cli.suite_progress import suite_progress
from fleetopt.errors import UsageError

if TYPE_CHECKING:
    from fleetopt.suite.regret import RegretFound


def regret(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder that `fleetopt suite` wrote.")],
    scenario: Annotated[
        list[str] | None,
        typer.Option("--scenario", metavar="NAME", help="Only these scenarios; may be given again. Default: all."),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option("--weight", metavar="NAME=NUMBER", help="How likely it is beside the others, which are 1 each."),
    ] = None,
    shortfall: Annotated[
        float | None,
        typer.Option(min=0.0, metavar="USD", help="Price of a request not served, for workloads without one."),
    ] = None,
    workers: Workers = None,
    memory_gb: MemoryGb = None,
    json_: Json = False,
) -> None:
    """What it costs to have planned for another scenario: the plan with the least regret, whatever comes.

    Purchases of each plan are held, and operated at the least cost in every other scenario; what that costs more than
    the scenario's own plan is the regret. A plan that cannot serve in a scenario is shown as such, with what is missing
    and what it would cost to complete it. Two plans are named: with the least regret on average (by weight), and with
    the least at most. regret.md, .csv, .html and .json and the evaluations go to the folder; what is there is kept.

    Example: `fleetopt regret runs/reference --scenario base --scenario agents-x3 --weight base=3`
    """
    from fleetopt.suite.ask import regret_of

    with suite_progress(quiet=json_) as report:
        found = regret_of(folder, scenario or [], _weights(weight or []), shortfall, workers, memory_gb, report)
    if json_:
        print_json(asdict(found))
    else:
        _print(found, folder)
    raise typer.Exit(int(any(cell.kind == "unknown" for line in found.lines for cell in line.cells)))


def _weights(texts: list[str]) -> dict[str, float]:
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        try:
            found[name] = float(value)
        except ValueError:
            equals = ""
        if not equals or not 0 <= found[name] < float("inf"):
            raise UsageError(f"--weight {text}: not NAME=NUMBER; try --weight {name or 'base'}=2")
    return found


def _print(found: RegretFound, folder: Path) -> None:
    from fleetopt.report.page.cells import brief
    from fleetopt.suite.regret_report import summary

    rows = []
    for line in found.lines:
        cells = [c.kind if c.regret_usd is None else brief(c.regret_usd) + "*" * (not c.serves) for c in line.cells]
        sums = ["–" if usd is None else brief(usd) for usd in (line.expected_usd, line.largest_usd)]
        rows.append([line.plan, *cells, *sums])
    names = [f"in {name}" for name in found.scenarios]
    print_table("Regret", ["plan of", *names, "expected", "at most"], rows, (*names, "expected", "at most"))
    if any(not cell.serves and cell.regret_usd is not None for line in found.lines for cell in line.cells):
        say("* does not serve as it is; regret of the cheapest plan that completes it")
    say(summary(found))
    say(f"wrote {folder / 'regret.md'}, {folder / 'regret.csv'} and {folder / 'regret.html'}")


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(regret)
