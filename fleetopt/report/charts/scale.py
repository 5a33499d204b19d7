"""Axes: round ticks, and where a value lies."""

import math
from dataclasses import dataclass

NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A linear axis from `low` to `high`, drawn from pixel `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def scale(least: float, most: float, start: float, end: float, ticks: int = 5) -> Scale:
    """An axis that holds 0, `least` and `most`, with about `ticks` round ticks."""
    low, high = min(0.0, least), max(0.0, most)
    if high - low <= 0:
        high = 1.0
    step = _step((high - low) / ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    values = tuple(n * step for n in range(first, last + 1))
    return Scale(values[0], values[-1], start, end, values)


def span(least: float, most: float, start: float, end: float, ticks: int = 5) -> Scale:
    """An axis from a round value below `least` to one above `most`, wherever 0 lies."""
    if most - least <= 1e-9 * max(abs(least), abs(most)):
        margin = 0.05 * abs(most) or 1.0
        least, most = least - margin, most + margin
    step = _step((most - least) / ticks)
    first, last = math.floor(least / step + 1e-9), math.ceil(most / step - 1e-9)
    values = tuple(n * step for n in range(first, last + 1))
    return Scale(values[0], values[-1], start, end, values)


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * nice for nice in NICE if power * nice >= rough * (1 - 1e-9))


def tick(value: float, step: float) -> str:
    """`1,500`, `0.25`: as many decimals as the step between ticks needs; thousands as `k`."""
    if step >= 1000:
        return f"{value / 1000:,.{1 if step % 1000 else 0}f}k" if value else "0"
    decimals = 0 if step >= 1 and float(step).is_integer() else max(1, min(6, -math.floor(math.log10(step))))
    return f"{value + 0.0:,.{decimals}f}"
