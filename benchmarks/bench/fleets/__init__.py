"""A deterministic generator of fleets of any size: `fleet(SIZES["large"])`, or `generate.py` beside this package."""

from fleets.count import Count, count
from fleets.fleet import fleet, fleet_text, name_of
from fleets.shape import SIZES, Shape
from fleets.tight import TIGHT

__all__ = ["SIZES", "TIGHT", "Count", "Shape", "count", "fleet", "fleet_text", "name_of"]
