"""What it costs to have planned for another scenario: every plan's purchases, operated in every scenario."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from fleetopt.instance.overrides import Override
from fleetopt.pipeline.side_files import diagnosis
from fleetopt.suite.courses import Course
from fleetopt.suite.runs import PLANNED, Run, ScenarioResult

Kind = Literal["own", "served", "cannot serve", "cannot be had", "unknown"]
BAD_INPUT = 2
"""Exit code of an evaluation whose purchases cannot be had in the scenario."""


@dataclass(frozen=True)
class ReadyRegret:
    """The question with its runs; an evaluation's run is the scenario's, with `plan_of`."""

    scenarios: tuple[Run, ...]
    weights: tuple[float, ...]
    """Of each, summing to 1."""
    priced: Mapping[str, tuple[Override, ...]]
    """By scenario, overrides that price requests not served, where there are any."""
    folder: str = "regret/"

    def evaluation(self, plan: Run, scenario: Run) -> Run:
        """The run of one cell."""
        name = f"{self.folder}{plan.name}-in-{scenario.name}"
        title = f"plan of {plan.name} in {scenario.name}"
        overrides = (*scenario.overrides, *self.priced.get(scenario.name, ()))
        return Run(name, title, scenario.base, overrides, plan.name)


@dataclass(frozen=True)
class Cell:
    """One plan in one scenario."""

    kind: Kind
    cost_usd: float | None
    """What the plan costs there; where it cannot serve, with the cheapest purchases that complete it, if found."""
    regret_usd: float | None
    """Beside the scenario's own plan, as far as it is known."""
    least_usd: float | None
    """Regret no less than this, by what the gaps leave open."""
    most_usd: float | None
    """Regret no more than this."""
    because: str = ""
    """What is missing, where it does not serve as it is."""

    @property
    def serves(self) -> bool:
        """Whether the purchases do as they are."""
        return self.kind in ("own", "served")


@dataclass(frozen=True)
class Line:
    """One scenario's plan over all scenarios."""

    plan: str
    cells: tuple[Cell, ...]
    serves_all: bool
    completed_all: bool
    """Whether it does in every scenario, completed where it must be."""
    expected_usd: float | None
    """Mean regret by weight; None where it does not do everywhere, even completed."""
    largest_usd: float | None


@dataclass(frozen=True)
class RegretFound:
    """The answer."""

    scenarios: tuple[str, ...]
    weights: tuple[float, ...]
    optima: tuple[float | None, ...]
    """Cost of each scenario's own plan."""
    lines: tuple[Line, ...]
    evaluations: int

    def best(self, by: Literal["expected", "largest"], completed: bool = False) -> Line | None:
        """The plan with least regret among those that serve everywhere, or may be completed; None where none does."""
        lines = [line for line in self.lines if line.serves_all or (completed and line.completed_all)]
        regret = {line.plan: line.expected_usd if by == "expected" else line.largest_usd for line in lines}
        return min(lines, key=lambda line: math.inf if (r := regret[line.plan]) is None else r, default=None)


def regret_course(asked: ReadyRegret) -> Course[RegretFound]:
    """The scenarios' own plans, then every plan in every other scenario."""
    own = yield asked.scenarios
    planned = [run for run in asked.scenarios if own[run.name].plan.get("status") in PLANNED]
    cross = {(i.name, j.name): asked.evaluation(i, j) for i in planned for j in planned if i.name != j.name}
    results: Mapping[str, ScenarioResult] = {}
    if cross:
        results = yield tuple(cross.values())
    cells = {pair: _cell(results[run.name], own[pair[1]].plan) for pair, run in cross.items()}
    lines = []
    weights = {run.name: weight for run, weight in zip(asked.scenarios, asked.weights, strict=True)}
    for i in planned:
        row = [_own(own[j.name].plan) if j.name == i.name else cells[i.name, j.name] for j in planned]
        lines.append(_line(i.name, row, [weights[j.name] for j in planned]))
    names = tuple(run.name for run in planned)
    optima = tuple(own[name].plan["objective_usd"] for name in names)
    shares = _shares([weights[name] for name in names])
    return RegretFound(names, tuple(shares), optima, tuple(lines), len(cross))


def _shares(weights: Sequence[float]) -> list[float]:
    whole = math.fsum(weights)
    return [weight / whole for weight in weights]


def _own(plan: Mapping[str, Any]) -> Cell:
    cost = plan["objective_usd"]
    return Cell("own", cost, 0.0, 0.0, _money(cost - plan["bound_usd"]))


def _cell(result: ScenarioResult, best: Mapping[str, Any]) -> Cell:
    """What an evaluation says beside the scenario's own plan."""
    plan = result.plan
    if plan.get("status") in PLANNED:
        return _beside("served", plan["objective_usd"], plan.get("gap_target", 0.0), best)
    if result.exit_code == BAD_INPUT:
        return Cell("cannot be had", None, None, None, None, result.message)
    if plan.get("status") != "infeasible":
        return Cell("unknown", None, None, None, None, result.message or "the evaluation came to no end")
    why = diagnosis(result.folder) or {}
    said = str(why.get("headline", "")) or result.message
    remedy = why.get("remedy")
    cost = remedy.get("cost_usd") if isinstance(remedy, dict) else None
    if not isinstance(cost, int | float):
        return Cell("cannot serve", None, None, None, None, said)
    gap = remedy.get("gap") if isinstance(remedy, dict) else None
    return replace(_beside("cannot serve", float(cost), float(gap or 0.0), best), because=said)


def _beside(kind: Kind, cost: float, gap: float, best: Mapping[str, Any]) -> Cell:
    """Regret, at least as far as the operation's gap and the plan's own cost say, at most as the bound says."""
    regret = _money(cost - best["objective_usd"])
    least = _money(max(0.0, cost - gap * abs(cost) - best["objective_usd"]))
    return Cell(kind, cost, max(0.0, regret), least, _money(max(0.0, cost - best["bound_usd"])))


def _line(plan: str, cells: Sequence[Cell], weights: Sequence[float]) -> Line:
    regrets = [cell.regret_usd for cell in cells]
    known = [regret for regret in regrets if regret is not None]
    done = len(known) == len(cells)
    expected = _money(math.fsum(w * r for w, r in zip(_shares(weights), known, strict=True))) if done else None
    serves = all(cell.serves for cell in cells)
    return Line(plan, tuple(cells), serves, done, expected, max(known) if done else None)


def _money(value: float) -> float:
    return float(f"{value:.12g}") + 0.0
