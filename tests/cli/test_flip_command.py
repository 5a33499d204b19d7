"""`flip` and `regret` as commands."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

import fleetopt
from fleetopt.cli.main import app
from fleetopt.errors import InputError, UsageError

PRICE = "systems.sram-machine.price.scale"
SUITE = """\
base: {base}
overrides: {{relaxed: {{workloads.premium.slo.tpot_s: 50 ms}}}}
scenarios: {{base: [], relaxed: [relaxed]}}
"""


@pytest.fixture(autouse=True)
def _same_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of runs import the package under test."""
    path = [str(Path(fleetopt.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))


@pytest.fixture(scope="module")
def mix(root: Path) -> Path:
    """The tutorial with two machines."""
    return root / "instances" / "tutorial" / "mix.yaml"


def test_a_flip_on_the_command_line(mix: Path, tmp_path: Path) -> None:
    """SRAM serves some of standard while it is cheap: at 1 % of its price it does, at 100 % of it more than half not.

    The command says where, writes its pages, and again finds every run there; `--json` is one document.
    """
    out = tmp_path / "out"
    words = ["--path", PRICE, "--between", "0.01", "1", "--log", "--uses", "any wafer for standard over 50%"]
    command = ["flip", str(mix), *words, "--within", "0.5", "--out", str(out)]
    done = CliRunner().invoke(app, command, env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "on the plan does not use any wafer for standard, at least 50 % of the rate; at" in done.stdout
    assert all((out / f"flip.{kind}").is_file() for kind in ("md", "html", "json", "svg"))
    again = CliRunner().invoke(app, [*command, "--json"])
    data = json.loads(again.stdout)
    assert data["said"] in done.stdout
    assert (data["points"][0]["state"], data["points"][-1]["state"]) == ("holds", "does not hold")
    assert data == json.loads((out / "flip.json").read_text(encoding="utf-8"))


def test_regret_of_a_suite_that_has_run(mix: Path, tmp_path: Path) -> None:
    """Two scenarios are run as a suite with a gap of their own; regret solves neither of them again."""
    (tmp_path / "suite.yaml").write_text(SUITE.format(base=mix), encoding="utf-8")
    out = tmp_path / "out"
    ran = CliRunner().invoke(app, ["suite", str(tmp_path / "suite.yaml"), "--out", str(out), "--gap", "0.0005"])
    assert ran.exit_code == 0, ran.output
    before = (out / "base" / "manifest.json").read_bytes()
    done = CliRunner().invoke(app, ["regret", str(out), "--weight", "base=3"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert "The plan of base has the least regret on both counts" in done.stdout
    assert (out / "base" / "manifest.json").read_bytes() == before
    assert all((out / f"regret.{kind}").is_file() for kind in ("md", "csv", "html", "json"))
    assert "cannot serve" in (out / "regret.md").read_text(encoding="utf-8")
    assert CliRunner().invoke(app, ["regret", str(out), "--scenario", "base"]).exit_code == 2
    assert CliRunner().invoke(app, ["regret", str(out), "--scenario", "other"]).exit_code == 2
    assert CliRunner().invoke(app, ["regret", str(out), "--weight", "base"]).exit_code == 2
    assert CliRunner().invoke(app, ["regret", str(tmp_path)]).exit_code == 2


@pytest.mark.parametrize(
    "words, message",
    [
        (["--between", "1", "2"], "say one fact"),
        (["--between", "1", "2", "--feasible", "--opens", "hall"], "say one fact"),
        (["--uses", "sram-machine"], "must say one of between, values"),
        (["--between", "1", "1", "--feasible"], "two different values"),
        (["--between", "1", "2", "--uses", "sramm"], "'sramm' is nothing of this instance"),
        (["--between", "1", "2", "--cost-above", "much"], "--cost-above much"),
        (["--between", "1", "2", "--opens", "hal"], "there is no site 'hal'; did you mean 'hall'"),
        (["--between", "1", "2", "--feasible", "--prove"], "nothing can be switched off"),
        (["--between", "1", "yes", "--feasible"], "yes"),
    ],
)
def test_questions_that_make_no_sense(mix: Path, tmp_path: Path, words: list[str], message: str) -> None:
    """They end with 2 and what to try, and write nothing."""
    out = tmp_path / "out"
    done = CliRunner().invoke(app, ["flip", str(mix), "--path", PRICE, *words, "--out", str(out)])
    assert done.exit_code == 2 and message in done.stderr
    assert not out.exists()


def test_a_path_that_is_not_there(mix: Path, tmp_path: Path) -> None:
    """It is said with what was meant, in Python as on the command line."""
    for path in ("systems.sram.price.scale", "systems.sram-machine.price.scal"):
        with pytest.raises((UsageError, InputError), match=r"did you mean|try one of"):
            fleetopt.find_flip(mix, path, {"feasible": True}, between=(1, 2), out=tmp_path / "out")
    with pytest.raises(UsageError, match=r"uses\.sistem"):
        fleetopt.find_flip(mix, PRICE, {"uses": {"sistem": "x"}}, between=(1, 2), out=tmp_path / "out")


def test_a_folder_of_something_else_is_refused(mix: Path, tmp_path: Path) -> None:
    """A folder that no suite or flip wrote stays as it is."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="holds something else"):
        fleetopt.find_flip(mix, PRICE, {"feasible": True}, between=(1, 2), out=tmp_path)
