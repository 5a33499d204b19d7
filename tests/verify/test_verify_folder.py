"""A run folder is checked from resolved.yaml and plan.json alone; what cannot be read is said, never a traceback."""

import json
from pathlib import Path

import pytest
from everything import rich_instance, rich_plan, rich_text

from fleetopt.errors import InputError, UsageError
from fleetopt.instance.dump import dump_resolved
from fleetopt.verify import verify_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run folder of the instance with something of everything."""
    (tmp_path / "resolved.yaml").write_text(dump_resolved(rich_instance()), encoding="utf-8")
    (tmp_path / "plan.json").write_text(rich_text(), encoding="utf-8")
    return tmp_path


def test_a_written_plan_passes(folder: Path) -> None:
    """The two files alone are enough, and the checks are as many as the plan says."""
    found = verify_folder(folder)
    assert found.failures == ()
    assert found.checks == rich_plan()["verification"]["checks"]


def test_a_changed_instance_is_caught(folder: Path) -> None:
    """A dearer server in resolved.yaml no longer fits the plan's prices, cost lines and hash."""
    text = (folder / "resolved.yaml").read_text(encoding="utf-8")
    assert "buy_usd: 300000.0" in text
    (folder / "resolved.yaml").write_text(text.replace("buy_usd: 300000.0", "buy_usd: 300001.0"), encoding="utf-8")
    found = verify_folder(folder)
    assert not found.passed
    assert any(failure.startswith("F2 (gpu8, ") for failure in found.failures)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"status": "optimal", "status": "optimal"}', "[" * 5000])
def test_what_is_no_plan_fails(folder: Path, text: str) -> None:
    """Empty, broken, of another kind, a key twice, too deep: each is a failure that says so."""
    (folder / "plan.json").write_text(text, encoding="utf-8")
    found = verify_folder(folder)
    assert not found.passed
    assert "plan.json" in found.failures[0] or "missing field" in found.failures[0]


def test_a_key_that_stands_twice_fails(folder: Path) -> None:
    """A second status, though the same, is not what was written."""
    text = rich_text().replace('"status": ', '"status": "optimal", "status": ', 1)
    (folder / "plan.json").write_text(text, encoding="utf-8")
    assert "'status' stands twice" in verify_folder(folder).failures[0]


def test_binary_junk_fails(folder: Path) -> None:
    """Bytes that are no text are a failure."""
    (folder / "plan.json").write_bytes(b"\xff\xfe\x00\x01")
    assert not verify_folder(folder).passed


def test_a_run_without_a_plan_has_nothing_to_verify(folder: Path) -> None:
    """A plan.json with the status alone is a usage error, not a verified plan."""
    (folder / "plan.json").write_text(json.dumps({"status": "infeasible"}), encoding="utf-8")
    with pytest.raises(UsageError, match="so there is no plan"):
        verify_folder(folder)


def test_calling_a_plan_infeasible_is_caught(folder: Path) -> None:
    """A whole plan whose status says there is none fails."""
    (folder / "plan.json").write_text(json.dumps({**rich_plan(), "status": "infeasible"}), encoding="utf-8")
    assert verify_folder(folder).failures[0].startswith("status")


def test_missing_files_and_bad_instances_say_so(folder: Path, tmp_path: Path) -> None:
    """No folder is a usage error; a resolved.yaml that is no instance an input error."""
    with pytest.raises(UsageError, match=r"no resolved\.yaml"):
        verify_folder(tmp_path / "nowhere")
    (folder / "resolved.yaml").write_text("format: 1\n", encoding="utf-8")
    with pytest.raises(InputError):
        verify_folder(folder)
