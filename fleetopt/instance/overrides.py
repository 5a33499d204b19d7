"""`PATH=VALUE`: named changes to an instance's plain data, logged old -> new.

A path is dotted; list items are addressed by id, `*` stands for all. It must exist in the schema, whether or not the
file gives the field. A value is YAML, read strictly. No two overrides of one scenario may touch the same path.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, get_origin

from fleetopt.errors import InputError, Issue
from fleetopt.instance import shape
from fleetopt.instance.located import Finding, Lines, Path, Place, dotted, label
from fleetopt.instance.resolve import stamp
from fleetopt.instance.schema import Instance
from fleetopt.instance.strict_yaml import read_text
from fleetopt.instance.suggest import did_you_mean

SOURCE = "--set"
_UNPLACED = Place(SOURCE, 1)


@dataclass(frozen=True)
class Override:
    """One change, and where it was asked for."""

    path: str
    value: Any
    place: Place = _UNPLACED


@dataclass(frozen=True)
class Changes:
    """Data after overrides, with the log and the places of what was changed."""

    data: dict[str, Any]
    log: tuple[str, ...]
    places: Mapping[Path, Place]
    findings: tuple[Finding, ...]


def parse(texts: Iterable[str | Override]) -> tuple[Override, ...]:
    """Overrides from `PATH=VALUE` texts, numbered as the lines of `--set`. Raises InputError for all that are none."""
    found, problems = [], []
    for number, text in enumerate(texts, start=1):
        if isinstance(text, Override):
            found.append(text)
            continue
        path, equals, value = text.partition("=")
        if not equals or not path.strip():
            message = f"{text!r} is not PATH=VALUE"
            problems.append(Issue(SOURCE, number, "", message, "try sites.va.power.scale=0.5"))
            continue
        document, issues = _value(value, number)
        problems += [Issue(SOURCE, number, path.strip(), i.message, i.hint) for i in issues]
        found.append(Override(path.strip(), document, Place(SOURCE, number)))
    if problems:
        raise InputError(problems)
    return tuple(found)


def _value(text: str, number: int) -> tuple[Any, Sequence[Issue | Finding]]:
    try:
        document = read_text(text, SOURCE)
    except InputError as error:
        return None, error.issues
    return document.data, document.findings


def apply(data: dict[str, Any], overrides: Sequence[Override]) -> Changes:
    """`data` with every override applied; what cannot be applied becomes a finding at the override's place."""
    targets, findings = _targets(data, overrides)
    findings += _clashes(data, overrides, targets)
    changed, log, places = deepcopy(data), [], {}
    for override, paths in zip(overrides, targets, strict=True):
        for path in paths:
            log.append(f"{dotted(path, data)}: {_shown(current(data, path))} -> {_shown(override.value)}")
            _set(changed, path, deepcopy(override.value))
            places[path] = override.place
    return Changes(changed, tuple(log), places, tuple(findings))


def overlaps(data: dict[str, Any], overrides: Sequence[Override]) -> tuple[str, ...]:
    """Paths that more than one of the overrides touches, as people write them; for scenario suites."""
    targets, _ = _targets(data, overrides)
    return tuple(dict.fromkeys(dotted(finding.path, data) for finding in _clashes(data, overrides, targets)))


def _targets(data: dict[str, Any], overrides: Sequence[Override]) -> tuple[list[list[Path]], list[Finding]]:
    targets: list[list[Path]] = []
    findings = []
    for override in overrides:
        try:
            targets.append(expand(data, override.path))
        except _NoSuchPath as problem:
            targets.append([])
            findings.append(Finding(tuple(override.path.split(".")), problem.message, problem.hint, override.place))
    return targets, findings


def _clashes(data: dict[str, Any], overrides: Sequence[Override], targets: list[list[Path]]) -> list[Finding]:
    owners: dict[Path, int] = {}
    clashes = []
    for number, paths in enumerate(targets):
        for path in paths:
            owners.setdefault(path, number)
    for number, paths in enumerate(targets):
        for path in paths:
            above = (path[:end] for end in range(1, len(path) + 1))
            other = next((owners[p] for p in above if owners.get(p, number) != number), None)
            if other is not None:
                names = f"{overrides[other].path!r} and {overrides[number].path!r}"
                place = overrides[max(other, number)].place
                clashes.append(Finding(path, f"{names} touch the same path", "try one override for it", place))
    return clashes


class _NoSuchPath(ValueError):
    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class _Absent(_NoSuchPath):
    """A section that this item does not have; a wildcard passes it over."""


def expand(data: dict[str, Any], path: str) -> list[Path]:
    """Every path that `path` addresses in `data`; raises a ValueError with message and hint where there is none."""
    return _expand(Instance, data, path.split("."), ())


def _expand(annotation: Any, value: Any, steps: list[str], at: Path) -> list[Path]:
    if not steps:
        return [at]
    plain = shape.core(annotation)
    if shape.is_section(plain):
        return _expand_section(plain, value, steps, at)
    if get_origin(plain) is tuple:
        return _expand_list(plain, value, steps, at)
    if get_origin(plain) is dict:
        return _expand_mapping(plain, value, steps, at)
    raise _NoSuchPath(f"there is nothing below {at[-1]}", f"try it without '.{'.'.join(steps)}'")


