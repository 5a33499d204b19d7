import json
from pathlib import Path

import pytest
import yaml
from builders import tiny_raw

from fleetopt.errors import InputError, UsageError
from fleetopt.pipeline import solve_file

DATED = {"manifest.json", "solve.log"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The base instance in a file."""
    path = tmp_path / "tiny.yaml"
    path.write_text(yaml.safe_dump(tiny_raw(), sort_keys=False), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes by relative path."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_run_folder_holds_what_it_should(file: Path, tmp_path: Path) -> None:
    """Plan, page, tables, instance as solved, manifest and log; the manifest says how it ended."""
    result = solve_file(file, tmp_path / "out")
    found = contents(result.folder)
    assert result.exit_code == 0 and {"plan.json", "plan.md", "resolved.yaml", "tables/purchases.csv", *DATED} <= set(
        found
    )
    manifest = json.loads(found["manifest.json"])
    assert manifest["status"] == "optimal" and manifest["stop_reason"] == "gap reached" and manifest["exit_code"] == 0
    assert {phase["phase"] for phase in manifest["phases"]} >= {"candidates", "build", "search", "verify"}
    assert json.loads(found["plan.json"])["provenance"]["instance_sha256"] == manifest["instance_sha256"]
    assert b"HiGHS" in found["solve.log"]


def test_what_binds_stands_beside_the_plan(file: Path, tmp_path: Path) -> None:
    """binding.json says of each limit where, when and whether in full; the page shows it."""
    found = contents(solve_file(file, tmp_path / "out").folder)
    entries = json.loads(found["binding.json"])
    assert all(e["state"] in ("full", "no room for one more") for e in entries)
    assert b"does not say what binds" not in found["report.html"]


def test_two_runs_give_the_same_bytes(file: Path, tmp_path: Path) -> None:
    """Wall-clock times stand only in manifest.json and solve.log."""
    one, two = contents(solve_file(file, tmp_path / "one").folder), contents(solve_file(file, tmp_path / "two").folder)
    assert {n: b for n, b in one.items() if n not in DATED} == {n: b for n, b in two.items() if n not in DATED}


def test_overrides_are_logged_old_to_new(file: Path, tmp_path: Path) -> None:
    """`--set` shows in the log and the manifest, and changes the default folder's hash."""
    told: list[str] = []
    result = solve_file(file, tmp_path / "out", ["workloads.chat.demand.scale=2"], progress=told.append)
    line = "workloads.chat.demand.scale: 1.0 -> 2"
    assert any(line in text for text in told)
    assert line in json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))["overrides"][0]


def test_infeasible_leaves_a_diagnosis_and_a_bare_plan(file: Path, tmp_path: Path) -> None:
    """Exit 3: instance, manifest, diagnosis, log, and a plan.json with the status alone."""
    result = solve_file(file, tmp_path / "out", ["workloads.chat.slo.tpot_s=1e-6"])
    found = contents(result.folder)
    assert result.exit_code == 3
    left = {"diagnosis.json", "diagnosis.md", "report.html"}
    assert set(found) == left | {"manifest.json", "plan.json", "resolved.yaml", "solve.log"}
    assert json.loads(found["plan.json"]) == {"status": "infeasible"}
    assert "meets its SLO" in json.loads(found["diagnosis.json"])["headline"]
    assert result.summary_lines[0].startswith("infeasible: ")


def test_bad_input_writes_nothing(file: Path, tmp_path: Path) -> None:
    """A misspelt field is an InputError, and no folder appears."""
    file.write_text(file.read_text(encoding="utf-8").replace("wacc", "wac"), encoding="utf-8")
    with pytest.raises(InputError, match="wac"):
        solve_file(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_foreign_folder_is_refused_before_solving(file: Path, tmp_path: Path) -> None:
    """--out must not exist or be an earlier run: told at once, not after an hour."""
    (tmp_path / "out").mkdir()
    told: list[str] = []
    with pytest.raises(UsageError, match="not an earlier run folder"):
        solve_file(file, tmp_path / "out", progress=told.append)
    assert told == []


def test_the_default_folder_is_named_after_the_instance(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --out: runs/<name>-<hash> below the working directory, and a second run replaces the first."""
    monkeypatch.chdir(tmp_path)
    first, second = solve_file(file), solve_file(file)
    assert first.folder == second.folder and first.folder.parent == Path("runs")
    assert first.folder.name.startswith("tiny-") and len(list(Path("runs").iterdir())) == 1
