"""A value over a parameter: points joined by a line, each in the colour of what is true there, and bands of note."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from fleetopt.report.charts import svg
from fleetopt.report.charts.columns import NARROW, WIDE
from fleetopt.report.charts.figure import Figure, Legend
from fleetopt.report.charts.scale import Scale, span, tick

LEFT, RIGHT, TOP, BOTTOM = 56.0, 14.0, 22.0, 46.0


@dataclass(frozen=True, slots=True)
class Spot:
    """One point; `y` is None where there is no value."""

    x: float
    y: float | None
    slot: int
    name: str
    """Its x for people."""
    said: str
    """Its value and state for people."""


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of the parameter that is lit up."""

    low: float
    high: float
    name: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Points over a line that may be logarithmic."""

    id: str
    title: str
    said: str
    x_name: str
    y_name: str
    """With its unit, written above the axis."""
    spots: tuple[Spot, ...]
    bands: tuple[Band, ...]
    legend: tuple[Legend, ...]
    log: bool = False
    scaled: Callable[[float], float] = lambda value: value
    """A value in the axis's unit."""

    def figure(self) -> Figure:
        """The chart, drawn."""
        rows = tuple((s.name, s.said) for s in self.spots)
        header = (self.x_name, self.y_name)
        wide, narrow = self._draw(WIDE, 300.0), self._draw(NARROW, 240.0)
        return Figure(self.id, self.title, self.said, wide, narrow, self.legend, header, rows)

    def _draw(self, width: float, height: float) -> Markup:
        xs = [self._line(s.x) for s in self.spots]
        ys = [self.scaled(s.y) for s in self.spots if s.y is not None]
        foot = height - BOTTOM
        y = span(min(ys, default=0.0), max(ys, default=1.0), foot, TOP, 4)
        least, most = min(xs, default=0.0), max(xs, default=1.0)
        x = Scale(least, most if most > least else least + 1.0, LEFT + 8, width - RIGHT - 8, ())
        parts = [
            *self._bands(x, foot),
            *self._grid(y, width),
            *self._points(x, y, foot),
            *self._names(x, width, height),
        ]
        return svg.picture(width, height, f"{self.title}. {self.said}", parts)

    def _line(self, value: float) -> float:
        return math.log10(abs(value)) if self.log else value

    def _bands(self, x: Scale, foot: float) -> Iterator[Markup]:
        for band in self.bands:
            one, two = sorted((x(self._line(band.low)), x(self._line(band.high))))
            box: list[tuple[str, object]] = [("x", one - 1), ("y", TOP), ("width", max(two - one, 1.0) + 2)]
            lit = [*box, ("height", foot - TOP), ("fill", svg.PALETTE[1]), ("fill-opacity", "0.35")]
            yield svg.element("rect", lit, svg.element("title", [], band.name))

    def _grid(self, y: Scale, width: float) -> Iterator[Markup]:
        step = y.ticks[1] - y.ticks[0]
        yield svg.text(0.0, 10.0, self.y_name)
        for value in y.ticks:
            yield svg.line(LEFT, y(value), width - RIGHT, y(value), "a" if value == y.ticks[0] else "g")
            yield svg.text(LEFT - 6, y(value) + 4, tick(value, step), "end")

    def _points(self, x: Scale, y: Scale, foot: float) -> Iterator[Markup]:
        places = [(x(self._line(s.x)), None if s.y is None else y(self.scaled(s.y)), s) for s in self.spots]
        for (x1, y1, _), (x2, y2, _) in pairwise(places):
            if y1 is not None and y2 is not None:
                yield svg.line(x1, y1, x2, y2, "a")
        for at, height, spot in places:
            said = f"{self.x_name} {spot.name}: {spot.said}"
            if height is None:
                box: list[tuple[str, object]] = [("x", at - 4), ("y", foot - 8), ("width", 8.0), ("height", 8.0)]
                yield svg.mark("rect", box, spot.slot, said)
            else:
                yield svg.mark("circle", [("cx", at), ("cy", height), ("r", 4.5)], spot.slot, said)

    def _names(self, x: Scale, width: float, height: float) -> Iterator[Markup]:
        """Values under the points, as far as they fit: the ends first, then the bands, then the rest."""
        near = {end for band in self.bands for end in (band.low, band.high)}
        order = sorted(
            range(len(self.spots)),
            key=lambda n: (n not in (0, len(self.spots) - 1), self.spots[n].x not in near, n),
        )
        taken: list[tuple[float, float]] = []
        for n in order:
            spot = self.spots[n]
            room = len(spot.name) * svg.FONT * svg.LETTER
            middle = min(max(x(self._line(spot.x)), room / 2), width - room / 2)
            one, two = middle - room / 2 - 4, middle + room / 2 + 4
            if all(two <= a or one >= b for a, b in taken):
                taken.append((one, two))
                yield svg.text(middle, height - BOTTOM + 16, spot.name, "middle")
        yield svg.text((LEFT + width) / 2, height - 8, svg.fitted(self.x_name, width - LEFT), "middle", "ti")
