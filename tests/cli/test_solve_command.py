"""`solve` and `verify` on the smallest instance."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


@pytest.fixture(scope="module")
def run_folder(tutorial: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the tutorial."""
    folder = tmp_path_factory.mktemp("runs") / "tutorial"
    done = runner.invoke(app, ["solve", str(tutorial), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def test_solve_prints_the_result_and_reports_progress(tutorial: Path, tmp_path: Path) -> None:
    """Cost and gap go to stdout, progress to stderr, and the folder that is named is there."""
    folder = tmp_path / "run"
    done = runner.invoke(app, ["solve", str(tutorial), "--out", str(folder)])
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert done.exit_code == 0
    assert f"(${plan['objective_usd']:,.0f})" in done.stdout
    assert str(folder) in done.stdout
    assert "columns" in done.stderr


def test_json_is_plan_json_and_nothing_else(tutorial: Path, tmp_path: Path) -> None:
    """`--json` prints the document that plan.json holds, and no progress."""
    folder = tmp_path / "run"
    done = runner.invoke(app, ["solve", str(tutorial), "--out", str(folder), "--json"])
    assert json.loads(done.stdout) == json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert done.stderr == ""


def test_set_changes_the_plan(tutorial: Path, run_folder: Path, tmp_path: Path) -> None:
    """Ten times the price of a server is ten times the cost line of systems."""
    folder = tmp_path / "run"
    arguments = ["solve", str(tutorial), "--out", str(folder), "--set", "systems.server.price.scale=10"]
    assert runner.invoke(app, arguments).exit_code == 0
    base, dear = (json.loads((f / "plan.json").read_text(encoding="utf-8")) for f in (run_folder, folder))
    assert dear["cost_lines"]["systems"] == pytest.approx(10 * base["cost_lines"]["systems"])


def test_infeasible_ends_with_3(tutorial: Path, tmp_path: Path) -> None:
    """A target nobody meets ends with 3, and `--json` says why in one document."""
    arguments = ["solve", str(tutorial), "--out", str(tmp_path / "run"), "--set", "workloads.chat.slo.tpot_s=1e-6"]
    done = runner.invoke(app, [*arguments, "--json"])
    assert done.exit_code == 3
    document = json.loads(done.stdout)
    assert document["status"] == "infeasible"
    assert "chat" in json.dumps(document["diagnosis"])


@pytest.mark.parametrize(
    "wrong", [["--set", "sites.hal.enabled=false"], ["--set", "nonsense"], ["--time-limit", "0"], ["--gap", "1"]]
)
def test_bad_input_writes_nothing(tutorial: Path, tmp_path: Path, wrong: list[str]) -> None:
    """A path that does not exist, text that is no override, no time and no gap to prove: exit code 2, no folder."""
    done = runner.invoke(app, ["solve", str(tutorial), "--out", str(tmp_path / "run"), *wrong])
    assert (done.exit_code, done.stdout) == (2, "")
    assert re.search("try|did you mean", done.stderr)
    assert not (tmp_path / "run").exists()


def test_out_replaces_runs_only(tutorial: Path, run_folder: Path, tmp_path: Path) -> None:
    """An earlier run folder is replaced; any other folder is refused with 2 and left as it is."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    done = runner.invoke(app, ["solve", str(tutorial), "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert runner.invoke(app, ["solve", str(tutorial), "--out", str(run_folder)]).exit_code == 0


def test_verify_passes_what_solve_wrote(run_folder: Path) -> None:
    """A plan as written verifies, with at least one check."""
    done = runner.invoke(app, ["verify", str(run_folder)])
    assert done.exit_code == 0
    document = json.loads(runner.invoke(app, ["verify", str(run_folder), "--json"]).stdout)
    assert document["passed"]
    assert document["checks"] > 0
    assert document["failures"] == []


def test_verify_catches_a_changed_figure(run_folder: Path, tmp_path: Path) -> None:
    """One unit more than was paid for ends with 6 and a list of what does not agree, as text and as JSON."""
    plan = json.loads((run_folder / "plan.json").read_text(encoding="utf-8"))
    plan["purchases"][0]["units"] += 1
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    (tmp_path / "resolved.yaml").write_bytes((run_folder / "resolved.yaml").read_bytes())
    done = runner.invoke(app, ["verify", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (6, "")
    assert "checks failed" in done.stderr
    shown = runner.invoke(app, ["verify", str(tmp_path), "--json"])
    assert shown.exit_code == 6
    assert json.loads(shown.stdout)["failures"]


def test_verify_of_no_run_folder(tmp_path: Path) -> None:
    """A folder without a plan is bad input."""
    done = runner.invoke(app, ["verify", str(tmp_path)])
    assert (done.exit_code, done.stdout) == (2, "")
