"""The questions of a suite file made ready: what they vary, look for and name is there, or said with its line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleetopt.errors import InputError
from fleetopt.instance.load import read_data
from fleetopt.instance.located import Finding
from fleetopt.instance.located import Path as Where
from fleetopt.instance.overrides import Override
from fleetopt.instance.suggest import did_you_mean
from fleetopt.suite.facts import forbidding
from fleetopt.suite.flip import ReadyFlip
from fleetopt.suite.map import ReadyMap
from fleetopt.suite.parameter import Axis, axis, place
from fleetopt.suite.questions import Flip, Map, MapSide, Regret
from fleetopt.suite.regret import ReadyRegret
from fleetopt.suite.runs import Run
from fleetopt.suite.schema import Expectation, SuiteFile, Thesis
from fleetopt.suite.texts import Checker, Start, instance_of, plain_instance


@dataclass(frozen=True)
class Questions:
    """Everything a suite asks beside its scenarios."""

    flips: tuple[ReadyFlip, ...] = ()
    maps: tuple[ReadyMap, ...] = ()
    regret: ReadyRegret | None = None
    expect: tuple[Expectation, ...] = ()
    """The suite's expectations, which know what their kinds of systems and sites are."""
    theses: tuple[Thesis, ...] = ()
    """The same for those of the theses."""


@dataclass
class Asker:
    """Makes questions ready; `findings` has what is wrong with them."""

    file: SuiteFile
    start: Start
    runs: Mapping[str, Run]
    sweeps: Mapping[str, tuple[str, ...]]
    findings: list[Finding] = field(default_factory=list)
    checker: Checker = field(init=False)

    def __post_init__(self) -> None:
        self.checker = Checker(self.file, self.runs, self.start)

    def questions(self) -> Questions:
        """All of them, as far as they are right."""
        flips = [
            self._tried(("flips", name), flip_of, name, flip, self.start) for name, flip in self.file.flips.items()
        ]
        maps = [self._tried(("maps", name), _map_of, name, map_, self.start) for name, map_ in self.file.maps.items()]
        regret = None
        if self.file.regret is not None:
            regret = self._tried(("regret",), self._regret, self.file.regret)
        axes = {flip.name: flip.axis for flip in flips if flip is not None}
        self.checker.units = {name: line.unit for name, line in axes.items()}
        expect = self._expectations(("expect",), self.file.expect, axes)
        theses = tuple(self._thesis(("theses", n), thesis, axes) for n, thesis in enumerate(self.file.theses))
        ready = tuple(flip for flip in flips if flip is not None)
        return Questions(ready, tuple(m for m in maps if m is not None), regret, expect, theses)

    def _tried(self, at: Where, make: Callable[..., Any], *arguments: Any) -> Any:
        """What is made, or None with a finding."""
        try:
            return make(*arguments)
        except InputError as error:
            more = f" (and {len(error.issues) - 1} more)" if len(error.issues) > 1 else ""
            self.findings.append(Finding(at, f"{error.issues[0].path}: {error.issues[0].message}{more}"))
        except ValueError as problem:
            self.findings.append(Finding(at, str(problem)))
        return None

    def _regret(self, asked: Regret) -> ReadyRegret:
        names = tuple(dict.fromkeys(self._members(("regret", "scenarios"), asked.scenarios)))
        for name in asked.weights:
            if name not in names and name not in asked.scenarios:
                raise ValueError(f"weights {name!r}, which is none of its scenarios; {did_you_mean(name, names)}")
        runs = tuple(self.runs[name] for name in names)
        weights = dict.fromkeys(names, 1.0)
        for name, weight in asked.weights.items():
            if not weight >= 0:
                raise ValueError(f"the weight of {name} is {weight:g}; try a number from 0")
            weights |= dict.fromkeys(self.sweeps.get(name, (name,)), weight)
        if not sum(weights.values()) > 0:
            raise ValueError("all weights are 0; try leaving weights out")
        priced = {run.name: priced_shortfall(run, asked.shortfall_usd) for run in runs}
        return ReadyRegret(runs, tuple(weights.values()), priced)

    def _members(self, at: Where, names: Sequence[str]) -> Iterator[str]:
        for name in names:
            if name in self.sweeps:
                yield from self.sweeps[name]
            elif name in self.runs:
                yield name
            else:
                hint = did_you_mean(name, [*self.runs, *self.sweeps])
                self.findings.append(Finding(at, f"there is no scenario {name!r}", hint))

    def _expectations(
        self, at: Where, expect: Sequence[Expectation], axes: Mapping[str, Axis]
    ) -> tuple[Expectation, ...]:
        return tuple(
            self._tried((*at, n), self._expectation, expectation, axes) or expectation
            for n, expectation in enumerate(expect)
        )

    def _expectation(self, expectation: Expectation, axes: Mapping[str, Axis]) -> Expectation:
        if expectation.flip and expectation.flip not in self.file.flips:
            known = did_you_mean(expectation.flip, self.file.flips, "try one under flips")
            raise ValueError(f"there is no flip {expectation.flip!r}; {known}")
        if expectation.flips is not None and expectation.flip in axes:
            for value in expectation.flips.between or ():
                place(value, axes[expectation.flip].unit, axes[expectation.flip].steps)
        use = expectation.uses or expectation.avoids
        if use is None or use.scenario not in self.runs:
            return expectation
        run = self.runs[use.scenario]
        instance = instance_of(run.base, run.overrides) if use.described else plain_instance(run)
        return expectation.model_copy(update={expectation.kind: use.among(instance)})

    def _thesis(self, at: Where, thesis: Thesis, axes: Mapping[str, Axis]) -> Thesis:
        members = list(self._members((*at, "scenarios"), thesis.scenarios))
        groups = thesis.compare if isinstance(thesis.compare, tuple) else ()
        for name in (name for group in groups for name in self._members((*at, "compare"), group)):
            if name not in members:
                self.findings.append(Finding((*at, "compare"), f"{name!r} is none of its scenarios"))
        for kind, names, known in (("flip", thesis.flips, self.file.flips), ("map", thesis.maps, self.file.maps)):
            for name in names:
                if name not in known:
                    hint = did_you_mean(name, known, f"try one under {kind}s")
                    self.findings.append(Finding((*at, f"{kind}s"), f"there is no {kind} {name!r}", hint))
        for n, expectation in enumerate(thesis.expect):
            list(self._members((*at, "expect", n), expectation.scenarios))
        self._tried((*at, "picture"), self._picture, thesis, members)
        for name in ("claim", "text", "borne_out", "refuted", "decides", "overturns", "breaks", "assumes"):
            self._tried((*at, name), self.checker.check, getattr(thesis, name))
        expect = self._expectations((*at, "expect"), thesis.expect, axes)
        return thesis.model_copy(update={"expect": expect})

    def _picture(self, thesis: Thesis, members: Sequence[str]) -> None:
        picture = thesis.picture
        if picture is None:
            return
        for kind, name, known in (("flip", picture.flip, self.file.flips), ("map", picture.map, self.file.maps)):
            if name is not None and name not in known:
                raise ValueError(f"there is no {kind} {name!r}; {did_you_mean(name, known)}")
        if picture.flip is None and picture.map is None and not members:
            raise ValueError("the thesis has no scenarios to show; try adding scenarios")


