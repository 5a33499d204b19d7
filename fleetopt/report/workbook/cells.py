"""Cells: every value written as what it is. Text is never a formula, a link or a number, whatever it begins with."""

import re
from datetime import date, datetime, time
from typing import Any

from fleetopt.report.rows.table import Cell
from fleetopt.report.text import FORMULA

MOST_LETTERS = 32_767
"""Excel's limit for the text of a cell."""
CUT = " … (cut: a cell holds no more)"
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, and control characters that nobody can see."""


def shown(text: str) -> str:
    """Text as a cell can hold it: on one line, without control characters, cut at Excel's limit."""
    if text.isprintable() and len(text) <= MOST_LETTERS:
        return text
    clean = _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.splitlines()).replace("\t", " "))
    return clean if len(clean) <= MOST_LETTERS else clean[: MOST_LETTERS - len(CUT)] + CUT


def write_cell(sheet: Any, row: int, column: int, value: Cell, style: Any, quoted: Any) -> None:
    """Write a value; `quoted` is the style of text that a spreadsheet would take for a formula once it is edited."""
    if value is None:
        return
    if isinstance(value, str):
        text = shown(value)
        sheet.write_string(row, column, text, quoted if text.startswith(FORMULA) else style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime.combine(value, time()), style)
    else:
        sheet.write_number(row, column, value, style)
