"""O: what can be lifted, what works of it, and what it can send down (O1, the sizing of a satellite, is a screen)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.supply import working
from fleetopt.model.terms import weighted
from fleetopt.network.graph import gb_per_request
from fleetopt.orbit.battery import duty
from fleetopt.orbit.launch import lifted_kg, tonnage_kg
from fleetopt.orbit.radiation import lost_share


@equation("O2", "site, period")
def launches_carry_the_mass(m: Context) -> Rows:
    """Satellites that enter service in a period, and those lost on the way, fit its launch capacity (in tonnes).

    $$\\sum_c \\frac{mass_c}{1 - loss_s}\\,buy_{c,s,t} \\le capacity_{s,t}$$
    """
    for site in m.sets.sites.values():
        if site.orbit is None:
            continue
        for t, period in enumerate(m.sets.periods):
            mass = [
                1e-3 * lifted_kg(site.orbit, m.sets.offers[c, s].mass_kg) * m.var.buy[c, s, t]
                for c, s in m.sets.places_at(site.id)
                if (c, s, t) in m.var.buy
            ]
            if mass:
                yield (site.id, period), lpSum(mass) <= 1e-3 * tonnage_kg(site.orbit, m.instance.time, t)


@equation("O3", "system, site, period, slice")
def what_fails_in_orbit_stays_failed(m: Context) -> Rows:
    """Units in use in orbit are those that survive to their age, less the work that upsets cost: nothing is repaired.

    $$busy_{c,s,t,h} \\le (1 - lost_{c,s}) \\sum_{j\\,alive} (1 - f_c)^{age_j(t)}\\,\\Big(units_j - \\sum_{\\tau \\le t} retire_{c,s,j,\\tau}\\Big)$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        if m.sets.sites[s].kind == "orbit":
            kept = 1.0 - lost_share(m.sets.systems[c], m.sets.sites[s].orbit)
            yield (c, s, m.sets.periods[t], h), busy - kept * working(m, c, s, t) <= 0


@equation("O4", "system, site, period, slice")
def chips_rest_in_eclipse(m: Context) -> Rows:
    """Where a satellite's battery carries its bus alone, of those that survive only those in sunlight are in use.

    $$busy_{c,s,t,h} \\le sun_s\\,(1 - lost_{c,s}) \\sum_{j\\,alive} (1 - f_c)^{age_j(t)}\\,\\Big(units_j - \\sum_{\\tau \\le t} retire_{c,s,j,\\tau}\\Big)$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        share = duty(m.sets.systems[c], m.sets.sites[s].orbit)
        if share < 1.0:
            kept = share * (1.0 - lost_share(m.sets.systems[c], m.sets.sites[s].orbit))
            yield (c, s, m.sets.periods[t], h), busy - kept * working(m, c, s, t) <= 0


@equation("O5", "site, period, slice")
def traffic_finds_a_way_down(m: Context) -> Rows:
    """Traffic with an orbit fits its ground stations, for the share of time in contact, and its relays.

    The row is in MB/s, for prompts up and answers down together.

    $$\\sum_{w,b,u} gb_b\\,flow_{w,b,u,s,t,h} \\le contact_s\\,downlink_s + relay_s$$
    """
    limits = {s.id: s.orbit for s in m.sets.sites.values() if s.orbit is not None and s.orbit.downlink_gb_s is not None}
    if not limits:
        return
    buckets = {(w, b.id): b for w, workload in m.sets.serving.items() for b in workload.buckets}
    traffic: dict[tuple[str, int, str], list[Any]] = defaultdict(list)
    for (w, b, _, s, t, h), flow in m.var.flow.items():
        if s in limits:
            traffic[s, t, h].append(1e3 * gb_per_request(m.instance.network, buckets[w, b]) * flow)
    for (s, t, h), terms in traffic.items():
        orbit = limits[s]
        most = orbit.contact_share * (orbit.downlink_gb_s or 0.0) + orbit.relay_gb_s
        yield (s, m.sets.periods[t], h), lpSum(terms) <= 1e3 * most


@equation("O5.link", "system, site, period, slice")
def satellites_carry_their_own_traffic(m: Context) -> Rows:
    """Prompts reach the satellites of a system, and answers leave them, over their own links (in MB/s).

    $$\\sum_{k \\in c,\\,b} gb_b\\,serve_{b,k,t,h} \\le link_c \\sum_{j\\,alive} (1 - f_c)^{age_j(t)}\\,\\Big(units_j - \\sum_{\\tau \\le t} retire_{c,s,j,\\tau}\\Big)$$
    """
    buckets = {(w, b.id): b for w, workload in m.sets.serving.items() for b in workload.buckets}
    for c, s, t, h in m.var.busy:
        bus = m.sets.systems[c].satellite
        if bus is None or bus.link_gb_s is None or m.sets.sites[s].kind != "orbit":
            continue
        traffic = [
            (1e3 * gb_per_request(m.instance.network, buckets[k.workload, p.bucket]), serve)
            for k in m.sets.on.get((c, s), ())
            for p, serve in m.served(k, t, h)
        ]
        if (c, s) in m.sets.on:
            yield (c, s, m.sets.periods[t], h), weighted(traffic) - 1e3 * bus.link_gb_s * working(m, c, s, t) <= 0
