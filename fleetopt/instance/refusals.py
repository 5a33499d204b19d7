"""Fields whose equation is not written yet: any value but the default is refused by name, never ignored."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from fleetopt.instance.located import Finding, Path


def refusals(section: BaseModel, path: Path = ()) -> Iterator[Finding]:
    """A finding for each field below `section` that awaits an equation and is used."""
    for name, info in type(section).model_fields.items():
        value = getattr(section, name)
        extra = info.json_schema_extra
        awaited = extra.get("awaits") if isinstance(extra, dict) else None
        if awaited is None:
            yield from _below(value, (*path, name))
        elif value != info.get_default(call_default_factory=True):
            message = f"needs equation {awaited}, which is not written yet"
            yield Finding((*path, name), message, "try removing the field")


def _below(value: Any, path: Path) -> Iterator[Finding]:
    if isinstance(value, BaseModel):
        yield from refusals(value, path)
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _below(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _below(item, (*path, key))
