"""Row files: CSV that others wrote, read with care; and the answer, there whole or not at all."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fleetopt.errors import InputError, Issue, UsageError
from fleetopt.files import whole_file
from fleetopt.prediction.rows.table import ADDED, SERVING, TRAINING, kind_of

MOST_BYTES = 64_000_000
MOST_ROWS = 200_000
_HINT = "try the columns of a file that docs/prediction.md describes"


@dataclass(frozen=True)
class RowFile:
    """A file of rows as read: every row has a field for each column."""

    kind: str
    """`serving` or `training`."""
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    @property
    def answer_columns(self) -> tuple[str, ...]:
        """Columns of the answer: those of the file, then what is added unless it stands there already."""
        return (*self.columns, *(column for column in ADDED if column not in self.columns))


def read_rows(path: Path) -> RowFile:
    """Read and check a row file. Raises UsageError where it cannot be read, InputError where it is bad."""
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path}: is no file; try the path of a CSV file")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UsageError(f"{path}: {size / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}; try it in parts")
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _read(path, stream)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}; try the path of a CSV file") from None
    except UnicodeDecodeError:
        raise _bad(path, 1, "is not UTF-8 text", "try to save it as CSV in UTF-8") from None


def _read(path: Path, stream: Iterable[str]) -> RowFile:
    reader = csv.reader(_plain_lines(path, stream), strict=True)
    try:
        columns = tuple(next(reader, ()))
        kind = _check_header(path, columns)
        rows: list[Mapping[str, str]] = []
        for fields in reader:
            if not fields:
                continue
            if len(fields) != len(columns):
                message = f"has {len(fields)} fields, the header has {len(columns)}"
                raise _bad(path, reader.line_num, message, "try quotes around fields with commas")
            rows.append(dict(zip(columns, fields, strict=True)))
            if len(rows) > MOST_ROWS:
                raise _bad(path, reader.line_num, f"more than {MOST_ROWS:,} rows", "try it in parts")
    except csv.Error as error:
        raise _bad(path, reader.line_num, f"is not CSV: {error}", "try to save it as CSV again") from None
    return RowFile(kind, columns, tuple(rows))


def _plain_lines(path: Path, stream: Iterable[str]) -> Iterator[str]:
    """Lines without NUL, at which readers of CSV differ."""
    for number, line in enumerate(stream, start=1):
        if "\0" in line:
            raise _bad(path, number, "holds a NUL character", "try to save it as CSV again")
        yield line


def _check_header(path: Path, columns: tuple[str, ...]) -> str:
    """The kind of the file. Raises InputError for a header of neither kind, or one with a column twice."""
    if not columns:
        raise _bad(path, 1, "is empty: a row file begins with its columns", _HINT)
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise _bad(path, 1, f"has the column {twice!r} twice", "try it with one of them")
    kind = kind_of(columns)
    if kind is None:
        message = f"has neither the column {SERVING!r} (serving rows) nor {TRAINING!r} (training rows)"
        raise _bad(path, 1, message, _HINT)
    return kind


def _bad(path: Path, line: int, message: str, hint: str) -> InputError:
    return InputError([Issue(str(path), line, "", message, hint)])


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> None:
    """Write an answer beside its place, then rename it there. Raises UsageError where it cannot be written."""
    with whole_file(path) as stream:
        writer = csv.DictWriter(stream, tuple(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
