"""Marks on what was measured, in plan.md, the tables and the list of candidates."""

import csv
from pathlib import Path

from builders import GPU, tiny_instance
from typer.testing import CliRunner

from fleetopt.cli.main import app
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.schema import Instance
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.report.markdown import plan_markdown
from fleetopt.report.tables import tables

MOST = {"system": "gpu8", "workload": "chat", "bucket": "b1", "requests_per_s": 2.0, "ttft_s": 0.3}


def measured_instance() -> Instance:
    """gpu8 is measured at 2/s a unit; a second system, which is cheap but scarce, is predicted."""
    limit = {"id": "few", "systems": ["gpu9"], "units_per_period": [0.0, 0.0]}
    cheap = {**GPU, "price": {"buy_usd": 1.0}}
    return tiny_instance(measured={"points": [MOST]}, systems={"gpu9": cheap}, supply={"limits": [limit]})


def page(instance: Instance) -> str:
    return plan_markdown(solve(instance, SolveOptions(gap=0.0)).plan, instance)


def test_the_page_marks_what_was_measured() -> None:
    """The placement says measured, latency not measured is a dash, and the notes no longer call it all predicted."""
    text = page(measured_instance())
    (row,) = [line for line in text.splitlines() if "| prefill and decode |" in line]
    assert "| 320 ms / 1.00 s | – | – | – | measured | 7.50 |" in row
    assert "*Measured* figures are the planner's own" in text
    assert "Latency is the planner's own measurement" in text
    assert "Modelled" not in text


def test_the_page_marks_what_was_not() -> None:
    """Without measurements of acme's chips the placement is modelled, and latency is called predicted."""
    text = page(tiny_instance())
    assert "| modelled |" in text
    assert "*Modelled* ones are predicted" in text
    assert "Latency is predicted, not measured" in text


def test_tables_have_the_marks_and_blanks() -> None:
    """tables/deployments.csv has source and basis; what was not measured is blank."""
    instance = measured_instance()
    found = tables(solve(instance, SolveOptions(gap=0.0)).plan, instance)["deployments"]
    row = found.iloc[0].to_dict()
    assert (row["source"], row["basis"], row["rate_per_s"]) == ("measured", "measured", 2.0)
    assert (row["tensor"], row["batch"], row["tpot_s"]) == (None, None, None)


def test_candidates_say_what_they_rest_on(tmp_path: Path) -> None:
    """The list counts measured and modelled candidates apart, and the CSV has both marks."""
    instance, out = tmp_path / "fleet.yaml", tmp_path / "candidates.csv"
    instance.write_text(dump_resolved(tiny_instance(measured={"points": [MOST]}, systems={"gpu9": GPU})), "utf-8")
    done = CliRunner().invoke(
        app, ["candidates", str(instance), "--rejected", "--csv", str(out)], env={"COLUMNS": "200"}
    )
    assert done.exit_code == 0, done.output
    assert "measured" in done.stdout and "modelled" in done.stdout
    assert "MEASURED" in done.stdout
    with out.open(encoding="utf-8", newline="") as stream:
        marks = {(row["system"], row["source"], row["basis"], row["tensor"]) for row in csv.DictReader(stream)}
    assert marks == {("gpu8", "measured", "measured", ""), ("gpu9", "predicted", "modelled", "1")}
