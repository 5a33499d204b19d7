"""Charts as SVG written here, element by element.

Every mark says its value in a `<title>`, which the page's script shows on hover; text is text; colours are classes
whose values are CSS variables of the page (light, dark, print), with the light ones written beside them for readers
that know no style sheet. Nothing depends on fonts, time or the version of a plotting library: same plan, same bytes.
"""

from fleetopt.report.charts.bars import Bars
from fleetopt.report.charts.columns import Columns, Series
from fleetopt.report.charts.curve import Band, Curve, Spot
from fleetopt.report.charts.figure import Figure, Legend
from fleetopt.report.charts.ranges import Range, Ranges
from fleetopt.report.charts.sitemap import Edge, Node, SiteMap
from fleetopt.report.charts.tiles import Tile, Tiles
from fleetopt.report.charts.waterfall import Step, Waterfall

__all__ = [
    "Band",
    "Bars",
    "Columns",
    "Curve",
    "Edge",
    "Figure",
    "Legend",
    "Node",
    "Range",
    "Ranges",
    "Series",
    "SiteMap",
    "Spot",
    "Step",
    "Tile",
    "Tiles",
    "Waterfall",
]
