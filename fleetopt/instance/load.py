"""From a file to a frozen instance: read, include, resolve, override, validate, check; every problem said at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from fleetopt.errors import InputError, Issue
from fleetopt.instance import demand_csv, includes, measured_csv, overrides, resolve, shape, strict_yaml, translate
from fleetopt.instance.checks import check
from fleetopt.instance.checks.sessions import check_sessions
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.located import Document, Finding, Lines, Path, Place, issues
from fleetopt.instance.overrides import Override
from fleetopt.instance.schema import Instance
from fleetopt.instance.stressed import stressed
from fleetopt.instance.with_sessions import with_sessions

MOST_ISSUES = 500
MOST_MENDED = 50
__all__ = ["Loaded", "dump_resolved", "load", "load_dict", "load_resolved", "load_text", "read_data"]


@dataclass(frozen=True)
class Loaded:
    """An instance, what overrides changed in it, and what its author should know."""

    instance: Instance
    changes: tuple[str, ...]
    """`path: old -> new`, one an override and path; then what sessions came to and what the stress section does."""
    warnings: tuple[Issue, ...]
    lines: Lines
    """Where each path was written."""

    def place(self, path: Path) -> Place:
        """File and line of a path of keys and list positions."""
        return self.lines.place(path)


def load(path: str | FilePath, overrides: Iterable[str | Override] = ()) -> Loaded:
    """The instance in a file, with overrides `PATH=VALUE` applied. Raises InputError with every problem found."""
    return _load(includes.read(FilePath(path)), overrides)


def load_text(text: str, name: str = "instance.yaml", overrides: Iterable[str | Override] = ()) -> Loaded:
    """Like `load` for text in memory, which cannot name further files."""
    return _load(strict_yaml.read_text(text, name), overrides)


def load_dict(data: dict[str, Any], name: str = "instance", overrides: Iterable[str | Override] = ()) -> Loaded:
    """Like `load` for plain data."""
    return _load(Document(data, Lines({}, name)), overrides)


def read_data(path: str | FilePath, asked: Sequence[Override] = ()) -> dict[str, Any]:
    """An instance file's data, includes merged and catalogue references resolved, as further overrides address it."""
    document = includes.read(FilePath(path))
    data, found = resolve.resolve(document.data)
    _raise_if_any([*document.findings, *found], data, document.lines)
    data, lines = resolve.add_models(data, document.lines)
    if not asked:
        return data
    changes = overrides.apply(data, asked)
    data, found = resolve.resolve(changes.data)
    _raise_if_any([*changes.findings, *found], data, lines)
    return resolve.add_models(data, lines)[0]


def load_resolved(path: str | FilePath) -> Instance:
    """The instance in a `resolved.yaml`, which needs neither the catalogue nor other files."""
    document = strict_yaml.read_file(FilePath(path), str(path), strict_yaml.RESOLVED)
    return stressed(_validated(document.data, document.lines, list(document.findings))[0])[0]


def _load(document: Document, texts: Iterable[str | Override]) -> Loaded:
    asked = overrides.parse(texts)
    found = list(document.findings)
    data, lines = document.data, document.lines
    if not isinstance(data, dict):
        found.append(Finding((), "the instance is not a mapping of sections", "try `fleetopt new FILE` for a start"))
        _raise_if_any(found, data, lines)
    data, more = resolve.resolve(data)
    found = _added(found, more)
    data, lines = resolve.add_models(data, lines)
    changes = overrides.apply(data, asked)
    found = _added(found, changes.findings)
    data = changes.data
    if asked:
        lines = overrides.changed_lines(lines, changes)
        data, more = resolve.resolve(data)
        found = _added(found, more)
        data, lines = resolve.add_models(data, lines)
    data, lines, more = demand_csv.expand(data, document, lines)
    found = _added(found, more)
    data, lines, more = measured_csv.expand(data, document, lines)
    instance, worked_in, warnings = _validated(data, lines, _added(found, more))
    instance, under_stress = stressed(instance)
    return Loaded(instance, (*changes.log, *worked_in, *under_stress), warnings, lines)


def _validated(
    data: Any, lines: Lines, found: list[Finding]
) -> tuple[Instance, tuple[str, ...], tuple[Issue, ...]]:  # fmt: skip
    """The instance with its sessions worked in, a line on each, and warnings.

    Raises InputError for anything else that was found before or is found here.
    """
    found = _added(found, shape.wrong_kinds(Instance, data))
    instance = mended = None
    try:
        instance = Instance.model_validate(data)
    except ValidationError as error:
        complaints = translate.findings(error)
        found = _added(found, complaints)
        mended = _mended(data, complaints)
    for_checks = instance or mended
    of_sessions = [*check_sessions(for_checks)] if for_checks else []
    found = _added(found, of_sessions)
    worked_in: tuple[str, ...] = ()
    if for_checks and not of_sessions:
        for_checks, worked_in = with_sessions(for_checks)
        instance = instance and for_checks
    checked = [*check(for_checks)] if for_checks else []
    known = _paths(found)
    checked = [f for f in checked if not (_is_below(f.path, known) or _is_above(f.path, known))]
    warnings = issues([f for f in checked if f.warning], data, lines)
    _raise_if_any([*found, *(f for f in checked if not f.warning)], data, lines)
    assert instance is not None  # a failed validation has findings
    return instance, worked_in, warnings


def _mended(data: Any, found: list[Finding]) -> Instance | None:
    """The instance without the fields found wrong, for the checks to look at; None where it makes none."""
    if not isinstance(data, dict) or len(found) > MOST_MENDED:
        return None
    try:
        return Instance.model_validate(translate.mended(data, found))
    except ValidationError:
        return None


def _added(found: list[Finding], more: Iterable[Finding]) -> list[Finding]:
    """`found` with those of `more` that are not about a path already found wrong, or something below it."""
    known = _paths(found)
    return [*found, *(finding for finding in more if not _is_below(finding.path, known))]


def _paths(found: Iterable[Finding]) -> set[Path]:
    return {finding.path for finding in found}


def _is_below(path: Path, known: set[Path]) -> bool:
    return any(path[:end] in known for end in range(len(path) + 1))


def _is_above(path: Path, known: set[Path]) -> bool:
    return any(other[: len(path)] == path for other in known)


def _raise_if_any(found: Sequence[Finding], data: Any, lines: Lines) -> None:
    said = issues(found, data, lines)
    if len(said) > MOST_ISSUES:
        more = Issue(lines.name, 1, "", f"and {len(said) - MOST_ISSUES} more problems like these")
        said = (*said[:MOST_ISSUES], more)
    if said:
        raise InputError(said)
