"""Regret: every plan in every scenario, what the gaps leave open, and which plan to take."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from coursed import Plan, driven, finished, plan

from fleetopt.suite.regret import ReadyRegret, RegretFound, regret_course
from fleetopt.suite.regret_report import regret_csv, regret_markdown, regret_page, summary
from fleetopt.suite.runs import Run, ScenarioResult

OPTIMA = {"calm": 100.0, "busy": 200.0, "odd": 150.0}
CROSS = {
    ("calm", "busy"): "short",
    ("calm", "odd"): 190.0,
    ("busy", "calm"): 160.0,
    ("busy", "odd"): 170.0,
    ("odd", "calm"): 110.0,
    ("odd", "busy"): 240.0,
}
"""Cost of a plan in another scenario; that of calm cannot serve where busy comes, and is completed for 230."""


def runs(*names: str) -> tuple[Run, ...]:
    """Scenarios by name."""
    return tuple(Run(name, name, Path(f"{name}.yaml")) for name in names)


def solver(folder: Path, cross: dict[tuple[str, str], Any] | None = None) -> Any:
    """Plans as the tables say, with bounds 1 below; an infeasible evaluation leaves its diagnosis."""
    table = CROSS if cross is None else cross

    def solve(run: Run) -> Plan | ScenarioResult:
        if not run.plan_of:
            return plan(OPTIMA[run.name], OPTIMA[run.name] - 1)
        found = table[run.plan_of, run.name.rsplit("-in-", 1)[1]]
        if isinstance(found, float):
            return plan(found, found - 50, gap_target=0.01)
        if found == "not on offer":
            return finished(run, {}, 2, "purchases.csv:2: x: cannot be had at oslo")
        if found == "stopped":
            return finished(run, {}, 4, "not run")
        here = folder / run.plan_of
        here.mkdir(exist_ok=True)
        why: dict[str, Any] = {"headline": "your plan leaves 5 requests/s unserved"}
        if found == "short":
            why["remedy"] = {"text": "buy more", "cost_usd": 230.0, "gap": 0.001}
        (here / "plan.json").write_text('{"status": "infeasible"}', encoding="utf-8")
        (here / "diagnosis.json").write_text(json.dumps(why), encoding="utf-8")
        return ScenarioResult(run.name, run.title, 3, here, {"status": "infeasible"}, "lacks something")

    return solve


def answer(folder: Path, weights: tuple[float, ...] = (1, 1, 1), **more: Any) -> RegretFound:
    """The answer on three scenarios."""
    asked = ReadyRegret(runs("calm", "busy", "odd"), weights, {})
    found, _ = driven(regret_course(asked), solver(folder, **more))
    return found


def test_the_table(tmp_path: Path) -> None:
    """busy in calm: 160 - 100 = 60, at least 160 x 0.99 - 100 = 58.4, at most 160 - 99 = 61; its own is 0 to 1."""
    found = answer(tmp_path)
    calm, busy, odd = found.lines
    assert [(c.kind, c.regret_usd) for c in busy.cells] == [("served", 60), ("own", 0), ("served", 20)]
    assert (busy.cells[0].least_usd, busy.cells[0].most_usd) == (pytest.approx(58.4), 61)
    assert (busy.cells[1].least_usd, busy.cells[1].most_usd) == (0, 1)
    assert (busy.expected_usd, busy.largest_usd) == (pytest.approx(80 / 3), 60)
    assert (odd.expected_usd, odd.largest_usd) == (pytest.approx(50 / 3), 40)
    assert [(c.kind, c.regret_usd) for c in calm.cells] == [("own", 0), ("cannot serve", 30), ("served", 40)]
    assert not calm.serves_all and calm.completed_all and odd.serves_all


def test_each_plan_is_evaluated_in_each_other_scenario(tmp_path: Path) -> None:
    """Three plans are asked for, then six evaluations at once, each of the scenario with the plan's purchases held."""
    asked = ReadyRegret(runs("calm", "busy", "odd"), (1, 1, 1), {})
    _, batches = driven(regret_course(asked), solver(tmp_path))
    assert [len(batch) for batch in batches] == [3, 6]
    first = batches[1][0]
    assert (first.name, first.plan_of, first.base) == ("regret/calm-in-busy", "calm", Path("busy.yaml"))


