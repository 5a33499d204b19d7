"""`import`: files written whole, earlier imports alone replaced, mistakes told with exit code 2 and nothing written."""

import json
from pathlib import Path

from inferno_case import case, written
from published import README_EXAMPLE
from typer.testing import CliRunner

from fleetopt.cli.main import app
from fleetopt.instance.load import load


def test_melange(tmp_path: Path) -> None:
    """The instance loads without a warning, is the same bytes each time, and replaces an earlier import alone."""
    config, out = tmp_path / "config.json", tmp_path / "chat.yaml"
    config.write_text(json.dumps(README_EXAMPLE), encoding="utf-8")
    first = CliRunner().invoke(app, ["import", "melange", str(config), "--out", str(out)])
    assert (first.exit_code, first.stdout) == (0, "")
    assert "wrote" in first.stderr
    text = out.read_bytes()
    assert load(out).warnings == ()
    assert b"config.json (SHA-256 " in text
    assert CliRunner().invoke(app, ["import", "melange", str(config), "--out", str(out)]).exit_code == 0
    assert out.read_bytes() == text
    out.write_text("name: mine\n", encoding="utf-8")
    again = CliRunner().invoke(app, ["import", "melange", str(config), "--out", str(out)])
    assert again.exit_code == 2
    assert "is no earlier import" in again.stderr
    assert out.read_text(encoding="utf-8") == "name: mine\n"


def test_inferno(tmp_path: Path) -> None:
    """The instance of a folder loads without a warning."""
    folder, out = written(tmp_path / "case", case()), tmp_path / "case.yaml"
    found = CliRunner().invoke(app, ["import", "inferno", str(folder), "--out", str(out)])
    assert found.exit_code == 0
    assert load(out).warnings == ()


def test_mistakes(tmp_path: Path) -> None:
    """A file that is no configuration, and a folder that is none: exit code 2, where and what, and no file."""
    config, out = tmp_path / "config.json", tmp_path / "x.yaml"
    config.write_text('{"gpu_info": 1}', encoding="utf-8")
    for args in (["melange", str(config)], ["inferno", str(tmp_path / "none")], ["melange", str(tmp_path)]):
        found = CliRunner().invoke(app, ["import", *args, "--out", str(out)])
        assert found.exit_code == 2
        assert f"{args[1]}:1: " in found.stderr
        assert not out.exists()
    lost = CliRunner().invoke(
        app, ["import", "inferno", str(written(tmp_path / "case", case())), "--out", "/no/such/x"]
    )
    assert lost.exit_code == 2
