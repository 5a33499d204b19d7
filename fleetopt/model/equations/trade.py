"""X: licences cap what may be delivered (who may have what is a screen, duties are a price)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.instance.trade import SellerShipments
from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.policy.export import verdict_at


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


@equation("X2", "product, period")
def licensed_deliveries_follow_home_shipments(m: Context) -> Rows:
    """Licensed deliveries so far stay within a share of the seller's home shipments so far that count for this buyer.

    Accelerators are counted. Rented units count where they enter under a licence, each contract once, but not at home: they
    are shipments to another customer. Orders already placed count in the period in which they arrive.

    $$\\sum_{\\tau \\le t} licensed_\\tau \\le cap\\,\\Big(expected \\sum_{\\tau \\le t} shipments_\\tau + \\sum_{\\tau \\le t} home_\\tau\\Big)$$
    """
    for seller in m.instance.trade.seller_shipments:
        if not seller.enabled:
            continue
        first = max(0, m.instance.time.period_index(seller.since)) if seller.since else 0
        licensed, home = _licensed(m, seller), _at_home(m, seller)
        for t in range(first, len(m.sets.periods)):
            span = range(first, t + 1)
            counted = [term for b in span for term in licensed[b]]
            own = [seller.cap_share * term for b in span for term in home[b]]
            others = sum(seller.chips_per_period[min(b, len(seller.chips_per_period) - 1)] for b in span) * seller.scale
            if counted:
                allowed = seller.cap_share * seller.expected_share * others
                yield (seller.id, m.sets.periods[t]), lpSum(counted) - lpSum(own) <= allowed


def _country(m: Context, site: str) -> str:
    return m.instance.country(m.sets.sites[site].jurisdiction)


def _arriving(m: Context, seller: SellerShipments) -> list[tuple[str, str, int, float]]:
    """(system, site, period of arrival, accelerators) of orders already placed that arrive within the horizon."""
    return [
        (c, s, cohort.entered, float(cohort.units * m.sets.systems[c].chips))
        for (c, s), cohorts in m.sets.cohorts.items()
        for cohort in cohorts
        if c in seller.systems and cohort.entered >= 0
    ]


def _licensed(m: Context, seller: SellerShipments) -> dict[int, list[Any]]:
    """Accelerators that enter one of the destinations under a licence, by period."""
    found: dict[int, list[Any]] = defaultdict(list)
    for (c, s, t), column in (*m.var.buy.items(), *m.var.rent.items()):
        if c in seller.systems and _country(m, s) in seller.destinations and m.sets.offers[c, s].licence.get(t):
            found[t].append(m.sets.systems[c].chips * column)
    for c, s, t, chips in _arriving(m, seller):
        country = _country(m, s)
        said = verdict_at(m.instance, m.sets.systems[c], m.sets.sites[s], t)
        if country in seller.destinations and said.allowed == "licence":
            found[t].append(chips)
    return found


def _at_home(m: Context, seller: SellerShipments) -> dict[int, list[Any]]:
    """Accelerators delivered to this buyer at home, by period."""
    found: dict[int, list[Any]] = defaultdict(list)
    for (c, s, t), column in m.var.buy.items():
        if c in seller.systems and _country(m, s) == seller.home:
            found[t].append(m.sets.systems[c].chips * column)
    for _, s, t, chips in _arriving(m, seller):
        if _country(m, s) == seller.home:
            found[t].append(chips)
    return found
