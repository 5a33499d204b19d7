"""`formulation`: the maths, or the very programme of an instance."""

from pathlib import Path
from typing import Annotated

import typer

from fleetopt.cli.load import read_instance
from fleetopt.cli.options import Overrides
from fleetopt.cli.output import say, warn
from fleetopt.errors import UsageError


def formulation(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Instance file, for `--lp`.")] = None,
    lp: Annotated[
        Path | None, typer.Option("--lp", metavar="OUT.lp", help="Write the instance's programme in LP format.")
    ] = None,
    set_: Overrides = None,
) -> None:
    """Print the equations; or write the programme of an instance, which any solver can re-solve.

    Row `P1__oslo__2027q1` is equation P1 at index (oslo, 2027q1).

    Example: `fleetopt formulation fleet.yaml --lp fleet.lp && highs fleet.lp`
    """
    if (file is None) != (lp is None):
        raise UsageError("formulation: FILE and --lp go together; try: fleetopt formulation fleet.yaml --lp fleet.lp")
    if file is None or lp is None:
        from fleetopt.model.formulation import page_text

        say(page_text().rstrip("\n"))
        return
    from fleetopt.model.formulation import lp_text

    text = lp_text(read_instance(file, set_))
    try:
        lp.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{lp}: cannot be written: {error.strerror}; try a folder that exists") from None
    warn(f"wrote {lp}")


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(formulation)
