"""The loader on spoilt and made-up input: an instance or findings, never a traceback. `nox -s fuzz` goes on longer."""

from pathlib import Path

import pytest
from builders import tiny_raw
from fuzz import Tally, check_issue, fuzz, generated
from instance_texts import TINY, problems, spoilt

from fleetopt.errors import LONGEST, InputError, Issue
from fleetopt.instance.load import load_dict

pytestmark = pytest.mark.once

HELD = {"id": "old", "system": "gpu8", "site": "virginia", "in_service": "2025q1", "end_of_life": "2029q4"}


def test_spoilt_files_are_loaded_or_refused() -> None:
    """400 seeds: bytes, words, lines, structure and overrides spoilt; each kind is among them, some still load."""
    tally = fuzz(range(400), Tally())
    assert tally.failures == []
    kinds = {what.split(":")[0] for what in tally.cases}
    assert kinds == {"bytes", "words", "lines", "structure", "data", "set"}
    assert sum(number for what, number in tally.cases.items() if what.endswith("loaded")) > 10


def test_what_nobody_wrote_is_refused_or_loaded(tmp_path: Path) -> None:
    """100 texts, documents and sets of overrides made by hypothesis."""
    tally = Tally()
    generated(1, tmp_path, tally)
    assert tally.failures == []
    assert sum(tally.cases.values()) >= 200


def test_a_traceback_would_be_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a loader that divides by nought, every case of it is a failure that names its seed."""
    monkeypatch.setattr("fuzz.load", lambda *_: 1 // 0)
    tally = fuzz(range(20), Tally())
    assert tally.failures
    assert all("ZeroDivisionError" in failure and failure.startswith("seed ") for failure in tally.failures)


@pytest.mark.parametrize("text", ["id\n", "\x1b[31m", "\u2028", "a" * 5000])
def test_a_finding_is_one_printable_line(text: str) -> None:
    """A path or message with line breaks, escapes or thousands of characters still makes a line that can be read."""
    check_issue(Issue("f.yaml", 1, f"systems.{text}.id", f"{text} is wrong", text))
    assert len(Issue("f.yaml", 1, text, "wrong").path) <= LONGEST


def test_an_id_with_a_line_break_is_named_on_one_line() -> None:
    """Found by fuzzing: the id `gpu8` with a line break after it broke the message about it in two."""
    [issue] = problems(spoilt(("id: gpu8", 'id: "gpu8\\n"')))[:1]
    assert "systems.gpu8\\n.id: " in str(issue)


def test_a_field_named_like_a_key_of_the_schema_is_unknown() -> None:
    """Found by fuzzing: a field called `[key]`, pydantic's own word for a wrong key, ended in an IndexError."""
    [issue] = problems(TINY + '"[key]": 1\n')
    assert (issue.path, issue.message) == ("[key]", "unknown field")


def test_a_whole_number_that_no_file_could_hold_is_refused() -> None:
    """Found by fuzzing: a number of 401 digits given as data was accepted, and could not be read again once written."""
    for number in (10**400, -(10**61)):
        with pytest.raises(InputError) as caught:
            load_dict(tiny_raw(fleet=[{**HELD, "units": number}]))
        assert any(i.path == "fleet.old.units" for i in caught.value.issues)


def test_text_that_no_file_could_hold_is_refused() -> None:
    """Found by fuzzing: text with a null character given as data was accepted, and resolved.yaml could not be read."""
    with pytest.raises(InputError, match=r"instance:1: notes: the text holds the character U\+0000; try removing it"):
        load_dict(tiny_raw(notes="a\0b"))
