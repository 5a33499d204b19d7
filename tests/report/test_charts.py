"""Charts: marks lie where their values say, labels fit, text is escaped, same input gives the same picture."""

import re

import pytest

from fleetopt.report.charts import Bars, Columns, Edge, Node, Range, Ranges, Series, SiteMap, Step, Waterfall
from fleetopt.report.charts.scale import scale, tick
from fleetopt.report.charts.svg import fitted


def heights(picture: str) -> list[float]:
    """Heights of the bars."""
    return [float(h) for h in re.findall(r'<rect class="m s\d"[^>]* height="([^"]+)"', picture)]


def test_ticks_are_round_and_hold_every_value() -> None:
    """0 to 83 with about four ticks: steps of 25, up to 100."""
    found = scale(0.0, 83.0, 200.0, 0.0, 4)
    assert found.ticks == (0.0, 25.0, 50.0, 75.0, 100.0) and found(0.0) == 200.0 and found(100.0) == 0.0


def test_an_axis_of_nothing_still_has_a_length() -> None:
    """All values nought: an axis to 1."""
    assert scale(0.0, 0.0, 0.0, 10.0).high == 1.0


@pytest.mark.parametrize(
    ("value", "step", "said"), [(7500, 2500, "7.5k"), (20000, 10000, "20k"), (0.5, 0.25, "0.5"), (-0.0, 5, "0")]
)
def test_tick_labels_are_short(value: float, step: float, said: str) -> None:
    """Thousands as k, decimals only as the step needs, no minus nought."""
    found = tick(value, step)
    assert found == said or float(found) == float(said.rstrip("k"))


def columns(*series: Series, limit: Series | None = None) -> Columns:
    return Columns("c", "Title", "Said.", "MW", (("2027", "Q1"), ("2027", "Q2")), series, limit)


def test_columns_are_as_high_as_their_values() -> None:
    """Two columns of 10 and 20 on one axis: the second is twice as high, and both say their value."""
    figure = columns(Series("a", (10.0, 20.0), 0)).figure()
    one, two = heights(figure.wide)
    assert two == pytest.approx(2 * one, abs=0.2)
    assert "<title>2027 Q1, a: 10</title>" in figure.wide and figure.rows[1] == ("2027 Q2", "20")


def test_negative_values_hang_below_the_axis() -> None:
    """10 up and 5 down: the lower one begins where the upper one ends, at nought."""
    figure = columns(Series("a", (10.0, 0.0), 0), Series("b", (-5.0, 0.0), 1)).figure()
    found = re.findall(r'<rect class="m s\d"[^>]* y="([^"]+)"[^>]* height="([^"]+)"', figure.wide)
    (y1, h1), (y2, h2) = ((float(y), float(h)) for y, h in found)
    assert y1 + h1 == pytest.approx(y2, abs=0.2) and h1 == pytest.approx(2 * h2, abs=0.2)


def test_a_limit_is_a_line_with_values() -> None:
    """The limit is in the legend as a line, and can be pointed at."""
    figure = columns(Series("a", (1.0, 2.0), 0), limit=Series("firm", (3.0, 4.0), 0)).figure()
    assert [entry.shape for entry in figure.legend] == ["box", "line"]
    assert "<title>2027 Q2, firm: 4</title>" in figure.wide


def test_text_in_a_chart_is_escaped() -> None:
    """A series named like markup stays text."""
    figure = columns(Series("<script>x</script>", (1.0, 2.0), 0)).figure()
    assert "<script" not in figure.wide and "&lt;script&gt;" in figure.wide


def test_waterfall_steps_join() -> None:
    """10, then -4, to 6: each step starts where the one before it ends, the total at nought."""
    picture = Waterfall("w", "T", "S.", (Step("a", 10.0), Step("b", -4.0)), Step("t", 6.0), str).figure().wide
    bars = [
        (float(x), float(w)) for x, w in re.findall(r'<rect class="m s\d" x="([^"]+)"[^>]* width="([^"]+)"', picture)
    ]
    (x1, w1), (x2, w2), (x3, w3) = bars
    assert x2 + w2 == pytest.approx(x1 + w1, abs=0.2) and x3 == x1 and w3 == pytest.approx(x2 - x1, abs=0.2)


def test_ranges_beyond_the_axis_end_in_an_arrow() -> None:
    """A band to five times the target is cut, and still says its figures."""
    figure = Ranges("r", "T", "S.", (Range("x", 0.5, 1.2, 5.0, "missed", "1.2 s / 1 s"),)).figure()
    assert figure.wide.count("<title>x: 1.2 s / 1 s</title>") == 3


def test_states_differ_in_shape_as_well_as_colour() -> None:
    """Who sees no colours tells a disc from a diamond."""
    rows = (Range("x", 0.5, 0.6, 0.7, "met", "-"), Range("y", 0.5, 0.9, 1.1, "not at p90", "-"))
    shapes = re.findall(r'<path class="m s\d" d="([^"]+)"', Ranges("r", "T", "S.", rows).figure().wide)
    assert "a5 5" in shapes[0] and "l6.5 6.5" in shapes[1]


def test_bars_share_one_axis() -> None:
    """Totals of 10 and 5: the second bar is half as long."""
    picture = Bars("b", "T", "S.", ("one", "two"), (Series("a", (10.0, 5.0), 0),), (10.0, 5.0), str).figure().wide
    one, two = (float(w) for w in re.findall(r'<rect class="m s0"[^>]* width="([^"]+)"', picture))
    assert one == pytest.approx(2 * two, abs=0.2)


def test_the_site_map_is_the_same_every_time_and_draws_what_is_apart() -> None:
    """Two parts that no link joins, and a site alone; every node inside the picture."""
    nodes = tuple(Node(n, n, 0, 0.5, "", "") for n in "abcde")
    edges = (Edge("a", "b", 10.0, 1.0, "-"), Edge("b", "c", 100.0, 0.0, "-"))
    one, two = (SiteMap("m", "T", "S.", nodes, edges).figure() for _ in range(2))
    assert one.wide == two.wide and one.narrow == two.narrow
    assert all(-1 < float(x) < 860 for x in re.findall(r'<rect class="m s0" x="([^"]+)"', one.wide))


def test_long_names_are_cut_to_fit() -> None:
    """An ellipsis says so."""
    assert fitted("short", 200) == "short" and fitted("x" * 100, 100).endswith("…")
