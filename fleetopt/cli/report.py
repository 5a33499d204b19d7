"""`report`: a run written out for those who act on it."""

from pathlib import Path
from typing import Annotated

import typer

from fleetopt.cli.options import Json
from fleetopt.cli.output import print_json, say, warn


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Run folder with `resolved.yaml` and `plan.json`.")],
    formats: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="NAME,NAME",
            help="What to write: `html` (report.html), `xlsx` (procurement.xlsx), `pdf` (report.pdf), `csv` (tables/), "
            "`md` (plan.md); several with commas.",
        ),
    ] = "html,xlsx",
    previous: Annotated[
        Path | None,
        typer.Option("--previous", metavar="DIR", help="Run folder of an earlier plan: adds what has changed since."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to write. Default: the run folder itself.")
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Check every figure first, as `verify` does; nothing is written if one fails."),
    ] = False,
    json_: Json = False,
) -> None:
    """Write the reports of a solved run: the workbook for procurement, tables, the page for planners.

    Only `resolved.yaml` and `plan.json` are read; the same run gives the same bytes. A file that is there is replaced,
    whole or not at all, and nothing is written outside the folder.

    Example: `fleetopt report runs/fleet-1a2b3c4d --format xlsx,md --previous runs/fleet-9e8f7a6b`
    """
    from fleetopt.pipeline.reports import report_folder

    names = [name.strip() for name in formats.split(",") if name.strip()]
    found = report_folder(folder, names, previous=previous, out=out, verify=verify)
    for note in found.notes:
        warn(note)
    if json_:
        print_json({"folder": str(found.folder), "files": list(found.files), "notes": list(found.notes)})
    else:
        say(str(found.folder / name) for name in found.files)


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(report)
