"""Given rates, parts of demand and one system: the witness finds a plan of ours sound, and each change in it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from inferno_case import case, written
from published import README_EXAMPLE

from fleetopt.imports.inferno import inferno_text
from fleetopt.imports.melange import melange_text
from fleetopt.instance.load import load_text
from fleetopt.instance.schema import Instance
from fleetopt.pipeline import folder
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.verify import verify_plan


@pytest.fixture(scope="module", params=["melange", "inferno"])
def planned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Instance, dict[str, Any]]:
    """A table of throughputs in parts, and a queue with one system; each with its plan as written."""
    place = tmp_path_factory.mktemp("given")
    if request.param == "melange":
        path = place / "config.json"
        path.write_text(json.dumps(README_EXAMPLE), encoding="utf-8")
        text = melange_text(path)
    else:
        text = inferno_text(written(place, case()))[0]
    instance = load_text(text).instance
    found = solve(instance, SolveOptions(gap=0.0))
    assert found.exit_code == 0
    return instance, json.loads(folder.to_json(found.plan.as_dict()))


def test_our_own_plan_is_sound(planned: tuple[Instance, dict[str, Any]]) -> None:
    """It passes as written."""
    assert verify_plan(*planned, sealed=True).passed


def test_every_figure_of_a_deployment_is_checked(planned: tuple[Instance, dict[str, Any]]) -> None:
    """Each figure and word of deployments and placements, changed alone, is caught."""
    instance, plan = planned
    missed = []
    for section in ("deployments", "placements", "purchases", "flows", "installed"):
        entries = plan[section].items() if isinstance(plan[section], dict) else enumerate(plan[section])
        for key, entry in list(entries):
            for path, value in leaves(entry):
                changed = copy.deepcopy(plan)
                target = changed[section][key]
                for step in path[:-1]:
                    target = target[step]
                target[path[-1]] = other(value)
                if verify_plan(instance, changed).passed:
                    missed.append((section, key, path))
    assert not missed


def leaves(entry: Any, at: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Paths and values below an entry."""
    if not isinstance(entry, dict):
        return [(at, entry)]
    return [leaf for key, value in entry.items() for leaf in leaves(value, (*at, key))]


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value * 1.001 + 0.001
    return f"{value}x"


def test_split_parts_are_caught(tmp_path: Path) -> None:
    """A plan with a continuous split, said to be one in parts, fails D1.parts; mixed servers fail D1.one."""
    path = tmp_path / "config.json"
    path.write_text(json.dumps(README_EXAMPLE), encoding="utf-8")
    found = failures_of(melange_text(path), "demand.split=continuous")
    assert any(failure.startswith("D1.parts") for failure in found)
    parts = case()
    parts["accelerator"]["accelerators"][0]["cost"] = 10_000.0
    for entry in parts["capacity"]["count"]:
        entry["count"] = 100_000
    parts["server"]["servers"][0]["currentAlloc"]["load"]["ArrivalRate"] = 60_000
    alone = solve(load_text(inferno_text(written(tmp_path / "case", parts))[0]).instance, SolveOptions(gap=0.0)).plan
    assert {p.system for p in alone.purchases} == {"small"}
    parts["capacity"]["count"][1]["count"] = int(alone.purchases[0].units) - 1
    found = failures_of(inferno_text(written(tmp_path / "case", parts))[0], "servers.mixed=true")
    assert any(failure.startswith("D1.one") for failure in found)


def failures_of(text: str, override: str) -> tuple[str, ...]:
    """What the strict instance says of the plan of the looser one."""
    loose = solve(load_text(text, overrides=[override]).instance, SolveOptions(gap=0.0))
    assert loose.exit_code == 0
    return verify_plan(load_text(text).instance, json.loads(folder.to_json(loose.plan.as_dict()))).failures