def _expand_section(section: Any, value: Any, steps: list[str], at: Path) -> list[Path]:
    name, rest = steps[0], steps[1:]
    fields = shape.fields(section)
    if name == "*":
        raise _NoSuchPath("* stands for items of a list or mapping, not for fields", did_you_mean(name, fields))
    if name not in fields:
        raise _NoSuchPath(f"there is no field {name!r}", did_you_mean(name, fields))
    inner = value.get(name, shape.ABSENT) if isinstance(value, dict) else shape.ABSENT
    if inner is shape.ABSENT:
        inner = shape.default(section, name)
    if rest and inner is None:
        raise _Absent(f"it has no {name}", f"try giving {name} as a whole")
    return _expand(fields[name], inner, rest, (*at, name))


def _expand_list(plain: Any, value: Any, steps: list[str], at: Path) -> list[Path]:
    if not shape.is_section(shape.child(plain, 0)):
        raise _NoSuchPath(f"the items of {at[-1]} have no ids", f"try giving {at[-1]} as a whole: [a, b]")
    items = list(value) if isinstance(value, list | tuple) else []
    labels = [label(item, index) for index, item in enumerate(items)]
    if steps[0] == "*":
        return _expand_all(plain, dict(enumerate(items)), steps[1:], at)
    for taken in range(len(steps), 0, -1):
        name = ".".join(steps[:taken])
        if name in labels:
            index = labels.index(name)
            return _expand(shape.child(plain, index), items[index], steps[taken:], (*at, index))
    raise _NoSuchPath(f"there is no {steps[0]!r} in {at[-1]}", did_you_mean(steps[0], labels, "it is empty"))


def _expand_mapping(plain: Any, value: Any, steps: list[str], at: Path) -> list[Path]:
    inner = shape.child(plain, "")
    entries = value if isinstance(value, dict) else {}
    if steps[0] == "*":
        return _expand_all(plain, entries, steps[1:], at)
    if shape.is_section(inner):
        return _expand(inner, entries.get(steps[0]), steps[1:], (*at, steps[0]))
    return [(*at, ".".join(steps))]


def _expand_all(plain: Any, entries: Mapping[Any, Any], rest: list[str], at: Path) -> list[Path]:
    """Paths through every item; items without the section meant are passed over, unless all are."""
    found: list[Path] = []
    absent: _Absent | None = None
    for key, item in entries.items():
        try:
            found += _expand(shape.child(plain, key), item, rest, (*at, key))
        except _Absent as problem:
            absent = problem
    if not found:
        raise absent or _NoSuchPath(f"* matches nothing in {at[-1]}", "try without it, or give the items")
    return found


def current(data: Any, path: Path) -> Any:
    """The value at `path` before the change: as given, else the schema's default."""
    annotation: Any = Instance
    for step in path:
        section = shape.core(annotation) if shape.is_section(annotation) else None
        annotation = shape.child(annotation, step)
        if (isinstance(data, dict) and step in data) or (isinstance(data, list | tuple) and isinstance(step, int)):
            data = data[step]  # type: ignore[index]
        else:
            data = shape.default(section, str(step)) if section else shape.ABSENT
    return data


def _set(data: Any, path: Path, value: Any) -> None:
    """Sets the value at `path`, making the sections above it; a catalogue figure's provenance becomes the instance.

    Where something else stands in a section's place nothing is set: the schema refuses it anyway.
    """
    for depth, step in enumerate(path):
        if not _may_hold(data, step):
            return
        _stamp(data, path[depth:])
        if depth == len(path) - 1:
            data[step] = value
        elif isinstance(step, str) and not isinstance(data.get(step), dict | list):
            data[step] = {}
        data = data[step]


def _may_hold(data: Any, step: str | int) -> bool:
    return isinstance(data, dict if isinstance(step, str) else list)


def _stamp(data: Any, rest: Path) -> None:
    """Notes in the provenance of an entity that the figure at `rest` below it is the instance's."""
    figure = (
        isinstance(data, dict) and data.get("provenance") and rest[0] not in ("id", "name", "enabled", "provenance")
    )
    if figure and isinstance(data["provenance"], dict) and not any(isinstance(step, int) for step in rest):
        data["provenance"] = stamp(data["provenance"], [".".join(str(step) for step in rest)])


def _shown(value: Any) -> str:
    """A value for the log, on one line."""
    if value is shape.ABSENT:
        return "(absent)"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else text[:117] + "..."


def changed_lines(lines: Lines, changes: Changes) -> Lines:
    """Places after overrides: what was changed, and all below it, stands where the change was asked for."""
    kept = {
        path: place
        for path, place in lines.places.items()
        if not any(path[:end] in changes.places for end in range(1, len(path) + 1))
    }
    return Lines({**kept, **changes.places}, lines.name)
