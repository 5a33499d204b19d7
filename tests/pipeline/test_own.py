"""A planner's own plan: the optimum's tables cost the optimum, worse plans cost more, and what does not do is told."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import tiny_instance, tiny_raw
from everything import rich_instance, rich_text

from fleetopt.errors import InputError, UsageError
from fleetopt.instance.dump import dump_resolved
from fleetopt.pipeline import SolveOptions, evaluate, evaluate_file, solve, solve_file
from fleetopt.report.tables import tables
from fleetopt.verify import verify_folder
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness

EXACT = SolveOptions(gap=0.0)
FIELD = "period,site,system,units\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.csv"
    path.write_text(text, encoding="utf-8")
    return path


def run_folder(folder: Path, data: dict[str, Any], instance: Any) -> Path:
    """A folder with plan.json, resolved.yaml and the tables of a plan."""
    plan = read_plan(data, Witness())
    assert plan is not None
    (folder / "tables").mkdir(parents=True)
    for name, table in tables(plan, instance).items():
        (folder / "tables" / f"{name}.csv").write_text(table.to_csv(index=False), encoding="utf-8")
    (folder / "plan.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "resolved.yaml").write_text(dump_resolved(instance), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["one_system", "mix", "training"])
def test_the_optimums_own_table_costs_the_optimum(name: str, root: Path, tmp_path: Path) -> None:
    """tables/purchases.csv as solve wrote it evaluates to the objective, line by line, and verifies."""
    file = root / "instances" / "tutorial" / f"{name}.yaml"
    best = solve_file(file, tmp_path / "best", options=EXACT)
    own = evaluate_file(
        file, [best.folder / "tables" / "purchases.csv"], tmp_path / "own", options=EXACT, optimum=best.folder
    )
    assert own.exit_code == 0 and own.plan.status == "optimal"
    assert own.plan.objective_usd == pytest.approx(best.plan.objective_usd, rel=1e-9)
    assert own.plan.cost_lines == pytest.approx(dict(best.plan.cost_lines), rel=1e-9, abs=1e-3)
    assert verify_folder(own.folder).passed
    data = json.loads((own.folder / "evaluation.json").read_text(encoding="utf-8"))
    assert data["difference_usd"] == pytest.approx(0.0, abs=1e-2) and data["changes"] == []


def test_every_table_of_a_rich_plan_costs_the_same(tmp_path: Path) -> None:
    """With purchases, memory, power, sites and retirements all held, only operation is left: the plan's own cost."""
    best = json.loads(rich_text())
    folder = run_folder(tmp_path / "best", best, rich_instance())
    found = evaluate(rich_instance(), [folder], SolveOptions(gap=1e-4), optimum=folder)
    plan = found.result.plan
    assert found.own.kinds == {"systems", "memory", "power", "sites", "retirements"}
    assert plan.verification is not None and plan.verification.passed, plan.verification
    assert plan.objective_usd == pytest.approx(best["objective_usd"], rel=1e-4)
    assert plan.objective_usd >= best["bound_usd"]
    for held in ("systems", "rent", "power_build", "power_lease", "site", "launch", "residual"):
        assert plan.cost_lines[held] == pytest.approx(best["cost_lines"][held], rel=1e-9, abs=1e-3), held


def test_a_dearer_plan_costs_what_it_buys_more(tmp_path: Path) -> None:
    """Two servers where one will do: the second costs its annuity in two quarters and 30 % idle power."""
    best = solve(tiny_instance(), EXACT).plan
    assert [(p.units, p.period) for p in best.purchases] == [(1.0, "2027q1")]
    own = evaluate(tiny_instance(), [written(tmp_path, FIELD + "2027q1,virginia,gpu8,2\n")], EXACT)
    plan, optimum = own.result.plan, own.optimum
    assert optimum["objective_usd"] == pytest.approx(best.objective_usd)
    assert plan.cost_lines["systems"] == pytest.approx(2 * best.cost_lines["systems"])
    idle_mwh = 0.3 * 10e-3 * 1.2 * 8766 / 4
    discounted = 60 * idle_mwh * (1 + 1.1**-0.25)
    assert plan.cost_lines["energy"] - best.cost_lines["energy"] == pytest.approx(discounted, rel=1e-6)
    assert (own.exit_code, plan.status) == (0, "feasible") and plan.bound_usd == optimum["bound_usd"]


def test_buying_later_needs_something_before(tmp_path: Path) -> None:
    """One server from the second quarter leaves all of the first unserved; the completion is to buy one then."""
    found = evaluate(tiny_instance(), [written(tmp_path, FIELD + "2027q2,virginia,gpu8,1\n")], EXACT)
    assert found.exit_code == 3 and found.result.diagnosis is not None
    why = found.result.diagnosis
    assert (
        why.headline
        == "your plan leaves 15 requests/s of 'chat' from east unserved in 2027q1 (100.0% of its peak) (D1)"
    )
    assert why.remedy is not None
    assert why.remedy.text.startswith("The cheapest way to complete it: buy 1 x gpu8 for virginia in 2027q1: the plan")
    both = evaluate(
        tiny_instance(), [written(tmp_path, FIELD + "2027q1,virginia,gpu8,1\n2027q2,virginia,gpu8,1\n")], EXACT
    )
    assert why.remedy.cost_usd == pytest.approx(both.result.plan.objective_usd, rel=1e-6)


