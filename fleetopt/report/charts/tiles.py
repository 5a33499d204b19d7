"""A plane of two parameters: a tile for each pair of values, in the colour of what is true there."""

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup, escape

from fleetopt.report.charts import svg
from fleetopt.report.charts.columns import NARROW, WIDE
from fleetopt.report.charts.figure import Figure, Legend

ROW, TOP, BOTTOM = 30.0, 24.0, 26.0


@dataclass(frozen=True, slots=True)
class Tile:
    """One pair of values."""

    slot: int
    words: str
    """Written on it."""
    said: str


@dataclass(frozen=True, slots=True)
class Tiles:
    """Rows of tiles, from top to bottom."""

    id: str
    title: str
    said: str
    x_name: str
    y_name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Tile, ...]], ...]
    """Name and tiles."""
    legend: tuple[Legend, ...]

    def figure(self) -> Figure:
        """The chart, drawn."""
        rows = tuple((name, *(tile.said for tile in tiles)) for name, tiles in self.rows)
        header = (f"{self.y_name} / {self.x_name}", *self.columns)
        return Figure(self.id, self.title, self.said, self._draw(WIDE), self._draw(NARROW), self.legend, header, rows)

    def _draw(self, width: float) -> Markup:
        longest = max((len(name) for name, _ in self.rows), default=0)
        left = min(width / 3, longest * svg.FONT * svg.LETTER + 14)
        each = (width - left) / max(1, len(self.columns))
        height = TOP + ROW * len(self.rows) + BOTTOM
        parts = [*self._tiles(left, each), *self._names(left, each, width, height)]
        return svg.picture(width, height, f"{self.title}. {self.said}", parts)

    def _tiles(self, left: float, each: float) -> Iterator[Markup]:
        for j, (name, tiles) in enumerate(self.rows):
            top = TOP + ROW * j
            yield svg.text(0.0, top + 19, svg.fitted(name, left - 8), kind="ti")
            for i, tile in enumerate(tiles):
                said = f"{self.x_name} {self.columns[i]}, {self.y_name} {name}: {tile.said}"
                yield svg.bar(left + each * i + 1, top + 1, each - 2, ROW - 2, tile.slot, said)
                if len(tile.words) * svg.FONT * svg.LETTER <= each - 6:
                    spot: list[tuple[str, object]] = [("x", left + each * (i + 0.5)), ("y", top + 19)]
                    style = [("text-anchor", "middle"), ("fill", svg.PAPER)]
                    yield svg.element("text", [*spot, *style], escape(tile.words))

    def _names(self, left: float, each: float, width: float, height: float) -> Iterator[Markup]:
        yield svg.text(0.0, 14.0, svg.fitted(self.y_name, width / 2))
        longest = max((len(name) for name in self.columns), default=0) * svg.FONT * svg.LETTER + 6
        every = max(1, -int(-longest // each))
        for i, name in enumerate(self.columns):
            if i % every == 0:
                yield svg.text(left + each * (i + 0.5), height - BOTTOM + 14, name, "middle")
        yield svg.text(width, 14.0, svg.fitted(self.x_name, width / 2), "end")
