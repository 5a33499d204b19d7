"""`import melange`, `import inferno`: other tools' files as instances."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fleetopt.cli.output import warn

Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="Instance to write; an earlier import is replaced.")]
imports = typer.Typer(
    no_args_is_help=True,
    help="Write an instance from another tool's files (docs/peers.md).\n\n"
    "Example: `fleetopt import melange config.json --out chat.yaml`",
)


@imports.command()
def melange(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.json", help="A Mélange configuration.")], out: Out
) -> None:
    """Write an instance from a Mélange configuration (also AIBrix profiles in `gpu_info`).

    Slices stay whole and the histogram as it is: `fleetopt solve FILE --gap 0` proves Mélange's optimum, and
    `--set demand.split=continuous` shows what splitting slices would save.

    Example: `fleetopt import melange config.json --out chat.yaml && fleetopt solve chat.yaml --gap 0`
    """
    from fleetopt.imports.frame import write_instance
    from fleetopt.imports.melange import melange_text

    write_instance(out, melange_text(config))
    warn(f"wrote {out}; now try: fleetopt solve {out} --gap 0")


@imports.command()
def inferno(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of an Inferno case: *-data.json files.")],
    out: Out,
) -> None:
    """Write an instance from the data files of Inferno (llm-inferno, llm-d workload variant autoscaler).

    Its queue model and stock stay as they are, with one accelerator for each server;
    `--set servers.mixed=true` lets servers mix them, `--set policy.limits.*.enabled=false` leaves the stock unlimited.

    Example: `fleetopt import inferno sample-data/small --out small.yaml && fleetopt solve small.yaml --gap 0`
    """
    from fleetopt.imports.frame import write_instance
    from fleetopt.imports.inferno import inferno_text

    text, warnings = inferno_text(folder)
    write_instance(out, text)
    for warning in warnings:
        warn(f"warning: {warning}")
    warn(f"wrote {out}; now try: fleetopt solve {out} --gap 0")


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.add_typer(imports, name="import")