def test_which_plan_to_take(tmp_path: Path) -> None:
    """odd has the least of plans that serve everywhere; weighted to busy, that of busy has the least on average."""
    found = answer(tmp_path)
    assert found.best("expected") is found.lines[2] and found.best("largest") is found.lines[2]
    weighted = answer(tmp_path, weights=(1, 8, 1))
    best = weighted.best("expected")
    assert best is not None and best.plan == "busy" and best.expected_usd == pytest.approx(8)
    assert weighted.weights == (0.1, 0.8, 0.1)


def test_completion_counts_where_it_is_asked_for(tmp_path: Path) -> None:
    """With calm most likely, its plan regrets 30 and 40 elsewhere if completed, and none can beat that on average."""
    found = answer(tmp_path, weights=(8, 1, 1))
    strict, completed = found.best("expected"), found.best("expected", completed=True)
    assert strict is not None and strict.plan == "odd"
    assert completed is not None and completed.plan == "calm" and completed.expected_usd == pytest.approx(7)
    assert "The plan of odd has the least regret" in summary(found)
    assert "which flatters plans that buy little, the plan of calm" in summary(found)


def test_what_cannot_be_had_or_told(tmp_path: Path) -> None:
    """Purchases not on offer, no remedy, a stopped run: no regret is made up, and no plan is best by it."""
    cross = {**CROSS, ("odd", "calm"): "not on offer", ("busy", "calm"): "stopped", ("calm", "busy"): "hopeless"}
    found = answer(tmp_path, cross=cross)
    kinds = {line.plan: [cell.kind for cell in line.cells] for line in found.lines}
    assert kinds["odd"] == ["cannot be had", "served", "own"] and kinds["busy"][0] == "unknown"
    assert all(line.expected_usd is None for line in found.lines)
    assert found.best("expected", completed=True) is None
    assert "Nor can one be completed in each of them" in summary(found)
    text = regret_markdown(found)
    assert "cannot be had at oslo" in text and "your plan leaves 5 requests/s unserved" in text


def test_scenarios_without_a_plan_are_left_out(tmp_path: Path) -> None:
    """An infeasible scenario has nothing to plan for or to compare with; weights are shared among the others."""

    def solve(run: Run) -> Plan | ScenarioResult:
        if run.name == "odd":
            return {"status": "infeasible"}
        found: Plan | ScenarioResult = solver(tmp_path)(run)
        return found

    asked = ReadyRegret(runs("calm", "busy", "odd"), (1, 3, 6), {})
    found, batches = driven(regret_course(asked), solve)
    assert found.scenarios == ("calm", "busy") and found.weights == (0.25, 0.75)
    assert len(batches[1]) == 2


def test_plans_that_gaps_do_not_tell_apart_are_named(tmp_path: Path) -> None:
    """odd's mean is 50/3 and at most 51.x/3; a plan of busy that could be 0.5 below is named beside it."""
    cross = {**CROSS, ("busy", "calm"): 131.0, ("busy", "odd"): 170.0}
    assert "within the gaps busy may have less on average" in summary(answer(tmp_path, cross=cross))


def test_pages_of_regret(tmp_path: Path) -> None:
    """The table names own, served and completed cells; the CSV has a row for each pair; the page holds them."""
    found = answer(tmp_path)
    text = regret_markdown(found)
    assert "| busy | $60 ($58.40 to $61) | own |" in text
    assert "**cannot serve**; completed $30" in text and "leaves 5 requests/s unserved" in text
    rows = list(csv.DictReader(io.StringIO(regret_csv(found))))
    assert len(rows) == 9 and rows[3]["regret_usd"] == "60.0"
    assert "cannot serve" in regret_page(found)
