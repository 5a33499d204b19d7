"""Totals beside each other, each a bar made up of the same parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from fleetopt.report.charts import svg
from fleetopt.report.charts.columns import NARROW, WIDE, Series
from fleetopt.report.charts.figure import Figure, Legend
from fleetopt.report.charts.scale import scale


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars, one a row; negative parts hang to the left of nought."""

    id: str
    title: str
    said: str
    names: tuple[str, ...]
    parts: tuple[Series, ...]
    totals: tuple[float, ...]
    shown: Callable[[float], str]

    def figure(self) -> Figure:
        """The chart, drawn."""
        legend = tuple(Legend(s.name, s.slot) for s in self.parts)
        rows = tuple(
            (name, *(self.shown(s.values[n]) for s in self.parts), self.shown(self.totals[n]))
            for n, name in enumerate(self.names)
        )
        header = ("", *(s.name for s in self.parts), "total")
        return Figure(self.id, self.title, self.said, self._draw(WIDE), self._draw(NARROW), legend, header, rows)

    def _draw(self, width: float) -> Markup:
        beside = width > 500
        left, row = (200.0, 30.0) if beside else (0.0, 46.0)
        ups = [sum(max(s.values[n], 0.0) for s in self.parts) for n in range(len(self.names))]
        downs = [sum(min(s.values[n], 0.0) for s in self.parts) for n in range(len(self.names))]
        most, least = max(ups, default=1.0) or 1.0, min(downs, default=0.0)
        x = scale(least, most, left, width - 84, 4)
        x = type(x)(min(least, 0.0), most, x.start, x.end, x.ticks)
        marks = [mark for n in range(len(self.names)) for mark in self._row(n, x, row, left, beside)]
        return svg.picture(width, row * len(self.names) + 4, f"{self.title}. {self.said}", marks)

    def _row(self, n: int, x: Callable[[float], float], row: float, left: float, beside: bool) -> Iterator[Markup]:
        top = row * n + (4.0 if beside else 20.0)
        yield svg.text(
            0.0, top + (15 if beside else -5), svg.fitted(self.names[n], left - 12 if beside else 330), kind="ti"
        )
        up, down = 0.0, 0.0
        for s in self.parts:
            value = s.values[n]
            if not value:
                continue
            start = up if value > 0 else down
            up, down = (up + value, down) if value > 0 else (up, down + value)
            low, high = x(min(start, start + value)), x(max(start, start + value))
            yield svg.bar(low, top, high - low, 21.0, s.slot, f"{self.names[n]}, {s.name}: {self.shown(value)}")
        yield svg.text(x(up) + 6, top + 15, self.shown(self.totals[n]), kind="tb")
