"""`new`, `check`, `schema`: writing and reading instance files."""

from pathlib import Path
from typing import Annotated

import typer

from fleetopt.cli.options import InstanceFile, Json, Overrides
from fleetopt.cli.output import print_json, say, warn
from fleetopt.errors import UsageError


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write; it must not exist yet.")],
) -> None:
    """Write a commented starter instance that solves as it is.

    Example: `fleetopt new fleet.yaml && fleetopt solve fleet.yaml`
    """
    from fleetopt.instance.starter import starter_text

    text = starter_text()
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(f"{file}: exists already and is not overwritten; try another name") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}; try a folder that exists") from None
    warn(f"wrote {file}; now try: fleetopt solve {file}")


def check(file: InstanceFile, set_: Overrides = None, json_: Json = False) -> None:
    """Load and validate an instance, and print what was read in canonical units.

    Every problem is reported at once, each as `file:line: path: what; try ...`.

    Example: `fleetopt check fleet.yaml --set sites.*.power.scale=0.5`
    """
    from fleetopt.instance.load import load
    from fleetopt.instance.summary import summary

    found = summary(load(file, set_ or []))
    if json_:
        print_json(found.as_dict())
    else:
        say(found.lines())


def schema() -> None:
    """Print the JSON Schema of instance files, for editors.

    Example: `fleetopt schema > fleet.schema.json`
    """
    from fleetopt.instance.json_schema import schema_text

    say(schema_text().rstrip("\n"))


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (new, check, schema):
        app.command()(command)
