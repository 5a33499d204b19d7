"""Texts of theses checked before anything runs: every figure they name is one that the run will have."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from fleetopt.errors import InputError
from fleetopt.instance.load import load
from fleetopt.instance.overrides import Override
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.suite.figures import TEXTS, Figure, Names, check, names, split_name
from fleetopt.suite.fill import check_units, filled
from fleetopt.suite.record import FLIP_FIGURES, MAP_FIGURES, REGRET_FIGURES
from fleetopt.suite.runs import Run
from fleetopt.suite.schema import SuiteFile

Start = Callable[[str | None, Iterable[str]], tuple[Path, tuple[Override, ...]]]
"""Instance file and changes of a named base and named overrides."""


def instance_of(base: Path, overrides: Sequence[Override] = ()) -> Instance:
    """The whole instance under overrides. Raises InputError."""
    return load(base, overrides).instance


def plain_instance(run: Run) -> Instance:
    """The instance of a run without its overrides, where that is valid: the names in it are mostly the same."""
    try:
        return instance_of(run.base)
    except InputError:
        return instance_of(run.base, run.overrides)


class Checker:
    """Looks names up as a page will, without figures."""

    def __init__(self, file: SuiteFile, runs: Mapping[str, Run], start: Start) -> None:
        self.file = file
        self.runs = runs
        self.start = start
        self.known: dict[Path, Names] = {}
        self.units: dict[str, str] = {}
        """Of the values of flips, as far as they are known."""

    def check(self, text: str) -> None:
        """Raise ValueError for the first figure that a text names and the run will not have, or says oddly."""
        filled(text, self._figure)
        check_units(text, self._figure)

    def _figure(self, steps: tuple[str, ...]) -> Figure:
        kind, rest = steps[0], steps[1:]
        if kind == "scenario":
            name, rest = split_name(rest, self.runs, kind)
            return self._of_plan(self.runs[name].base, rest)
        if kind == "flip":
            name, rest = split_name(rest, self.file.flips, kind)
            return self._of_flip(name, rest)
        if kind == "map":
            name, rest = split_name(rest, self.file.maps, kind)
            if rest not in [(figure,) for figure in MAP_FIGURES]:
                raise ValueError(f"there is no such figure of a map; try one of {', '.join(MAP_FIGURES)}")
            return Figure(1.0)
        if kind == "regret":
            if self.file.regret is None:
                raise ValueError("the suite asks for no regret; try adding regret")
            if len(rest) != 2 or rest[0] not in REGRET_FIGURES or rest[1] not in ("plan", "usd"):
                raise ValueError("there is no such figure of regret; try regret.expected.plan or regret.largest.usd")
            return Figure("") if rest[1] == "plan" else Figure(1.0, "USD")
        raise ValueError(f"there is no {kind!r}; {did_you_mean(kind, ('scenario', 'flip', 'map', 'regret'))}")

    def _of_plan(self, base: Path, steps: tuple[str, ...]) -> Figure:
        if base not in self.known:
            self.known[base] = names(instance_of(base))
        check(steps, self.known[base])
        return Figure("") if steps[0] in TEXTS else Figure(1.0)

    def _of_flip(self, name: str, steps: tuple[str, ...]) -> Figure:
        figure = steps[0] if steps else ""
        if figure not in FLIP_FIGURES:
            raise ValueError(f"there is no figure {figure!r} of a flip; {did_you_mean(figure, FLIP_FIGURES)}")
        ends = figure in ("first", "second", "start", "end", "holds", "fails")
        if len(steps) > 1 and not ends:
            raise ValueError(f"flip.{name}.{figure} has nothing below it; try it without .{'.'.join(steps[1:])}")
        if len(steps) > 1 and steps[1:] != ("value",):
            base, _ = self.start(self.file.flips[name].base, ())
            return self._of_plan(base, steps[1:])
        return Figure(1.0, self.units.get(name, "") if len(steps) == 1 and figure not in ("solves", "worth") else "")
