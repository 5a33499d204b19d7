"""Where a fact about the cheapest plan changes: bisection on one parameter, with both plans and what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from fleetopt.instance.overrides import Override
from fleetopt.report.changes import changes
from fleetopt.report.side_by_side import change_text
from fleetopt.suite.courses import Course
from fleetopt.suite.facts import Fact, State, truth
from fleetopt.suite.parameter import Axis, place
from fleetopt.suite.runs import PLANNED, Run, ScenarioResult

SHOWN_CHANGES = 12
"""Differences between two plans that are told; the dearest first."""


@dataclass(frozen=True)
class ReadyFlip:
    """A question with its instance."""

    name: str
    title: str
    base: Path
    overrides: tuple[Override, ...]
    axis: Axis
    fact: Fact
    within: float = 0.02
    points: int = 0
    without: tuple[Override, ...] = ()
    """Overrides under which what the fact looks for cannot be had; empty where no proof is asked for, or can be."""
    most_solves: int = 40
    folder: str = ""
    """Folder of its runs below `--out`, empty or with a slash at its end."""

    def run(self, number: int, position: float, without: bool = False) -> Run:
        """The run at a position."""
        said = f"{self.axis.name} = {self.axis.shown(position)}{', without it' if without else ''}"
        more = (*self.axis.overrides(position), *(self.without if without else ()))
        return Run(f"{self.folder}{number:02d}", said, self.base, (*self.overrides, *more))


@dataclass(frozen=True)
class Point:
    """What one run says of the fact."""

    position: float
    value: Any
    shown: str
    """The value for people."""
    run: str
    """Folder of the run below `--out`."""
    state: State
    because: str
    proven: bool
    """Whether bounds alone say so, and not only the plan that was found."""
    status: str
    cost_usd: float | None
    bound_usd: float | None


@dataclass(frozen=True)
class Worth:
    """What it would cost to go without what the fact looks for, at one value: a range that both gaps leave open."""

    position: float
    shown: str
    run: str
    least_usd: float | None
    """None where there is no plan without it."""
    most_usd: float | None
    status: str

    @property
    def proven(self) -> bool:
        """Whether every cheapest plan there uses it."""
        return self.status == "infeasible" or (self.least_usd is not None and self.least_usd > 0)


@dataclass(frozen=True)
class Bracket:
    """Two neighbouring values at which the fact differs, in the order of the question."""

    first: Point
    second: Point
    changes: tuple[str, ...]
    """What the second plan orders differently, the dearest first."""
    more_changes: int
    """Changes that are not told."""

    @property
    def said(self) -> str:
        """Both values: `20 ms to 20.3 ms`."""
        return f"{self.first.shown} to {self.second.shown}"

    @property
    def holds(self) -> Point | None:
        """The end where the fact holds."""
        return next((p for p in (self.first, self.second) if p.state == "holds"), None)

    @property
    def fails(self) -> Point | None:
        """The end where it does not, or where there is no plan."""
        return next((p for p in (self.first, self.second) if p.state != "holds"), None)


@dataclass(frozen=True)
class FlipFound:
    """The answer."""

    name: str
    title: str
    parameter: str
    unit: str
    log: bool
    listed: tuple[Any, ...]
    """Values that positions are places of; empty where positions are the values."""
    fact: str
    """In words."""
    points: tuple[Point, ...]
    """In the order of the question."""
    brackets: tuple[Bracket, ...]
    worths: tuple[Worth, ...]
    solves: int
    plans: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False)
    """plan.json at the ends of each bracket, by folder; at both ends where there is no flip."""

    @property
    def at(self) -> Bracket | None:
        """The first flip."""
        return self.brackets[0] if self.brackets else None

    def lies(self, between: tuple[Any, Any]) -> bool:
        """Whether the first flip is there and its bracket lies between two values, in whichever order.

        Raises ValueError where a value is none of the parameter's.
        """
        if self.at is None:
            return False
        ends = [self.place(value) for value in between]
        return min(ends) <= min(self.at.first.position, self.at.second.position) and max(ends) >= max(
            self.at.first.position, self.at.second.position
        )

    def place(self, value: Any) -> float:
        """Position of a value. Raises ValueError where it is none of the parameter's."""
        return place(value, self.unit, self.listed)


def flip_course(flip: ReadyFlip) -> Course[FlipFound]:
    """Look at both ends, then at the middle of every pair of neighbours that differ, until they are near enough."""
    found = _Search(flip)
    asked: Sequence[float] = flip.axis.spread(flip.points)
    while asked:
        runs = {position: flip.run(found.number(), position) for position in asked}
        results = yield tuple(runs.values())
        for position, run in runs.items():
            found.add(position, run, results[run.name])
        asked = found.middles()
    if flip.without:
        for walk in found.walks():
            for point in walk:
                run = flip.run(found.number(), point.position, without=True)
                results = yield (run,)
                if found.price(point, run, results[run.name]).proven:
                    break
    return found.answer()


