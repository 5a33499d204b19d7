"""A whole suite, each scenario in a process of its own."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fleetopt
from fleetopt import run_suite
from fleetopt.cli.main import app
from fleetopt.errors import InputError, UsageError

SUITE = """\
title: What if
base: {base}
overrides:
  more: {{workloads.chat.demand.scale: 2}}
  faster: {{workloads.chat.slo.tpot_s: 1 us}}
scenarios:
  as-is: []
  more: {{title: Twice the demand, overrides: [more]}}
  too-fast: [faster]
expect:
  - {{cheaper: [as-is, more], why: Demand costs money.}}
  - {{dearer_or_equal: [more, as-is]}}
  - {{feasible: as-is}}
  - {{infeasible: too-fast}}
  - {{uses: {{scenario: as-is, system: server, workload: chat}}}}
"""


@pytest.fixture(autouse=True)
def _same_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenario processes import the package under test."""
    path = [str(Path(fleetopt.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))


@pytest.fixture
def suite(tmp_path: Path, tutorial: Path) -> Path:
    """A suite of three scenarios on the tutorial."""
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE.format(base=tutorial), encoding="utf-8")
    return path


def test_a_suite_compares_its_scenarios(suite: Path, tmp_path: Path) -> None:
    """Three scenarios, one of them infeasible, all have an answer; expectations hold; files and the table show it."""
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["suite", str(suite), "--out", str(out)], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert done.stdout.count("holds: ") == 5
    assert "more (2 of 3): " in done.stderr
    plans = {name: json.loads((out / name / "plan.json").read_text(encoding="utf-8")) for name in ("as-is", "more")}
    assert plans["more"]["objective_usd"] > plans["as-is"]["objective_usd"]
    assert json.loads((out / "too-fast" / "plan.json").read_text(encoding="utf-8")) == {"status": "infeasible"}
    page = (out / "comparison.md").read_text(encoding="utf-8")
    assert "| result: status | optimal | optimal | infeasible |" in page
    table = (out / "comparison.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "group,name,unit,as-is,more,too-fast"
    assert any(line.startswith("bought,server,units,") for line in table)


def test_a_broken_expectation_ends_with_1_and_runs_the_rest(suite: Path, tmp_path: Path) -> None:
    """Where an expectation does not hold the suite still compares everything, says so, and ends with 1."""
    text = suite.read_text(encoding="utf-8").split("  too-fast:")[0]
    suite.write_text(text + "expect:\n  - {cheaper: [more, as-is]}\n", encoding="utf-8")
    lines: list[str] = []
    result = run_suite(suite, tmp_path / "out", progress=lambda line, _: lines.append(line))
    assert [scenario.exit_code for scenario in result.scenarios] == [0, 0]
    assert [judgement.holds for judgement in result.judgements] == [False]
    assert result.exit_code == 1
    assert "DOES NOT HOLD: more cheaper than as-is" in (tmp_path / "out" / "comparison.md").read_text(encoding="utf-8")
    assert any(line.startswith("more (2 of 2): ") for line in lines)


def test_a_failed_run_is_reported_and_does_not_stop_the_rest(suite: Path, tmp_path: Path) -> None:
    """A scenario whose folder is taken by something else fails with 2; the others run, and the suite ends with 2."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "suite.json").write_text("{}", encoding="utf-8")
    (out / "as-is").mkdir()
    (out / "as-is" / "mine.txt").write_text("mine", encoding="utf-8")
    done = CliRunner().invoke(app, ["suite", str(suite), "--out", str(out), "--json"])
    document = json.loads(done.stdout)
    assert done.exit_code == 2
    assert [scenario["exit_code"] for scenario in document["scenarios"]] == [2, 0, 3]
    assert "not an earlier run folder" in document["scenarios"][0]["message"]
    assert document["scenarios"][0]["status"] is None
    assert (out / "as-is" / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert not document["expectations"][0]["holds"]


def test_nothing_runs_where_a_suite_is_not_valid(suite: Path, tmp_path: Path) -> None:
    """A scenario with an unknown override stops everything before the first run, and writes nothing."""
    suite.write_text(suite.read_text(encoding="utf-8").replace("[faster]", "[fast]"), encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'faster'"):
        run_suite(suite, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_refused(suite: Path, tmp_path: Path) -> None:
    """A folder that no suite wrote is left as it is."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no folder of an earlier suite"):
        run_suite(suite, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["mine.txt"]
