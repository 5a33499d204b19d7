"""`measured: {csv: file}`: measurements from a table, a column for each field of a point, blank where not said."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from fleetopt.errors import InputError
from fleetopt.instance import csv_rows, shape
from fleetopt.instance.csv_rows import CsvRow, Refused, finding_at
from fleetopt.instance.folder import OutsideError, inside
from fleetopt.instance.located import Document, Finding, Lines, Path, Place
from fleetopt.instance.measured import MeasuredPoint
from fleetopt.instance.scalars import Trap, plain_scalar
from fleetopt.instance.strict_yaml import read_bytes
from fleetopt.instance.suggest import did_you_mean

SECTION = "measured"
KEY = "csv"
COLUMNS = tuple(MeasuredPoint.model_fields)
Row = dict[str, Any]


def expand(data: Row, document: Document, lines: Lines) -> tuple[Row, Lines, list[Finding]]:
    """`data` with the table's rows after the points written in place; the rows keep their lines in the file."""
    measured = data.get(SECTION)
    if not isinstance(measured, dict) or KEY not in measured:
        return data, lines, []
    at: Path = (SECTION, KEY)
    kept = {key: value for key, value in measured.items() if key != KEY}
    points = kept.get("points", [])
    findings: list[Finding] = []
    if isinstance(points, list):
        try:
            found, places = _points(at, measured[KEY], document, lines)
            lines = lines.adding({(SECTION, "points", len(points) + n): place for n, place in enumerate(places)})
            kept["points"] = [*points, *found]
        except Refused as refused:
            findings = list(refused.findings)
        except InputError as error:
            findings = [Finding(at, i.message, i.hint, Place(i.file, i.line)) for i in error.issues]
    return {**data, SECTION: kept}, lines, findings


def _points(at: Path, name: object, document: Document, lines: Lines) -> tuple[list[Row], list[Place]]:
    try:
        real, shown = inside(document, lines.place(at).file, name)
    except OutsideError as error:
        raise Refused(Finding(at, error.message, error.hint)) from None
    rows = csv_rows.rows(at, shown, read_bytes(real, shown), partial(_problems, at, shown), "try fewer measurements")
    points, findings = list[Row](), list[Finding]()
    for line, row in rows:
        try:
            points.append(_point(row))
        except Trap as trap:
            findings.append(finding_at(at, shown, line, trap.message, trap.hint))
    if findings:
        raise Refused(*findings)
    return points, [Place(shown, line) for line, _ in rows]


def _problems(at: Path, name: str, header: Sequence[str]) -> list[Finding]:
    unknown = [
        finding_at(at, name, 1, f"unknown column {column!r}", did_you_mean(column, COLUMNS))
        for column in header
        if column not in COLUMNS
    ]
    twice = [
        finding_at(at, name, 1, f"column {column!r} is there twice", "try removing one")
        for column in dict.fromkeys(header)
        if column in COLUMNS and header.count(column) > 1
    ]
    return [*unknown, *twice]


def _point(row: CsvRow) -> Row:
    """Numbers as numbers, quantities with a unit as text; what is blank is absent."""
    return {
        column: plain_scalar(cell) if _is_number(column) else cell
        for column, cell in row.items()
        if cell
    }  # fmt: skip


def _is_number(column: str) -> bool:
    annotation = shape.fields(MeasuredPoint)[column]
    return shape.unit(annotation) is not None or shape.core(annotation) is int
