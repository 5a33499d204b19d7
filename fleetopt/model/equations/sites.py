"""S: sites have room, nothing runs before they open, and what is built is worth building."""

from collections import defaultdict
from math import ceil
from typing import Any

from pulp import lpSum

from fleetopt.instance.sites import Site
from fleetopt.model.context import KW_PER_MW, Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.power import memory_power, most_blocks
from fleetopt.model.equations.supply import alive_purchases
from fleetopt.model.terms import weighted
from fleetopt.orbit.launch import lifted_kg, tonnage_by_kg


@equation("S1", "site, period")
def racks_find_slots(m: Context) -> Rows:
    """Installed units and memory fit the site's rack positions; a site that is not open yet has none.

    $$\\sum_c slots_c\\,installed_{c,s,t} + \\sum_m slots_m \\sum_{\\tau \\le t} mem_{m,s,\\tau} \\le slots_s \\quad (\\times\\; open_{s,t} \\text{ where it is to be opened})$$
    """
    for site in m.sets.sites.values():
        if site.space is None:
            continue
        for t, period in enumerate(m.sets.periods):
            used = [
                m.sets.systems[c].slots * m.var.installed[c, s, t]
                for c, s in m.sets.places_at(site.id)
                if (c, s, t) in m.var.installed
            ]
            for tier in m.instance.memory:
                used += [
                    tier.slots_per_unit * unit for unit in alive_purchases(m, tier, site.id, t) if tier.slots_per_unit
                ]
            if used:
                open_ = m.var.open[site.id, t] if site.id in m.sets.first_open else 1
                yield (site.id, period), lpSum(used) - site.space.slots * site.space.scale * open_ <= 0


@equation("S2.flow", "workload, site, period")
def closed_sites_serve_nobody(m: Context) -> Rows:
    """A site not open yet serves nothing: the tight bound is the workload's whole demand.

    $$\\sum_{b,u,h} \\eta_h\\,flow_{w,b,u,s,t,h} \\le open_{s,t} \\sum_{u,h} \\eta_h\\,arrivals_{w,u,t,h}$$
    """
    flows = defaultdict(list)
    for (w, _, _, s, t, h), flow in m.var.flow.items():
        if s in m.sets.first_open:
            flows[w, s, t].append((m.sets.hours(h), flow))
    for (w, s, t), terms in flows.items():
        regions = [u for (workload, u), sites in m.sets.routes.items() if workload == w and s in sites]
        most = sum(m.sets.hours(h) * m.sets.arrivals[w, u, t, h] for u in regions for h in m.sets.slices)
        yield (w, s, m.sets.periods[t]), weighted(terms) - most * m.var.open[s, t] <= 0


@equation("S2.power", "site, period")
def closed_sites_power_nothing(m: Context) -> Rows:
    """Nothing is in place at a site on the ground before it opens: the bound is all the power it could have by then.

    That is firm power as in P1, no more than is of use with the site's cooling.

    $$pue^{peak}_s\\,\\Big(diversity_s \\sum_c p_c\\,installed_{c,s,t} + \\sum_m p_m\\,gb_{m,s,t}\\Big) \\le open_{s,t}\\,max_{s,t}$$
    """
    for s in m.sets.first_open:
        site = m.sets.sites[s]
        if site.kind != "ground":
            continue
        for t, period in enumerate(m.sets.periods):
            rated = [
                site.power.diversity * m.sets.systems[c].power_kw / KW_PER_MW * m.var.installed[c, s, t]
                for c, _ in m.sets.places_at(s)
                if (c, s, t) in m.var.installed
            ]
            rated += [mw * unit for mw, unit in memory_power(m, s, t)]
            if rated:
                open_ = m.var.open.get((s, t), 0)
                yield (s, period), site.power.pue_peak * lpSum(rated) - most_power_mw(m, site, t) * open_ <= 0


def most_power_mw(m: Context, site: Site, t: int) -> float:
    """Firm power a site could have in t: all that exists and could be built or leased by then, as far as it is cooled."""
    time, existing_kw, new_kw = m.instance.time, 0.0, 0.0
    for e in (e for e in site.power.sources if e.enabled):
        existing_kw += e.firm_share * e.existing_kw * e.scale * site.power.scale
        if t >= time.periods_of_months(e.lead_months):
            new_kw += e.firm_share * most_blocks(site, e) * e.block_kw
    most_kw = existing_kw + min(new_kw, most_new_kw(site))
    lease = site.power.lease
    if lease is not None and t >= time.periods_of_months(lease.lead_months):
        most_kw += lease.max_kw * lease.scale
    if site.cooling is not None:
        most_kw = min(most_kw, site.power.pue_peak * site.cooling.max_kw * site.cooling.scale)
    return most_kw / KW_PER_MW


