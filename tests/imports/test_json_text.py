"""The reader of JSON: lines, and what it refuses."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.errors import InputError
from fleetopt.imports.json_text import MOST_DEPTH, parse_json, read_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_reads_what_json_writes(value: object) -> None:
    """Any value, written by the standard library, comes back as it was."""
    assert parse_json(json.dumps(value, indent=1), "f").data == value


def test_lines() -> None:
    """Every value has the line it begins on."""
    found = parse_json('{"a": 1,\n "b": [2,\n  3]}', "f").lines
    assert [found.place(path).line for path in ((), ("a",), ("b",), ("b", 1))] == [1, 1, 2, 3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n "a": 2}', "f:2: the key 'a' stands twice"),
        ("NaN", "'NaN' stands where a value is meant"),
        ("[1, Infinity]", "'Infinity]' stands where a value is meant"),
        ("1e999", "too large"),
        ("[1,]", "stands where a value is meant"),
        ('{"a" 1}', "the value of 'a' is missing"),
        ("[1 2]", "a comma or ] is missing"),
        ('"abc', "a text does not end"),
        ('"\\x"', "an escape that JSON does not know"),
        ("1 2", "something stands after the end"),
        ("", "the end of the file stands where a value is meant"),
        ("[" * (MOST_DEPTH + 2), "nested deeper"),
        ("{1: 2}", "a key in quotes is missing"),
    ],
)
def test_refused(text: str, said: str) -> None:
    """Each with its line and what to try."""
    with pytest.raises(InputError) as caught:
        parse_json(text, "f")
    assert said in str(caught.value)
    assert caught.value.issues[0].hint


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, nothing, and bytes that are no text are refused by name."""
    strange = tmp_path / "strange.json"
    strange.write_bytes(b'{"a":\n"\xff"}')
    for path, said in (
        (tmp_path, "not a plain file"),
        (tmp_path / "x", "no such file"),
        (strange, ":2: this is not UTF-8"),
    ):
        with pytest.raises(InputError, match=said):
            read_json(path)
