"""The shape of an instance, read from the schema classes: which fields, lists and mappings a path leads through."""

from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.scalars import NOT_TEXT
from fleetopt.units import Unit

ABSENT = PydanticUndefined
"""Stands for the default of a field that has none."""


def core(annotation: Any) -> Any:
    """The annotation without metadata and without "or None"."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, UnionType):
            annotation = next(arg for arg in get_args(annotation) if arg is not type(None))
        else:
            return annotation


def unit(annotation: Any) -> str | None:
    """Canonical unit of a quantity, None for anything else."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return next((mark.symbol for mark in get_args(annotation)[1:] if isinstance(mark, Unit)), None)
    if origin in (Union, UnionType):
        return next((unit(arg) for arg in get_args(annotation) if arg is not type(None)), None)
    return None


def is_section(annotation: Any) -> bool:
    """Whether the annotation is a section: a mapping of named fields."""
    plain = core(annotation)
    return isinstance(plain, type) and issubclass(plain, BaseModel)


@cache
def fields(section: type[BaseModel]) -> dict[str, Any]:
    """Annotation of each field of a section."""
    hints = get_type_hints(section, include_extras=True)
    return {name: hints[name] for name in section.model_fields}


def default(section: type[BaseModel], name: str) -> Any:
    """Default of a field as plain data; ABSENT where the field is required."""
    value = section.model_fields[name].get_default(call_default_factory=True)
    if isinstance(value, tuple):
        return tuple(item.model_dump() if isinstance(item, BaseModel) else item for item in value)
    return value.model_dump() if isinstance(value, BaseModel) else value


def child(annotation: Any, step: str | int) -> Any:
    """Annotation one step below: of a field, a list item or a mapping's value; None where there is none."""
    plain = core(annotation)
    if is_section(plain):
        return fields(plain).get(str(step))
    arguments = get_args(plain)
    if get_origin(plain) is tuple and isinstance(step, int):
        return (
            arguments[0] if len(arguments) == 2 and arguments[1] is Ellipsis else dict(enumerate(arguments)).get(step)
        )
    if get_origin(plain) is dict:
        return arguments[1]
    return None


def annotation_at(root: type[BaseModel], path: Path) -> Any:
    """Annotation at `path`, None where the schema knows no such path."""
    annotation: Any = root
    for step in path:
        annotation = child(annotation, step)
        if annotation is None:
            return None
    return annotation


def section_at(root: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The section at `path`, None where something else stands there."""
    annotation = annotation_at(root, path)
    section: type[BaseModel] | None = core(annotation) if annotation is not None and is_section(annotation) else None
    return section


TOO_LARGE = 10**60
"""Whole numbers from here on could be given as data but not be written to a file and read again."""


def wrong_kinds(annotation: Any, value: Any, path: Path = ()) -> list[Finding]:
    """Values that pydantic would quietly convert (true for 1, text for a number, 1 for true), or no file could hold."""
    plain = core(annotation)
    if isinstance(value, dict):
        steps: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        steps = list(enumerate(value))
    else:
        finding = _wrong_leaf(plain, unit(annotation), value, path)
        return [finding] if finding else []
    found = []
    for step, inner in steps:
        below = child(plain, step)
        if below is not None:
            found.extend(wrong_kinds(below, inner, (*path, step)))
    return found


def _wrong_leaf(plain: Any, symbol: str | None, value: Any, path: Path) -> Finding | None:
    if plain is bool and value is not None and not isinstance(value, bool):
        return Finding(path, f"{value!r} stands where true or false is meant", "try true or false")
    if plain in (int, float) and isinstance(value, bool):
        return Finding(path, f"{str(value).lower()} stands where a number is meant", "try a number")
    if plain in (int, float) and symbol is None and isinstance(value, str):
        return Finding(path, f"the text {value!r} stands where a plain number is meant", "try a number, without quotes")
    if isinstance(value, str) and (strange := NOT_TEXT.search(value)):
        return Finding(path, f"the text holds the character U+{ord(strange[0]):04X}", "try removing it")
    if isinstance(value, int) and abs(value) >= TOO_LARGE:
        return Finding(path, "the number is too large", "try less than 1e60, or quotes for text")
    return None


def choices(annotation: Any) -> tuple[str, ...]:
    """The values a field may take, where they are listed."""
    plain = core(annotation)
    return tuple(str(a) for a in get_args(plain)) if get_origin(plain) is Literal else ()
