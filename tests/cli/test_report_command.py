"""`fleetopt report`: a run written out, said on stdout, with what is known of its check on stderr."""

import json
from pathlib import Path

from planned import write_everything
from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


def test_the_files_are_named_on_stdout(tmp_path: Path) -> None:
    """Two formats, a line a file; the note on verification goes to stderr."""
    run = write_everything(tmp_path / "run")
    done = runner.invoke(app, ["report", str(run), "--format", "md, xlsx"])
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [str(run / "plan.md"), str(run / "procurement.xlsx")]
    assert "plan.json says it was verified" in done.stderr
    assert (run / "procurement.xlsx").read_bytes().startswith(b"PK")


def test_json_is_one_document(tmp_path: Path) -> None:
    """Folder, files and notes."""
    run = write_everything(tmp_path / "run")
    done = runner.invoke(app, ["report", str(run), "--format", "md", "--out", str(tmp_path / "out"), "--json"])
    document = json.loads(done.stdout)
    assert (document["folder"], document["files"]) == (str(tmp_path / "out"), ["plan.md"])
    assert len(document["notes"]) == 1


def test_bad_usage_ends_with_two(tmp_path: Path) -> None:
    """An unknown format, and a folder that is no run."""
    assert runner.invoke(app, ["report", str(tmp_path), "--format", "doc"]).exit_code == 2
    assert runner.invoke(app, ["report", str(tmp_path)]).exit_code == 2


def test_a_plan_that_does_not_hold_ends_with_six(tmp_path: Path) -> None:
    """With --verify one changed figure is enough, and nothing is written."""
    run = write_everything(tmp_path / "run")
    data = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    data["purchases"][0]["cost_usd"] += 1.0
    (run / "plan.json").write_text(json.dumps(data), encoding="utf-8")
    done = runner.invoke(app, ["report", str(run), "--verify", "--format", "md"])
    assert done.exit_code == 6
    assert not (run / "plan.md").exists()
