"""X: licences cap what may be delivered (who may have what is a screen, duties are a price)."""

from pulp import lpSum

from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation


@equation("X1", "licence")
def licences_cap_deliveries(m: Context) -> Rows:
    """Units delivered or first rented under a licence stay within its cap over the horizon.

    $$\\sum_{(c,s,t) \\in licence} (buy_{c,s,t} + rent_{c,s,t}) \\le cap$$
    """
    for licence in m.instance.trade.licences:
        if licence.max_units is None or not licence.enabled:
            continue
        starts = (*m.var.buy.items(), *m.var.contracts().items())
        under = [x for (c, s, *_, t), x in starts if m.sets.offers[c, s].licence.get(t) == licence.id]
        if under:
            yield (licence.id,), lpSum(under) <= licence.max_units
