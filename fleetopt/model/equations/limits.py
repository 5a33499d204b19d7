"""G: carbon within its budget, and the planner's own limits."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.instance.finance import Limit
from fleetopt.model.context import Context
from fleetopt.model.decided import ORDERED, column_of, named, ordered_in
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
    """What is installed, bought or rented keeps to the planner's least, most and exact counts or shares.

    $$least_t \\le \\sum_{(c,s) \\in limit} measure_c\\,count_{c,s,t} \\le most_t \\quad (\\times \\text{the count over all, for shares})$$
    """
    for limit in m.instance.policy.limits:
        if limit.enabled:
            inside = [t for t, period in enumerate(m.sets.periods) if not limit.periods or period in limit.periods]
            if limit.together:
                yield from _bounds(m, limit, inside, "together")
            else:
                for t in inside:
                    yield from _bounds(m, limit, [t], m.sets.periods[t])


def _bounds(m: Context, limit: Limit, periods: list[int], said: str) -> Rows:
    """The rows of a limit over some periods added up."""
    counted = lpSum(term for t in periods for term in _counted(m, limit, t))
    whole = lpSum(term for t in periods for term in _counted(m, limit, t, whole=True)) if limit.share else 1
    if limit.at_least is not None:
        yield (limit.id, "at_least", said), counted - limit.at_least * whole >= 0
    if limit.at_most is not None:
        yield (limit.id, "at_most", said), counted - limit.at_most * whole <= 0
    if limit.exactly is not None:
        yield (limit.id, "exactly", said), counted - limit.exactly * whole == 0


def _counted(m: Context, limit: Limit, t: int, whole: bool = False) -> list[Any]:
    """Terms of the units that a limit counts in a period, in its measure, or of all units."""
    found = []
    for c, s in m.sets.live:
        if whole or selects(m, limit, c, s):
            system = m.sets.systems[c]
            size = {"units": 1.0, "chips": float(system.chips), "power_kw": system.power_kw}[limit.measure]
            found += [size * units for units in _units(m, limit.of, c, s, t)]
    return found


def _units(m: Context, of: str, c: str, s: str, t: int) -> list[Any]:
    """Columns of the units of a system at a site that are in place, rented, delivered or ordered in a period."""
    if of in ("bought", "ordered"):
        delivered = t + m.sets.offers[c, s].lead_periods if of == "ordered" else t
        return [m.var.buy[c, s, delivered]] if (c, s, delivered) in m.var.buy else []
    if (c, s, t) not in m.var.installed:
        return []
    owned, hired = m.var.installed[c, s, t], rented(m, c, s, t)
    return [{"installed": owned + hired, "owned": owned, "rented": hired}[of]]


def selects(m: Context, limit: Limit, c: str, s: str) -> bool:
    """Whether a limit counts a system at a site."""
    system = m.sets.systems[c]
    return (
        (not limit.systems or c in limit.systems)
        and (not limit.vendors or system.vendor in limit.vendors)
        and (not limit.sites or s in limit.sites)
    )


@equation("G2.frozen", "kind, item, site, period")
def frozen_orders_stand(m: Context) -> Rows:
    """Up to the last frozen period exactly what the planner has decided is ordered, and nothing else.

    Rows stand at the period of delivery; leases, rented memory and retirements are not frozen.

    $$order_{i,s,t} = decided_{i,s,t} \\quad \\forall\\, t - lead_i \\le frozen \\qquad (sites:\\; open_{s,t} - open_{s,t-1} = decided_{s,t})$$
    """
    policy = m.instance.policy
    if policy.frozen_until is None:
        return
    last = m.instance.time.period_index(policy.frozen_until)
    decided = {column_of(m.instance, d): d.units for d in policy.purchases}
    for family in ORDERED:
        for key, column in m.var.families()[family].items():
            if ordered_in(m, family, key) > last:
                continue
            before = m.var.open.get((key[0], key[-1] - 1)) if family == "open" else None
            new = column if before is None else column - before
            yield named(m.instance, family, key), new - decided.get((family, key), 0.0) == 0
