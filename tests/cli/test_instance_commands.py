"""`new`, `check`, `schema`."""

import json
from pathlib import Path

from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


def test_new_writes_an_instance_that_checks(tmp_path: Path) -> None:
    """What `new` writes passes `check` without a warning."""
    path = tmp_path / "fleet.yaml"
    assert runner.invoke(app, ["new", str(path)]).exit_code == 0
    done = runner.invoke(app, ["check", str(path)])
    assert (done.exit_code, done.stderr) == (0, "")


def test_new_overwrites_nothing(tmp_path: Path) -> None:
    """A file that exists is left as it is, with exit code 2."""
    path = tmp_path / "fleet.yaml"
    path.write_text("mine", encoding="utf-8")
    done = runner.invoke(app, ["new", str(path)])
    assert done.exit_code == 2
    assert "exists already" in done.stderr
    assert path.read_text(encoding="utf-8") == "mine"


def test_new_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A missing folder is a usage error that says so."""
    done = runner.invoke(app, ["new", str(tmp_path / "no" / "fleet.yaml")])
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr


def test_check_prints_canonical_units(tutorial: Path) -> None:
    """The tutorial's "2 MW" is shown as 2,000 kW, with the size of the model to come."""
    done = runner.invoke(app, ["check", str(tutorial)])
    assert done.exit_code == 0
    assert "2,000 kW" in done.stdout
    assert "model to come" in done.stdout


def test_check_json_is_one_document(tutorial: Path) -> None:
    """`--json` prints one document; a model with a purchase column has at least one whole column."""
    size = json.loads(runner.invoke(app, ["check", str(tutorial), "--json"]).stdout)["model to come"]
    assert size["columns"] > size["columns that are whole"] > 0
    assert size["candidates before dominance"] >= size["candidates"] > 0


def test_check_says_when_nobody_can_serve(tutorial: Path) -> None:
    """With a target of a microsecond no candidate is left: a warning, since the file itself is valid."""
    done = runner.invoke(app, ["check", str(tutorial), "--set", "workloads.chat.slo.tpot_s=1e-6"])
    assert done.exit_code == 0
    assert "warning:" in done.stderr
    assert "chat" in done.stderr


def test_overrides_are_logged_old_to_new(tutorial: Path) -> None:
    """`--set` is logged on stderr as `path: old -> new`."""
    done = runner.invoke(app, ["check", str(tutorial), "--set", "workloads.chat.demand.scale=3"])
    assert done.stderr == "set workloads.chat.demand.scale: 1.0 -> 3\n"
    assert "6,000" in done.stdout


def test_every_problem_is_reported_at_once(tutorial: Path, tmp_path: Path) -> None:
    """Two misspelt fields are two lines, each with file and line, and exit code 2."""
    path = tmp_path / "bad.yaml"
    text = tutorial.read_text(encoding="utf-8").replace("rate_per_s:", "rate_pers:")
    path.write_text(text.replace("idle_share:", "idle_shar:"), encoding="utf-8")
    done = runner.invoke(app, ["check", str(path)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean 'rate_per_s'?" in done.stderr
    assert "did you mean 'idle_share'?" in done.stderr
    assert all(line.startswith(f"{path}:") for line in done.stderr.splitlines())


def test_schema_is_json() -> None:
    """`schema` prints one JSON document that describes workloads."""
    assert "workloads" in json.loads(runner.invoke(app, ["schema"]).stdout)["properties"]
