"""Rows of traces: formats told by content, every bad row counted by its reason, nothing else lost."""

import gzip
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from traces import HEADER, csv_trace, jsonl_trace

from fleetopt.demand import lines as lines_module
from fleetopt.demand.columns import Asked, Shape, shape_of
from fleetopt.demand.lines import TraceFile
from fleetopt.demand.rows import Batch, batches, keys_of
from fleetopt.demand.tally import Rows
from fleetopt.errors import FleetoptError, InputError, UsageError

GOOD = "2023-11-16 18:15:46.6805900,374,44"
SECOND = "2023-11-16 18:15:50.9951690,396,109"


def read(path: Path, asked: Asked | None = None, offset_s: float = 0.0) -> tuple[Batch, Rows, Shape]:
    """All rows of a file in one batch."""
    shape, rows = shape_of(path, asked or Asked({})), Rows()
    parts = list(batches(TraceFile(path), shape, rows, offset_s))
    columns = ("time_us", "input_tokens", "output_tokens", "blocks", "block_counts")
    none = np.empty(0, dtype=np.int64)
    joined = (np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in columns)
    return Batch(*joined), rows, shape


def seconds(text: str) -> int:
    """Microseconds since 1970 of a date in UTC."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def test_azure(tmp_path: Path) -> None:
    """The columns are known by name; times are UTC to the microsecond."""
    found, rows, shape = read(csv_trace(tmp_path / "t.csv", [GOOD, SECOND]))
    assert (shape.kind, shape.unit, shape.absolute) == ("csv", "iso", True)
    assert found.input_tokens.tolist() == [374, 396] and found.output_tokens.tolist() == [44, 109]
    assert found.time_us.tolist() == [seconds("2023-11-16 18:15:46.680590"), seconds("2023-11-16 18:15:50.995169")]
    assert (rows.good, rows.bad) == (2, {})


def test_mooncake(tmp_path: Path) -> None:
    """JSON lines with hashes; small whole timestamps beside them are milliseconds, from the start of the trace."""
    found, rows, shape = read(jsonl_trace(tmp_path / "t", [[0, 1], [0, 2, 3]]))
    assert (shape.kind, shape.unit, shape.absolute, shape.guessed) == ("jsonl", "ms", False, True)
    assert found.blocks.tolist() == [0, 1, 0, 2, 3] and found.block_counts.tolist() == [2, 3]
    assert found.time_us.tolist() == [0, 1_000_000] and rows.good == 2


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type", "5,ChatGPT,472,18,490,API log"),
        ("arrived_at;num_prefill_tokens;num_decode_tokens", "5.0;472;18"),
        ("time\tprompt_tokens\tcompletion_tokens", "5\t472\t18"),
        ('"timestamp","input_tokens","output_tokens"', '"5","472","18"'),
    ],
)
def test_names_and_delimiters_of_others(tmp_path: Path, header: str, row: str) -> None:
    """Other public traces and quoted fields are read as they stand."""
    found, rows, _ = read(csv_trace(tmp_path / "t.csv", [row] * 3, header))
    assert (found.time_us[0], found.input_tokens[0], found.output_tokens[0]) == (5_000_000, 472, 18)
    assert rows.good == 3


def test_columns_can_be_named(tmp_path: Path) -> None:
    """Columns without a known name are those that the user names; without that the message lists what is there."""
    path = csv_trace(tmp_path / "t.csv", ["1,2,3"], "when,in,out")
    with pytest.raises(InputError, match=r"t.csv:1: .*timestamp.*when, in, out; try --timestamp COLUMN --input"):
        read(path)
    found, _, _ = read(path, Asked({"timestamp": "when", "input": "in", "output": "out"}))
    assert (found.time_us[0], found.input_tokens[0], found.output_tokens[0]) == (1_000_000, 2, 3)


@pytest.mark.parametrize(
    ("stamp", "unit", "us"),
    [
        ("1700000000", "s", 1_700_000_000_000_000),
        ("1700000000.25", "s", 1_700_000_000_250_000),
        ("1700000000250", "ms", 1_700_000_000_250_000),
        ("1700000000250000", "us", 1_700_000_000_250_000),
        ("1700000000250000000", "ns", 1_700_000_000_250_000),
        ("12.5", "s", 12_500_000),
        ("2023-11-14T22:13:20Z", "iso", 1_700_000_000_000_000),
        ("2023-11-14T23:13:20+01:00", "iso", 1_700_000_000_000_000),
        ("2023-11-14 22:13:20", "iso", 1_700_000_000_000_000),
    ],
)
def test_clocks(tmp_path: Path, stamp: str, unit: str, us: int) -> None:
    """Units by the size of the figures, dates with and without an offset: all the same moment."""
    found, _, shape = read(csv_trace(tmp_path / "t.csv", [f"{stamp},1,1"]))
    assert shape.unit == unit
    assert found.time_us.tolist() == [us]


def test_local_dates(tmp_path: Path) -> None:
    """Dates that say no offset are two hours ahead of UTC if the user says so; those that say one are as they say."""
    path = csv_trace(tmp_path / "t.csv", ["2023-11-14 22:00:00,1,1", "2023-11-14 22:00:00Z,1,1"])
    found, _, _ = read(path, offset_s=7200.0)
    assert found.time_us.tolist() == [seconds("2023-11-14 20:00:00"), seconds("2023-11-14 22:00:00")]
    plain, _, _ = read(csv_trace(tmp_path / "u.csv", ["2023-11-14 22:00:00,1,1"]), offset_s=7200.0)
    assert plain.time_us[0] == found.time_us[0]


BAD = {
    "2023-11-16 18:15:46,374": "rows do not have the header's 3 fields",
    "2023-11-16 18:15:46,374,44,1": "rows do not have the header's 3 fields",
    "yesterday,374,44": "rows have no readable time",
    "now,374,44": "rows have no readable time",
    ",374,44": "rows have no readable time",
    "2023-11-16 18:15:46,,44": "rows have no number for the input",
    "2023-11-16 18:15:46,many,44": "rows have no number for the input",
    "2023-11-16 18:15:46,nan,44": "rows have no number for the input",
    "2023-11-16 18:15:46,374,inf": "rows have no number for the output",
    "2023-11-16 18:15:46,-1,44": "rows have a negative input",
    "2023-11-16 18:15:46,374,-44": "rows have a negative output",
    "2023-11-16 18:15:46,0,44": "rows have no input",
    "2023-11-16 18:15:46,1.5,44": "rows have a part of a token of input",
    "2023-11-16 18:15:46,374,1e12": "rows have more than 100,000,000 tokens of output",
    HEADER: "rows are the header again",
    '2023-11-16 18:15:46,"374,44': "rows are not CSV",
    "2023-11-16 18:15:46,\ufffd\ufffd,44": "rows have no number for the input",
}


def test_bad_rows_by_reason(tmp_path: Path) -> None:
    """Each bad row is counted once, under its reason, with its line; good rows around it count."""
    texts = [line for bad in BAD for line in (GOOD, bad)]
    _, rows, _ = read(csv_trace(tmp_path / "t.csv", texts))
    assert rows.good == len(BAD) and rows.read == 2 * len(BAD)
    for reason in set(BAD.values()):
        at = [2 * n + 3 for n, why in enumerate(BAD.values()) if why == reason]
        assert rows.bad[reason] == len(at)
        assert set(rows.first_lines[reason]) <= {f"t.csv:{line}" for line in at}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "rows are not JSON"),
        ("[" * 100_000, "rows are not JSON"),
        ("[1, 2]", "rows lack the time, the input or the output"),
        ('{"timestamp": 1}', "rows lack the time, the input or the output"),
        ('{"timestamp": 1, "input_length": true, "output_length": 1}', "rows have no number for the input"),
        ('{"timestamp": 1, "input_length": [1], "output_length": 1}', "rows have no number for the input"),
        ('{"timestamp": 1, "input_length": NaN, "output_length": 1}', "rows have no number for the input"),
        ('{"timestamp": null, "input_length": 1, "output_length": 1}', "rows have no readable time"),
        (
            '{"timestamp": 1, "input_length": 1' + "0" * 400 + ', "output_length": 1}',
            "rows have no number for the input",
        ),
        (
            '{"timestamp": 1, "input_length": 1, "output_length": 1, "hash_ids": [1.5]}',
            "rows have block hashes that are not whole numbers or text",
        ),
        (
            '{"timestamp": 1, "input_length": 1, "output_length": 1, "hash_ids": 7}',
            "rows have block hashes that are not whole numbers or text",
        ),
    ],
)
def test_bad_json(tmp_path: Path, line: str, reason: str) -> None:
    """A line of JSON that is no row is counted under its reason, and the others count."""
    path = jsonl_trace(tmp_path / "t.jsonl", [[1], [1, 2], [3]])
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
    _, rows, _ = read(path)
    assert (rows.good, rows.bad, rows.first_lines) == (3, {reason: 1}, {reason: ("t.jsonl:4",)})


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A row that is not UTF-8 is bad; a file that begins so is none."""
    path = tmp_path / "t.csv"
    path.write_bytes(f"{HEADER}\r\n{GOOD}\r\n".encode() + b"2023-11-16 18:15:46,\xff,1\r\n\r\n")
    _, rows, _ = read(path)
    assert (rows.good, rows.bad, rows.blank) == (1, {"rows are not UTF-8 text": 1}, 1)
    path.write_bytes(HEADER.encode("utf-16"))
    with pytest.raises(InputError, match="not UTF-8"):
        read(path)


