"""The `fleetopt` command: its groups, its global options, and how every failure ends."""

import os
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fleetopt import __version__
from fleetopt.cli import (
    candidates,
    catalog,
    classify,
    compare,
    demand,
    evaluate,
    explain,
    flip,
    formulation,
    imports,
    instance,
    predict,
    regret,
    report,
    solve,
    stress,
    suite,
    verify,
)
from fleetopt.cli.output import warn
from fleetopt.errors import FleetoptError, StoppedError

UNFORESEEN = 1


class Commands(TyperGroup):
    """Turns failures into exit codes: 2 input, 1 unforeseen, and so on as each error class says."""

    def list_commands(self, ctx: Any) -> list[str]:
        """In the order of a planner's work, as registered."""
        return list(self.commands)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take `--debug` wherever it stands."""
        if "--debug" in args:
            args = ["--debug", *(arg for arg in args if arg != "--debug")]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; one line or one list of findings for what went wrong."""
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except KeyboardInterrupt:
            warn(f"{ctx.invoked_subcommand or 'fleetopt'}: stopped before its end; nothing half done was written")
            raise typer.Exit(StoppedError.exit_code) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(UNFORESEEN) from None
        except Exception as error:
            if ctx.params.get("debug"):
                traceback.print_exc()
            if isinstance(error, FleetoptError):
                warn(str(error))
                raise typer.Exit(error.exit_code) from None
            said = " ".join(str(error).split()) or "no further message"
            warn(f"fleetopt {__version__}: unforeseen {type(error).__name__}: {said}; --debug prints where")
            raise typer.Exit(UNFORESEEN) from None


app = typer.Typer(
    name="fleetopt",
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start here: `fleetopt new fleet.yaml`, then `fleetopt solve fleet.yaml`. "
    "Exit codes: 0 verified plan within the gap · 2 bad input · 3 infeasible · 4 stopped with no plan · "
    "5 gap above the target · 6 verification failed · 1 unforeseen.",
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"fleetopt {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Print a traceback where a command fails.")] = False,
) -> None:
    """Which AI chips, memory, power and sites to buy, when and where, at the lowest proven cost."""


for group in (
    instance,
    demand,
    imports,
    candidates,
    predict,
    classify,
    solve,
    verify,
    explain,
    report,
    evaluate,
    compare,
    suite,
    flip,
    regret,
    stress,
    formulation,
    catalog,
):
    group.register(app)


def run() -> None:
    """Entry point of the console script."""
    app()
