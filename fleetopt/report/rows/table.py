"""What a report's tables are made of: typed rows, and columns that say what kind of figure they hold.

The workbook, the page and the CSV files format a column by its kind, so that a figure looks alike in all of them.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from operator import attrgetter
from typing import Any, Literal, get_args, get_type_hints

import pandas as pd

Kind = Literal[
    "text",
    "date",
    "money",
    "price",
    "count",
    "share",
    "rate",
    "power",
    "energy",
    "memory",
    "seconds",
    "tonnes",
    "plain",
]
"""Text; a date; USD of a line and USD of one unit; how many; a fraction (0.1 is 10 %); a second; kW; MWh; GB; s; t of
CO2e; any other number."""
UNITS: dict[Kind, str] = {
    "money": "USD",
    "price": "USD",
    "rate": "/s",
    "power": "kW",
    "energy": "MWh",
    "memory": "GB",
    "seconds": "s",
    "tonnes": "t",
}
"""What stands behind a column's title in brackets; the other kinds need none."""
DIGITS = 14
"""Significant digits of a figure: cents of a trillion dollars."""
Cell = str | float | int | date | None
"""None where there is nothing to say: an empty cell, never a 0."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it is called, and what kind of figure stands in it."""

    title: str
    kind: Kind = "text"
    total: bool = False
    """Whether its sum means something."""
    note: str = ""
    """What to know before relying on it."""
    id: str = ""
    """Name in CSV files and in formulas; the name of the row's field."""

    @property
    def heading(self) -> str:
        """Title with the unit."""
        unit = UNITS.get(self.kind)
        return f"{self.title} ({unit})" if unit else self.title

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.kind not in ("text", "date")


@dataclass(frozen=True, slots=True)
class Table:
    """One subject: what it is, and its rows in an order that reads well."""

    id: str
    title: str
    said: str
    """What it holds and how to read it, in a sentence or two."""
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def values(self, column: str) -> list[Cell]:
        """A column's cells by its id."""
        at = [c.id for c in self.columns].index(column)
        return [row[at] for row in self.rows]

    def total(self, column: str) -> float:
        """Sum of a column of numbers, rounded once."""
        return math.fsum(v for v in self.values(column) if isinstance(v, int | float))

    def frame(self, cell: Callable[[Cell], Any] = lambda value: value) -> pd.DataFrame:
        """The table by column id; `cell` is applied to every value."""
        rows = [[cell(value) for value in row] for row in self.rows]
        return pd.DataFrame(rows, columns=[c.id for c in self.columns], dtype=object)


def table(id_: str, title: str, said: str, record: Any, rows: Iterable[Any]) -> Table:
    """A table of dataclass rows whose fields are `Annotated[type, Column(...)]`."""
    columns = columns_of(record)
    of = attrgetter(*(column.id for column in columns))
    return Table(id_, title, said, columns, tuple(tuple(map(tidy, of(row))) for row in rows))


@cache
def columns_of(record: Any) -> tuple[Column, ...]:
    """Columns of a row type, in the order of its fields."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(replace(_column(hints[f.name]), id=f.name) for f in fields(record))


def _column(hint: Any) -> Column:
    found = next(extra for extra in get_args(hint) if isinstance(extra, Column))
    assert isinstance(found, Column)
    return found


def tidy(value: Cell) -> Cell:
    """A figure without the noise of its last digits, which differ between machines."""
    return float(f"{value:.{DIGITS}g}") + 0.0 if isinstance(value, float) else value
