"""The schema's complaints in plain words: what is wrong at which path, and what to try."""

from typing import Any

from pydantic import BaseModel, ValidationError

from fleetopt.instance import shape
from fleetopt.instance.located import Finding, Path, value_at
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.units import QuantityError

_MEANT = {
    "model_type": "a section (a mapping of fields)",
    "model_attributes_type": "a section (a mapping of fields)",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}
_TRY = {
    "text": "try quotes",
    "a list": "try [ ] or lines that begin with -",
    "a section (a mapping of fields)": "try 'name: value' lines, indented",
    "a mapping": "try 'name: value' lines, indented",
    "true or false": "try true or false",
}
_BOUNDS = {
    "greater_than_equal": ("less than {ge:g}", "try {ge:g} or more"),
    "greater_than": ("not more than {gt:g}", "try more than {gt:g}"),
    "less_than_equal": ("more than {le:g}", "try {le:g} or less"),
    "less_than": ("not less than {lt:g}", "try less than {lt:g}"),
}
_KEY = "[key]"
"""What pydantic puts after a key that is itself wrong."""


def findings(error: ValidationError, root: type[BaseModel] = Instance) -> list[Finding]:
    """One finding for each complaint of the schema `root`."""
    return [_finding(complaint, root) for complaint in error.errors(include_url=False) if not _is_echo(complaint)]


def _is_echo(complaint: Any) -> bool:
    """Whether a list is called too short only because its items, which are complained about too, were not counted."""
    given = complaint["input"]
    return complaint["type"] == "too_short" and isinstance(given, list) and len(given) >= complaint["ctx"]["min_length"]


def _finding(complaint: Any, root: type[BaseModel]) -> Finding:
    kind, context, given = complaint["type"], complaint.get("ctx", {}), complaint.get("input")
    path: Path = tuple(complaint["loc"])
    if path[-1:] == (_KEY,) and len(path) > 1 and kind != "extra_forbidden":
        path = path[:-1]
    if kind == "extra_forbidden":
        return Finding(path, "unknown field", _field_hint(root, path))
    if kind == "missing":
        return Finding(path, "the field is missing", _needed(root, path))
    if kind == "value_error":
        cause = context.get("error")
        quantity = isinstance(cause, QuantityError)
        return Finding(path, cause.message, cause.hint) if quantity else Finding(path, str(cause))
    if kind in _BOUNDS:
        return _out_of_bounds(kind, context, given, path, root)
    if kind in _MEANT:
        meant = _MEANT[kind]
        return Finding(path, f"{_described(given)} stands where {meant} is meant", _TRY.get(meant, f"try {meant}"))
    if kind == "literal_error":
        options = shape.choices(shape.annotation_at(root, path)) or (str(context.get("expected")),)
        return Finding(path, f"{_described(given)} is none of the values known", did_you_mean(str(given), options))
    return _other(kind, context, given, path, complaint["msg"])


def _other(kind: str, context: Any, given: Any, path: Path, message: str) -> Finding:
    if kind == "finite_number":
        return Finding(path, f"{given} is not a finite number", "try a number")
    if kind == "string_pattern_mismatch" and "q[1-4]" in str(context.get("pattern")):
        return Finding(path, f"{_described(given)} is not a period", "try a quarter such as 2027q1, or a year")
    if kind == "string_pattern_mismatch":
        hint = "try up to 64 lower-case letters, digits, '-', '_' and '.'"
        return Finding(path, f"{_described(given)} is not an id", hint)
    if kind in ("too_short", "too_long"):
        least = kind == "too_short"
        bound = context.get("min_length" if least else "max_length")
        message = f"the list has {context.get('actual_length')} items, {'fewer' if least else 'more'} than {bound}"
        return Finding(path, message, f"try {'at least' if least else 'at most'} {bound}")
    if kind == "string_too_long":
        return Finding(path, f"the text is longer than {context.get('max_length')} characters", "try a shorter one")
    return Finding(path, message[:1].lower() + message[1:])


def _out_of_bounds(kind: str, context: Any, given: Any, path: Path, root: type[BaseModel]) -> Finding:
    message, hint = (text.format(**context) for text in _BOUNDS[kind])
    annotation = shape.annotation_at(root, path)
    if shape.unit(annotation) == "share" and isinstance(given, int | float) and 1 < given <= 100:
        hint = f"try {given / 100:g} or '{given:g} %'"
    negative = kind == "greater_than_equal" and context["ge"] == 0
    return Finding(path, f"{given} is {'negative' if negative else message}", hint)


def _described(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, dict):
        return "a mapping"
    if isinstance(given, list | tuple):
        return "a list"
    if isinstance(given, bool):
        return str(given).lower()
    text = f"the number {given}" if isinstance(given, int | float) else repr(given)
    return text if len(text) <= 80 else text[:77] + "..."


def _field_hint(root: type[BaseModel], path: Path) -> str:
    """What an unknown field may have been meant as: a field here, or one a section deeper."""
    section = shape.section_at(root, path[:-1])
    if section is None:
        return "try removing it"
    names = [*shape.fields(section), *_one_deeper(section)]
    wrong = str(path[-1])
    hint = did_you_mean(wrong, names)
    return hint if hint.startswith("did") else did_you_mean(wrong, shape.fields(section))


def _one_deeper(section: type[BaseModel]) -> list[str]:
    found = []
    for name, annotation in shape.fields(section).items():
        if shape.is_section(annotation):
            found += [f"{name}.{inner}" for inner in shape.fields(shape.core(annotation))]
    return found


def _needed(root: type[BaseModel], path: Path) -> str:
    """What a missing field is for, from the schema's own words."""
    section = shape.section_at(root, path[:-1])
    name = str(path[-1])
    info = section.model_fields.get(name) if section else None
    if section is None or info is None:
        return f"try adding {name}"
    symbol = shape.unit(shape.fields(section)[name])
    about = (info.description or name).split("\n")[0].split(";")[0].rstrip(".")
    return f"try adding {name}: {about}" + (f", in {symbol}" if symbol and symbol != "share" else "")


def mended(data: dict[str, Any], found: list[Finding]) -> dict[str, Any]:
    """`data` without the fields that findings are about, so that the checks can look at the rest.

    A required number or choice gets a stand-in; what is said about it then is not passed on.
    """
    for finding in found:
        path = finding.path
        while path and isinstance(path[-1], int):
            path = path[:-1]
        if path and isinstance(value_at(data, path[:-1]), dict):
            data = _replaced(data, path, _stand_in(path))
    return data


def _stand_in(path: Path) -> Any:
    """A value for a required number or choice; ABSENT for anything else."""
    section = shape.section_at(Instance, path[:-1])
    name = str(path[-1])
    if section is None or name not in shape.fields(section) or shape.default(section, name) is not shape.ABSENT:
        return shape.ABSENT
    annotation = shape.fields(section)[name]
    if shape.core(annotation) in (int, float):
        return 1
    options = shape.choices(annotation)
    return options[0] if options else shape.ABSENT


def _replaced(data: Any, path: Path, value: Any) -> Any:
    """A copy of `data` with `value` at `path`, or without the field for ABSENT; lists keep their length."""
    step, rest = path[0], path[1:]
    if isinstance(data, list) and isinstance(step, int) and rest:
        return [*data[:step], _replaced(data[step], rest, value), *data[step + 1 :]]
    if rest:
        return {**data, step: _replaced(data[step], rest, value)}
    kept = {key: inner for key, inner in data.items() if key != step}
    return kept if value is shape.ABSENT else {**kept, step: value}
