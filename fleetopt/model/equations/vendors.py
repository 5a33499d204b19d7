"""B: no vendor has more of the business than the planner wants to depend on it for."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.model.context import USD_PER_MUSD, Context
from fleetopt.model.equation import Rows, equation


@equation("B6", "vendor")
def vendors_keep_to_their_share(m: Context) -> Rows:
    """A vendor has at most its share of all that is spent on systems over the horizon, bought or rented.

    Purchases count at list price with network, before any discount, rents for their periods inside the horizon, both
    undiscounted in time. Over the horizon and not by period, for orders are lumpy: one alone is the whole of its period.

    $$\\sum_{c \\in v} spent_c \\le share_v \\sum_c spent_c, \\quad spent_c = \\sum_{s,t} \\Big(price_{c,t}\\,buy_{c,s,t} + \\sum_a paid_{c,a,t}\\,contract_{c,s,a,t}\\Big)$$
    """
    shares = m.instance.supply.max_vendor_share
    spent = _spent(m) if shares else {}
    for vendor, share in shares.items():
        if spent.get(vendor):
            every = [term for terms in spent.values() for term in terms]
            yield (vendor,), lpSum(spent[vendor]) - share * lpSum(every) <= 0


def _spent(m: Context) -> dict[str, list[Any]]:
    """Terms of what is spent on systems, in M$, by vendor."""
    spent: dict[str, list[Any]] = defaultdict(list)
    for (c, _, t), column in m.var.buy.items():
        spent[m.sets.systems[c].vendor].append(m.prices.unit_price(m.sets.systems[c], t) / USD_PER_MUSD * column)
    for (c, _, a, t), column in m.var.contracts().items():
        system = m.sets.systems[c]
        paid = min(m.prices.rent_terms(system, a), len(m.sets.periods) - t)
        spent[system.vendor].append(m.prices.rent_period(system, a) * paid / USD_PER_MUSD * column)
    return spent
