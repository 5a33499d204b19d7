"""What the plan takes of the licences it assumes, and of the sellers' shipments that cap them (X1, X2)."""

from collections.abc import Iterator

from fleetopt.instance.schema import Instance
from fleetopt.instance.trade import SellerShipments
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.text import count, plain, table

CAPPED = (
    "Accelerators bought and rented under licence so far / what the seller's and this plan's shipments at home so far "
    "allow (orders placed before the plan apart)"
)


def licence_section(plan: Plan, instance: Instance) -> list[str]:
    """A row for each licence the plan uses, and for each capped product its accelerators by period against the cap."""
    used = {p.licence for p in plan.purchases if p.licence}
    names, rows = Names(instance), []
    for licence in (licence for licence in instance.trade.licences if licence.id in used):
        lines = [p for p in plan.purchases if p.licence == licence.id]
        most = "no cap" if licence.max_units is None else count(licence.max_units)
        systems = ", ".join(sorted({names.system(p.system) for p in lines}))
        rows.append([plain(licence.id), systems, plain(licence.jurisdiction), count(sum(p.units for p in lines)), most])
    if not rows:
        return []
    said = "Deliveries that rest on a licence the instance assumes: without it they cannot be made."
    parts = table(["licence", "systems", "to", "units bought and rented", "at most"], rows)
    capped = [
        [plain(seller.id), *(f"{count(taken)} / {count(cap)}" for taken, cap in _shipments(plan, instance, seller))]
        for seller in instance.trade.seller_shipments
        if seller.enabled
    ]
    if capped:
        parts += [f"{CAPPED}:", ""]
        parts += table(["product", *plan.periods], capped)
    return ["## Licences", "", said, "", *parts]


def _shipments(plan: Plan, instance: Instance, seller: SellerShipments) -> Iterator[tuple[float, float]]:
    """(accelerators under licence, the most allowed) up to each period."""
    since = instance.time.period_index(seller.since) if seller.since else 0
    taken = home = others = 0.0
    for t, period in enumerate(plan.periods):
        if t >= since:
            others += seller.scale * seller.chips_per_period[min(t, len(seller.chips_per_period) - 1)]
            for p in (p for p in plan.purchases if p.period == period and p.system in seller.systems):
                country = instance.country(instance.site(p.site).jurisdiction)
                taken += p.chips if p.licence and country in seller.destinations else 0.0
                home += p.chips if p.acquisition == "buy" and country == seller.home else 0.0
        yield taken, seller.cap_share * (seller.expected_share * others + home)
