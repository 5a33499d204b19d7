"""Terms of vendors and what they come to: lots and least orders, volume discounts, shares of the business."""

from collections import defaultdict

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.text import count, plain, share, table, usd


def vendor_sections(plan: Plan, instance: Instance) -> list[str]:
    """A table for each kind of term that the instance has."""
    parts = (
        ("## Orders in lots or of a least size", _sizes(plan, instance)),
        ("## Volume discounts", _discounts(plan, instance)),
        ("## Vendors' shares", _shares(plan, instance)),
    )
    return [line for heading, lines in parts if lines for line in (heading, "", *lines)]


def _sizes(plan: Plan, instance: Instance) -> list[str]:
    names, orders = Names(instance), defaultdict[tuple[str, str, str], float](float)
    for p in plan.purchases:
        system = instance.system(p.system)
        if p.acquisition == "buy" and (system.lot or system.min_order):
            orders[p.order_period, p.period, p.system] += p.units
    rows = []
    for (ordered, period, id_), units in sorted(orders.items()):
        system = instance.system(id_)
        lots = f"{count(units / system.lot)} of {system.lot}" if system.lot else "–"
        least = count(system.min_order) if system.min_order else "–"
        rows.append([ordered, period, names.system(id_), count(units), lots, least])
    return table(["order by", "delivery", "system", "units, all sites", "lots", "least order"], rows)


def _discounts(plan: Plan, instance: Instance) -> list[str]:
    """Each step's saving, and for every discount that is offered whether anything came of it."""
    names = Names(instance)
    called = {d.id: plain(d.name or d.id) for d in instance.supply.discounts}
    rows = [
        [
            d.period,
            called[d.discount],
            names.system(d.system),
            usd(d.from_usd),
            share(d.share),
            usd(d.spend_usd),
            usd(d.saving_usd),
        ]
        for d in plan.discounts
    ]
    unused = [
        f"- {called[d.id]} of {plain(d.vendor)}: no step is reached; the first begins at {usd(d.steps[0].from_usd)}"
        for d in instance.supply.discounts
        if d.enabled and not any(entry.discount == d.id for entry in plan.discounts)
    ]
    if not rows and not unused:
        return []
    total = usd(sum(d.saving_usd for d in plan.discounts))
    header = ["delivery", "discount", "system", "from", "off", "list cost in the step", "saved"]
    said = f"{total} off list prices, undiscounted in time; list prices above, budgets and duties know nothing of it."
    return [said, "", *table(header, rows), *(unused and [*unused, ""])]


def _shares(plan: Plan, instance: Instance) -> list[str]:
    """What is spent with each vendor, where the planner limits any (B6)."""
    limits = instance.supply.max_vendor_share
    spent: dict[str, float] = defaultdict(float)
    for p in plan.purchases:
        spent[p.vendor] += p.cost_usd
    total = sum(spent.values())
    if not limits or not total:
        return []
    rows = [
        [plain(vendor), usd(amount), share(amount / total), share(limits[vendor]) if vendor in limits else "–"]
        for vendor, amount in sorted(spent.items(), key=lambda item: (-item[1], item[0]))
    ]
    said = "Purchases at list price and rents inside the horizon, undiscounted."
    return [said, "", *table(["vendor", "spent", "share", "at most"], rows)]