@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), ("[{}]", "one JSON array"), ("{nonsense", "not JSON lines"), ("\0", "NUL")]
)
def test_files_that_are_no_traces(tmp_path: Path, text: str, said: str) -> None:
    """What is no trace is refused at once, with the file and what to try."""
    path = tmp_path / "t"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read(path)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder and a cut gzip file are said as what they are."""
    with pytest.raises(UsageError, match="No such file"):
        read(tmp_path / "no")
    with pytest.raises(UsageError, match="plain file"):
        read(tmp_path)
    packed = gzip.compress("\n".join([HEADER, *[GOOD] * 5000]).encode())
    (tmp_path / "cut.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(UsageError, match="unpacked"):
        read(tmp_path / "cut.gz")


def test_packed_and_plain_are_the_same(tmp_path: Path) -> None:
    """A gzip file gives the rows of what is in it, whatever it is called."""
    path = csv_trace(tmp_path / "t.csv", [GOOD, SECOND])
    (tmp_path / "u.csv").write_bytes(gzip.compress(path.read_bytes()))
    plain, packed = read(path)[0], read(tmp_path / "u.csv")[0]
    assert plain.time_us.tolist() == packed.time_us.tolist()
    assert plain.input_tokens.tolist() == packed.input_tokens.tolist()


def test_lines_longer_than_bearable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted and passed over, in the middle of a block of lines or over several, and the next ones count."""
    monkeypatch.setattr(lines_module, "LONGEST_LINE", 60)
    monkeypatch.setattr(lines_module, "_BLOCK", 100)
    long = "x" * 70
    texts = [GOOD, long, SECOND, "y" * 1000, GOOD, SECOND]
    _, rows, _ = read(csv_trace(tmp_path / "t.csv", texts))
    assert (rows.good, rows.bad) == (4, {"rows are longer than 8 MB": 2})
    assert rows.first_lines["rows are longer than 8 MB"] == ("t.csv:3", "t.csv:5")


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small gzip file that swells beyond bearing is stopped."""
    monkeypatch.setattr(lines_module, "MOST_BYTES", 1000)
    (tmp_path / "t.gz").write_bytes(gzip.compress("\n".join([HEADER, *[GOOD] * 100]).encode()))
    with pytest.raises(UsageError, match="unpacked"):
        read(tmp_path / "t.gz")


def test_filter_order_and_no_output(tmp_path: Path) -> None:
    """Rows that the filter leaves out, rows out of order and rows without output are counted apart."""
    texts = ["3,GPT-4,10,0", "1,GPT-4,10,5", "2,other,10,5", "2,GPT-4,10,5", "9,GPT-4,10,5"]
    path = csv_trace(tmp_path / "t.csv", texts, "Timestamp,Model,Request tokens,Response tokens")
    _, rows, _ = read(path, Asked({}, None, ("Model", "GPT-4")))
    assert (rows.good, rows.left_out, rows.out_of_order, rows.no_output) == (4, 1, 2, 1)
    with pytest.raises(InputError, match="'model' is there not at all"):
        read(path, Asked({}, None, ("model", "GPT-4")))


def test_keys_of_hashes() -> None:
    """Whole numbers are themselves; larger ones and text go by digests, equal for equal, the same every time."""
    assert keys_of([1, -2]) is not None and keys_of([1, -2]).tolist() == [1, -2]  # type: ignore[union-attr]
    text = keys_of(["a", "b", "a"])
    assert text is not None and text[0] == text[2] != text[1]
    large = keys_of([2**70, 2**70 + 1])
    assert large is not None and large[0] != large[1]
    assert keys_of([True]) is None and keys_of(None) is None and keys_of([None]) is None
    assert keys_of([]) is not None


def spoilt(text: bytes, seed: int) -> bytes:
    """Bytes changed, cut, doubled or moved at random."""
    draw, data = random.Random(seed), bytearray(text)
    for _ in range(draw.randint(1, 12)):
        at, length = draw.randrange(len(data)), draw.randint(1, 30)
        kind = draw.randrange(4)
        if kind == 0:
            data[at] = draw.randrange(256)
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = data[at : at + length]
        else:
            data[at:at] = draw.choice([b"\n", b",", b'"', b"{", b"}", b"1e999", b"\xff", b"\r", b"null", b"-"])
        if not data:
            return b""
    return bytes(data)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.booleans(), st.booleans())
def test_spoilt_files_are_read_or_refused(tmp_path: Path, seed: int, jsonl: bool, packed: bool) -> None:
    """Whatever the bytes, a file is read with every line accounted for, or refused in printable words."""
    source = tmp_path / "source"
    if jsonl:
        jsonl_trace(source, [[0, n, n + 1] for n in range(12)])
    else:
        csv_trace(source, [GOOD, SECOND] * 6)
    data = spoilt(gzip.compress(source.read_bytes()) if packed else source.read_bytes(), seed)
    path = tmp_path / "spoilt"
    path.write_bytes(data)
    try:
        _, rows, shape = read(path)
    except FleetoptError as error:
        assert str(error).isprintable() or "\n" in str(error)
        return
    if not packed:
        ends = data.split(b"\n")
        assert rows.read + rows.blank == len(ends) - (not ends[-1]) - (shape.kind == "csv")


def test_reasons_are_said_the_most_frequent_first() -> None:
    """Counts with the first three lines."""
    rows = Rows()
    rows.spoil("rows are odd", "t", [3], 1)
    rows.spoil("rows are worse", "t", range(5, 50), 45)
    rows.spoil("rows are worse", "t", [99], 1)
    assert rows.reasons() == ["46 rows are worse (first t:5, t:6, t:7)", "1 rows are odd (first t:3)"]
    lines: Sequence[str] = rows.first_lines["rows are worse"]
    assert len(lines) == 3 and rows.bad_rows == rows.read == 47
