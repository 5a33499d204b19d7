"""G: the planner's own limits."""

from typing import Any

from pulp import lpSum

from fleetopt.instance.finance import Limit
from fleetopt.model.context import KW_PER_MW, Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.supply import rented


@equation("G2", "limit, bound, period")
def limits_hold(m: Context) -> Rows:
    """The installed fleet keeps to the planner's least and most counts or shares.

    $$least_t \\le \\sum_{(c,s) \\in limit} measure_c\\,(installed_{c,s,t} + rented_{c,s,t}) \\le most_t \\quad (\\times \\text{the whole fleet, for shares})$$
    """
    for limit in m.instance.policy.limits:
        if not limit.enabled:
            continue
        for t, period in enumerate(m.sets.periods):
            if limit.periods and period not in limit.periods:
                continue
            counted = lpSum(_fleet(m, limit, t, limit))
            whole = lpSum(_fleet(m, limit, t, None)) if limit.share else 1
            if limit.at_least is not None:
                yield (limit.id, "at_least", period), counted - limit.at_least * whole >= 0
            if limit.at_most is not None:
                yield (limit.id, "at_most", period), counted - limit.at_most * whole <= 0


def _fleet(m: Context, measure: Limit, t: int, only: Limit | None) -> list[Any]:
    found = []
    for c, s in m.sets.live:
        if (c, s, t) not in m.var.installed or (only is not None and not selects(m, only, c, s)):
            continue
        system = m.instance.system(c)
        size = {"units": 1.0, "chips": float(system.chips), "power_kw": system.power_kw}[measure.measure]
        scale = KW_PER_MW if measure.measure == "power_kw" and measure.share else 1.0
        found.append(size / scale * (m.var.installed[c, s, t] + rented(m, c, s, t)))
    return found


def selects(m: Context, limit: Limit, c: str, s: str) -> bool:
    """Whether a limit counts a system at a site."""
    system = m.instance.system(c)
    return (
        (not limit.systems or c in limit.systems)
        and (not limit.vendors or system.vendor in limit.vendors)
        and (not limit.sites or s in limit.sites)
    )
