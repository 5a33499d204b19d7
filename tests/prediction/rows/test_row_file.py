"""Row files: what is read, what is refused at which line, and that an answer is there whole or not at all."""

import csv
from pathlib import Path

import pytest
from rowcase import SERVING, TRAINING, row

from fleetopt.errors import InputError, UsageError
from fleetopt.prediction.rows import file as row_file
from fleetopt.prediction.rows.file import read_rows, write_rows


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file with that text."""
    path.write_bytes(text.encode(encoding))
    return path


def as_csv(*rows: dict[str, str]) -> str:
    """Rows as CSV."""
    return "".join(",".join(values) + "\n" for values in (rows[0].keys(), *(one.values() for one in rows)))


def test_the_kind_is_told_by_the_header(tmp_path: Path) -> None:
    """`mode` makes serving rows, `params` training rows; a byte order mark and Windows line ends are no matter."""
    read = read_rows(written(tmp_path / "a.csv", "\ufeff" + as_csv(row(), row(id="r2")).replace("\n", "\r\n")))
    assert (read.kind, [one["id"] for one in read.rows]) == ("serving", ["r1", "r2"])
    assert read_rows(written(tmp_path / "b.csv", as_csv(TRAINING))).kind == "training"


def test_the_answer_has_all_columns_and_two_more(tmp_path: Path) -> None:
    """Unknown columns stay where they are; an answer that is asked again keeps its places."""
    read = read_rows(written(tmp_path / "a.csv", as_csv({"mine": "x", **SERVING})))
    assert read.answer_columns == ("mine", *SERVING, "predicted", "model_note")
    again = read_rows(written(tmp_path / "b.csv", as_csv({"predicted": "1", **SERVING})))
    assert again.answer_columns == ("predicted", *SERVING, "model_note")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "is empty"),
        ("a,b\n1,2\n", 1, "has neither the column 'mode' (serving rows) nor 'params' (training rows)"),
        ("mode,id,id\n", 1, "has the column 'id' twice"),
        ("mode,id\nserving,1\nserving\n", 3, "has 1 fields, the header has 2"),
        ("mode,id\nserving,1,2\n", 2, "has 3 fields, the header has 2"),
        ('mode,id\nserving,"1\n', 2, "is not CSV"),
        ("mode,id\nserving,\0\n", 2, "holds a NUL character"),
        ("mode,id\nserving," + "1" * 200_000 + "\n", 2, "is not CSV: field larger than field limit"),
    ],
)
def test_bad_files_say_the_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    """`file:line: what; what to try`."""
    path = written(tmp_path / "bad.csv", text)
    with pytest.raises(InputError) as error:
        read_rows(path)
    (issue,) = error.value.issues
    assert (issue.file, issue.line) == (str(path), line)
    assert said in issue.message
    assert issue.hint


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    """UTF-16 is not guessed at."""
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_rows(written(tmp_path / "a.csv", as_csv(row()), "utf-16"))


def test_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many bytes or rows are refused before they are read or predicted."""
    path = written(tmp_path / "a.csv", as_csv(row(), row(), row()))
    monkeypatch.setattr(row_file, "MOST_ROWS", 2)
    with pytest.raises(InputError, match="more than 2 rows"):
        read_rows(path)
    monkeypatch.setattr(row_file, "MOST_BYTES", 10)
    with pytest.raises(UsageError, match="try it in parts"):
        read_rows(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, and a path where nothing is."""
    with pytest.raises(UsageError, match="is no file"):
        read_rows(tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_rows(tmp_path / "nothing.csv")


def test_an_answer_is_whole_or_not_there(tmp_path: Path) -> None:
    """Where the rows fail half-way the earlier answer stays, and nothing else is left in the folder."""
    out = written(tmp_path / "out.csv", "earlier")

    def failing():
        yield {"id": "1"}
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError):
        write_rows(out, ("id",), failing())
    assert out.read_text(encoding="utf-8") == "earlier"
    assert list(tmp_path.iterdir()) == [out]
    write_rows(out, ("id", "note"), [{"id": "1", "note": 'a "b", c'}])
    with out.open(encoding="utf-8", newline="") as lines:
        assert list(csv.DictReader(lines)) == [{"id": "1", "note": 'a "b", c'}]


def test_an_answer_with_no_place_is_refused(tmp_path: Path) -> None:
    """A folder that does not exist, or a folder in the answer's place."""
    for out in (tmp_path / "no" / "out.csv", tmp_path):
        with pytest.raises(UsageError, match="cannot be written"):
            write_rows(out, ("id",), [])
