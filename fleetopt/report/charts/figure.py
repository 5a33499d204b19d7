"""A chart with what belongs to it: title, takeaway, legend, and its figures as a table."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Legend:
    """An entry of a legend."""

    name: str
    slot: int
    """Colour."""
    shape: str = "box"
    """`box`, or `line` for a limit."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, drawn for a screen and, where that is too wide, for a phone."""

    id: str
    title: str
    said: str
    """What it shows, in a sentence."""
    wide: Markup
    narrow: Markup | None
    """None where the wide one is narrow enough for a phone."""
    legend: tuple[Legend, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """What the chart shows, as text."""
