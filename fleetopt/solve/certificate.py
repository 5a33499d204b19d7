"""How the bound of a wide problem was got, as manifest.json says it (docs/certificate.md)."""

from typing import Any

from fleetopt.solve.pricing import Priced
from fleetopt.solve.wide import Wide


def certificate_of(wide: Wide, found: Priced) -> dict[str, Any]:
    """How the bound was got."""
    bound = found.bound
    return {
        "columns": wide.potential,
        "columns_in_lp": len(found.columns),
        "duals_from": found.way,
        "rounds": found.rounds,
        "rounds_ended": found.done,
        "lp_musd": found.value,
        "sides_musd": None if bound is None else bound.sides,
        "correction_musd": None if bound is None else bound.correction + bound.structural_correction,
        "dual_bound_musd": None if bound is None else bound.value,
        "least_reduced_cost_musd": None if bound is None else bound.least,
    }
