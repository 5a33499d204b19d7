"""Cells of the page's tables: figures as people read them, beside the number they are sorted by."""

import math
import re
from datetime import date

from markupsafe import Markup, escape

from fleetopt.report.rows import Cell, Kind
from fleetopt.report.text import GB_PER_TB, KW_PER_MW, seconds

UNITS: dict[Kind, str] = {"power": "MW", "memory": "TB", "energy": "MWh", "rate": "per s", "tonnes": "t CO₂e"}
"""Units of a column's title; money, seconds and shares carry theirs in the cell."""
NONE = "–"
LONG = 30
"""Letters beyond which a cell may take several lines."""
_UNIT = re.compile(r"(?<=\d) (?=(%|M|bn|MW|kW|kV|TB|PB|GB|ms|s|min)\b|%)")


def cents(value: float) -> str:
    """`$1,234,567.89`, with a real minus sign."""
    return f"{'−' if value <= -0.005 else ''}${abs(value):,.2f}"


def dollars(value: float) -> str:
    """`$1,234,567`; cents where it is below a thousand and not whole."""
    if abs(value) < 1000 and round(value, 2) != round(value):
        return cents(value)
    return f"{'−' if value <= -0.5 else ''}${abs(value):,.0f}"


def brief(value: float) -> str:
    """`$1.23 M`, `$607.99 M`, `$2.55 bn`: money in a sentence."""
    sign, size = "−" if value < 0 else "", abs(value)
    if size >= 999.995e6:
        return f"{sign}${size / 1e9:,.2f} bn"
    if size >= 1e5:
        return f"{sign}${size / 1e6:,.2f} M"
    return dollars(value)


def spread(least_usd: float, most_usd: float) -> str:
    """`$0.39 M to $0.41 M`, and one amount where both read the same."""
    least, most = brief(least_usd), brief(most_usd)
    return least if least == most else f"{least} to {most}"


def amount(value: float) -> str:
    """A number with as many decimals as its size needs."""
    size = abs(value)
    if size >= 1000 or value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}" if size >= 100 else f"{value:,.2f}" if size >= 1 else f"{value:,.3g}"


def day(value: date) -> str:
    """`1 Apr 2027`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def period(id_: str) -> str:
    """`2027q1` as `Q1 2027`; a year as it is."""
    return f"Q{id_[5]} {id_[:4]}" if "q" in id_ else id_


def shown(value: Cell, kind: Kind, exact: bool = False) -> str:
    """A cell as text; `exact` money has cents."""
    if value is None or value == "":
        return NONE
    if isinstance(value, date):
        return day(value)
    if isinstance(value, str):
        return value
    if kind in ("money", "price"):
        return cents(value) if exact else dollars(value)
    if kind == "share":
        return f"{100 * value:,.1f} %"
    if kind == "seconds":
        return seconds(value)
    if kind == "count":
        return amount(value)
    if kind in ("power", "memory"):
        return amount(value / (KW_PER_MW if kind == "power" else GB_PER_TB))
    return str(value) if isinstance(value, int) and kind == "plain" else amount(value)


def cell(value: Cell, kind: Kind, exact: bool = False) -> str:
    """A table cell; numbers and dates carry what they are sorted by, where their text does not say it already.

    Markup, its text escaped.
    """
    words = shown(value, kind, exact)
    if kind in ("text", "date") and not isinstance(value, int | float):
        sort = f' data-v="{value.isoformat()}"' if isinstance(value, date) else ""
        long = ' class="w"' if len(words) > LONG else ""
        return f"<td{long}{sort}>{escape(words)}"
    if isinstance(value, int | float) and math.isfinite(value):
        exactly = repr(value) if kind in ("money", "price", "count") else f"{value:.6g}"
        sort = "" if exactly.removesuffix(".0") == words.replace(",", "") else f' data-v="{exactly}"'
        return f'<td class="n"{sort}>{escape(words)}'
    return f'<td class="n">{escape(words)}'


def inline(said: str) -> Markup:
    """Our own words with `code` and *emphasis*; everything else is escaped."""
    parts = str(escape(joined(said))).split("`")
    text = "".join(f"<code>{p}</code>" if n % 2 else _emphasis(p) for n, p in enumerate(parts))
    return Markup(text)


def joined(said: str) -> str:
    """A figure and its unit kept on one line."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", said)


def _emphasis(part: str) -> str:
    pieces = part.split("*")
    if len(pieces) % 2 == 0:
        return part
    return "".join(f"<em>{p}</em>" if n % 2 else p for n, p in enumerate(pieces))
