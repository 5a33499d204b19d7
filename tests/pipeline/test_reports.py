"""From a run folder to its reports: the registry, atomic writes, and nothing outside the folder."""

import json
from pathlib import Path
from typing import Any

import pytest
from everything import rich_instance, rich_plan
from planned import write_everything

from fleetopt.errors import UsageError, VerificationError
from fleetopt.instance.dump import dump_resolved
from fleetopt.pipeline import folder as runfolder
from fleetopt.pipeline.reports import FORMATS, WITH_A_RUN, report_folder

PURCHASE, OPENING = rich_plan()["purchases"][0], rich_plan()["sites_opened"][0]


def test_a_run_is_reported_from_two_files_alone(tmp_path: Path) -> None:
    """With resolved.yaml and plan.json and nothing else every format is written, twice with the same bytes."""
    run = write_everything(tmp_path / "run")
    formats = ["xlsx", "csv", "md"]
    first = report_folder(run, formats, out=tmp_path / "one")
    again = report_folder(run, formats, out=tmp_path / "two")
    assert first.files == again.files
    assert {"procurement.xlsx", "plan.md", "tables/orders.csv", "tables/purchases.csv"} <= set(first.files)
    for name in first.files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert set(WITH_A_RUN) <= set(FORMATS)


def test_reports_go_into_the_run_folder_unless_told_otherwise(tmp_path: Path) -> None:
    """The workbook stands beside plan.json, which is as it was; nothing half-written is left behind."""
    run = write_everything(tmp_path / "run")
    before = (run / "plan.json").read_bytes()
    found = report_folder(run, ["xlsx"])
    assert found.folder == run
    assert sorted(p.name for p in run.iterdir()) == ["plan.json", "procurement.xlsx", "resolved.yaml"]
    assert (run / "plan.json").read_bytes() == before


def test_a_previous_plan_adds_what_has_changed(tmp_path: Path) -> None:
    """Against a plan with one order less the change list has a row; without one there is no list."""
    run = write_everything(tmp_path / "run")
    data = rich_plan()
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    (earlier / "resolved.yaml").write_text(dump_resolved(rich_instance()), encoding="utf-8")
    fewer = {**data, "purchases": data["purchases"][1:]}
    (earlier / "plan.json").write_text(json.dumps(fewer), encoding="utf-8")
    found = report_folder(run, ["csv"], previous=earlier, out=tmp_path / "out")
    assert len((found.folder / "tables/changes.csv").read_text(encoding="utf-8").splitlines()) > 1
    assert "tables/changes.csv" not in report_folder(run, ["csv"], out=tmp_path / "other").files


@pytest.mark.parametrize("formats", [[], ["xlsx", "doc"], ["../../x"]])
def test_an_unknown_format_is_refused_before_anything_is_read(formats: list[str], tmp_path: Path) -> None:
    """The message names the formats there are."""
    with pytest.raises(UsageError, match=r"--format: .* is not a format; try .*xlsx"):
        report_folder(tmp_path, formats)


def test_a_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    """Nothing is written into it."""
    with pytest.raises(UsageError, match=r"no resolved\.yaml"):
        report_folder(tmp_path, ["xlsx"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purchases", [{"site": "nowhere"}]),
        ("rejections", [{"workload": "chat"}]),
        ("periods", ["2027q1", "2099q4"]),
        ("objective_usd", "much"),
        ("purchases", [{**PURCHASE, "order_period": "soon"}]),
        ("sites_opened", [{**OPENING, "order_period": ""}]),
    ],
)
def test_a_plan_that_is_none_of_its_instance_is_refused(field: str, value: Any, tmp_path: Path) -> None:
    """Missing fields, unknown periods and words for numbers end with the reason, and nothing is written."""
    run = write_everything(tmp_path / "run")
    (run / "plan.json").write_text(json.dumps({**rich_plan(), field: value}), encoding="utf-8")
    with pytest.raises(VerificationError, match="not a plan of resolved"):
        report_folder(run, ["xlsx", "csv", "md"])
    assert sorted(p.name for p in run.iterdir()) == ["plan.json", "resolved.yaml"]


def test_what_is_known_of_the_check_is_said(tmp_path: Path) -> None:
    """plan.json's own word, a check made now, and a difference of the payments from the objective."""
    run = write_everything(tmp_path / "run")
    assert report_folder(run, ["md"]).notes[0].startswith("plan.json says it was verified")
    assert report_folder(run, ["md"], verify=True).notes == ("verified now",)
    data = rich_plan()
    bent = {**data, "cost_lines": {**data["cost_lines"], "rent": data["cost_lines"]["rent"] + 7.0}}
    (run / "plan.json").write_text(json.dumps(bent), encoding="utf-8")
    assert any("DIFFERS" in note and "7.00 USD" in note for note in report_folder(run, ["md"]).notes)
    with pytest.raises(VerificationError):
        report_folder(run, ["md"], verify=True)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    """With `tables` a link to elsewhere nothing is written there; a linked file is replaced, not followed."""
    away = tmp_path / "away"
    away.mkdir()
    run = write_everything(tmp_path / "run")
    (run / "tables").symlink_to(away)
    with pytest.raises(UsageError, match="leads out of"):
        report_folder(run, ["csv"])
    assert list(away.iterdir()) == []
    (away / "mine.md").write_text("mine", encoding="utf-8")
    (run / "plan.md").symlink_to(away / "mine.md")
    report_folder(run, ["md"])
    assert (away / "mine.md").read_text(encoding="utf-8") == "mine"
    assert not (run / "plan.md").is_symlink()


def test_a_target_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    """A file where a folder is meant: one line, exit code 2."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="try --out"):
        runfolder.write_into(tmp_path / "file", {"a.md": "x"})


def test_bytes_and_text_are_written_as_they_are(tmp_path: Path) -> None:
    """No line end is changed, and a run folder takes both."""
    runfolder.write(tmp_path / "run", {"a.bin": b"\x00\r\n", "b.txt": "é\n", "manifest.json": "{}"})
    assert (tmp_path / "run/a.bin").read_bytes() == b"\x00\r\n"
    assert (tmp_path / "run/b.txt").read_bytes() == "é\n".encode()


def test_a_run_without_a_plan_has_the_page_of_its_diagnosis(tmp_path: Path) -> None:
    """The page is written anew from diagnosis.json; other formats are refused, and so is a diagnosis that is none."""
    run = tmp_path / "run"
    run.mkdir()
    (run / "resolved.yaml").write_text(dump_resolved(rich_instance()), encoding="utf-8")
    (run / "plan.json").write_text('{"status": "infeasible"}', encoding="utf-8")
    nothing: dict[str, list[object]] = {key: [] for key in ("findings", "advice", "rejections")}
    why = {"status": "infeasible", "headline": "too much", "remedy": None, **nothing}
    (run / "diagnosis.json").write_text(json.dumps(why), encoding="utf-8")
    assert report_folder(run, ["html", "xlsx"]).files == ("report.html",)
    assert "too much" in (run / "report.html").read_text(encoding="utf-8")
    with pytest.raises(UsageError, match="there is no plan to report"):
        report_folder(run, ["xlsx"])
    (run / "diagnosis.json").write_text('{"status": "infeasible"}', encoding="utf-8")
    with pytest.raises(UsageError, match="is not what `fleetopt solve` writes"):
        report_folder(run, ["html"])
