"""What to order, rent, build, open and let go, in order of the date by which to order."""

from collections.abc import Iterator

from fleetopt.instance.schema import Instance
from fleetopt.network.graph import admissible_sites
from fleetopt.plan import MemoryPurchase, Plan, PowerBuild, Purchase, SiteOpening
from fleetopt.report.fleet import LEASE, leased_kw
from fleetopt.report.names import Names
from fleetopt.report.rows.dates import order_by
from fleetopt.report.text import count, memory, plain, power, table, usd, whole_usd

Cells = dict[tuple[tuple[str, ...], str], str]
"""Text by what a row is of, and period."""


def order_sections(plan: Plan, instance: Instance) -> list[str]:
    """Purchases, rents, memory, power, sites, retirements; a heading only for what there is."""
    names = Names(instance)
    parts = (
        ("## Purchases", _purchases(plan, names)),
        ("## Rented systems", _rents(plan, names)),
        ("## Memory apart from systems", _memory(plan, names)),
        ("## Power built and leased", _power(plan, names)),
        ("## Sites opened", _sites(plan, instance, names)),
        ("## Retired early", _retired(plan, names)),
    )
    return [line for heading, lines in parts if lines for line in (heading, "", *lines)]


def _purchases(plan: Plan, names: Names) -> list[str]:
    header = ["order by", "delivery", "site", "system", "vendor", "units", "chips", "unit price", "duty", "list cost"]
    rows = [
        [
            by_when(p, names.instance.system(p.system).lead_months),
            p.period,
            names.site(p.site),
            names.system(p.system) + (f" (licence {plain(p.licence)})" if p.licence else ""),
            plain(p.vendor),
            count(p.units),
            count(p.chips),
            whole_usd(p.unit_price_usd),
            usd(p.duty_usd) if p.duty_usd else "–",
            usd(p.cost_usd),
        ]
        for p in sorted(plan.purchases, key=lambda p: (p.order_period, p.period, p.site, p.system))
        if p.acquisition == "buy"
    ]
    total = sum(p.cost_usd for p in plan.purchases if p.acquisition == "buy")
    said = f"{len(rows)} lines, {usd(total)} at list price with network, before duty, undiscounted."
    until = names.instance.policy.frozen_until
    said += f" What is ordered up to {until} was decided before and is not a choice of this plan." if until else ""
    return [said, "", *table(header, _dated(rows))] if rows else []


def by_when(entry: Purchase | MemoryPurchase | PowerBuild | SiteOpening, lead_months: float) -> str:
    """Last day to order, as `2027-03-01`."""
    return order_by(entry.period, lead_months, entry.order_period).isoformat()


def _dated(rows: list[list[str]]) -> list[list[str]]:
    """Rows by their first cell, the date; of one date in the order they come."""
    return sorted(rows, key=lambda row: row[0])


def _source_lead(instance: Instance, b: PowerBuild) -> float:
    """Lead time of a source of power, in months."""
    return next(e.lead_months for e in instance.site(b.site).power.sources if e.id == b.source)


def _opening_lead(instance: Instance, site: str) -> float:
    """Lead time of the opening of a site, in months."""
    opening = instance.site(site).opening
    return opening.lead_months if opening else 0.0


def _rents(plan: Plan, names: Names) -> list[str]:
    header = ["from", "to", "site", "system", "vendor", "units", "a unit and period", "cost"]
    rows = [
        [
            p.period,
            p.last_period,
            names.site(p.site),
            names.system(p.system) + (f" ({plain(p.rental)})" if p.rental else ""),
            plain(p.vendor),
            count(p.units),
            whole_usd(p.unit_price_usd),
            usd(p.cost_usd),
        ]
        for p in plan.purchases
        if p.acquisition == "rent"
    ]
    return table(header, rows)


