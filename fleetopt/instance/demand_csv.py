"""`demand: {csv: file}`: a workload's demand from a table in a file.

Columns: `period`, `region`, `slice` or `hour`, and one of `rate_per_s`, `requests`, `tokens`.
- `hour` is an hour of the cycle (0 to 23, or 0 to 167 for a week); a slice has the mean rate of its hours.
- `requests` counts all that arrive in the period in that slice or hour; `tokens` is the same in tokens, in and out
  (cached ones included), turned into requests by the mean tokens of a request over the buckets.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import TypeAdapter, ValidationError

from fleetopt.errors import InputError
from fleetopt.instance import csv_rows
from fleetopt.instance.csv_rows import Refused, finding_at
from fleetopt.instance.folder import OutsideError, inside
from fleetopt.instance.located import Document, Finding, Lines, Path, Place, mappings
from fleetopt.instance.strict_yaml import read_bytes
from fleetopt.instance.suggest import did_you_mean
from fleetopt.instance.time import Time
from fleetopt.instance.workloads import Bucket

KEY = "csv"
MEASURES = ("rate_per_s", "requests", "tokens")
COLUMNS = ("period", "region", "slice", "hour", *MEASURES)
_BUCKETS = TypeAdapter(tuple[Bucket, ...])
Row = dict[str, Any]


@dataclass(frozen=True)
class _Table:
    """The rows of one file with what is needed to read them as rates."""

    name: str
    time: Time
    mean_tokens: float
    rows: list[tuple[int, Mapping[str, str]]]
    """Line number and fields."""


def expand(data: dict[str, Any], document: Document, lines: Lines) -> tuple[dict[str, Any], Lines, list[Finding]]:
    """`data` with every demand file replaced by its `table`; the rows keep their lines in the file."""
    findings: list[Finding] = []
    workloads = data.get("workloads")
    for index, workload in mappings(workloads):
        demand = workload.get("demand")
        if not isinstance(demand, dict) or KEY not in demand:
            continue
        at: Path = ("workloads", index, "demand", KEY)
        table: list[Row] = []
        try:
            table, places = _rows(at, demand, workload, data, document, lines)
            lines = lines.adding({(*at[:-1], "table", i): place for i, place in enumerate(places)})
        except Refused as refused:
            findings.extend(refused.findings)
        except InputError as error:
            found = [Finding(at, i.message, i.hint, Place(i.file, i.line)) for i in error.issues]
            findings.extend(found)
        kept = {key: value for key, value in demand.items() if key != KEY}
        assert isinstance(workloads, list)  # mappings() gives nothing else
        changed = {**workload, "demand": {**kept, "table": table}}
        workloads = [*workloads[:index], changed, *workloads[index + 1 :]]
    return {**data, "workloads": workloads} if "workloads" in data else data, lines, findings


def _rows(
    at: Path, demand: Row, workload: Row, data: Row, document: Document, lines: Lines
) -> tuple[list[Row], list[Place]]:
    if demand.get("table") or demand.get("regions"):
        raise Refused(Finding(at, "stands beside a table or regions", "try only one of csv, table and regions"))
    try:
        real, shown = inside(document, lines.place(at).file, demand[KEY])
    except OutsideError as error:
        raise Refused(Finding(at, error.message, error.hint)) from None
    try:
        time = Time.model_validate(data.get("time"))
    except ValidationError:
        return [], []  # the schema reports it
    rows = csv_rows.rows(
        at, shown, read_bytes(real, shown), partial(_header_problems, at, shown), "try slices instead of hours"
    )
    table = _Table(shown, time, _mean_tokens(workload), rows)
    return _by_hour(at, table) if rows and "hour" in rows[0][1] else _by_slice(at, table)


def _header_problems(at: Path, name: str, header: Sequence[str]) -> list[Finding]:
    problems = [
        finding_at(at, name, 1, f"unknown column {column!r}", did_you_mean(column, COLUMNS))
        for column in header
        if column not in COLUMNS
    ]
    problems += [
        finding_at(at, name, 1, f"needs one column {' or '.join(needed)}", "try adding or removing one")
        for needed in (("period",), ("region",), ("slice", "hour"), MEASURES)
        if sum(column in needed for column in header) != 1
    ]
    return problems


def _mean_tokens(workload: Row) -> float:
    """Mean tokens of a request, in and out; NaN where the buckets do not say."""
    try:
        buckets = _BUCKETS.validate_python(workload.get("buckets", ()))
    except ValidationError:
        return math.nan  # the schema reports it
    return sum(b.share * (b.input_tokens + b.output_tokens) for b in buckets) or math.nan


def _rate(at: Path, table: _Table, line: int, row: Mapping[str, str], hours: float) -> float:
    """Requests a second; `hours` is what the row covers of its period."""
    measure = next(m for m in MEASURES if m in row)
    try:
        value = float(row[measure])
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise Refused(
            finding_at(at, table.name, line, f"{measure} {row[measure]!r} is not a number from 0", "try a number")
        )
    if measure == "rate_per_s":
        return value
    requests = value / table.mean_tokens if measure == "tokens" else value
    return requests / (hours * 3600) if requests == requests else 0.0


def _by_slice(at: Path, table: _Table) -> tuple[list[Row], list[Place]]:
    """One row of demand for each row of the file."""
    slices = {part.id: part for part in table.time.slices}
    rows, places, findings = [], [], []
    for line, row in table.rows:
        part = slices.get(row["slice"])
        if part is None or part.hours <= 0:
            hint = did_you_mean(row["slice"], slices)
            findings.append(finding_at(at, table.name, line, f"there is no slice {row['slice']!r}", hint))
            continue
        try:
            rate = _rate(at, table, line, row, table.time.slice_hours_in_period(part))
        except Refused as refused:
            findings += refused.findings
            continue
        rows.append({"period": row["period"], "slice": part.id, "region": row["region"], "rate_per_s": rate})
        places.append(Place(table.name, line))
    if findings:
        raise Refused(*findings)
    return rows, places


def _by_hour(at: Path, table: _Table) -> tuple[list[Row], list[Place]]:
    """Rows of demand by slice, each the mean rate over its hours; hours without a row count as zero."""
    cycle = table.time.cycle_hours
    hourly: dict[tuple[str, str], dict[int, float]] = {}
    first: dict[tuple[str, str], int] = {}
    findings = []
    for line, row in table.rows:
        key = (row["period"], row["region"])
        hours = hourly.setdefault(key, {})
        first.setdefault(key, line)
        hour = int(row["hour"]) if row["hour"].isascii() and row["hour"].isdigit() and len(row["hour"]) < 4 else -1
        if not 0 <= hour < cycle or hour in hours:
            message = f"hour {row['hour']!r} is given twice" if hour in hours else f"there is no hour {row['hour']!r}"
            findings.append(finding_at(at, table.name, line, message, f"try each hour from 0 to {cycle - 1:g} once"))
            continue
        try:
            hours[hour] = _rate(at, table, line, row, table.time.period_hours / cycle)
        except Refused as refused:
            findings += refused.findings
    if findings:
        raise Refused(*findings)
    rows, places = [], []
    for (period, region), hours in hourly.items():
        for part in table.time.slices:
            covered = {hour: _overlap(hour, part.start_hour, part.hours, cycle) for hour in hours}
            rate = sum(share * hours[hour] for hour, share in covered.items()) / part.hours if part.hours else 0.0
            rows.append({"period": period, "slice": part.id, "region": region, "rate_per_s": rate})
            places.append(Place(table.name, first[period, region]))
    return rows, places


def _overlap(hour: float, start: float, length: float, cycle: float) -> float:
    """Hours that [hour, hour + 1) and the slice share, the slice wrapping round the cycle."""
    return sum(
        max(0.0, min(hour + 1, start + length + turn) - max(hour, start + turn)) for turn in (-cycle, 0.0, cycle)
    )
