"""The standard stresses: what an instance is put under, and that none costs less than the base."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from builders import tiny_instance, tiny_raw, with_orbit
from typer.testing import CliRunner

import fleetopt
from fleetopt.cli.main import app
from fleetopt.errors import InputError, UsageError
from fleetopt.instance.load import load_dict
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.suite.expect import judge
from fleetopt.suite.load import load_suite, stress_suite
from fleetopt.suite.schema import Expectation
from fleetopt.suite.stresses import STANDARD, chosen, packaged

RICH: dict[str, Any] = {
    "time": {"periods": 4},
    "systems": {
        "gpu8": {"failures_per_year": 0.2, "repair_days": 60.0, "rent": {"usd_per_h": 60.0}},
        "slow8": {
            "vendor": "slowco", "kind": "server", "chips": 8, "power_kw": 12.0, "price": {"buy_usd": 290_000.0},
            "chip": {
                "id": "slow", "vendor": "slowco", "dense_tflops": {"bf16": 700.0}, "memory_gb": 80.0,
                "memory_gb_s": 2000.0, "memory_kind": "HBM", "scale_up_gb_s": 450.0, "scale_up_domain": 8,
                "scale_out_gb_s": 50.0, "power_kw": 0.8, "tpp": 11200.0,
            },
        },
    },
    "memory": [
        {"id": "dram", "kind": "cxl", "unit_gb": 1000.0, "price": {"usd_per_gb": 20.0}},
        {"id": "object", "kind": "object", "price": {"usd_per_gb_month": 1.5}},
    ],
    "workloads": {
        "chat": {
            "demand": {"scale": 60.0, "growth_per_period": 0.3},
            "stores": [{"id": "kept", "tiers": ["dram", "object"], "gb_per_request": 1e-4, "retention_h": 24.0}],
        }
    },
    "sites": {
        "virginia": {
            "power": {
                "sources": [
                    {"id": "grid", "existing_kw": 110.0},
                    {"id": "gas", "block_kw": 50.0, "max_new_kw": 500.0, "capex_usd_per_kw": 500.0},
                ]
            }
        }
    },
}  # fmt: skip
"""600 requests/s growing 30 % a quarter, on two vendors' machines that fail; gas to build; a store in DRAM,
or dearer by the month.
"""


def write(folder: Path, raw: dict[str, Any]) -> Path:
    path = folder / "fleet.yaml"
    path.write_text(yaml.safe_dump(raw, sort_keys=False), encoding="utf-8")
    return path


def test_each_site_and_each_vendor_has_a_stress_of_its_own() -> None:
    """Sites that have all their power, or stand in orbit, have none; a vendor counts once; names are ids."""
    changes = {
        "systems": {"gpu8": {"vendor": "Acme & Sons"}, "more": {**RICH["systems"]["slow8"], "vendor": "Acme & Sons"}},
        "sites": {"texas": {"jurisdiction": "us", "opening": {"cost_usd": 1.0}}},
    }
    found = {s.name: s for s in chosen(tiny_instance(**with_orbit(**changes)), (STANDARD,))}
    assert list(found) == [
        "deliveries-late",
        "power-late-texas",
        "demand-up",
        "demand-down",
        "failures-double",
        "dram-double",
        "vendor-out-acme-sons",
        "vendor-out-orbitco",
    ]
    [late] = found["power-late-texas"].overrides
    assert (late.path, late.value) == ("stress.power_late_months.texas", 12)
    assert found["vendor-out-acme-sons"].overrides[0].value == ["Acme & Sons"]


@pytest.mark.parametrize("name", packaged())
def test_every_packaged_stress_loads(name: str) -> None:
    """Each is an override of fields that exist, on an instance it does something to."""
    raw = tiny_raw(**RICH)
    found = chosen(load_dict(raw).instance, (name,))
    assert found
    for stress in found:
        changes = load_dict(raw, overrides=stress.overrides).changes
        assert any(line.startswith("stress: ") for line in changes)


def test_no_stress_costs_less_and_relief_costs_no_more() -> None:
    """Each stress on an instance where it bites: proven against bounds, and strictly dearer in figures."""
    options = SolveOptions(gap=1e-4)
    raw = tiny_raw(**RICH)
    plans = {"base": solve(load_dict(raw).instance, options).plan.as_dict()}
    stresses = chosen(load_dict(raw).instance, (STANDARD,))
    for stress in stresses:
        result = solve(load_dict(raw, overrides=stress.overrides).instance, options)
        assert result.exit_code in (0, 3), (stress.name, result.stop_reason)
        plans[stress.name] = result.plan.as_dict()
        assert judge(stress.expectation("base"), plans).holds, stress.name
    costs = {name: plan["objective_usd"] for name, plan in plans.items() if plan["status"] == "optimal"}
    assert costs.keys() == plans.keys()
    base = costs.pop("base")
    assert costs.pop("demand-down") < 0.9 * base
    assert all(cost > base * 1.0005 for cost in costs.values()), costs


def test_a_suite_may_name_stresses(tmp_path: Path) -> None:
    """They run after the scenarios, beside the scenario without overrides, or one that is added first."""
    write(tmp_path, tiny_raw())
    suite = tmp_path / "suite.yaml"
    suite.write_text("base: fleet.yaml\nstresses: [demand-up, demand-down]\n", encoding="utf-8")
    found = load_suite(suite)
    assert [run.name for run in found.runs] == ["base", "demand-up", "demand-down"]
    assert [(e.kind, e.scenarios) for e in found.file.expect] == [
        ("never_cheaper", ("demand-up", "base")),
        ("dearer_or_equal", ("base", "demand-down")),
    ]
    suite.write_text("base: fleet.yaml\nscenarios: {now: []}\nstresses: [failures-double]\n", encoding="utf-8")
    assert [run.name for run in load_suite(suite).runs] == ["now", "failures-double"]


@pytest.mark.parametrize(
    "text, message",
    [
        ("stresses: [demand-upp]", "2: stresses.0: there is no stress 'demand-upp'; did you mean 'demand-up'?"),
        ("title: nothing", "runs nothing; try adding scenarios, or stresses: [standard]"),
        ("scenarios: {demand-up: []}\nstresses: [standard]", "2: scenarios.demand-up: a stress has that name"),
    ],
)
def test_suites_with_stresses_that_cannot_be(tmp_path: Path, text: str, message: str) -> None:
    """An unknown stress, nothing to run, a scenario in a stress's name: refused with the line."""
    write(tmp_path, tiny_raw())
    suite = tmp_path / "suite.yaml"
    suite.write_text(f"base: fleet.yaml\n{text}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_suite(suite)
    assert message in str(caught.value)


def test_no_plan_is_never_cheaper_but_does_not_prove_it_of_the_base() -> None:
    """An infeasible stress is as bad as can be; a base without a plan proves nothing, nor does a run without an end."""
    expectation = Expectation(never_cheaper=("hard", "base"))
    plan = {"status": "optimal", "objective_usd": 10.0, "bound_usd": 10.0}
    none: dict[str, Any] = {"status": "infeasible"}
    assert judge(expectation, {"hard": none, "base": plan}).holds
    assert not judge(expectation, {"hard": plan, "base": none}).holds
    assert not judge(expectation, {"hard": {"status": "no_plan"}, "base": plan}).holds
    assert not judge(expectation, {"hard": {**plan, "objective_usd": 9.0}, "base": plan}).holds


def test_unknown_stresses_are_refused(tmp_path: Path) -> None:
    """A name that is not packaged is a usage error with what was meant."""
    with pytest.raises(UsageError, match="did you mean 'demand-up'"):
        stress_suite(write(tmp_path, tiny_raw()), ("demand-ups",))


def test_the_command_runs_and_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`stress` prints a row for each scenario, with the way an infeasible one fails; `--list` runs nothing."""
    path = [str(Path(fleetopt.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
    file = write(tmp_path, tiny_raw())
    out = tmp_path / "out"
    listed = CliRunner().invoke(app, ["stress", str(file), "--list"])
    assert listed.exit_code == 0 and "vendor-out-acme" in listed.stdout and not out.exists()
    assert CliRunner().invoke(app, ["stress", str(file)]).exit_code == 2
    arguments = ["stress", str(file), "--out", str(out), "--only", "demand-up", "--only", "vendor-out"]
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "vendor-out-acme" in done.stdout and "infeasible" in done.stdout and "workload 'chat'" in done.stdout
    plan = json.loads((out / "demand-up" / "plan.json").read_text(encoding="utf-8"))
    assert plan["status"] == "optimal" and (out / "comparison.md").is_file()
