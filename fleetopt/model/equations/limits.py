"""G: carbon within its budget, and the planner's own limits."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.instance.finance import Limit
from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.supply import rented
from fleetopt.model.objective import emissions

T_PER_KT = 1e3


@equation("G1", "period")
def carbon_stays_in_budget(m: Context) -> Rows:
    """Carbon of energy drawn, under a lease too, and of launches stays within the period's budget.

    The row is in kt. What is rented draws its provider's energy, whose carbon is not known here.

    $$\\sum_{e,s,h} carbon_e\\,hours_h\\,draw_{e,s,t,h} + \\sum_{c,s} carbon^{launch}_s\\,mass_c\\,buy_{c,s,t} \\le budget_t$$
    """
    budget = m.instance.finance.carbon_budget_t
    if not budget:
        return
    emitted: dict[int, list[Any]] = defaultdict(list)
    for (_, _, t), tonnes, column in emissions(m):
        if tonnes > 0:
            emitted[t].append(tonnes / T_PER_KT * column)
    for t, terms in sorted(emitted.items()):
        yield (m.sets.periods[t],), lpSum(terms) <= budget[min(t, len(budget) - 1)] / T_PER_KT


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
            counted = lpSum(_fleet(m, limit, t))
            whole = lpSum(_fleet(m, limit, t, whole=True)) if limit.share else 1
            if limit.at_least is not None:
                yield (limit.id, "at_least", period), counted - limit.at_least * whole >= 0
            if limit.at_most is not None:
                yield (limit.id, "at_most", period), counted - limit.at_most * whole <= 0


def _fleet(m: Context, limit: Limit, t: int, whole: bool = False) -> list[Any]:
    """Terms of the units in place that a limit counts, in its measure, or of the whole fleet."""
    found = []
    for c, s in m.sets.live:
        if (c, s, t) not in m.var.installed or not (whole or selects(m, limit, c, s)):
            continue
        system = m.sets.systems[c]
        size = {"units": 1.0, "chips": float(system.chips), "power_kw": system.power_kw}[limit.measure]
        found.append(size * (m.var.installed[c, s, t] + rented(m, c, s, t)))
    return found


def selects(m: Context, limit: Limit, c: str, s: str) -> bool:
    """Whether a limit counts a system at a site."""
    system = m.sets.systems[c]
    return (
        (not limit.systems or c in limit.systems)
        and (not limit.vendors or system.vendor in limit.vendors)
        and (not limit.sites or s in limit.sites)
    )
