"""What a finished suite found, as far as its pages need it: kept as theses.json, from which theses.md follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fleetopt.errors import UsageError
from fleetopt.report.page.cells import spread
from fleetopt.suite.figures import MISSING, Figure, figure, split_name
from fleetopt.suite.flip import FlipFound, Point
from fleetopt.suite.map import MapFound
from fleetopt.suite.regret import RegretFound
from fleetopt.suite.runs import PLANNED


@dataclass(frozen=True)
class Kept:
    """One scenario."""

    title: str
    base: str
    """Instance file, from the suite file's folder."""
    plan: Mapping[str, Any]
    """Digest."""


@dataclass(frozen=True)
class Record:
    """Every figure that the pages of a suite may name."""

    scenarios: Mapping[str, Kept]
    sweeps: Mapping[str, tuple[str, ...]]
    """Scenarios of each sweep, in order."""
    flips: Mapping[str, FlipFound]
    maps: Mapping[str, MapFound]
    regret: RegretFound | None = None

    @property
    def plans(self) -> dict[str, Mapping[str, Any]]:
        """Digests by scenario."""
        return {name: kept.plan for name, kept in self.scenarios.items()}

    def members(self, names: Sequence[str]) -> tuple[str, ...]:
        """Scenarios of a list that may name sweeps."""
        return tuple(one for name in names for one in self.sweeps.get(name, (name,)))

    def to_json(self) -> str:
        """As text, read again by `record_from`; plans are digests, paths of this machine are in none of it."""
        return _RECORD.dump_json(self, indent=1).decode("utf-8") + "\n"


_RECORD = TypeAdapter(Record)


def record_from(path: Path) -> Record:
    """A record from its file. Raises UsageError where it is none."""
    try:
        return _RECORD.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise UsageError(f"{path}: no figures of a suite; try the theses.json that `fleetopt suite` wrote") from None


def lookup(record: Record, steps: tuple[str, ...]) -> Figure:
    """The figure of a dotted name: `scenario.a.cost`, `flip.x.at`, `map.m.part`, `regret.largest.usd`.

    Raises ValueError for a name that means nothing.
    """
    kind, rest = steps[0], steps[1:]
    if kind == "scenario":
        name, rest = split_name(rest, record.scenarios, kind)
        return figure(record.scenarios[name].plan, rest)
    if kind == "flip":
        name, rest = split_name(rest, record.flips, kind)
        return flip_figure(record.flips[name], rest)
    if kind == "map":
        name, rest = split_name(rest, record.maps, kind)
        return _map_figure(record.maps[name], rest)
    if kind == "regret":
        return _regret_figure(record.regret, rest)
    raise ValueError(f"there is no {kind!r}; try scenario, flip, map or regret")


FLIP_FIGURES = ("at", "holds", "fails", "solves", "worth", "first", "second", "start", "end")
MAP_FIGURES = ("part", "cells")
REGRET_FIGURES = ("expected", "largest")


def flip_figure(flip: FlipFound, steps: tuple[str, ...]) -> Figure:
    """A figure of a flip; where it was not found a phrase stands for its value."""
    name, rest = (steps[0], steps[1:]) if steps else ("", ())
    if name not in FLIP_FIGURES:
        raise ValueError(f"there is no figure {name!r} of a flip; try one of {', '.join(FLIP_FIGURES)}")
    if name == "solves":
        return Figure(float(flip.solves))
    if name == "worth":
        return _worth(flip)
    points = {"start": flip.points[0], "end": flip.points[-1]}
    if flip.at is not None:
        points |= {"first": flip.at.first, "second": flip.at.second}
        points |= {key: p for key, p in (("holds", flip.at.holds), ("fails", flip.at.fails)) if p is not None}
    if name == "at" and flip.at is not None:
        return _middle(flip)
    point = points.get(name)
    if point is None:
        ends = f"{flip.points[0].shown} and {flip.points[-1].shown}"
        what = "an unknown value" if any(point.state == "unknown" for point in flip.points) else "no value"
        return Figure(f"{what} between {ends}", nothing=True) if not rest else MISSING
    if rest in ((), ("value",)):
        return Figure(point.value if isinstance(point.value, int | float) else point.shown, flip.unit)
    return _of_point(flip, point, rest)


def _of_point(flip: FlipFound, point: Point, steps: tuple[str, ...]) -> Figure:
    if steps == ("status",):
        return Figure(point.status)
    if steps in (("cost",), ("bound",)) and point.status in PLANNED:
        value = point.cost_usd if steps == ("cost",) else point.bound_usd
        return MISSING if value is None else Figure(value, "USD")
    return figure(flip.plans.get(point.run, {"status": "no_plan"}), steps)


def _middle(flip: FlipFound) -> Figure:
    """The middle of the first bracket; both ends where values come from a list."""
    assert flip.at is not None
    one, two = flip.at.first, flip.at.second
    if flip.listed or isinstance(one.value, str):
        return Figure(f"between {one.shown} and {two.shown}", nothing=True)
    middle = (one.position * two.position) ** 0.5 if flip.log else (one.position + two.position) / 2
    if flip.log and one.position < 0:
        middle = -middle
    return Figure(float(f"{middle:.3g}"), flip.unit)


def _worth(flip: FlipFound) -> Figure:
    """What going without costs, nearest the flip where that is proven."""
    proven = [worth for worth in flip.worths if worth.proven]
    if not proven:
        return Figure("not proven", nothing=True)
    worth = proven[0]
    if worth.least_usd is None or worth.most_usd is None:
        return Figure(f"all there is at {worth.shown}", nothing=True)
    return Figure(f"{spread(worth.least_usd, worth.most_usd)} at {worth.shown}", nothing=True)


def _map_figure(found: MapFound, steps: tuple[str, ...]) -> Figure:
    cells = [cell for row in found.rows for cell in row.cells]
    if steps == ("cells",):
        return Figure(float(len(cells)))
    if steps == ("part",):
        return Figure(sum(cell.state == "holds" for cell in cells) / len(cells), "share")
    raise ValueError(f"there is no such figure of a map; try one of {', '.join(MAP_FIGURES)}")


def _regret_figure(found: RegretFound | None, steps: tuple[str, ...]) -> Figure:
    """`regret.expected.plan`, `regret.largest.usd`: of the plan with the least of it, completed where it must be."""
    wanted: Callable[[Any], Any] | None = {"plan": lambda line: line.plan, "usd": _usd(steps)}.get("".join(steps[1:]))
    if len(steps) != 2 or steps[0] not in REGRET_FIGURES or wanted is None:
        raise ValueError("there is no such figure of regret; try regret.expected.plan or regret.largest.usd")
    best = None if found is None else found.best("expected" if steps[0] == "expected" else "largest", completed=True)
    if best is None:
        return MISSING
    value = wanted(best)
    return MISSING if value is None else Figure(value, "USD" if steps[1] == "usd" else "")


def _usd(steps: tuple[str, ...]) -> Callable[[Any], Any]:
    return lambda line: line.expected_usd if steps and steps[0] == "expected" else line.largest_usd