def flip_of(name: str, flip: Flip, start: Start, folder: str | None = None) -> ReadyFlip:
    """A flip made ready; both ends are whole instances. Raises InputError, or ValueError for what it names."""
    base, overrides = start(flip.base, flip.overrides)
    instance = instance_of(base, overrides)
    line, fact = axis(flip, read_data(base, overrides)), flip.fact.among(instance)
    for end in (line.low, line.high):
        instance_of(base, (*overrides, *line.overrides(end)))
    without = forbidding(fact, instance) if flip.prove else ()
    if flip.prove and not without:
        raise ValueError(f"prove: nothing can be switched off to prove that the plan {fact.said}; try leaving it out")
    return ReadyFlip(
        name=name,
        title=flip.title,
        base=base,
        overrides=overrides,
        axis=line,
        fact=fact,
        within=flip.within,
        points=flip.points,
        without=without,
        most_solves=flip.most_solves,
        folder=f"flips/{name}/" if folder is None else folder,
    )


def _map_of(name: str, asked: Map, start: Start) -> ReadyMap:
    base, overrides = start(asked.base, asked.overrides)
    instance = instance_of(base, overrides)
    data = read_data(base, overrides)
    x, y = axis(asked.x, data), axis(asked.y, data)
    columns, rows = _values(asked.x, x), _values(asked.y, y)
    for corner in ((x.low, y.low), (x.high, y.high)):
        instance_of(base, (*overrides, *x.overrides(corner[0]), *y.overrides(corner[1])))
    return ReadyMap(
        name=name,
        title=asked.title,
        base=base,
        overrides=overrides,
        x=x,
        y=y,
        columns=columns,
        rows=rows,
        fact=asked.fact.among(instance),
        boundary=asked.boundary,
        within=asked.within,
        folder=f"maps/{name}/",
    )


def _values(side: MapSide, line: Axis) -> tuple[float, ...]:
    return line.all() if line.steps else line.spread(side.points)


def priced_shortfall(run: Run, shortfall_usd: float | None) -> tuple[Override, ...]:
    """Overrides that price what is not served of every workload that has no price."""
    if shortfall_usd is None:
        return ()
    workloads = (w for w in plain_instance(run).workloads if w.kind != "training")
    return tuple(
        Override(f"workloads.{w.id}.shortfall_usd_per_request", shortfall_usd)
        for w in workloads
        if w.shortfall_usd_per_request is None
    )
