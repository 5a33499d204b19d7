"""`verify`: a written plan, re-checked without the solver."""

from pathlib import Path
from typing import Annotated

import typer

from fleetopt.cli.options import Json
from fleetopt.cli.output import print_json, say
from fleetopt.errors import VerificationError


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Run folder with `resolved.yaml` and `plan.json`.")],
    json_: Json = False,
) -> None:
    """Re-check a written plan with plain arithmetic: every prediction, row, screen and cost line.

    Only `resolved.yaml` and `plan.json` are read. Exit code 6 if any figure does not agree.

    Example: `fleetopt verify runs/fleet-1a2b3c4d`
    """
    from fleetopt.verify import verify_folder

    found = verify_folder(folder)
    if json_:
        print_json({"passed": found.passed, "checks": found.checks, "failures": list(found.failures)})
        raise typer.Exit(0 if found.passed else VerificationError.exit_code)
    if not found.passed:
        summary = f"{folder}: {len(found.failures)} of {found.checks} checks failed"
        raise VerificationError("\n".join([*found.failures, summary]))
    say(f"{folder}: verified, {found.checks} checks")


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(verify)