def _memory(plan: Plan, names: Names) -> list[str]:
    """Memory bought, a row an order; memory rented, a row a tier and site with the size in each period."""
    header = ["order by", "in service", "site", "tier", "units", "size", "unit price", "cost"]
    rows = [
        [
            by_when(m, names.instance.tier(m.tier).lead_months),
            m.period,
            names.site(m.site),
            names.tier(m.tier),
            count(m.units),
            memory(m.gb),
            whole_usd(m.unit_price_usd),
            usd(m.cost_usd),
        ]
        for m in sorted(plan.memory_purchases, key=lambda m: (m.order_period, m.period, m.site, m.tier))
        if m.acquisition == "buy"
    ]
    rents = [m for m in plan.memory_purchases if m.acquisition == "rent"]
    cells: Cells = {((names.site(m.site), names.tier(m.tier)), m.period): memory(m.gb) for m in rents}
    return [
        *table(header, _dated(rows)),
        *_by_period(plan, "Rented:", ["site", "tier"], cells, sum(m.cost_usd for m in rents)),
    ]


def _power(plan: Plan, names: Names) -> list[str]:
    """Power built, a row an order; power leased, a row a site."""
    header = ["order by", "first power", "site", "source", "blocks", "power", "cost"]
    rows = [
        [
            by_when(b, _source_lead(names.instance, b)),
            b.period,
            names.site(b.site),
            plain(b.source),
            count(b.blocks),
            power(b.power_kw),
            usd(b.cost_usd),
        ]
        for b in sorted(plan.power_builds, key=lambda b: (b.order_period, b.period, b.site, b.source))
        if b.source != LEASE
    ]
    leases = [b for b in plan.power_builds if b.source == LEASE]
    running = leased_kw(plan, names.instance)
    cells: Cells = {((names.site(s),), period): power(kw) for (s, period), kw in running.items()}
    return [
        *table(header, _dated(rows)),
        *_by_period(plan, "Leased:", ["site"], cells, sum(b.cost_usd for b in leases)),
    ]


def _by_period(plan: Plan, said: str, header: list[str], cells: Cells, cost_usd: float) -> list[str]:
    """A table with a column for each period, and what all of it costs."""
    if not cells:
        return []
    places = sorted({place for place, _ in cells})
    rows = [[*place, *(cells.get((place, period), "–") for period in plan.periods)] for place in places]
    return [f"{said} {usd(cost_usd)} in all, undiscounted.", "", *table([*header, *plan.periods], rows)]


def _sites(plan: Plan, instance: Instance, names: Names) -> list[str]:
    rows = [
        [by_when(s, _opening_lead(instance, s.site)), s.period, names.site(s.site), usd(s.cost_usd)]
        for s in sorted(plan.sites_opened, key=lambda s: (s.order_period, s.site))
    ]
    return [*table(["decide by", "open from", "site", "cost"], _dated(rows)), *forced_choices(plan, instance)]


def forced_choices(plan: Plan, instance: Instance) -> list[str]:
    """Sites opened although small, because some demand may go nowhere else."""
    opened = {s.site for s in plan.sites_opened}
    return [*(f"- {said}" for said in _forced(plan, instance, opened)), ""] if opened else []


def _forced(plan: Plan, instance: Instance, opened: set[str]) -> Iterator[str]:
    names = Names(instance)
    for workload in (w for w in instance.workloads if w.enabled and w.kind != "training"):
        for region, sites in admissible_sites(instance, workload).items():
            if len(sites) == 1 and sites[0] in opened:
                peak = max(
                    (e.owned_units * instance.system(e.system).power_kw for e in plan.installed if e.site == sites[0]),
                    default=0.0,
                )
                yield (
                    f"Forced: {names.workload(workload.id)} from {plain(region)} may go to no other site than "
                    f"{names.site(sites[0])}; the largest group of systems there is rated at {power(peak)}."
                )


def _retired(plan: Plan, names: Names) -> list[str]:
    header = ["at the start of", "site", "system", "cohort", "units", "resale"]
    rows = [
        [r.period, names.site(r.site), names.system(r.system), plain(r.cohort), count(r.units), usd(r.resale_usd)]
        for r in plan.retirements
    ]
    return table(header, rows)