def test_purchases_that_break_a_limit_are_told_as_that(tmp_path: Path) -> None:
    """Five servers against a supply of three and power for four: both limits, by how much, and no completion."""
    instance = tiny_instance(
        supply={"limits": [{"id": "few", "systems": ["gpu8"], "units_per_period": [3.0]}]},
        sites={"virginia": {"power": {"sources": [{"id": "grid", "existing_kw": 50.0}]}}},
    )
    found = evaluate(instance, [written(tmp_path, FIELD + "2027q1,virginia,gpu8,5\n")], EXACT)
    why = found.result.diagnosis
    assert found.exit_code == 3 and why is not None and why.remedy is None
    assert {(f.equation, f.index): f.shortfall for f in why.findings} == {
        ("B1", ("few", "2027q1")): 2.0,
        ("P1", ("virginia", "2027q1")): 12.5,
        ("P1", ("virginia", "2027q2")): 12.5,
    }
    assert why.headline.startswith("your plan exceeds a limit by 2 units at few, 2027q1")


def test_shortfall_shows_what_is_not_served(tmp_path: Path) -> None:
    """At a cent a request, buying nothing costs every request of two quarters: 10/s on average, discounted."""
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(tiny_raw(), sort_keys=False), encoding="utf-8")
    run = evaluate_file(file, [written(tmp_path, FIELD)], tmp_path / "own", options=EXACT, shortfall_usd=0.01)
    requests = 10 * 8766 / 4 * 3600
    assert run.plan.cost_lines["unserved"] == pytest.approx(0.01 * requests * (1 + 1.1**-0.25), rel=1e-9)
    assert sum(u.requests for u in run.plan.unserved) == pytest.approx(2 * requests)
    page = (run.folder / "evaluation.md").read_text(encoding="utf-8")
    assert "## Demand your plan does not serve" in page and "- new: 1 x gpu8 (acme, buy) for virginia" in page
    assert run.summary_lines[1].startswith("unserved: ")


def test_an_optimum_of_another_instance_is_refused(tmp_path: Path) -> None:
    """A run of other prices is no yardstick; neither is a folder without a run, nor a run without a plan."""
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(tiny_raw(), sort_keys=False), encoding="utf-8")
    own = written(tmp_path, FIELD + "2027q1,virginia,gpu8,1\n")
    other = solve_file(file, tmp_path / "other", ["systems.gpu8.price.scale=2"]).folder
    with pytest.raises(UsageError, match=r"another instance \(there `.*2.*`, here"):
        evaluate_file(file, [own], tmp_path / "out", optimum=other)
    with pytest.raises(UsageError, match="no run folder"):
        evaluate_file(file, [own], tmp_path / "out", optimum=tmp_path)
    none = solve_file(file, tmp_path / "none", ["workloads.chat.slo.tpot_s=1e-6"]).folder
    with pytest.raises(UsageError, match="ended without a plan"):
        evaluate_file(file, [own], tmp_path / "out", ["workloads.chat.slo.tpot_s=1e-6"], optimum=none)
    assert not (tmp_path / "out").exists()


def test_rows_that_cannot_be_had_write_nothing(tmp_path: Path) -> None:
    """A lead time that no delivery meets is an input error, and no folder appears."""
    file = tmp_path / "tiny.yaml"
    raw = tiny_raw(systems={"gpu8": {"lead_months": 3.0, "rent": {"usd_per_h": 20.0}}})
    file.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    with pytest.raises(InputError, match=r"plan.csv:2: gpu8: .* nothing arrives before 2027q2 \(B2\)"):
        evaluate_file(file, [written(tmp_path, FIELD + "2027q1,virginia,gpu8,1\n")], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_evaluation_writes_the_same_bytes_twice(tmp_path: Path) -> None:
    """Wall-clock times stand only in manifest.json and solve.log, as in any run folder."""
    file = tmp_path / "tiny.yaml"
    file.write_text(yaml.safe_dump(tiny_raw(), sort_keys=False), encoding="utf-8")
    own = written(tmp_path, FIELD + "2027q1,virginia,gpu8,2\n")
    texts = []
    for name in ("one", "two"):
        folder = evaluate_file(file, [own], tmp_path / name, options=EXACT).folder
        files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in ("manifest.json", "solve.log"))
        texts.append({str(p.relative_to(folder)): p.read_bytes() for p in files})
    assert texts[0] == texts[1] and {"evaluation.md", "evaluation.json", "plan.md"} <= texts[0].keys()
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["plan"] == [str(own)] and manifest["held"] == ["systems"] and manifest["exit_code"] == 0
