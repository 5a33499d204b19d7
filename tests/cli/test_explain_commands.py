"""`explain` and `alternatives` on the smallest instances."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()
MIX = Path(__file__).parents[2] / "instances" / "tutorial" / "mix.yaml"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of the mix: 58 GPU servers and one SRAM machine."""
    folder = tmp_path_factory.mktemp("runs") / "mix"
    done = runner.invoke(app, ["solve", str(MIX), "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return folder


def test_explain_tells_what_binds(run_folder: Path) -> None:
    """Results on stdout; `--json` is one document and nothing else."""
    done = runner.invoke(app, ["explain", str(run_folder)])
    assert done.exit_code == 0 and "every unit that is not under repair is in use" in done.stdout
    shown = runner.invoke(app, ["explain", str(run_folder), "--json"])
    assert shown.stderr == "" and json.loads(shown.stdout)["binding"][0]["equation"] == "R1"


def test_explain_prices_by_hand(run_folder: Path) -> None:
    """A MW of other load takes 8,766 h at 50 USD/MWh; a unit already paid for costs the energy of 20 kW x 1.25."""
    done = runner.invoke(app, ["explain", str(run_folder), "--prices", "--json"])
    found = {entry["one_more"]: entry["cost_change_usd"] for entry in json.loads(done.stdout)["lp_prices"]}
    assert found["one more MW of other load at hall all through 2027"] == pytest.approx(8766 * 50)
    one_more = "one more unit of sram-machine in place at hall in 2027, already paid for"
    assert found[one_more] == pytest.approx(0.020 * 1.25 * 8766 * 50)


def test_why_not_more_of_it(run_folder: Path) -> None:
    """A second SRAM machine replaces GPU servers and still costs more; a name that is nearly one is met with it."""
    done = runner.invoke(app, ["explain", str(run_folder), "--why-not", "sram-machine", "--json"])
    forced = json.loads(done.stdout)["why_not"]["forced"]
    assert forced["units"] == 2 and forced["cost_change_usd"] > 0
    wrong = runner.invoke(app, ["explain", str(run_folder), "--why-not", "sram-machin"])
    assert (wrong.exit_code, wrong.stdout) == (2, "") and "did you mean 'sram-machine'?" in wrong.stderr


def test_alternatives_writes_its_folder(run_folder: Path, tmp_path: Path) -> None:
    """Within 30 % a second SRAM machine may take work from the GPU servers; within 1 % nothing else is possible."""
    wide = ["alternatives", str(run_folder), "--within", "30%", "--out", str(tmp_path / "wide"), "--json"]
    document = json.loads(runner.invoke(app, wide).stdout)
    assert [plan["name"] for plan in document["plans"]] == ["plan", "1-less-gpu-server"]
    assert document["plans"][1]["units"]["sram-machine"] == 2
    narrow = runner.invoke(
        app, ["alternatives", str(run_folder), "--within", "0.01", "--out", str(tmp_path / "narrow")]
    )
    assert narrow.exit_code == 0 and narrow.stdout.startswith("0 plans within 1.0 %")


@pytest.mark.parametrize("wrong", [["--within", "banana"], ["--within", "200%"], ["--gap", "2"]])
def test_bad_options_end_with_2(run_folder: Path, tmp_path: Path, wrong: list[str]) -> None:
    """What is no share is refused, and nothing is written."""
    done = runner.invoke(app, ["alternatives", str(run_folder), "--out", str(tmp_path / "x"), *wrong])
    assert (done.exit_code, done.stdout) == (2, "") and not (tmp_path / "x").exists()


def test_no_run_folder_ends_with_2(tmp_path: Path) -> None:
    """A folder without a plan is bad input to both."""
    for command in ("explain", "alternatives"):
        done = runner.invoke(app, [command, str(tmp_path)])
        assert (done.exit_code, done.stdout) == (2, "")
