"""Columns over time: stacked series, and a limit drawn across them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from fleetopt.report.charts import svg
from fleetopt.report.charts.figure import Figure, Legend
from fleetopt.report.charts.scale import Scale, scale, tick

WIDE, NARROW = 860.0, 340.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 4.0, 20.0, 34.0


@dataclass(frozen=True, slots=True)
class Series:
    """Values by category, in the chart's unit."""

    name: str
    values: tuple[float, ...]
    slot: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns; negative values hang below the axis."""

    id: str
    title: str
    said: str
    unit: str
    """Written above the axis."""
    categories: tuple[tuple[str, str], ...]
    """(group, label): a quarter is ("2027", "Q1"), a slice ("2027q1", "00–06")."""
    series: tuple[Series, ...]
    limit: Series | None = None
    small: bool = False
    """One of several beside each other: drawn narrow only."""
    shown: Callable[[float], str] = lambda value: f"{value:,.0f}"
    """A value with its unit, for hover and tables."""

    def figure(self) -> Figure:
        """The chart, drawn."""
        narrow = self._draw(NARROW, 190.0 if self.small else 230.0)
        legend = [Legend(s.name, s.slot) for s in self.series] if len(self.series) > 1 or self.limit else []
        if self.limit is not None:
            legend.append(Legend(self.limit.name, svg.REST, "line"))
        lines = [*self.series, *([self.limit] if self.limit else [])]
        rows = tuple(
            (self._category(n), *(self.shown(s.values[n]) for s in lines)) for n in range(len(self.categories))
        )
        wide = narrow if self.small else self._draw(WIDE, 280.0)
        header = ("", *(s.name for s in lines))
        return Figure(self.id, self.title, self.said, wide, None if self.small else narrow, tuple(legend), header, rows)

    def _category(self, n: int) -> str:
        group, label = self.categories[n]
        return f"{group} {label}".strip()

    def _draw(self, width: float, height: float) -> Markup:
        tops = [sum(max(s.values[n], 0.0) for s in self.series) for n in range(len(self.categories))]
        depths = [sum(min(s.values[n], 0.0) for s in self.series) for n in range(len(self.categories))]
        most = max([*tops, *(self.limit.values if self.limit else ())], default=1.0)
        y = scale(min(depths, default=0.0), most, height - BOTTOM, TOP, 4)
        parts = [*self._grid(y, width), *self._marks(y, width), *self._labels(width, height)]
        return svg.picture(width, height, f"{self.title}. {self.said}", parts)

    def _grid(self, y: Scale, width: float) -> Iterator[Markup]:
        step = y.ticks[1] - y.ticks[0]
        yield svg.text(0.0, 9.0, self.unit)
        for value in y.ticks:
            yield svg.line(LEFT, y(value), width - RIGHT, y(value), "a" if value == 0 else "g")
            yield svg.text(LEFT - 6, y(value) + 4, tick(value, step), "end")

    def _x(self, width: float) -> tuple[float, float]:
        """Width of a category, and of its column."""
        each = (width - LEFT - RIGHT) / max(1, len(self.categories))
        return each, min(each * (0.72 if each > 14 else 0.86), 56.0)

    def _marks(self, y: Scale, width: float) -> Iterator[Markup]:
        each, thick = self._x(width)
        for n in range(len(self.categories)):
            x, up, down = LEFT + each * n + (each - thick) / 2, 0.0, 0.0
            for s in self.series:
                value = s.values[n]
                if not value:
                    continue
                start = up if value > 0 else down
                up, down = (up + value, down) if value > 0 else (up, down + value)
                top, foot = y(max(start, start + value)), y(min(start, start + value))
                said = f"{self._category(n)}, {s.name}: {self.shown(value)}"
                yield svg.bar(x, top, thick, foot - top, s.slot, said)
        if self.limit is not None:
            yield from self._limit(self.limit, y, each)

    def _limit(self, limit: Series, y: Scale, each: float) -> Iterator[Markup]:
        """A step line over the columns."""
        for n, value in enumerate(limit.values):
            x = LEFT + each * n
            if n and limit.values[n - 1] != value:
                yield svg.line(x, y(limit.values[n - 1]), x, y(value), "l")
            yield svg.line(x, y(value), x + each, y(value), "l")
            said = f"{self._category(n)}, {limit.name}: {self.shown(value)}"
            box: list[tuple[str, object]] = [("x", x), ("y", y(value) - 6), ("width", each), ("height", 12.0)]
            yield svg.hit("rect", box, said)

    def _labels(self, width: float, height: float) -> Iterator[Markup]:
        """Labels under the columns as far as they fit, and the groups below them."""
        each, _ = self._x(width)
        longest = max((len(label) for _, label in self.categories), default=0) * svg.FONT * svg.LETTER + 8
        every = max(1, -int(-longest // each))
        labelled = every == 1 or not any(group for group, _ in self.categories)
        for n, (_, label) in enumerate(self.categories):
            if labelled and n % every == 0:
                yield svg.text(LEFT + each * (n + 0.5), height - 18, label, "middle")
        start, last = 0, -1e9
        for group, members in groupby(self.categories, key=lambda c: c[0]):
            count = len(list(members))
            x, room = LEFT + each * start, len(group) * svg.FONT * svg.LETTER * 1.15
            if start and group:
                yield svg.line(x, height - BOTTOM, x, height - 8, "g")
            middle = x + each * count / 2
            if group and middle - room / 2 > last + 8:
                yield svg.text(middle, height - (4 if labelled else 16), group, "middle")
                last = middle + room / 2
            start += count
