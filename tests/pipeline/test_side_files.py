"""Files beside a plan: read where they are as `solve` writes them, else taken to be absent."""

import json
from pathlib import Path

import pytest

from fleetopt.pipeline.side_files import BINDING, binding, diagnosis

ENTRY = {"equation": "P1", "says": "s", "index": ["a"], "periods": ["2027"], "state": "full"}


def test_what_binds_is_read(tmp_path: Path) -> None:
    """A list of entries with texts and lists of texts."""
    (tmp_path / BINDING).write_text(json.dumps([ENTRY]), encoding="utf-8")
    assert binding(tmp_path) == [ENTRY]


SPOILT = [[{**ENTRY, "index": [1]}], [{**ENTRY, "says": None}], [1], {}]


@pytest.mark.parametrize("text", ["", "[" * 100_000, *map(json.dumps, SPOILT)])
def test_what_is_not_as_written_is_not_there(tmp_path: Path, text: str) -> None:
    """No file, no JSON, another shape, nesting without end: nothing is said to bind, and nothing fails."""
    assert binding(tmp_path) is None
    (tmp_path / BINDING).write_text(text, encoding="utf-8")
    assert binding(tmp_path) is None


def test_a_diagnosis_counts_only_beside_a_run_without_a_plan(tmp_path: Path) -> None:
    """A left-over diagnosis.json does not hide a plan."""
    (tmp_path / "diagnosis.json").write_text('{"status": "infeasible"}', encoding="utf-8")
    (tmp_path / "plan.json").write_text('{"status": "optimal"}', encoding="utf-8")
    assert diagnosis(tmp_path) is None
    (tmp_path / "plan.json").write_text('{"status": "infeasible"}', encoding="utf-8")
    assert diagnosis(tmp_path) == {"status": "infeasible"}
