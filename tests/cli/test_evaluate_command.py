"""`evaluate` on the smallest instance."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


@pytest.fixture(scope="module")
def solved(tutorial: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the tutorial."""
    folder = tmp_path_factory.mktemp("runs") / "tutorial"
    assert runner.invoke(app, ["solve", str(tutorial), "--out", str(folder), "--gap", "0"]).exit_code == 0
    return folder


def units(solved: Path) -> int:
    """Servers that the optimum buys."""
    plan = json.loads((solved / "plan.json").read_text(encoding="utf-8"))
    return int(sum(p["units"] for p in plan["purchases"]))


def test_a_plan_is_costed_beside_the_optimum(tutorial: Path, solved: Path, tmp_path: Path) -> None:
    """One server too many: what it costs more is said, and the folder named verifies."""
    mine = tmp_path / "mine.csv"
    mine.write_text(f"period,site,system,units\n2027,hall,server,{units(solved) + 1}\n", encoding="utf-8")
    out = tmp_path / "own"
    arguments = ["evaluate", str(tutorial), "--plan", str(mine), "--optimum", str(solved), "--out", str(out)]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("your plan costs $") and "systems: " in done.stdout and str(out) in done.stdout
    assert runner.invoke(app, ["verify", str(out)]).exit_code == 0
    shown = runner.invoke(app, [*arguments, "--json"])
    document = json.loads(shown.stdout)
    assert shown.stderr == "" and document["difference_usd"] > 0
    assert [c["kind"] for c in document["changes"]] == ["less"]


def test_a_plan_that_does_not_serve_ends_with_3(tutorial: Path, solved: Path, tmp_path: Path) -> None:
    """One server too few: how much of which workload is unserved, and that one more completes it."""
    mine = tmp_path / "mine.csv"
    mine.write_text(f"period,site,system,units\n2027,hall,server,{units(solved) - 1}\n", encoding="utf-8")
    arguments = ["evaluate", str(tutorial), "--plan", str(mine), "--out", str(tmp_path / "own"), "--gap", "0"]
    done = runner.invoke(app, arguments)
    assert done.exit_code == 3
    assert "of 'chat' from here unserved in 2027" in done.stdout and "buy 1 x server for hall in 2027" in done.stdout
    document = json.loads(runner.invoke(app, [*arguments, "--json"]).stdout)
    assert document["findings"][0]["equation"] == "D1"


def test_bad_rows_end_with_2_and_write_nothing(tutorial: Path, tmp_path: Path) -> None:
    """A system that does not exist is named with its line."""
    mine = tmp_path / "mine.csv"
    mine.write_text("period,site,system,units\n2027,hall,sever,1\n", encoding="utf-8")
    done = runner.invoke(app, ["evaluate", str(tutorial), "--plan", str(mine), "--out", str(tmp_path / "own")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "mine.csv:2: system: there is no system 'sever' here; did you mean 'server'?" in done.stderr
    assert not (tmp_path / "own").exists()
