"""B: orders come in lots, and no smaller than the vendor takes."""

from typing import Any

from pulp import lpSum

from fleetopt.model.context import Context
from fleetopt.model.deliveries import least_order, most_units, order_sites
from fleetopt.model.equation import Rows, equation


@equation("B3", "system, period")
def orders_come_in_lots(m: Context) -> Rows:
    """What is delivered of a system in a period, over all sites together, is a whole number of lots.

    $$\\sum_s buy_{c,s,t} = lot_c\\,lots_{c,t}$$
    """
    for (c, t), lots in m.var.lots.items():
        yield (c, m.sets.periods[t]), delivered(m, c, t) - (m.sets.systems[c].lot or 1) * lots == 0


@equation("B3.least", "system, period")
def orders_are_large_enough(m: Context) -> Rows:
    """An order, if there is any, is no smaller than the vendor's least.

    $$least_c\\,order_{c,t} \\le \\sum_s buy_{c,s,t}$$
    """
    for (c, t), order in m.var.order.items():
        yield (c, m.sets.periods[t]), least_order(m.sets.systems[c]) * order - delivered(m, c, t) <= 0


@equation("B3.most", "system, period")
def nothing_comes_without_an_order(m: Context) -> Rows:
    """Units come only with an order: the bound is what supply, power, space, launches and licences can let in.

    $$\\sum_s buy_{c,s,t} \\le most_{c,t}\\,order_{c,t}$$
    """
    for (c, t), order in m.var.order.items():
        yield (c, m.sets.periods[t]), delivered(m, c, t) - most_units(m.instance, m.sets, c, t) * order <= 0


def delivered(m: Context, c: str, t: int) -> Any:
    """Units of a system delivered in a period, over all sites."""
    return lpSum(m.var.buy[c, s, t] for s in order_sites(m.sets, c, t))
