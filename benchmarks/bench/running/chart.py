"""Time against size as a picture: both axes in powers of ten, a line for each method."""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from fleetopt.report.charts import svg

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720.0, 400.0, 64.0, 190.0, 34.0, 52.0
Points = Sequence[tuple[float, float, bool]]
"""Size, value, and whether the aim was reached there."""


def against_size(title: str, across: str, up: str, lines: Mapping[str, Points]) -> Markup:
    """A picture of lines; runs that ended before their aim have hollow marks."""
    known = [point for points in lines.values() for point in points]
    xs, ys = ([p[n] for p in known] for n in (0, 1))
    x, y = _powers(xs, LEFT, WIDTH - RIGHT), _powers(ys, HEIGHT - BOTTOM, TOP)
    parts = [svg.text(LEFT, 18, title, kind="tb")]
    for low, scale, vertical in ((x[0], x[2], True), (y[0], y[2], False)):
        top = x[1] if vertical else y[1]
        for power in range(low, top + 1):
            at = scale(10.0**power)
            name = f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
            if vertical:
                parts += [svg.line(at, TOP, at, HEIGHT - BOTTOM), svg.text(at, HEIGHT - BOTTOM + 16, name, "middle")]
            else:
                parts += [svg.line(LEFT, at, WIDTH - RIGHT, at), svg.text(LEFT - 6, at + 4, name, "end")]
    parts += [svg.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, across, "middle"), svg.text(6, TOP - 6, up)]
    for slot, (name, points) in enumerate(lines.items()):
        parts += _line(name, [(x[2](p[0]), y[2](p[1]), p) for p in sorted(points)], slot % svg.REST)
        at = TOP + 14 + 20 * slot
        parts.append(svg.bar(WIDTH - RIGHT + 14, at - 9, 10, 10, slot % svg.REST, name))
        parts.append(svg.text(WIDTH - RIGHT + 30, at, name, kind="ti"))
    parts.append(svg.text(WIDTH - RIGHT + 14, TOP + 18 + 20 * len(lines), "hollow: limit reached first", size=10.0))
    picture = svg.picture(WIDTH, HEIGHT, title, parts)
    return Markup(str(picture).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def _line(name: str, points: list[tuple[float, float, tuple[float, float, bool]]], slot: int) -> list[Markup]:
    colour = svg.PALETTE[slot]
    path = " ".join(f"{svg.number(x)},{svg.number(y)}" for x, y, _ in points)
    found = [svg.element("polyline", [("points", path), ("fill", "none"), ("stroke", colour), ("stroke-width", 2.0)])]
    for x, y, (size, value, reached) in points:
        said = svg.element("title", [], f"{name}: {value:,.1f} at {size:,.0f}{'' if reached else ', limit reached'}")
        fill = colour if reached else svg.PAPER
        circle = [("cx", x), ("cy", y), ("r", 4.0), ("fill", fill), ("stroke", colour), ("stroke-width", 2.0)]
        found.append(svg.element("circle", circle, said))
    return found


def _powers(values: Sequence[float], start: float, end: float) -> tuple[int, int, "_Log"]:
    low = math.floor(math.log10(max(min(values), 1e-3)) + 1e-9)
    high = max(low + 1, math.ceil(math.log10(max(*values, 1e-3)) - 1e-9))
    return low, high, _Log(low, high, start, end)


class _Log:
    """An axis in powers of ten."""

    def __init__(self, low: int, high: int, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        share = (math.log10(max(value, 1e-3)) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)
