"""`compare` on run folders of the tutorial."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


@pytest.fixture(scope="module")
def folders(tutorial: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The tutorial as it stands, and with half the demand."""
    at = tmp_path_factory.mktemp("runs")
    for name, scale in (("base", 1), ("half", 0.5)):
        change = f"workloads.chat.demand.scale={scale}"
        assert runner.invoke(app, ["solve", str(tutorial), "--out", str(at / name), "--set", change]).exit_code == 0
    return at / "base", at / "half"


def test_compare_shows_costs_and_changes(folders: tuple[Path, Path]) -> None:
    """Half the demand buys fewer servers: the page says so, and the totals are the objectives."""
    done = runner.invoke(app, ["compare", *map(str, folders)])
    assert done.exit_code == 0, done.output
    assert "## What half does differently from base" in done.stdout and "- less: " in done.stdout
    shown = runner.invoke(app, ["compare", *map(str, folders), "--json"])
    document = json.loads(shown.stdout)
    costs = [json.loads((f / "plan.json").read_text(encoding="utf-8"))["objective_usd"] for f in folders]
    assert list(document["cost_lines"][-1]["usd"].values()) == costs
    assert document["cost_lines"][-1]["difference_usd"]["half"] == pytest.approx(costs[1] - costs[0])
    assert [c["kind"] for c in document["changes"]["half"]] == ["less"]


def test_compare_writes_a_page(folders: tuple[Path, Path], tmp_path: Path) -> None:
    """`--html FILE` writes the comparison and says where; its sums are both objectives."""
    file = tmp_path / "page.html"
    done = runner.invoke(app, ["compare", *map(str, folders), "--html", str(file)])
    assert done.exit_code == 0 and done.stdout.strip() == str(file)
    text = file.read_text(encoding="utf-8")
    for folder in folders:
        usd = json.loads((folder / "plan.json").read_text(encoding="utf-8"))["objective_usd"]
        assert f"${usd:,.2f}" in text


def test_folders_without_a_plan_are_all_refused(folders: tuple[Path, Path], tmp_path: Path) -> None:
    """A folder that is none and a run without a plan are both named; one folder alone, or one twice, is too few."""
    (tmp_path / "plan.json").write_text('{"status": "infeasible"}', encoding="utf-8")
    done = runner.invoke(app, ["compare", str(folders[0]), str(tmp_path), str(tmp_path / "nothing")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "ended infeasible" in done.stderr and "no plan.json" in done.stderr
    assert runner.invoke(app, ["compare", str(folders[0])]).exit_code == 2
    assert runner.invoke(app, ["compare", str(folders[0]), str(folders[0])]).exit_code == 2
