import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleetopt.errors import UsageError
from fleetopt.pipeline import folder

MANIFEST = folder.to_json({"kind": folder.MARK})


def test_files_appear_with_their_text(tmp_path: Path) -> None:
    """Text is written as it is, folders within are made, and nothing else is left beside it."""
    folder.write(tmp_path / "runs" / "a", {"manifest.json": MANIFEST, "tables/x.csv": "a,b\n1,2\n"})
    assert (tmp_path / "runs" / "a" / "tables" / "x.csv").read_bytes() == b"a,b\n1,2\n"
    assert [p.name for p in (tmp_path / "runs").iterdir()] == ["a"]


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    """Files of the earlier run that the new one lacks are gone."""
    folder.write(tmp_path / "a", {"manifest.json": MANIFEST, "plan.md": "old"})
    folder.write(tmp_path / "a", {"manifest.json": MANIFEST, "diagnosis.md": "new"})
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == ["diagnosis.md", "manifest.json"]
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_anything_else_is_never_replaced(tmp_path: Path) -> None:
    """A folder without our manifest, one with another's, a file, a link: all refused and untouched."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work", encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "file").write_text("text", encoding="utf-8")
    folder.write(tmp_path / "run", {"manifest.json": MANIFEST})
    (tmp_path / "link").symlink_to(tmp_path / "run")
    for name in ("mine", "other", "file", "link"):
        with pytest.raises(UsageError, match="not an earlier run folder"):
            folder.write(tmp_path / name, {"manifest.json": MANIFEST})
    assert (tmp_path / "mine" / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    assert json.loads((tmp_path / "other" / "manifest.json").read_text(encoding="utf-8")) == {}


def test_a_parent_that_is_a_file_is_a_usage_error(tmp_path: Path) -> None:
    """The disk's refusal becomes a message with another way out."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="try another --out"):
        folder.write(tmp_path / "file" / "run", {"manifest.json": MANIFEST})


def test_the_default_folder_follows_the_instance() -> None:
    """Same text, same folder; other text, another."""
    assert folder.default_folder("x", "a") == folder.default_folder("x", "a")
    assert folder.default_folder("x", "a") != folder.default_folder("x", "b")
    assert str(folder.default_folder("x", "a")).startswith("runs/x-")


def test_nan_never_reaches_a_file() -> None:
    """JSON has no NaN."""
    with pytest.raises(ValueError, match="Out of range"):
        folder.to_json({"gap": float("nan")})


WRITER = """
import sys
from pathlib import Path
from fleetopt.pipeline import folder
files = {"manifest.json": folder.to_json({"kind": folder.MARK})} | {f"tables/{n}.csv": "x" * 20000 for n in range(200)}
print("ready", flush=True)
while True:
    folder.write(Path(sys.argv[1]), files)
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.05, 0.13])
def test_a_killed_run_leaves_no_half_written_folder(tmp_path: Path, delay_s: float) -> None:
    """Killed at any moment, the folder is absent or has all 201 files."""
    target = tmp_path / "run"
    with subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
    if target.exists():
        assert folder.is_run_folder(target) and len(list(target.rglob("*.*"))) == 201
