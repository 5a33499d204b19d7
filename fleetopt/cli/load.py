"""Reading an instance for a command: what overrides changed and what its author should know go to stderr."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fleetopt.cli.output import warn

if TYPE_CHECKING:
    from fleetopt.instance.schema import Instance


def read_instance(file: Path, overrides: Sequence[str] | None) -> Instance:
    """The instance in `file` with `overrides` applied. Raises InputError with every problem found."""
    from fleetopt.instance.load import load

    loaded = load(file, overrides or ())
    for change in loaded.changes:
        warn(f"set {change}")
    for warning in loaded.warnings:
        warn(f"warning: {warning}")
    return loaded.instance
