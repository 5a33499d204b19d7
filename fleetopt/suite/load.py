"""From a suite file to runs whose instances are valid; every problem said at once, with its line."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fleetopt.errors import InputError, Issue
from fleetopt.instance import shape, translate
from fleetopt.instance.load import load
from fleetopt.instance.located import Document, Finding, issues
from fleetopt.instance.overrides import Override
from fleetopt.instance.strict_yaml import read_file
from fleetopt.instance.suggest import did_you_mean
from fleetopt.suite.schema import SuiteFile


@dataclass(frozen=True)
class Run:
    """One scenario, ready to solve."""

    name: str
    title: str
    overrides: tuple[Override, ...]


@dataclass(frozen=True)
class LoadedSuite:
    """A suite file, the base it names, and its runs in order."""

    file: SuiteFile
    base: Path
    runs: tuple[Run, ...]


def load_suite(path: Path) -> LoadedSuite:
    """Read and check a suite; the instance of every scenario is merged and validated. Raises InputError."""
    document = read_file(path, str(path))
    file = _validated(document)
    _raise_if_any([*document.findings, *_dangling(file)], document)
    runs = tuple(_runs(file, document))
    base = Path(os.path.normpath(path.parent / file.base))
    _check_instances(base, runs)
    return LoadedSuite(file, base, runs)


def _validated(document: Document) -> SuiteFile:
    if not isinstance(document.data, dict):
        finding = Finding((), "the suite is not a mapping", "try base, overrides, scenarios and expect as its fields")
        _raise_if_any([*document.findings, finding], document)
    findings = [*document.findings, *shape.wrong_kinds(SuiteFile, document.data)]
    try:
        file = SuiteFile.model_validate(document.data)
    except ValidationError as error:
        complaints = zip(error.errors(include_url=False), translate.findings(error), strict=True)
        _raise_if_any([*findings, *(_in_suite(kind["type"], finding) for kind, finding in complaints)], document)
        raise
    _raise_if_any(findings, document)
    return file


def _in_suite(kind: str, finding: Finding) -> Finding:
    """A finding with a hint about suites, where the one it has is about instances."""
    if kind not in ("extra_forbidden", "missing"):
        return finding
    section = shape.section_at(SuiteFile, finding.path[:-1])
    fields = shape.fields(section) if section else {}
    name = str(finding.path[-1])
    return replace(finding, hint=did_you_mean(name, fields) if kind == "extra_forbidden" else f"try adding {name}")


def _dangling(file: SuiteFile) -> Iterator[Finding]:
    for name, scenario in file.scenarios.items():
        for override in scenario.overrides:
            if override not in file.overrides:
                hint = did_you_mean(override, file.overrides, "try an override under overrides")
                yield Finding(("scenarios", name), f"there is no override {override!r}", hint)
    for number, expectation in enumerate(file.expect):
        for name in expectation.scenarios:
            if name not in file.scenarios:
                hint = did_you_mean(name, file.scenarios)
                yield Finding(("expect", number), f"there is no scenario {name!r}", hint)


def _runs(file: SuiteFile, document: Document) -> Iterator[Run]:
    for name, scenario in file.scenarios.items():
        overrides = tuple(
            Override(path, value, document.lines.place(("overrides", override, path)))
            for override in scenario.overrides
            for path, value in file.overrides[override].items()
        )
        yield Run(name, scenario.title or name, overrides)


def _check_instances(base: Path, runs: tuple[Run, ...]) -> None:
    """Validate the whole instance of every scenario; each problem is said once, whichever scenarios have it."""
    found: dict[Issue, None] = {}
    for run in runs:
        try:
            load(base, run.overrides)
        except InputError as error:
            found |= dict.fromkeys(error.issues)
    if found:
        raise InputError(list(found))


def _raise_if_any(findings: list[Finding], document: Document) -> None:
    data: Any = document.data
    if said := issues(findings, data, document.lines):
        raise InputError(said)
