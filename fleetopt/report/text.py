"""Words and numbers for people: text of an instance made harmless in Markdown, HTML and CSV; figures with units."""

import html
import re
from typing import Any

KW_PER_MW = 1e3
GB_PER_TB = 1e3
GB_PER_PB = 1e6
_MARKDOWN = re.compile(r"([\\`*_\[\]#|~])")
_BULLET = re.compile(r"^([-+=])")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def plain(text: str) -> str:
    """Text of an instance as Markdown that shows it as it stands, on one line."""
    marked = _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    marked = _NUMBERED.sub(r"\1\\\2", _BULLET.sub(r"\\\1", marked))
    escaped = "".join(_HTML.get(letter, letter) for letter in marked)
    return re.sub(r"(?i)\b(https?|ftp|mailto|www)([:.])", r"\1&#8203;\2", escaped)


def unmarked(text: str) -> str:
    """What `plain` has escaped, as it was."""
    return html.unescape(re.sub(r"\\(.)", r"\1", text)).replace("\u200b", "")


def safe_cell(value: Any) -> Any:
    """A cell of a CSV file: text that a spreadsheet would take for a formula gets an apostrophe; numbers stay.

    Text stays on one line: a bare carriage return would end the row for some readers.
    """
    if not isinstance(value, str):
        return value
    line = " ".join(value.splitlines())
    return f"'{line}" if value.startswith(FORMULA) or line.startswith(FORMULA) else line


SMALL_USD = 1000.0
"""Below this cents are told."""


def usd(value: float) -> str:
    """`$1,234.57 M`, whole dollars where small, and cents where smaller still."""
    if abs(value) >= 1e5:
        return f"{'-' if value < 0 else ''}${abs(value) / 1e6:,.2f} M"
    if abs(value) < SMALL_USD and abs(value - round(value)) >= 0.005:
        return f"{'-' if value < 0 else ''}${abs(value):,.2f}"
    return whole_usd(value)


def whole_usd(value: float) -> str:
    """`$1,234,567`."""
    return f"{'-' if value <= -0.5 else ''}${abs(value):,.0f}"


def exact_usd(value: float) -> str:
    """`$1,234,567.89`."""
    return f"{'-' if value <= -0.005 else ''}${abs(value):,.2f}"


def power(kw: float) -> str:
    """`12.3 MW`, or kW where small."""
    return f"{kw / KW_PER_MW:,.2f} MW" if abs(kw) >= KW_PER_MW else f"{kw:,.1f} kW"


def memory(gb: float) -> str:
    """`1.2 PB`, `3.4 TB` or GB."""
    if gb >= GB_PER_PB:
        return f"{gb / GB_PER_PB:,.2f} PB"
    return f"{gb / GB_PER_TB:,.2f} TB" if gb >= GB_PER_TB else f"{gb:,.1f} GB"


def count(value: float) -> str:
    """Units: whole where they are whole, with thousands separators."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def share(value: float) -> str:
    """`12.3 %`."""
    return f"{100 * value:.1f} %"


def seconds(value: float) -> str:
    """Milliseconds below a second; minutes above two."""
    if value < 0.9995:
        return f"{value * 1e3:,.3g} ms"
    return f"{value:.2f} s" if value < 120.0 else f"{value / 60:,.1f} min"


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table: the first column to the left, the rest as they come; the cells are Markdown already."""
    if not rows:
        return []
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]
