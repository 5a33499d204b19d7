"""`formulation`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


def test_the_page_has_equations() -> None:
    """Without a file the equations are printed, P1 among them."""
    done = runner.invoke(app, ["formulation"])
    assert done.exit_code == 0
    assert "### P1" in done.stdout


def test_lp_of_an_instance(tutorial: Path, tmp_path: Path) -> None:
    """`--lp` writes the programme with rows named by equation; stdout stays empty."""
    path = tmp_path / "out.lp"
    done = runner.invoke(app, ["formulation", str(tutorial), "--lp", str(path)])
    assert (done.exit_code, done.stdout) == (0, "")
    text = path.read_text(encoding="utf-8")
    assert "P1__hall__2027:" in text
    assert "Minimize" in text


@pytest.mark.parametrize("with_file", [True, False])
def test_file_and_lp_go_together(tutorial: Path, tmp_path: Path, with_file: bool) -> None:
    """A file without `--lp`, or `--lp` without a file, is a usage error."""
    arguments = [str(tutorial)] if with_file else ["--lp", str(tmp_path / "out.lp")]
    done = runner.invoke(app, ["formulation", *arguments])
    assert done.exit_code == 2
    assert "go together" in done.stderr


def test_lp_that_cannot_be_written(tutorial: Path, tmp_path: Path) -> None:
    """A missing folder is a usage error."""
    done = runner.invoke(app, ["formulation", str(tutorial), "--lp", str(tmp_path / "no" / "out.lp")])
    assert done.exit_code == 2
