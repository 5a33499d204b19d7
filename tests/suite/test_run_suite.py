"""A whole suite, each scenario in a process of its own."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetopt import run_suite
from fleetopt.cli.main import app
from fleetopt.errors import InputError, UsageError
from fleetopt.suite import SuiteOptions

SUITE = """\
title: What if
options: {{gap: 0.2 %, time_limit_s: 90}}
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


@dataclass(frozen=True)
class Ran:
    """The suite, run once for all tests here."""

    text: str
    out: Path
    stdout: str
    stderr: str
    exit_code: int


@pytest.fixture(scope="module")
def ran(tutorial: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A suite of three scenarios on the tutorial, run as a user would."""
    folder = tmp_path_factory.mktemp("suite")
    path, out, text = folder / "suite.yaml", folder / "out", SUITE.format(base=tutorial)
    path.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["suite", str(path), "--out", str(out)], env={"COLUMNS": "160"})
    return Ran(text, out, done.stdout, done.stderr, done.exit_code)


@pytest.fixture
def suite(tmp_path: Path, ran: Ran) -> Path:
    """The suite file once more, and its finished runs in a folder beside it."""
    path = tmp_path / "suite.yaml"
    path.write_text(ran.text, encoding="utf-8")
    shutil.copytree(ran.out, tmp_path / "out")
    return path


def test_a_suite_compares_its_scenarios(ran: Ran) -> None:
    """Three scenarios, one of them infeasible, all have an answer; expectations hold; files and the table show it."""
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.count("holds: ") == 5
    assert "more (2 of 3): " in ran.stderr
    out = ran.out
    plans = {name: json.loads((out / name / "plan.json").read_text(encoding="utf-8")) for name in ("as-is", "more")}
    assert plans["more"]["objective_usd"] > plans["as-is"]["objective_usd"]
    assert json.loads((out / "too-fast" / "plan.json").read_text(encoding="utf-8")) == {"status": "infeasible"}
    page = (out / "comparison.md").read_text(encoding="utf-8")
    assert "| result: status | optimal | optimal | infeasible |" in page
    table = (out / "comparison.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == "group,name,unit,as-is,more,too-fast"
    assert any(line.startswith("bought,server,units,") for line in table)


def test_the_file_says_how_its_runs_are_solved(ran: Ran) -> None:
    """Gap and time limit of the suite file hold; what the command line says comes before them."""
    said = json.loads((ran.out / "more" / "manifest.json").read_text(encoding="utf-8"))["options"]
    assert (said["gap"], said["time_limit_s"], said["solver"]) == (0.002, 90.0, "highs")
    asked = SuiteOptions(gap=0.01).over(gap=0.002, time_limit_s=90.0, solver="cbc").solve_options()
    assert (asked.gap, asked.time_limit_s, asked.solver) == (0.01, 90.0, "cbc")


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
    shutil.rmtree(out / "as-is")
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
        run_suite(suite, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_of_something_else_is_refused(suite: Path, tmp_path: Path) -> None:
    """A folder that no suite wrote is left as it is."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no folder of an earlier suite"):
        run_suite(suite, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["mine.txt"]


def test_every_file_has_the_diagnosis_of_what_has_no_plan(ran: Ran) -> None:
    """An infeasible scenario stands in the Markdown, the CSV, the page and on the terminal with why, and what helps."""
    files = [(ran.out / f"comparison.{kind}").read_text(encoding="utf-8") for kind in ("md", "csv", "html")]
    for text in (*files, ran.stderr):
        assert "none of 74 candidates meets its SLO" in text.replace("&#39;", "'")
        assert "relax the targets" in text
    assert "result,no plan because,," in files[1]


def test_many_scenarios_are_a_line_each(tmp_path: Path, tutorial: Path) -> None:
    """Where columns do not fit the terminal scenarios are a line each; and there is the spread of a sample."""
    suite, out = tmp_path / "suite.yaml", tmp_path / "out"
    over = "{workloads.chat.demand.scale: {uniform: [1, 3]}}"
    text = f"base: {tutorial}\nsweeps:\n  d:\n    sample:\n      count: 3\n      over: {over}\n"
    suite.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["suite", str(suite), "--out", str(out)], env={"COLUMNS": "40"})
    assert done.exit_code == 0, done.output
    assert "figures differ, all in comparison.md" in done.stdout
    assert [f"d-{n:02}" in done.stdout for n in (1, 2, 3)] == [True] * 3
    assert "Spread of d" in done.stdout
    assert "What drives the cost of d" in done.stdout
    assert (out / "sweep-d.csv").read_text(encoding="utf-8").startswith("scenario,workloads.chat.demand.scale,status,")
    assert "## Spread of d" in (out / "comparison.md").read_text(encoding="utf-8")
    assert "Spread of d" in (out / "comparison.html").read_text(encoding="utf-8")
    document = json.loads(CliRunner().invoke(app, ["suite", str(suite), "--out", str(out), "--json"]).stdout)
    assert [table["title"] for table in document["tables"]][:2] == ["Scenarios", "Sweep d"]
