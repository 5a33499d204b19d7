"""`candidates`."""

import csv
from pathlib import Path

from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


def test_candidates_are_counted(tutorial: Path) -> None:
    """One workload on one system is one line, and the number tried stands below."""
    done = runner.invoke(app, ["candidates", str(tutorial)])
    assert done.exit_code == 0
    assert "server" in done.stdout
    assert "configurations tried" in done.stdout
    assert "Rejected" not in done.stdout


def test_rejections_have_their_reason(tutorial: Path) -> None:
    """With `--rejected`, a target of 1 us a token is the reason that everything was rejected."""
    arguments = ["candidates", str(tutorial), "--rejected", "--set", "workloads.chat.slo.tpot_s=1e-6"]
    done = runner.invoke(app, arguments, env={"COLUMNS": "200"})
    assert "TPOT" in done.stdout
    assert "0 serving" in done.stdout


def test_csv_has_a_row_a_bucket(tutorial: Path, tmp_path: Path) -> None:
    """The CSV's rows have positive rates and a latency within the tutorial's 50 ms."""
    path = tmp_path / "candidates.csv"
    assert runner.invoke(app, ["candidates", str(tutorial), "--csv", str(path)]).exit_code == 0
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    for row in rows:
        assert (row["workload"], row["bucket"], row["system"]) == ("chat", "turn", "server")
        assert float(row["rate_per_s"]) > 0
        assert 0 < float(row["tpot_s"]) <= 0.05


def test_csv_has_training_teams(root: Path, tmp_path: Path) -> None:
    """Teams of the training tutorial are rows with a share of peak between 0 and 1."""
    path = tmp_path / "candidates.csv"
    training = root / "instances" / "tutorial" / "training.yaml"
    assert runner.invoke(app, ["candidates", str(training), "--csv", str(path)]).exit_code == 0
    with path.open(encoding="utf-8", newline="") as stream:
        teams = [row for row in csv.DictReader(stream) if row["stage"] == "training"]
    assert teams
    assert all(0 < float(team["mfu"]) < 1 for team in teams)


def test_csv_that_cannot_be_written(tutorial: Path, tmp_path: Path) -> None:
    """A missing folder is a usage error."""
    done = runner.invoke(app, ["candidates", str(tutorial), "--csv", str(tmp_path / "no" / "out.csv")])
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
