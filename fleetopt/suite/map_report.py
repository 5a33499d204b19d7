"""A map for people: the picture, the table, the page, and the data."""

from dataclasses import asdict
from pathlib import Path

from fleetopt.pipeline.folder import to_json, write_into
from fleetopt.report.charts import Figure, Legend, Tile, Tiles
from fleetopt.report.charts.standalone import standalone
from fleetopt.report.page.answer import answer_page
from fleetopt.report.page.cells import brief
from fleetopt.report.page.section import Section
from fleetopt.report.page.view import View, listed
from fleetopt.report.rows import Column
from fleetopt.report.text import plain, table
from fleetopt.suite.flip import Point
from fleetopt.suite.flip_report import SLOTS, WORDS
from fleetopt.suite.map import MapFound, Row

MARKS = {"holds": "**yes**", "does not hold": "no", "infeasible": "no plan", "unknown": "?"}


def write_map(folder: Path, found: MapFound) -> None:
    """map.md, map.json, map.html and map.svg."""
    files = {
        "map.md": map_markdown(found),
        "map.json": to_json(asdict(found)),
        "map.html": map_page(found),
        "map.svg": standalone(map_figure(found)),
    }
    write_into(folder, files)


def map_figure(found: MapFound) -> Figure:
    """A tile for each pair of values."""
    cells = [cell for row in found.rows for cell in row.cells]
    rows = tuple((row.y, tuple(_tile(cell) for cell in row.cells)) for row in found.rows)
    states = dict.fromkeys(cell.state for cell in cells)
    words = {"holds": found.fact, "does not hold": f"not: {found.fact}"}
    legend = tuple(Legend(words.get(state, WORDS[state]), SLOTS[state]) for state in states)
    said = summary(found)
    names = (f"map-{found.name or 'plane'}", _title(found), said, found.x, found.y)
    return Tiles(*names, found.columns, rows, legend).figure()


def _tile(cell: Point) -> Tile:
    cost = "no plan" if cell.cost_usd is None else brief(cell.cost_usd)
    return Tile(SLOTS[cell.state], cost, f"{WORDS[cell.state]}, {cost} ({cell.because})")


def summary(found: MapFound) -> str:
    """How much of the plane it holds in, in a sentence."""
    cells = [cell for row in found.rows for cell in row.cells]
    holds = sum(cell.state == "holds" for cell in cells)
    return f"The plan {found.fact} at {holds} of {len(cells)} pairs of values."


def map_table(found: MapFound) -> list[str]:
    """The plane as a Markdown table, with where each row flips."""
    flips = any(row.boundary for row in found.rows)
    header = [f"{plain(found.y)} ↓ {plain(found.x)} →", *map(plain, found.columns), *(["flips"] if flips else [])]
    rows = []
    for row in found.rows:
        cells = [f"{MARKS[c.state]} {'' if c.cost_usd is None else brief(c.cost_usd)}".strip() for c in row.cells]
        rows.append([plain(row.y), *cells, *([plain(_boundary(row))] if flips else [])])
    return table(header, rows)


def _boundary(row: Row) -> str:
    return "; ".join(f"{one.shown} to {two.shown}" for one, two in row.boundary) or "–"


def _title(found: MapFound) -> str:
    return found.title or f"Where the plan {found.fact}"


def map_markdown(found: MapFound) -> str:
    """The whole answer as text."""
    lines = [f"# {plain(_title(found))}", "", f"{plain(summary(found))} {found.solves} runs.", ""]
    lines += [f"![{plain(_title(found))}](map.svg)", "", *map_table(found)]
    return "\n".join(lines).rstrip() + "\n"


def map_page(found: MapFound) -> str:
    """The answer as a page."""
    columns = (
        Column(found.y, id="y"),
        Column(found.x, id="x"),
        Column("Stands", id="state"),
        Column("Because", id="because"),
        Column("Cost", "money", id="cost_usd"),
        Column("Run", id="run"),
    )
    rows = [
        (row.y, cell.shown, WORDS[cell.state], cell.because, cell.cost_usd, cell.run)
        for row in found.rows
        for cell in row.cells
    ]
    flips = tuple(f"{found.y} {row.y}: flips at {_boundary(row)}" for row in found.rows if row.boundary)
    tiles = listed("cells", "Pairs of values", "", columns, rows)
    section = Section("plane", "Where it holds", "", (map_figure(found),), points=flips, views=(View(tiles),))
    return answer_page(_title(found), f"{found.solves} runs", summary(found), [section])
