"""A chart as a file of its own, for pages that show pictures from files."""

from collections.abc import Sequence

from markupsafe import Markup

from fleetopt.report.charts import svg
from fleetopt.report.charts.columns import WIDE
from fleetopt.report.charts.figure import Figure, Legend

HEAD, MARGIN, LINE = 26.0, 12.0, 18.0
_LETTER = svg.FONT * svg.LETTER


def standalone(figure: Figure) -> str:
    """The wide chart with its title and legend on white paper, so that it reads in light and dark pages alike."""
    inner = str(figure.wide)
    height = float(inner.split(' height="', 1)[1].split('"', 1)[0])
    width = float(inner.split(' width="', 1)[1].split('"', 1)[0])
    lines = _legend(figure.legend)
    top = HEAD + LINE * len(lines)
    moved = inner.replace("<svg ", f'<svg x="{svg.number(MARGIN)}" y="{svg.number(top + MARGIN)}" ', 1)
    whole_width, whole_height = width + 2 * MARGIN, height + top + 2 * MARGIN
    paper = [("width", whole_width), ("height", whole_height), ("fill", svg.PAPER)]
    parts: list[str] = [svg.element("rect", paper), svg.text(MARGIN, MARGIN + 10, figure.title, kind="tb", size=13.0)]
    for n, line in enumerate(lines):
        parts += _entries(line, HEAD + LINE * n + MARGIN + 8)
    drawn = svg.picture(whole_width, whole_height, f"{figure.title}. {figure.said}", [*parts, Markup(moved)])
    return str(drawn).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"


def _legend(legend: Sequence[Legend]) -> list[list[Legend]]:
    """Entries by line, as many as fit."""
    lines: list[list[Legend]] = []
    room = 0.0
    for entry in legend:
        wide = _width(entry)
        if not lines or wide > room:
            lines.append([])
            room = WIDE
        lines[-1].append(entry)
        room -= wide
    return lines


def _width(entry: Legend) -> float:
    return len(entry.name) * _LETTER + 34


def _entries(line: Sequence[Legend], y: float) -> list[Markup]:
    found, x = [], MARGIN
    for entry in line:
        box: list[tuple[str, object]] = [("x", x), ("y", y - 9), ("width", 10.0), ("height", 10.0)]
        found.append(svg.element("rect", [*box, ("fill", svg.PALETTE[entry.slot])]))
        found.append(svg.text(x + 15, y, entry.name, kind="ti"))
        x += _width(entry)
    return found
