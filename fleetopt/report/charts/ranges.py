"""Values with their error band beside a limit: each row a share of its target."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from fleetopt.report.charts import svg
from fleetopt.report.charts.columns import NARROW, WIDE
from fleetopt.report.charts.figure import Figure, Legend
from fleetopt.report.charts.scale import Scale, scale

State = Literal["met", "not at p90", "missed"]
SLOTS: dict[State, int] = {"met": 2, "not at p90": 1, "missed": 3}
MOST = 2.0
"""Ends beyond twice the target are cut there, with an arrow."""


@dataclass(frozen=True, slots=True)
class Range:
    """A value, both ends of its band, and how it stands; as shares of the target."""

    name: str
    low: float
    value: float
    high: float
    state: State
    said: str
    """The figures in their units."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Rows against a common limit of 100 %."""

    id: str
    title: str
    said: str
    rows: tuple[Range, ...]

    def figure(self) -> Figure:
        """The chart, drawn."""
        states = [state for state in SLOTS if any(r.state == state for r in self.rows)]
        words = {"met": "met at both ends", "not at p90": "met as planned, not at p90", "missed": "missed"}
        legend = tuple(Legend(words[state], SLOTS[state]) for state in states)
        rows = tuple((r.name, r.said, words[r.state]) for r in self.rows)
        header = ("", "as planned (p10–p90) / target", "stands")
        return Figure(self.id, self.title, self.said, self._draw(WIDE), self._draw(NARROW), legend, header, rows)

    def _draw(self, width: float) -> Markup:
        beside = width > 500
        left, row, top = (300.0, 22.0, 22.0) if beside else (6.0, 36.0, 22.0)
        most = min(MOST, max([1.1, *(r.high for r in self.rows)]))
        x = scale(0.0, most, left, width - 16, 4)
        height = top + row * len(self.rows) + 6
        parts = [*self._axis(x, top, height), *self._rows(x, top, row, left, beside)]
        return svg.picture(width, height, f"{self.title}. {self.said}", parts)

    def _axis(self, x: Scale, top: float, height: float) -> Iterator[Markup]:
        for value in (v for v in x.ticks if abs(v - 1) > 1e-9):
            yield svg.line(x(value), top, x(value), height)
            if abs(value - 1) > 0.2:
                yield svg.text(x(value), 14.0, f"{100 * value:.0f} %", "middle")
        yield svg.line(x(1.0), top - 4, x(1.0), height, "l")
        yield svg.text(x(1.0), 14.0, "target", "middle", "tb")

    def _rows(self, x: Scale, top: float, row: float, left: float, beside: bool) -> Iterator[Markup]:
        for n, r in enumerate(self.rows):
            middle = top + row * n + (11.0 if beside else 24.0)
            slot, said = SLOTS[r.state], f"{r.name}: {r.said}"
            name = svg.fitted(r.name, (left - 12) if beside else x.end)
            yield svg.text(0.0, middle + (4 if beside else -10), name, "start", "ti")
            low, high = x(min(r.low, x.high)), x(min(r.high, x.high))
            band: list[tuple[str, object]] = [("x", low), ("y", middle - 3.5), ("width", max(high - low, 1.0))]
            band += [("height", 7.0), ("rx", 3.5), ("fill-opacity", "0.38")]
            yield svg.mark("rect", band, slot, said)
            if r.high > x.high:
                tip = f"M{svg.number(high)} {svg.number(middle - 6)}l8 6l-8 6z"
                yield svg.mark("path", [("d", tip)], slot, said)
            yield svg.mark("path", [("d", _shape(r.state, x(min(r.value, x.high)), middle))], slot, said)


def _shape(state: State, x: float, y: float) -> str:
    """A disc where the target is met, a diamond where it is at risk, a cross-like square where it is missed."""
    a, b = svg.number(x), svg.number(y)
    if state == "met":
        return f"M{svg.number(x - 5)} {b}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z"
    if state == "not at p90":
        return f"M{a} {svg.number(y - 6.5)}l6.5 6.5l-6.5 6.5l-6.5 -6.5z"
    return f"M{svg.number(x - 5)} {svg.number(y - 5)}h10v10h-10z"
