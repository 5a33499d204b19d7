"""From a suite file to runs whose instances are valid; every problem of a step said at once, with its line."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fleetopt.errors import InputError, Issue
from fleetopt.instance import shape, translate
from fleetopt.instance.load import load
from fleetopt.instance.located import Document, Finding, issues
from fleetopt.instance.located import Path as Where
from fleetopt.instance.overrides import Override
from fleetopt.instance.strict_yaml import read_file
from fleetopt.instance.suggest import did_you_mean
from fleetopt.suite.asked import Asker, Questions
from fleetopt.suite.runs import Run
from fleetopt.suite.schema import SuiteFile
from fleetopt.suite.stresses import STANDARD, Stressed, chosen, known
from fleetopt.suite.sweeps import Swept, swept

BASE = "base"
"""Name of the scenario without changes that stresses are compared with, where a suite has none of its own."""


@dataclass(frozen=True)
class LoadedSuite:
    """A suite file, the base it names, and its runs in order."""

    file: SuiteFile
    base: Path | None
    """Instance file that scenarios and stresses start from where they name no other."""
    runs: tuple[Run, ...]
    sweeps: tuple[Swept, ...] = ()
    questions: Questions = field(default_factory=Questions)
    """Flips, maps and regret, ready."""
    path: Path = Path()
    """The suite file."""

    @property
    def folder(self) -> Path:
        """Folder that instance files are named from."""
        return self.path.parent


def load_suite(path: Path) -> LoadedSuite:
    """Read and check a suite; the instance of every scenario is merged and validated. Raises InputError."""
    document = read_file(path, str(path))
    file = _validated(document)
    _raise_if_any([*document.findings, *_dangling(file)], document)
    base = _beside(path, file.base) if file.base else None
    stresses = chosen(load(base).instance, file.stresses) if file.stresses and base else ()
    _raise_if_any([*_taken_twice(file, stresses)], document)
    sweeps = tuple(swept(name, sweep) for name, sweep in file.sweeps.items())
    runs = (*_runs(file, document, path), *_swept_runs(file, document, path, sweeps))
    check_instances(runs)
    suite = under_stress(LoadedSuite(file, base, runs, sweeps), stresses)
    return _asked(suite, document, path)


def _asked(suite: LoadedSuite, document: Document, path: Path) -> LoadedSuite:
    """The suite with its questions ready, and expectations that know what their kinds of systems and sites are."""

    def start(base: str | None, names: Iterable[str]) -> tuple[Path, tuple[Override, ...]]:
        return base_of(suite.file, path, base), overrides_of(suite.file, document, names)

    sweeps = {name: tuple(sweep.names(name)) for name, sweep in suite.file.sweeps.items()}
    asker = Asker(suite.file, start, {run.name: run for run in suite.runs}, sweeps)
    questions = asker.questions()
    _raise_if_any(asker.findings, document)
    file = suite.file.model_copy(update={"expect": questions.expect, "theses": questions.theses})
    return replace(suite, file=file, questions=questions, path=path)


def stress_suite(instance: Path, names: tuple[str, ...] = (STANDARD,)) -> LoadedSuite:
    """The suite of an instance file and its standard stresses. Raises InputError."""
    stresses = chosen(load(instance).instance, names)
    file = SuiteFile(base=str(instance), title=f"{instance.stem} under stress", stresses=names)
    return under_stress(LoadedSuite(file, instance, ()), stresses)


def under_stress(suite: LoadedSuite, stresses: Sequence[Stressed]) -> LoadedSuite:
    """The suite with these stresses at its end, each beside the base as it stands, which is added where it lacks."""
    if not stresses or suite.base is None:
        return suite
    base = next((run.name for run in suite.runs if not run.overrides and run.base == suite.base), None)
    first = () if base is not None else (Run(BASE, "As given", suite.base),)
    runs = tuple(Run(s.name, s.title, suite.base, s.overrides) for s in stresses)
    expect = tuple(s.expectation(base or BASE) for s in stresses)
    check_instances(runs)
    file = suite.file.model_copy(update={"expect": (*suite.file.expect, *expect)})
    return replace(suite, file=file, runs=(*first, *suite.runs, *runs))


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
        yield from missing_names(file, ("scenarios", name), scenario.base, scenario.overrides)
    for name, sweep in file.sweeps.items():
        yield from missing_names(file, ("sweeps", name), sweep.base, sweep.overrides)
    for name, flip in file.flips.items():
        yield from missing_names(file, ("flips", name), flip.base, flip.overrides)
    for name, asked in file.maps.items():
        yield from missing_names(file, ("maps", name), asked.base, asked.overrides)
    if file.stresses and file.base is None:
        yield Finding(("stresses",), "the suite has no base that they could be put on", "try adding base")
    for number, stress in enumerate(file.stresses):
        if stress not in known():
            hint = did_you_mean(stress, known())
            yield Finding(("stresses", number), f"there is no stress {stress!r}", hint)
    names = [*file.scenarios, *(member for name, sweep in file.sweeps.items() for member in sweep.names(name))]
    for number, expectation in enumerate(file.expect):
        for name in expectation.scenarios:
            if name not in names:
                hint = did_you_mean(name, names)
                yield Finding(("expect", number), f"there is no scenario {name!r}", hint)


def _taken_twice(file: SuiteFile, stresses: Sequence[Stressed]) -> Iterator[Finding]:
    """Scenarios that have the name of a stress, or of a sweep or one of its scenarios."""
    for stress in stresses:
        if stress.name in file.scenarios:
            yield Finding(("scenarios", stress.name), "a stress has that name", "try another")
    taken = {**dict.fromkeys(file.scenarios, ""), **dict.fromkeys((s.name for s in stresses), "")}
    for name, sweep in file.sweeps.items():
        for member in (name, *sweep.names(name)):
            if member in taken:
                yield Finding(("sweeps", name), f"there is a scenario {member!r} already", "try another name")
                break
        taken |= dict.fromkeys((name, *sweep.names(name)), "")


def _swept_runs(file: SuiteFile, document: Document, path: Path, sweeps: Iterable[Swept]) -> Iterator[Run]:
    for sweep in sweeps:
        said = file.sweeps[sweep.name]
        base, fixed = base_of(file, path, said.base), overrides_of(file, document, said.overrides)
        below = ("sweeps", sweep.name, *(("sample", "over") if sweep.sampled else ("grid",)))
        for name, values in sweep.values.items():
            varied = (Override(at, value, document.lines.place((*below, at))) for at, value in values.items())
            yield Run(name, sweep.title_of(name), base, (*fixed, *varied))


def missing_names(file: SuiteFile, at: Where, base: str | None, overrides: Iterable[str]) -> Iterator[Finding]:
    """What is wrong with the base and the overrides that something at a path of the suite file names."""
    if base is None and file.base is None:
        yield Finding(at, "it has no base", "try base: with a name under bases, or a base for the whole suite")
    elif base is not None and base not in file.bases:
        yield Finding(at, f"there is no base {base!r}", did_you_mean(base, file.bases, "try an instance under bases"))
    for name in overrides:
        if name not in file.overrides:
            hint = did_you_mean(name, file.overrides, "try an override under overrides")
            yield Finding(at, f"there is no override {name!r}", hint)


def _runs(file: SuiteFile, document: Document, path: Path) -> Iterator[Run]:
    for name, scenario in file.scenarios.items():
        base = base_of(file, path, scenario.base)
        yield Run(name, scenario.title or name, base, overrides_of(file, document, scenario.overrides))


def overrides_of(file: SuiteFile, document: Document, names: Iterable[str]) -> tuple[Override, ...]:
    """The changes that named overrides make, each with its line."""
    return tuple(
        Override(path, value, document.lines.place(("overrides", name, path)))
        for name in names
        for path, value in file.overrides[name].items()
    )


def base_of(file: SuiteFile, path: Path, name: str | None) -> Path:
    """The instance file of that name in the suite file `path`."""
    return _beside(path, file.bases[name] if name is not None else file.base or "")


def _beside(path: Path, name: str) -> Path:
    return Path(os.path.normpath(path.parent / name))


def check_instances(runs: Iterable[Run]) -> None:
    """Validate the whole instance of every scenario; each problem is said once, whichever scenarios have it."""
    found: dict[Issue, None] = {}
    for run in runs:
        try:
            load(run.base, run.overrides)
        except InputError as error:
            found |= dict.fromkeys(error.issues)
    if found:
        raise InputError(list(found))


def _raise_if_any(findings: list[Finding], document: Document) -> None:
    data: Any = document.data
    if said := issues(findings, data, document.lines):
        raise InputError(said)
