"""A section of the page: words first, then charts, then tables."""

from dataclasses import dataclass

from fleetopt.report.charts import Figure
from fleetopt.report.page.view import View


@dataclass(frozen=True, slots=True)
class Panel:
    """Charts beside each other under a heading of their own."""

    title: str
    said: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One subject."""

    id: str
    title: str
    said: str
    """The answer, before the evidence."""
    figures: tuple[Figure, ...] = ()
    panels: tuple[Panel, ...] = ()
    points: tuple[str, ...] = ()
    """A list of sentences; text of the instance stands in it as it is."""
    views: tuple[View, ...] = ()
