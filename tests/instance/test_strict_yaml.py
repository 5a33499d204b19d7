"""The strict reader: traps, bounds, and what is refused with its line."""

from pathlib import Path

import pytest

from fleetopt.errors import InputError
from fleetopt.instance.scalars import reads_as_itself
from fleetopt.instance.strict_yaml import INPUT, Bounds, read_file, read_text


def fatal(text: str) -> str:
    """The one message with which `text` is refused."""
    with pytest.raises(InputError) as caught:
        read_text(text, "f.yaml")
    assert len(caught.value.issues) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e6", 1e6),
        ("1E-3", 0.001),
        ("-.5", -0.5),
        ("7", 7),
        ("1_000", 1000),
        ("0.10", 0.1),
        ("true", True),
        ("False", False),
        ("null", None),
        ("", None),
        ("'NO'", "NO"),
        ('"010"', "010"),
        ("'1e6'", "1e6"),
        ("2027q1", "2027q1"),
        ("2027-01-01", "2027-01-01"),
        ("$30k", "$30k"),
        ("norway", "norway"),
    ],
)
def test_plain_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    """`1e6` is the number, dates and quoted text are text."""
    found = read_text(f"a: {text}\n", "f.yaml")
    assert found.findings == ()
    assert found.data == {"a": value}
    assert type(found.data["a"]) is type(value)


@pytest.mark.parametrize(
    "trap", ["NO", "no", "Yes", "on", "OFF", "010", "-012", "0x1F", "0b1", "12:30", "1:30:00", ".nan", "-.inf", "1e999"]
)
def test_traps_are_findings_with_path_and_line(trap: str) -> None:
    """What some reader would silently reinterpret is noted where it stands, as a value and as a key."""
    found = read_text(f"a: 1\nb:\n  - c: {trap}\n", "f.yaml")
    assert [(f.path, f.place) for f in found.findings] == [(("b", 0, "c"), ("f.yaml", 3))]
    assert found.data["b"][0]["c"] == trap
    assert read_text(f"a: 1\n{trap}: 2\n", "f.yaml").findings[0].place == ("f.yaml", 2)


def test_a_duplicate_key_is_a_finding_and_the_first_stays() -> None:
    """The second `b` in line 3 is reported with the line of the first."""
    found = read_text("a: 1\nb: 2\nb: 3\n", "f.yaml")
    assert found.data == {"a": 1, "b": 2}
    assert found.findings[0].place == ("f.yaml", 3)
    assert "twice, first in line 2" in found.findings[0].message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1\nb: *x\n", "f.yaml:1: anchors and aliases"),
        ("a: 1\nb: *x\n", "f.yaml:2: anchors and aliases"),
        ("a: 1\n<<: {b: 2}\n", "f.yaml:2: merge keys"),
        ("a: !!python/object/apply:os.system [ls]\n", "f.yaml:1: the tag tag:yaml.org,2002:python/object/apply:os"),
        ("a: !!str 1\n", "f.yaml:1: the tag"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document"),
        ("? [a]\n: 1\n", "f.yaml:1: a key must be text"),
        ("a: [1\nb: 2\n", "f.yaml:2: this is not YAML"),
        ("a: 1\nb: \x00\n", "f.yaml:2: this is not text (character U+0000)"),
        ('a: "\\x00"\n', "f.yaml:1: the text holds the character U+0000"),
        ("[" * 100_000, "f.yaml:1: nested more than 40 deep"),
        ("- " * 50 + "a\n", "f.yaml:1: nested more than 40 deep"),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text: str, message: str) -> None:
    """Aliases, tags, merge keys, nesting and the like end the reading with one message."""
    assert fatal(text).startswith(message)


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    """Nine levels of nine aliases are never expanded."""
    levels = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    levels += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert fatal("\n".join(levels)).startswith("f.yaml:1: anchors and aliases")


def test_a_file_of_50_mb_is_refused_by_its_size(tmp_path: Path) -> None:
    """The size decides before anything is read: the file is sparse and would be binary junk."""
    path = tmp_path / "big.yaml"
    with path.open("wb") as stream:
        stream.truncate(50_000_000)
    with pytest.raises(InputError, match=r"big\.yaml:1: the file has 50\.0 MB; the most that is read is 5 MB"):
        read_file(path, "big.yaml")


def test_the_number_of_values_is_bounded() -> None:
    """A list of 1,001 numbers is more than a bound of 1,000 keys and values."""
    with pytest.raises(InputError, match=r"f\.yaml:1: more than 1,000 values"):
        read_text("[" + "1," * 1_000 + "1]", "f.yaml", Bounds(nodes=1_000))
    assert len(read_text("[" + "1," * 998 + "1]", "f.yaml", Bounds(nodes=1_000)).data) == 999


def test_text_longer_than_the_limit_is_refused() -> None:
    """Text in memory has the same bound as a file."""
    assert "longer than 5 MB" in fatal("a" * (INPUT.size + 1))


def test_binary_junk_is_refused_with_its_line(tmp_path: Path) -> None:
    """A byte that is no UTF-8 in line 2 is reported there."""
    path = tmp_path / "junk.yaml"
    path.write_bytes(b"a: 1\n\xff\xfe\x00")
    with pytest.raises(InputError, match=r"junk\.yaml:2: this is not UTF-8 text"):
        read_file(path, "junk.yaml")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder and a missing file are said so."""
    with pytest.raises(InputError, match="not a plain file"):
        read_file(tmp_path, "folder")
    with pytest.raises(InputError, match="there is no such file"):
        read_file(tmp_path / "none.yaml", "none.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        read_file(tmp_path / ("x" * 400), "long")


def test_places_follow_the_lines() -> None:
    """Keys stand on their own line, list items where they begin."""
    places = read_text("a:\n  b: 1\n  c:\n    - x\n    - y: 2\n", "f.yaml").lines
    assert places.place(("a", "b")).line == 2
    assert places.place(("a", "c", 1, "y")).line == 5
    assert places.place(("a", "c", 1, "missing")).line == 5


def test_text_that_needs_quotes_is_known() -> None:
    """The writer of resolved files asks this of every text."""
    assert reads_as_itself("norway")
    assert not any(reads_as_itself(text) for text in ("1e6", "NO", "010", "", "~", "true", "12:30"))
