"""Courses ask for runs and are sent their results; what they find does not depend on how many workers there are."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from fleetopt import run_suite
from fleetopt.errors import UsageError
from fleetopt.instance.overrides import Override
from fleetopt.suite import SuiteOptions
from fleetopt.suite.courses import Course, Run, ScenarioResult, one_run, run_courses
from fleetopt.suite.standing import Standing


def run(base: Path, name: str, scale: float, plan_of: str = "") -> Run:
    """The tutorial with its demand scaled."""
    return Run(name, name, base, (Override("workloads.chat.demand.scale", scale),), plan_of)


def cost(result: ScenarioResult) -> float:
    """What a run's plan costs."""
    return float(result.plan["objective_usd"])


def searched(base: Path) -> Course[list[float]]:
    """Bisects for the demand that costs 1.05 M$."""
    low, high, seen = 1.0, 4.0, []
    for step in range(3):
        middle = (low + high) / 2
        name = f"search/{step}"
        results = yield (run(base, name, middle),)
        seen.append(middle)
        low, high = (low, middle) if cost(results[name]) > 1.05e6 else (middle, high)
    return seen


def held(base: Path) -> Course[Mapping[str, ScenarioResult]]:
    """The plan for twice the demand, operated at the demand as it is, and the other way round."""
    plans = yield (run(base, "one", 1.0), run(base, "two", 2.0))
    more = yield (run(base, "two-at-one", 1.0, "two"), run(base, "one-at-two", 2.0, "one"))
    return {**plans, **more}


def test_courses_of_all_kinds_side_by_side(tutorial: Path, tmp_path: Path) -> None:
    """A bisection asks run after run, a plan is held elsewhere, one fails, and all come to their ends.

    Nine servers cost 0.565534 M$ at a scale of 1, so 16 cost 1.005 M$ at 1.75, less than 1.05, and 18 cost more. Twice
    the servers cost more than the optimum at the demand as it is; half the servers cannot serve twice the demand.
    """
    lines: list[str] = []

    def told(line: str, standing: Standing) -> None:
        lines.append(line)
        assert 0 <= standing.waiting <= standing.asked

    wrong = Run("wrong", "wrong", tutorial, (Override("workloads.chat.demand.scale", -1),))
    found = run_courses(
        {"search": searched(tutorial), "held": held(tutorial), "wrong": one_run(wrong)},
        tmp_path / "out",
        SuiteOptions(workers=2),
        told,
    )
    assert list(found) == ["search", "held", "wrong"]
    assert found["search"] == [2.5, 1.75, 2.125]
    of = found["held"]
    assert cost(of["two-at-one"]) > cost(of["one"])
    assert of["two-at-one"].plan["bound_usd"] == of["one"].plan["bound_usd"]
    assert (of["one-at-two"].exit_code, of["one-at-two"].plan) == (3, {"status": "infeasible"})
    assert of["one-at-two"].message
    assert (found["wrong"].exit_code, found["wrong"].answered) == (2, False)
    assert "-1 is negative" in found["wrong"].message
    assert any(line.startswith("search/1 (") for line in lines)
    assert [s for s in (tmp_path / "out").rglob(".*") if s.is_dir()] == []


def test_two_runs_of_one_name_are_refused(tutorial: Path, tmp_path: Path) -> None:
    """Courses that mean different things by one name cannot share a folder; the same run may be asked for twice."""
    clash = {"a": one_run(run(tutorial, "x", 1.0)), "b": one_run(run(tutorial, "x", 2.0))}
    with pytest.raises(UsageError, match="two runs are named x"):
        run_courses(clash, tmp_path / "out")
    same = {"a": one_run(run(tutorial, "x", 1.0)), "b": one_run(run(tutorial, "x", 1.0))}
    found = run_courses(same, tmp_path / "out")
    assert found["a"] == found["b"]


def test_a_course_without_runs_ends_at_once(tmp_path: Path) -> None:
    """Nothing is started for a course that asks for nothing."""

    def nothing() -> Course[int]:
        yield ()
        return 7

    assert run_courses({"n": nothing()}, tmp_path / "out") == {"n": 7}


def test_the_number_of_workers_changes_no_byte(root: Path, tmp_path: Path) -> None:
    """One worker and three give the same comparison and the same plans, tables and pages, to the byte."""
    said = {
        "base": str(root / "instances" / "tutorial" / "mix.yaml"),
        "overrides": {"faster": {"workloads.premium.slo.tpot_s": 1e-6}},
        "scenarios": {"as-is": [], "faster": ["faster"]},
        "sweeps": {
            "d": {"grid": {"workloads.*.demand.scale": [1, 2]}},
            "mc": {"sample": {"count": 3, "over": {"workloads.*.demand.scale": {"uniform": [0.5, 2]}}}},
        },
    }
    suite = tmp_path / "suite.yaml"
    suite.write_text(json.dumps(said), encoding="utf-8")
    files: list[dict[str, bytes]] = []
    for workers in (1, 3):
        out = tmp_path / str(workers)
        run_suite(suite, out, SuiteOptions(workers=workers))
        paths = [p for p in sorted(out.rglob("*")) if p.is_file() and p.name not in ("manifest.json", "solve.log")]
        files.append({str(path.relative_to(out)): path.read_bytes() for path in paths})
    assert files[0] == files[1]
    assert {"comparison.md", "comparison.csv", "comparison.html", "sweep-mc.csv", "mc-03/plan.json"} <= files[0].keys()