@equation("S2.launch", "site, period")
def closed_orbits_hold_nothing(m: Context) -> Rows:
    """No satellite serves before its orbit is open: the bound is all the mass that could be up there by then.

    $$\\sum_c \\frac{mass_c}{1 - loss_s}\\,installed_{c,s,t} \\le open_{s,t} \\sum_{\\tau \\le t} capacity_{s,\\tau}$$
    """
    for s in m.sets.first_open:
        orbit = m.sets.sites[s].orbit
        if orbit is None:
            continue
        for t, period in enumerate(m.sets.periods):
            mass = [
                lifted_kg(orbit, m.sets.offers[c, s].mass_kg) * m.var.installed[c, s, t]
                for c, _ in m.sets.places_at(s)
                if (c, s, t) in m.var.installed
            ]
            if mass:
                most = tonnage_by_kg(orbit, m.instance.time, t)
                yield (s, period), 1e-3 * lpSum(mass) - 1e-3 * most * m.var.open[s, t] <= 0


@equation("S2.train", "team, period")
def closed_sites_train_nothing(m: Context) -> Rows:
    """A training run needs its site open in every period it uses.

    $$trainrun_{k,t} \\le open_{s,t}$$
    """
    for k in m.sets.training:
        if k.site in m.sets.first_open:
            for t in range(k.first_period, k.last_period + 1):
                if (k.id, t) in m.var.trainrun:
                    yield (k.id, m.sets.periods[t]), m.var.trainrun[k.id, t] - m.var.open[k.site, t] <= 0


@equation("S2.stay", "site, period")
def open_sites_stay_open(m: Context) -> Rows:
    """A site once open stays open.

    $$open_{s,t-1} \\le open_{s,t}$$
    """
    for (s, t), now in m.var.open.items():
        if (s, t - 1) in m.var.open:
            yield (s, m.sets.periods[t]), m.var.open[s, t - 1] - now <= 0


@equation("S3", "site, period, bound")
def sites_build_enough_or_nothing(m: Context) -> Rows:
    """Power built at a site by a period is nothing, or between the least and the most worth building.

    So the first build is at least the least. The bound from above is no more than all its sources can be built.

    $$least_s\\,expand_{s,t} \\le \\sum_{e,\\tau \\le t} block_e\\,build_{e,s,\\tau} \\le most_s\\,expand_{s,t}$$
    """
    for site in m.sets.sites.values():
        if site.min_new_kw is None and site.max_new_kw is None:
            continue
        least, most = (site.min_new_kw or 0.0) / KW_PER_MW, most_new_kw(site) / KW_PER_MW
        for t, period in enumerate(m.sets.periods):
            built = [
                e.block_kw / KW_PER_MW * block for e in site.power.sources for block in built_by(m, e.id, site.id, t)
            ]
            if (site.id, t) in m.var.expand:
                expand = m.var.expand[site.id, t]
                yield (site.id, period, "at_least"), lpSum(built) - least * expand >= 0
                yield (site.id, period, "at_most"), lpSum(built) - most * expand <= 0
            elif built and t == len(m.sets.periods) - 1:
                yield (site.id, period, "at_most"), lpSum(built) <= most


@equation("S3.source", "source, site, period, bound")
def sources_are_built_enough_or_not_at_all(m: Context) -> Rows:
    """Blocks of a source built by a period are none, or at least the fewest worth building.

    $$least_{e,s}\\,commit_{e,s,t} \\le \\sum_{\\tau \\le t} build_{e,s,\\tau} \\le most_{e,s}\\,commit_{e,s,t}$$
    """
    for site in m.sets.sites.values():
        for e in site.power.sources:
            for t, period in enumerate(m.sets.periods):
                commit = m.var.commit.get((e.id, site.id, t))
                if commit is not None:
                    blocks, least = lpSum(built_by(m, e.id, site.id, t)), ceil(e.min_new_kw / e.block_kw - 1e-9)
                    yield (e.id, site.id, period, "at_least"), blocks - least * commit >= 0
                    yield (e.id, site.id, period, "at_most"), blocks - most_blocks(site, e) * commit <= 0


def built_by(m: Context, e: str, s: str, t: int) -> list[Any]:
    """Columns of the blocks of a source with first power at a site by period t."""
    return [m.var.build[e, s, b] for b in range(t + 1) if (e, s, b) in m.var.build]


def most_new_kw(site: Site) -> float:
    """Most power that can be built at a site over the horizon: what all its sources allow, and the site itself."""
    by_source = sum(most_blocks(site, e) * e.block_kw for e in site.power.sources if e.enabled)
    limit = site.max_new_kw
    return by_source if limit is None else min(by_source, limit * site.power.scale)
