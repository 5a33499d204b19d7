"""`fleetopt catalog`: list, show, check."""

import json

import pytest
from typer.testing import CliRunner

from fleetopt.catalog.load import KINDS, ids
from fleetopt.cli.main import app

runner = CliRunner()


def run(*arguments: str, code: int = 0) -> str:
    done = runner.invoke(app, ["catalog", *arguments], env={"COLUMNS": "200"})
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


@pytest.mark.parametrize("command", ["list", "show", "check"])
def test_help_of_each_command_teaches(command: str) -> None:
    """The help of every command has an example that begins with the command itself."""
    assert f"Example: fleetopt catalog {command}" in run(command, "--help")


def test_list_counts_the_kinds() -> None:
    """Without a kind, how many entries there are of each; `--json` the same as one document."""
    shown = run("list")
    assert all(kind in shown for kind in KINDS)
    assert json.loads(run("list", "--json")) == {kind: len(ids(kind)) for kind in KINDS}


def test_list_filters() -> None:
    """Filters narrow a kind down; an HBM part of 141 GB and more from NVIDIA is not the H100."""
    shown = run("list", "chip", "--vendor", "nvidia", "--memory-kind", "hbm", "--min-memory-gb", "141")
    assert "h200-sxm" in shown
    assert "b200" in shown
    assert "h100-sxm" not in shown
    rows = json.loads(run("list", "system", "--text", "ascend", "--json"))
    assert {row["id"] for row in rows} == {"ascend-910b-8", "ascend-910c-8", "ascend-950dt-8", "cloudmatrix-384"}


def test_a_list_of_nothing_says_so() -> None:
    """Nothing found is an answer, not an error, and an empty list in JSON."""
    assert run("list", "chip", "--vendor", "nobody") == "nothing in the catalogue is like that\n"
    assert json.loads(run("list", "chip", "--vendor", "nobody", "--json")) == []


def test_show_prints_figures_ranges_and_sources() -> None:
    """The price with its range and confidence, the chip's rates, and the documents by number."""
    shown = run("show", "hgx-h100-8")
    assert "276,000" in shown
    assert "230,000 to 368,000" in shown
    assert "dense_tflops.fp8" in shown
    assert "[1] " in shown
    assert "aiinframap.com" in shown
    assert "rent.usd_per_h by date" in shown


def test_show_says_what_is_missing_and_explained() -> None:
    """A chip without bandwidth says so; an outlier gives its reason."""
    assert "not known: memory_gb_s; an instance that uses the entry must give it" in run("show", "cambricon590")
    assert "an outlier in bytes_per_flop: Compute cut" in run("show", "h20")


def test_show_json_is_one_document() -> None:
    """Figures with value, range, date, confidence and source, the series and the chip."""
    shown = json.loads(run("show", "dram", "--json"))
    [price] = [figure for figure in shown["figures"] if figure["figure"] == "price.usd_per_gb"]
    assert (price["value"], price["confidence"]) == (24.8, "analyst forecast")
    assert shown["series"]["price.usd_per_gb"][0]["since"] == "2025q3"
    assert json.loads(run("show", "gb200-nvl72", "--kind", "chip", "--json"))["kind"] == "chip"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "hgx-h1000-8"), "did you mean 'hgx-h100-8'"),
        (("show", "b200", "--kind", "chp"), "did you mean 'chip'"),
        (("list", "systm"), "did you mean 'system'"),
    ],
)
def test_unknown_names_end_with_2(arguments: tuple[str, ...], said: str) -> None:
    """A name or kind that the catalogue has not is a usage error with the closest one."""
    assert said in run(*arguments, code=2)


def test_check_prints_the_outliers_with_their_reasons() -> None:
    """Every outlier stands with its value, the median and why it stands as it is."""
    assert "SRAM on the chip" in run("check")
    found = json.loads(run("check", "--json"))
    assert all(row["because"] for row in found)
    assert ("bytes_per_flop", "h20") in {(row["measure"], row["id"]) for row in found}
