"""What stands where in each period, and the power reserved for it against what the site has."""

from collections import defaultdict

from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.text import KW_PER_MW, count, share, table

LEASE = "lease"


def fleet_section(plan: Plan, instance: Instance) -> list[str]:
    """Units in place by system and site, with the busiest slice's share of what is usable."""
    names = Names(instance)
    cells = {(e.system, e.site, e.period): e for e in plan.installed}
    places = sorted({(site, system) for system, site, _ in cells})
    rows = []
    for site, system in places:
        row = [names.site(site), names.system(system)]
        for period in plan.periods:
            e = cells.get((system, site, period))
            if e is None:
                row.append("–")
                continue
            usable = e.usable_units + e.rented_units
            serves = usable and instance.system(e.system).chips > 0
            busy = f" ({share(e.peak_busy_units / usable)})" if serves else ""
            rented = f" + {count(e.rented_units)} rented" if e.rented_units else ""
            row.append(f"{count(e.owned_units)}{rented}{busy}")
        rows.append(row)
    if not rows:
        return []
    said = "Units owned (and rented), and the share of the usable ones in use in the busiest slice."
    return ["## Fleet by period", "", said, "", *table(["site", "system", *plan.periods], rows)]


def power_section(plan: Plan, instance: Instance) -> list[str]:
    """Firm power reserved for what is installed against the site's limit."""
    names = Names(instance)
    rows = []
    for site in (s for s in instance.sites if s.enabled and s.kind == "ground"):
        reserved = [reserved_kw(plan, instance, site, t) for t in range(len(plan.periods))]
        firm = [firm_kw(plan, instance, site, t) for t in range(len(plan.periods))]
        if any(firm) or any(reserved):
            pairs = zip(reserved, firm, strict=True)
            rows.append([names.site(site.id), *(f"{r / KW_PER_MW:,.2f} / {f / KW_PER_MW:,.2f}" for r, f in pairs)])
    if not rows:
        return []
    said = "MW reserved for what is installed (rated power x diversity x peak PUE) / firm power of the site."
    return ["## Power by site", "", said, "", *table(["site", *plan.periods], rows)]


def cooling_section(plan: Plan, instance: Instance) -> list[str]:
    """Heat of what is installed against the cooling plant, where a site has a limit."""
    names, rows = Names(instance), []
    for site in (s for s in instance.sites if s.enabled and s.cooling is not None):
        assert site.cooling is not None
        heat = [reserved_kw(plan, instance, site, t) / site.power.pue_peak for t in range(len(plan.periods))]
        most = site.cooling.max_kw * site.cooling.scale
        rows.append([names.site(site.id), *(f"{h / KW_PER_MW:,.2f} / {most / KW_PER_MW:,.2f}" for h in heat)])
    if not rows:
        return []
    said = "MW of heat of what is installed (rated power x diversity) / what the site can cool."
    return ["## Cooling by site", "", said, "", *table(["site", *plan.periods], rows)]


def reserved_kw(plan: Plan, instance: Instance, site: Site, t: int) -> float:
    """Facility power reserved at a site in a period index (P1)."""
    period = plan.periods[t]
    units = sum(
        instance.system(e.system).power_kw * e.owned_units
        for e in plan.installed
        if (e.site, e.period) == (site.id, period)
    )
    stored = 0.0
    for m in plan.memory_purchases:
        tier = instance.tier(m.tier)
        start = plan.periods.index(m.period)
        life = max(1, round(tier.life_years / instance.time.period_years))
        if (m.site, m.acquisition) == (site.id, "buy") and start <= t < start + life:
            stored += tier.power_w_per_gb * m.gb / 1e3
    return site.power.pue_peak * (site.power.diversity * units + stored)


def firm_kw(plan: Plan, instance: Instance, site: Site, t: int) -> float:
    """Firm power of a site's sources and lease in a period index (P2)."""
    sources = {e.id: e for e in site.power.sources if e.enabled}
    firm = sum(e.firm_share * e.existing_kw * e.scale * site.power.scale for e in sources.values())
    for b in plan.power_builds:
        start = plan.periods.index(b.period)
        if b.site == site.id and b.source != LEASE:
            life = max(1, round(sources[b.source].life_years / instance.time.period_years))
            firm += sources[b.source].firm_share * b.power_kw if start <= t < start + life else 0.0
    return firm + leased_kw(plan, instance).get((site.id, plan.periods[t]), 0.0)


def leased_kw(plan: Plan, instance: Instance) -> dict[tuple[str, str], float]:
    """Powered space under a lease by site and period, each lease for its term (P2)."""
    found: dict[tuple[str, str], float] = defaultdict(float)
    for b in (b for b in plan.power_builds if b.source == LEASE):
        lease, start = instance.site(b.site).power.lease, plan.periods.index(b.period)
        term = max(1, instance.time.periods_of_months(lease.min_term_months if lease else 0.0))
        for period in plan.periods[start : start + term]:
            found[b.site, period] += b.power_kw
    return dict(found)
