"""A waterfall from nothing to a total: each step starts where the one before it ends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from fleetopt.report.charts import svg
from fleetopt.report.charts.columns import NARROW, WIDE
from fleetopt.report.charts.figure import Figure
from fleetopt.report.charts.scale import Scale, scale

SAVING, COST, TOTAL = 2, 0, 6


@dataclass(frozen=True, slots=True)
class Step:
    """One step, positive or negative."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Steps that add up to a total."""

    id: str
    title: str
    said: str
    steps: tuple[Step, ...]
    total: Step
    shown: Callable[[float], str]

    def figure(self) -> Figure:
        """The chart, drawn."""
        rows = tuple((s.name, self.shown(s.value)) for s in (*self.steps, self.total))
        return Figure(self.id, self.title, self.said, self._draw(WIDE), self._draw(NARROW), (), ("", "USD"), rows)

    def _draw(self, width: float) -> Markup:
        beside = width > 500
        left, row = (300.0, 25.0) if beside else (0.0, 40.0)
        spans, at = list[tuple[float, float]](), 0.0
        for s in self.steps:
            spans.append((at, at + s.value))
            at += s.value
        spans.append((0.0, self.total.value))
        ends = [end for span in spans for end in span]
        x = scale(min(ends), max(ends), left, width - 84, 4)
        # the axis is not drawn, so the longest bar may use all of the room
        x = Scale(x.low, max([*ends, 1e-9]), x.start, x.end, x.ticks)
        parts = list(self._rows(x, spans, left, row, beside))
        return svg.picture(width, row * len(spans) + 12, f"{self.title}. {self.said}", parts)

    def _rows(
        self, x: Scale, spans: list[tuple[float, float]], left: float, row: float, beside: bool
    ) -> Iterator[Markup]:
        for n, (step, (start, end)) in enumerate(zip((*self.steps, self.total), spans, strict=True)):
            last = n == len(self.steps)
            top = row * n + (8.0 if last else 2.0) + (0.0 if beside else 16.0)
            kind = "tb" if last else "ti"
            if last:
                yield svg.line(0.0, row * n + 3, x.end + 84, row * n + 3, "a")
            name = svg.fitted(step.name, left - 12 if beside else x.end)
            yield svg.text(0.0, top + (14 if beside else -4), name, "start", kind)
            low, high = x(min(start, end)), x(max(start, end))
            slot = TOTAL if last else COST if step.value >= 0 else SAVING
            yield svg.bar(low, top, max(high - low, 2.0), 19.0, slot, f"{step.name}: {self.shown(step.value)}")
            yield svg.text(high + 6, top + 14, self.shown(step.value), "start", kind)
            if not last:
                edge, below = x(end), row * (n + 1) + (8.0 if n + 1 == len(self.steps) else 2.0)
                yield svg.line(edge, top + 19, edge, below + (0.0 if beside else 16.0), "a")
