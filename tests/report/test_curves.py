"""Curves over a parameter and tiles over two: where marks lie, what they say, and as files of their own."""

import re
import xml.etree.ElementTree as ElementTree

import pytest

from fleetopt.report.charts import Band, Curve, Legend, Spot, Tile, Tiles
from fleetopt.report.charts.scale import span
from fleetopt.report.charts.standalone import standalone


def curve(*spots: Spot, log: bool = False, bands: tuple[Band, ...] = ()) -> Curve:
    """A curve of costs in M$."""
    legend = (Legend("holds", 2), Legend("does not hold", 0))
    return Curve("c", "A <title>", "Said.", "price", "cost, M$", spots, bands, legend, log, lambda usd: usd / 1e6)


def circles(picture: str) -> list[tuple[float, float]]:
    """Centres of points."""
    return [(float(x), float(y)) for x, y in re.findall(r'<circle[^>]* cx="([^"]+)" cy="([^"]+)"', picture)]


def spot(x: float, y: float | None, slot: int = 0) -> Spot:
    """A point that says its x."""
    return Spot(x, y, slot, f"{x:g}", f"value {y}")


def test_points_lie_where_their_values_are() -> None:
    """1, 2 and 3 at 1, 2 and 3 M$ lie on a straight line that rises."""
    (x1, y1), (x2, y2), (x3, y3) = circles(curve(spot(1, 1e6), spot(2, 2e6), spot(3, 3e6)).figure().wide)
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2) and y1 - y2 == pytest.approx(y2 - y3, abs=0.2) and y1 > y2


def test_a_log_line_spaces_ratios_evenly() -> None:
    """1, 10 and 100 are equally far apart."""
    (x1, _), (x2, _), (x3, _) = circles(curve(spot(1, 1e6), spot(10, 1e6), spot(100, 1e6), log=True).figure().wide)
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)


def test_a_point_without_a_value_lies_at_the_foot() -> None:
    """No plan is a square at the axis, and no line leads to it."""
    figure = curve(spot(1, 1e6), spot(2, None, 3), spot(3, 2e6)).figure()
    assert len(circles(figure.wide)) == 2 and figure.wide.count('<rect class="m s3"') == 1
    assert figure.rows[1] == ("2", "value None")


def test_the_flip_is_lit_and_named_first() -> None:
    """The band lies between its ends, and their names are written where all do not fit."""
    spots = [spot(n / 100, 1e6) for n in range(100, 200)]
    figure = curve(*spots, bands=(Band(1.5, 1.51, "flips: 1.5 to 1.51"),)).figure()
    assert "<title>flips: 1.5 to 1.51</title>" in figure.wide
    assert ">1.5</text>" in figure.wide and ">1</text>" in figure.wide and ">1.99</text>" in figure.wide
    assert figure.wide.count("</text>") < 40


@pytest.mark.parametrize("least, most", [(792.1, 793.4), (5.0, 5.0), (0.0, 0.0), (-3.0, 2.0)])
def test_an_axis_need_not_hold_nought(least: float, most: float) -> None:
    """It goes from a round value below to one above, also where all values are one."""
    found = span(least, most, 100.0, 0.0, 4)
    assert found.low <= least <= most <= found.high and found.low < found.high
    assert len(found.ticks) >= 2


def tiles() -> Tiles:
    """Two rows of three."""
    row = (Tile(2, "$1 M", "holds, $1 M"), Tile(0, "$2 M", "does not hold"), Tile(3, "no plan", "no plan"))
    legend = (Legend("holds", 2),)
    return Tiles("t", "Plane", "Said.", "x", "y", ("1", "2", "3"), (("a", row), ("b", row)), legend)


def test_tiles_stand_in_rows_and_columns() -> None:
    """Six tiles of one size, each saying its place and what is true there."""
    figure = tiles().figure()
    found = re.findall(r'<rect class="m s\d" x="([^"]+)" y="([^"]+)" width="([^"]+)"', figure.wide)
    assert len(found) == 12 and len({width for _, _, width in found}) == 2
    assert len({x for x, _, _ in found}) == 3 and len({y for _, y, _ in found}) == 2
    assert "<title>x 2, y b: does not hold</title>" in figure.wide
    assert figure.rows[0] == ("a", "holds, $1 M", "does not hold", "no plan")


def test_a_chart_as_a_file_of_its_own() -> None:
    """Well-formed SVG on white paper, with title and legend, nothing of the outside, the same bytes each time."""
    figure = curve(spot(1, 1e6), spot(2, 2e6)).figure()
    text = standalone(figure)
    assert text == standalone(curve(spot(1, 1e6), spot(2, 2e6)).figure())
    tree = ElementTree.fromstring(text)
    assert tree.tag == "{http://www.w3.org/2000/svg}svg"
    words = [element.text for element in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "A <title>" in words and "does not hold" in words
    assert "href" not in text and "<style" not in text
    height = float(tree.attrib["height"])
    assert height > 300 and tree.attrib["viewBox"].endswith(f" {height:g}")


def test_a_long_legend_takes_several_lines() -> None:
    """Ten long names do not fit on one line, and the picture grows by theirs."""
    legend = tuple(Legend(f"a rather long name of a system {n}", n % 7) for n in range(10))
    short = tiles().figure()
    long = Tiles("t", "Plane", "Said.", "x", "y", ("1",), (("a", (Tile(2, "", ""),)),), legend).figure()
    one, many = (ElementTree.fromstring(standalone(figure)) for figure in (short, long))
    assert float(many.attrib["height"]) > float(one.attrib["height"])
    assert len(list(many.iter("{http://www.w3.org/2000/svg}text"))) >= 11
