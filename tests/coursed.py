"""Courses driven by hand: made-up plans in place of solves."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from fleetopt.suite.courses import Course
from fleetopt.suite.runs import Run, ScenarioResult

T = TypeVar("T")
Plan = Mapping[str, Any]


def plan(cost_usd: float = 100.0, bound_usd: float | None = None, **fields: Any) -> dict[str, Any]:
    """A plan.json that costs so much and does nothing but what is given."""
    lists = ("purchases", "memory_purchases", "power_builds", "sites_opened", "retirements", "training_runs")
    empty = {name: [] for name in (*lists, "placements", "unserved", "parked")}
    costs = {"status": "optimal", "objective_usd": cost_usd, "bound_usd": cost_usd if bound_usd is None else bound_usd}
    return {**costs, "gap": 0.0, "gap_target": 0.001, "cost_lines": {}, "deployments": {}, **empty, **fields}


def buying(system: str, cost_usd: float = 100.0, bound_usd: float | None = None, units: float = 1.0) -> dict[str, Any]:
    """A plan that buys one system."""
    purchase = {
        "period": "2027", "site": "oslo", "system": system, "vendor": "Maker", "acquisition": "buy", "units": units,
        "chips": 8.0 * units, "cost_usd": cost_usd,
    }  # fmt: skip
    return plan(cost_usd, bound_usd, purchases=[purchase])


def finished(run: Run, its_plan: Plan, exit_code: int = 0, message: str = "") -> ScenarioResult:
    """A run that ended so."""
    return ScenarioResult(run.name, run.title, exit_code, Path(run.name), its_plan, message)


def driven(course: Course[T], solve: Callable[[Run], Plan | ScenarioResult]) -> tuple[T, list[tuple[Run, ...]]]:
    """What a course returns, and the batches it asked for."""
    batches: list[tuple[Run, ...]] = []
    try:
        asked = next(course)
        while True:
            batches.append(asked)
            results = {}
            for run in asked:
                found = solve(run)
                results[run.name] = found if isinstance(found, ScenarioResult) else finished(run, found)
            asked = course.send(results)
    except StopIteration as end:
        return end.value, batches


def value_of(run: Run) -> Any:
    """Value of a run's first override."""
    return run.overrides[0].value
