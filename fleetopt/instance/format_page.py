"""docs/instance-format.md: every section and field of an instance file, written from the schema."""

import inspect
import json
from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from fleetopt.instance import shape
from fleetopt.instance.base import Id, PeriodId
from fleetopt.instance.schema import Instance

_HEAD = """# The instance format

Generated from the schema by `fleetopt schema --markdown`; the test suite fails when it is out of step.
`fleetopt schema` prints the same as JSON Schema, for editors; `fleetopt new FILE` writes a commented instance.

- A quantity is a number in the unit given, or text with a unit: `300 MW`, `21 PB/s`, `$30k`, `2 h`, `9 %`.
- Systems, chips, models, memory tiers, sessions, sites, power sources, jurisdictions, rules and duties may be named by
  their id in the catalogue: `hgx-h100-8`, or `{use: hgx-h100-8, lead_months: 12}`; fields beside `use` replace the
  entry's.
- `include: [file, ...]` merges further files, `demand: {csv: file}` reads a table of rates, and `measured: {csv: file}`
  one of measurements, a column for each field of a point; all only from below the folder of the instance.
"""
_PLAIN = {bool: "true or false", int: "whole number", float: "number", str: "text", Any: "anything"}


def page_text() -> str:
    """The page, the same bytes every time."""
    parts = [_HEAD]
    for section in _sections(Instance, []):
        parts += [f"## {section.__name__}\n", f"{inspect.cleandoc(section.__doc__ or '')}\n"]
        parts += ["| field | value | default | meaning |\n|---|---|---|---|", *_rows(section), ""]
    return "\n".join(parts)


def _sections(section: type[BaseModel], seen: list[type[BaseModel]]) -> list[type[BaseModel]]:
    """`section` and every section below it, each once, in the order of the fields."""
    if section not in seen:
        seen.append(section)
        for annotation in shape.fields(section).values():
            for inner in _sections_in(annotation):
                _sections(inner, seen)
    return seen


def _sections_in(annotation: Any) -> Iterator[type[BaseModel]]:
    plain = shape.core(annotation)
    if shape.is_section(plain):
        yield plain
    elif get_origin(plain) is not Literal:
        for argument in get_args(plain):
            yield from _sections_in(argument)


def _rows(section: type[BaseModel]) -> Iterator[str]:
    for name, annotation in shape.fields(section).items():
        info = section.model_fields[name]
        meaning = " ".join((info.description or "").split())
        cells = (f"`{name}`", _value(annotation), _default(section, name), meaning)
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value(annotation: Any) -> str:
    """What a field takes, in words."""
    if annotation == Id:
        return "id"
    if annotation == PeriodId:
        return "period"
    if symbol := shape.unit(annotation):
        return symbol
    if get_origin(annotation) in (Union, UnionType):
        return _value(next(arg for arg in get_args(annotation) if arg is not type(None)))
    plain = shape.core(annotation)
    if shape.is_section(plain):
        return f"[{plain.__name__}](#{plain.__name__.lower()})"
    arguments = get_args(plain)
    if get_origin(plain) is Literal:
        return " or ".join(f"`{argument}`" for argument in arguments)
    if get_origin(plain) is tuple:
        listed = arguments[:1] if arguments[-1] is Ellipsis else arguments
        return "list of " + ", ".join(_value(argument) for argument in listed)
    if get_origin(plain) is dict:
        return f"{_value(arguments[1])} by {_value(arguments[0])}"
    return _PLAIN.get(plain, "")


def _default(section: type[BaseModel], name: str) -> str:
    if section.model_fields[name].is_required():
        return "required"
    value = shape.default(section, name)
    if section.model_fields[name].default_factory is not None:
        return "calibrated"
    if value is None or value in ((), {}, "") or shape.is_section(shape.fields(section)[name]):
        return ""
    return f"`{json.dumps(value)}`"
