"""What a trace is: CSV or JSON lines, told by content; which of its columns is what; what its clock counts."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fleetopt.demand.lines import TraceFile
from fleetopt.errors import InputError, Issue

Role = Literal["timestamp", "input", "output", "hashes"]
Unit = Literal["iso", "s", "ms", "us", "ns"]
KNOWN: Mapping[Role, tuple[str, ...]] = {
    "timestamp": ("timestamp", "time", "arrivaltime", "arrivedat", "arrival", "starttime", "requesttime", "ts"),
    "input": (
        "contexttokens", "inputlength", "inputtokens", "prompttokens", "requesttokens", "numprefilltokens",
        "promptlen", "promptlength", "inputlen", "input", "numinputtokens",
    ),
    "output": (
        "generatedtokens", "outputlength", "outputtokens", "completiontokens", "responsetokens", "numdecodetokens",
        "outputlen", "generatedlength", "output", "numoutputtokens",
    ),
    "hashes": ("hashids", "blockhashes", "blockids", "prefixhashes", "hashes"),
}  # fmt: skip
"""Names that columns go by, in lower case and without anything but letters and digits."""
PER_SECOND: Mapping[Unit, float] = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_SAMPLE_ROWS = 1000
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


@dataclass(frozen=True)
class Shape:
    """How the rows of a file are read."""

    kind: Literal["csv", "jsonl"]
    columns: Mapping[Role, str]
    """Name of each column that there is."""
    unit: Unit
    absolute: bool
    """Whether times are points in time (UTC), else seconds since some start."""
    guessed: bool = False
    """Whether the unit was concluded from what the figures look like."""
    delimiter: str = ","
    header: tuple[str, ...] = ()
    filter: tuple[str, str] | None = None
    """Column and value of the rows that count."""

    def position(self, role: Role) -> int:
        """Place of a column in a row of CSV."""
        return self.header.index(self.columns[role])


@dataclass(frozen=True)
class Asked:
    """What the user said about columns and clock; what is not said is found out."""

    columns: Mapping[Role, str]
    unit: Unit | None = None
    filter: tuple[str, str] | None = None


def shape_of(path: Path, asked: Asked) -> Shape:
    """Look at the beginning of a file. Raises InputError where it is no trace, or a column is missing."""
    lines: list[bytes] = []
    for block in TraceFile(path).blocks():
        lines += [line for line in block.lines if line.strip()]
        if len(lines) > _SAMPLE_ROWS:
            break
    if not lines:
        raise _bad(path, 1, "the file is empty", "try a trace with a header and a row for each request")
    try:
        first = lines[0].decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise _bad(path, 1, "this is not UTF-8 text", "try saving it as UTF-8, or packed with gzip") from None
    if "\0" in first:
        raise _bad(path, 1, "this is not text (it holds NUL)", "try a file in CSV or JSON lines") from None
    if first.startswith("["):
        raise _bad(path, 1, "this is one JSON array", "try one object a line, as `jq -c '.[]'` writes it")
    if first.startswith("{"):
        return _jsonl(path, first, lines[:_SAMPLE_ROWS], asked)
    return _csv(path, first, lines[1 : _SAMPLE_ROWS + 1], asked)


def _csv(path: Path, first: str, lines: Sequence[bytes], asked: Asked) -> Shape:
    delimiter = max(",;\t", key=first.count)
    try:
        header = tuple(name.strip() for name in next(csv.reader([first], delimiter=delimiter)))
    except csv.Error as error:
        raise _bad(path, 1, f"this is not a CSV header ({error})", "try to save it as CSV again") from None
    columns = _columns(path, header, asked)
    if "hashes" in columns:
        if "hashes" in asked.columns:
            raise _bad(path, 1, "block hashes are read from JSON lines only", "try a trace of one object a line")
        columns = {role: name for role, name in columns.items() if role != "hashes"}
    at = header.index(columns["timestamp"])
    rows = [line.decode("utf-8", "replace").strip().split(delimiter) for line in lines]
    texts = [row[at].strip().strip('"') for row in rows if len(row) == len(header)]
    unit, absolute, guessed = _clock(path, texts, asked.unit, hashed=False)
    return Shape("csv", columns, unit, absolute, guessed, delimiter, header, asked.filter)


def _jsonl(path: Path, first: str, lines: Sequence[bytes], asked: Asked) -> Shape:
    rows = [row for row in map(_object, lines) if row is not None]
    if not rows:
        raise _bad(path, 1, f"this is not JSON lines: {first[:40]!r}", "try one object a line")
    columns = _columns(path, tuple(rows[0]), asked)
    texts = [str(row.get(columns["timestamp"], "")) for row in rows]
    unit, absolute, guessed = _clock(path, texts, asked.unit, hashed="hashes" in columns)
    return Shape("jsonl", columns, unit, absolute, guessed, filter=asked.filter)


def _object(line: bytes) -> dict[str, object] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _columns(path: Path, header: tuple[str, ...], asked: Asked) -> Mapping[Role, str]:
    """The column of each role: as asked, else the one that goes by a known name."""
    found: dict[Role, str] = {}
    for role, known in KNOWN.items():
        if role in asked.columns:
            found[role] = asked.columns[role]
            continue
        named = [name for alias in known for name in header if _plain(name) == alias]
        if named:
            found[role] = named[0]
    wanted = [*found.values(), *([asked.filter[0]] if asked.filter else [])]
    shown = ", ".join(header[:20])
    for name in wanted:
        if header.count(name) != 1:
            what = "twice" if name in header else "not at all"
            raise _bad(path, 1, f"the column {name!r} is there {what}", f"try one of: {shown}")
    missing = [role for role in KNOWN if role not in found and role != "hashes"]
    if missing:
        options = " ".join(f"--{role} COLUMN" for role in missing)
        message = f"no column is known to be the {' or the '.join(missing)}; the first row has: {shown}"
        raise _bad(path, 1, message, f"try {options}")
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _clock(path: Path, texts: Sequence[str], unit: Unit | None, hashed: bool) -> tuple[Unit, bool, bool]:
    """Unit of the timestamps, whether they are points in time, and whether the unit is a guess.

    Text is a date. Numbers from 1e8 on are counted from 1970 in what their size says. Smaller ones count from the start
    of the trace: seconds, but milliseconds where they are whole and beside block hashes, as Mooncake writes them.
    """
    numbers = [float(text) for text in texts if _NUMBER.fullmatch(text)]
    if not numbers:
        if unit not in (None, "iso"):
            raise _bad(path, 2, f"the timestamps are not numbers, such as {texts[:1]}", "try without --time-unit")
        return "iso", True, False
    typical = sorted(map(abs, numbers))[len(numbers) // 2]
    if unit is not None:
        return unit, typical / PER_SECOND.get(unit, 1.0) >= 1e8, False
    for since, name in ((1e17, "ns"), (1e14, "us"), (1e11, "ms"), (1e8, "s")):
        if typical >= since:
            return name, True, True  # type: ignore[return-value]
    whole = all(number.is_integer() for number in numbers)
    return ("ms" if hashed and whole else "s"), False, True


def _bad(path: Path, line: int, message: str, hint: str) -> InputError:
    return InputError([Issue(str(path), line, "", message, hint)])