class _Search:
    """What is known so far."""

    def __init__(self, flip: ReadyFlip) -> None:
        self.flip = flip
        self.points: dict[float, Point] = {}
        self.plans: dict[str, Mapping[str, Any]] = {}
        self.worths: list[Worth] = []
        self.solves = 0

    def number(self) -> int:
        """The next run's."""
        self.solves += 1
        return self.solves

    def add(self, position: float, run: Run, result: ScenarioResult) -> None:
        """Note what a run says."""
        self.points[position] = point_of(self.flip.axis, self.flip.fact, position, run.name, result)
        self.plans[run.name] = result.plan

    def ordered(self) -> list[Point]:
        """Points in the order of the question."""
        return sorted(self.points.values(), key=lambda p: p.position, reverse=self.flip.axis.low > self.flip.axis.high)

    def differing(self) -> list[tuple[Point, Point]]:
        """Neighbours that differ, as far as both are known."""
        points = self.ordered()
        return [
            (one, two)
            for one, two in pairwise(points)
            if one.state != two.state and "unknown" not in (one.state, two.state)
        ]

    def middles(self) -> list[float]:
        """The positions to look at next."""
        axis, within = self.flip.axis, self.flip.within
        found = [axis.middle(one.position, two.position, within) for one, two in self.differing()]
        return [m for m in found if m is not None][: self.flip.most_solves - self.solves]

    def walks(self) -> list[list[Point]]:
        """For each flip, the points where the thing is used, from the flip outwards."""
        used: State = "holds" if self.flip.fact.uses is not None else "does not hold"
        points = self.ordered()
        found = []
        for one, two in self.differing():
            near, step = (two, 1) if two.state == used else (one, -1)
            walk, at = [], points.index(near)
            while near.state == used and 0 <= at < len(points) and points[at].state == used:
                walk.append(points[at])
                at += step
            found.append(walk)
        if not self.differing() and points and all(p.state == used for p in points):
            found = [[points[0]], [points[-1]]]
        return found

    def price(self, point: Point, run: Run, result: ScenarioResult) -> Worth:
        """Note what going without costs."""
        plan, status = result.plan, result.plan.get("status", "did not run")
        least = most = None
        if status in PLANNED and point.cost_usd is not None and point.bound_usd is not None:
            least = _money(plan["bound_usd"] - point.cost_usd)
            most = _money(plan["objective_usd"] - point.bound_usd)
        worth = Worth(point.position, point.shown, run.name, least, most, status)
        self.worths.append(worth)
        if worth.proven:
            self.points[point.position] = replace(point, proven=True)
        return worth

    def answer(self) -> FlipFound:
        """Everything found."""
        flip, axis, points = self.flip, self.flip.axis, self.ordered()
        brackets = tuple(self._bracket(one, two) for one, two in self.differing())
        ends = [p.run for b in brackets for p in (b.first, b.second)] or [p.run for p in (points[0], points[-1])]
        return FlipFound(
            name=flip.name,
            title=flip.title,
            parameter=axis.name,
            unit=axis.unit,
            log=axis.log,
            listed=axis.steps,
            fact=flip.fact.said,
            points=tuple(points),
            brackets=brackets,
            worths=tuple(self.worths),
            solves=self.solves,
            plans={run: self.plans[run] for run in dict.fromkeys(ends)},
        )

    def _bracket(self, one: Point, two: Point) -> Bracket:
        if "infeasible" in (one.status, two.status):
            return Bracket(one, two, (), 0)
        found = sorted(changes(self.plans[one.run], self.plans[two.run]), key=lambda c: -abs(c.cost_usd))
        told = tuple(change_text(change) for change in found[:SHOWN_CHANGES])
        return Bracket(one, two, told, max(0, len(found) - SHOWN_CHANGES))


def point_of(axis: Axis, fact: Fact, position: float, run: str, result: ScenarioResult) -> Point:
    """What a run says of the fact at a position."""
    found = truth(fact, result.plan)
    planned = result.plan.get("status") in PLANNED
    return Point(
        position=position,
        value=axis.value(position),
        shown=axis.shown(position),
        run=run,
        state=found.state,
        because=found.because,
        proven=found.proven,
        status="stopped" if result.stopped else result.plan.get("status", "did not run"),
        cost_usd=result.plan["objective_usd"] if planned else None,
        bound_usd=result.plan["bound_usd"] if planned else None,
    )


def _money(value: float) -> float:
    return float(f"{value:.12g}") + 0.0
