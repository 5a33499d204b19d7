"""`new`, `check`, `schema`: writing and reading instance files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleetopt.cli.load import read_instance
from fleetopt.cli.options import InstanceFile, Json, Overrides
from fleetopt.cli.output import print_json, say, warn
from fleetopt.errors import UsageError

if TYPE_CHECKING:
    from fleetopt.instance.schema import Instance


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
    """Load and validate an instance; print what was read in canonical units, and the size of the model to come.

    Every problem is reported at once, each as `file:line: path: what; try ...`.

    Example: `fleetopt check fleet.yaml --set sites.*.power.scale=0.5`
    """
    from fleetopt.instance.summary import summary

    instance = read_instance(file, set_)
    found = summary(instance)
    size = _model_to_come(instance)
    if json_:
        print_json(found.as_dict() | {"model to come": size})
        return
    say(found.lines())
    say(["model to come", *(f"  {count:>9,} {name}" for name, count in size.items())])


def _model_to_come(instance: Instance) -> dict[str, int]:
    """Counts of candidates, columns and rows; demand that nobody can serve is a warning here."""
    from fleetopt.candidates.enumerate import candidates
    from fleetopt.candidates.offers import offers
    from fleetopt.model.build import build
    from fleetopt.model.sets import build_sets
    from fleetopt.model.variables import BINARY, INTEGER
    from fleetopt.solve.precheck import precheck

    offered = offers(instance)
    found = candidates(instance, offered)
    size = {
        "candidates before dominance": found.admissible,
        "candidates": len(found.serving) + len(found.training),
    }
    unserved = precheck(instance, build_sets(instance, found, offered.offers), found)
    if unserved is not None:
        warn(f"warning: {unserved.headline}")
        return size
    model = build(instance, found, offered.offers)
    families = model.context.var.families()
    whole = sum(len(columns) for name, columns in families.items() if name in INTEGER | BINARY)
    columns = sum(len(columns) for columns in families.values())
    return size | {"columns": columns, "columns that are whole": whole, "rows": len(model.rows)}


def schema(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print a page for people instead.")] = False,
) -> None:
    """Print every section and field of an instance file, as JSON Schema for editors.

    Example: `fleetopt schema > fleet.schema.json`
    """
    from fleetopt.instance.format_page import page_text
    from fleetopt.instance.json_schema import schema_text

    say((page_text() if markdown else schema_text()).rstrip("\n"))


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (new, check, schema):
        app.command()(command)
