"""Rows of a trace as arrays: time, input and output tokens, block hashes; what cannot be one is counted as bad."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fleetopt.demand.columns import PER_SECOND, Shape
from fleetopt.demand.lines import Block, TraceFile
from fleetopt.demand.tally import Rows

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MOST_TOKENS = 1e8
"""Tokens of a request; more are taken for a mistake."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME = np.iinfo(np.int64).min
_MOST_US = 2.0**62
_LONGEST_VALUE = 40
_DATE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d{1,9})?", re.ASCII)
"""Dates that numpy reads in bulk; the others are read one by one."""
_OVERLONG = "rows are longer than 8 MB"


@dataclass(frozen=True)
class Batch:
    """Good rows in the order of the file."""

    time_us: Ints
    """Microseconds since 1970 (UTC), or since the start of the trace's clock."""
    input_tokens: Ints
    output_tokens: Ints
    blocks: Ints
    """Keys of the blocks of all prompts, one prompt after the other."""
    block_counts: Ints
    """Blocks of each row; empty where the trace has no hashes."""


@dataclass
class _Raw:
    """Fields of rows as read, one value a row; `wrong` says why a row is none."""

    lines: list[int]
    times: list[Any]
    inputs: list[Any]
    outputs: list[Any]
    hashes: list[Any]
    wrong: list[tuple[int, str]]


def batches(file: TraceFile, shape: Shape, rows: Rows, offset_s: float = 0.0) -> Iterator[Batch]:
    """The good rows of a file; `rows` counts them and the others.

    `offset_s` is what dates that say no offset are ahead of UTC.
    """
    fields = _csv_fields if shape.kind == "csv" else _jsonl_fields
    latest = _NO_TIME
    for block in file.blocks():
        raw = fields(block, shape, rows)
        for line in block.overlong:
            rows.spoil(_OVERLONG, file.path.name, [line], 1)
        for reason in dict.fromkeys(why for _, why in raw.wrong):
            lines = [line for line, why in raw.wrong if why == reason]
            rows.spoil(reason, file.path.name, lines, len(lines))
        batch = _batch(raw, shape, rows, file.path.name, offset_s)
        if len(batch.time_us):
            highest = np.maximum.accumulate(np.concatenate([[latest], batch.time_us]))
            rows.out_of_order += int((batch.time_us < highest[:-1]).sum())
            latest = int(highest[-1])
            rows.good += len(batch.time_us)
            yield batch


def _csv_fields(block: Block, shape: Shape, rows: Rows) -> _Raw:
    at = [shape.position(role) for role in ("timestamp", "input", "output")]
    keep = (shape.header.index(shape.filter[0]), shape.filter[1]) if shape.filter else None
    raw = _Raw([], [], [], [], [], [])
    width, delimiter = len(shape.header), shape.delimiter
    start = 1 if block.first == 1 else 0
    for number, text in enumerate(_texts(block, raw), start=block.first):
        if text is None or (number == 1 and start):
            continue
        row = text.split(delimiter) if '"' not in text else _quoted(text, delimiter)
        if len(row) != width:
            if not text.strip():
                rows.blank += 1
            else:
                why = "rows are not CSV" if not row else f"rows do not have the header's {width} fields"
                raw.wrong.append((number, why))
            continue
        if keep is not None and row[keep[0]].strip() != keep[1]:
            rows.left_out += 1
            continue
        if row[at[1]].strip() == shape.header[at[1]]:
            raw.wrong.append((number, "rows are the header again"))
            continue
        raw.lines.append(number)
        raw.times.append(row[at[0]])
        raw.inputs.append(row[at[1]])
        raw.outputs.append(row[at[2]])
    return raw


def _texts(block: Block, raw: _Raw) -> Iterator[str | None]:
    """Lines as text; None for a line that is none."""
    for number, line in enumerate(block.lines, start=block.first):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            raw.wrong.append((number, "rows are not UTF-8 text"))
            yield None
            continue
        yield text[:-1] if text.endswith("\r") else text


