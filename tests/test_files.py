"""One file written whole or not at all."""

from pathlib import Path

import pytest

from fleetopt.errors import UsageError
from fleetopt.files import whole_file


def test_a_file_appears_whole_and_alone(tmp_path: Path) -> None:
    """What was written replaces what was there, line ends as given, and nothing is left beside it."""
    out = tmp_path / "a.csv"
    out.write_text("old", encoding="utf-8")
    with whole_file(out) as stream:
        stream.write("é\n")
        assert out.read_text(encoding="utf-8") == "old"
    assert out.read_bytes() == "é\n".encode() and list(tmp_path.iterdir()) == [out]


def test_a_crash_on_the_way_leaves_what_was_there(tmp_path: Path) -> None:
    """An error between two lines leaves the old file and nothing beside it."""
    out = tmp_path / "a.csv"
    out.write_text("old", encoding="utf-8")
    with pytest.raises(RuntimeError), whole_file(out) as stream:
        stream.write("half")
        raise RuntimeError
    assert out.read_text(encoding="utf-8") == "old" and list(tmp_path.iterdir()) == [out]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """The message names the file, the reason, and what to try."""
    said = "cannot be written: No such file or directory; try a folder that exists"
    with pytest.raises(UsageError, match=said), whole_file(tmp_path / "absent" / "a.csv") as stream:
        stream.write("x")
