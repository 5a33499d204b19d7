"""A fact about the cheapest plan over two parameters: a grid, and where the fact changes along each row."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from fleetopt.instance.overrides import Override
from fleetopt.suite.courses import Course
from fleetopt.suite.facts import Fact
from fleetopt.suite.flip import Point, point_of
from fleetopt.suite.parameter import Axis
from fleetopt.suite.runs import Run, ScenarioResult


@dataclass(frozen=True)
class ReadyMap:
    """A question with its instance."""

    name: str
    title: str
    base: Path
    overrides: tuple[Override, ...]
    x: Axis
    y: Axis
    columns: tuple[float, ...]
    """Positions of x."""
    rows: tuple[float, ...]
    """Positions of y."""
    fact: Fact
    boundary: bool
    within: float
    folder: str = ""

    def run(self, name: str, x: float, y: float) -> Run:
        """The run of a cell."""
        said = f"{self.x.name} = {self.x.shown(x)}, {self.y.name} = {self.y.shown(y)}"
        changes = (*self.overrides, *self.x.overrides(x), *self.y.overrides(y))
        return Run(self.folder + name, said, self.base, changes)


@dataclass(frozen=True)
class Row:
    """One row of the answer."""

    y: str
    """Value for people."""
    cells: tuple[Point, ...]
    """A point for each column; `value` is that of x."""
    boundary: tuple[tuple[Point, Point], ...]
    """Neighbours along the row at which the fact differs, as near to each other as was asked for."""


@dataclass(frozen=True)
class MapFound:
    """The answer."""

    name: str
    title: str
    x: str
    y: str
    fact: str
    columns: tuple[str, ...]
    """Values of x for people."""
    rows: tuple[Row, ...]
    solves: int


def map_course(asked: ReadyMap) -> Course[MapFound]:
    """Every cell at once; then, where a boundary is asked for, the middles of each row's neighbours that differ."""
    first = {
        (x, y): asked.run(f"x{i:02d}-y{j:02d}", x, y)
        for j, y in enumerate(asked.rows, start=1)
        for i, x in enumerate(asked.columns, start=1)
    }
    results = yield tuple(first.values())
    points = _points(asked, first, results)
    solves = len(first)
    while asked.boundary and not asked.x.steps:
        middles = [
            (middle, y)
            for y in asked.rows
            for one, two in _differing(asked, points, y)
            if (middle := asked.x.middle(one.position, two.position, asked.within)) is not None
        ]
        if not middles:
            break
        more = {spot: asked.run(f"b{solves + n:03d}", *spot) for n, spot in enumerate(middles, start=1)}
        results = yield tuple(more.values())
        points |= _points(asked, more, results)
        solves += len(more)
    rows = [_row(asked, points, y) for y in asked.rows]
    columns = tuple(asked.x.shown(x) for x in asked.columns)
    names = (asked.name, asked.title, asked.x.name, asked.y.name)
    return MapFound(*names, asked.fact.said, columns, tuple(rows), solves)


Points = dict[tuple[float, float], Point]


def _points(asked: ReadyMap, runs: Mapping[tuple[float, float], Run], results: Mapping[str, ScenarioResult]) -> Points:
    return {(x, y): point_of(asked.x, asked.fact, x, run.name, results[run.name]) for (x, y), run in runs.items()}


def _differing(asked: ReadyMap, points: Points, y: float) -> list[tuple[Point, Point]]:
    along = [point for (_, row), point in points.items() if row == y]
    along.sort(key=lambda p: p.position, reverse=asked.columns[0] > asked.columns[-1])
    return [
        (one, two) for one, two in pairwise(along) if one.state != two.state and "unknown" not in (one.state, two.state)
    ]


def _row(asked: ReadyMap, points: Points, y: float) -> Row:
    cells = tuple(points[x, y] for x in asked.columns)
    return Row(asked.y.shown(y), cells, tuple(_differing(asked, points, y)))