def _quoted(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _jsonl_fields(block: Block, shape: Shape, rows: Rows) -> _Raw:
    raw = _Raw([], [], [], [], [], [])
    time, inputs, outputs = (shape.columns[role] for role in ("timestamp", "input", "output"))
    hashes = shape.columns.get("hashes")
    for number, text in enumerate(_texts(block, raw), start=block.first):
        if text is None:
            continue
        text = text.removeprefix("\ufeff")
        if not text.strip():
            rows.blank += 1
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            raw.wrong.append((number, "rows are not JSON"))
            continue
        if not isinstance(row, dict) or any(name not in row for name in (time, inputs, outputs)):
            raw.wrong.append((number, "rows lack the time, the input or the output"))
            continue
        if shape.filter and str(row.get(shape.filter[0], "")) != shape.filter[1]:
            rows.left_out += 1
            continue
        keys = None
        if hashes is not None:
            keys = keys_of(row.get(hashes, []))
            if keys is None:
                raw.wrong.append((number, "rows have block hashes that are not whole numbers or text"))
                continue
        raw.lines.append(number)
        raw.times.append(row[time])
        raw.inputs.append(row[inputs])
        raw.outputs.append(row[outputs])
        raw.hashes.append(keys)
    return raw


def keys_of(hashes: object) -> Ints | None:
    """Block hashes as 64-bit keys; None where they are none. Text and larger numbers go by a digest of theirs."""
    if not isinstance(hashes, list):
        return None
    kinds = set(map(type, hashes))
    if kinds <= {int}:
        try:
            return np.array(hashes, dtype=np.int64)
        except OverflowError:
            pass
    if not kinds <= {int, str}:
        return None
    digests = (hashlib.blake2b(repr(each).encode("utf-8", "replace"), digest_size=8).digest() for each in hashes)
    return np.array([int.from_bytes(digest, "little", signed=True) for digest in digests], dtype=np.int64)


def _batch(raw: _Raw, shape: Shape, rows: Rows, file: str, offset_s: float) -> Batch:
    """Fields as numbers, without the rows in which one of them cannot be."""
    if shape.unit == "iso":
        times = _dates_us(raw.times, round(offset_s * 1e6))
    else:
        seconds = _numbers(raw.times) / PER_SECOND[shape.unit]
        us = np.round(seconds * 1e6)
        valid = np.abs(us) < _MOST_US  # NaN is not
        times = np.where(valid, us, 0.0).astype(np.int64)
        times[~valid] = _NO_TIME
    inputs, outputs = _numbers(raw.inputs), _numbers(raw.outputs)
    good = np.ones(len(times), dtype=bool)
    for reason, bad in _complaints(times, inputs, outputs):
        new = bad & good
        if new.any():
            at = np.flatnonzero(new)
            rows.spoil(reason, file, (raw.lines[n] for n in at), len(at))
            good &= ~bad
    rows.no_output += int((outputs[good] == 0).sum())
    kept = [raw.hashes[n] for n in np.flatnonzero(good)] if raw.hashes and shape.columns.get("hashes") else []
    return Batch(
        times[good],
        inputs[good].astype(np.int64),
        outputs[good].astype(np.int64),
        np.concatenate(kept) if kept else np.empty(0, dtype=np.int64),
        np.array([len(keys) for keys in kept], dtype=np.int64),
    )


def _complaints(times: Ints, inputs: Floats, outputs: Floats) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Reasons why a row does not count, with the rows; of several the first stands."""
    yield "rows have no readable time", times == _NO_TIME
    for name, tokens in (("input", inputs), ("output", outputs)):
        yield f"rows have no number for the {name}", ~np.isfinite(tokens)
        known = np.where(np.isfinite(tokens), tokens, 0.0)
        yield f"rows have a negative {name}", known < 0
        yield f"rows have more than {MOST_TOKENS:,.0f} tokens of {name}", known > MOST_TOKENS
        yield f"rows have a part of a token of {name}", known != np.floor(known)
    yield "rows have no input", inputs == 0


def _numbers(values: Sequence[Any]) -> Floats:
    """Values as numbers, NaN where one is none."""
    if all(type(value) in (int, float) for value in values) or _short(values):
        try:
            return np.array(values).astype(np.float64)
        except (ValueError, TypeError, OverflowError):
            pass
    return np.array([_number(value) for value in values], dtype=np.float64)


def _short(values: Sequence[Any]) -> bool:
    """Whether all are text of bearable length: an array of text is as wide as the longest."""
    return all(type(value) is str and len(value) <= _LONGEST_VALUE for value in values)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return float("nan")
    try:
        return float(value)
    except (ValueError, OverflowError):
        return float("nan")


def _dates_us(values: Sequence[Any], ahead_us: int) -> Ints:
    """Dates as microseconds since 1970 (UTC); those that say no offset are so far ahead of it."""
    if _short(values) and all(map(_DATE.fullmatch, values)):
        try:
            return np.array(values, dtype="U").astype("datetime64[us]").astype(np.int64) - ahead_us
        except ValueError:
            pass
    return np.array([_date_us(value, ahead_us) for value in values], dtype=np.int64)


def _date_us(value: Any, ahead_us: int) -> int:
    try:
        date = datetime.fromisoformat(value.strip())
        known = date if date.tzinfo else date.replace(tzinfo=UTC) - timedelta(microseconds=ahead_us)
        return (known - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, TypeError, AttributeError, OverflowError):
        return _NO_TIME
