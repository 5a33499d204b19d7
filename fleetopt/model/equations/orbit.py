"""O: what can be lifted, what works of it, and what it can send down (O1, the sizing of a satellite, is a screen)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.supply import working
from fleetopt.network.graph import gb_per_request
from fleetopt.orbit.satellite import duty


@equation("O2", "site, period")
def launches_carry_the_mass(m: Context) -> Rows:
    """Satellites that enter service in a period fit its launch capacity (in tonnes).

    $$\\sum_c mass_c\\,buy_{c,s,t} \\le capacity_{s}$$
    """
    for site in m.sets.sites.values():
        if site.orbit is None:
            continue
        for t, period in enumerate(m.sets.periods):
            mass = [
                1e-3 * m.sets.offers[c, s].mass_kg * m.var.buy[c, s, t]
                for c, s in m.sets.places_at(site.id)
                if (c, s, t) in m.var.buy
            ]
            if mass:
                yield (site.id, period), lpSum(mass) <= 1e-3 * site.orbit.launch_kg_per_period


@equation("O3", "system, site, period, slice")
def what_fails_in_orbit_stays_failed(m: Context) -> Rows:
    """Units in use in orbit are those that survive to their age: nothing is repaired.

    $$busy_{c,s,t,h} \\le \\sum_{j\\,alive} (1 - f_c)^{age_j(t)}\\,\\Big(units_j - \\sum_{\\tau \\le t} retire_{c,s,j,\\tau}\\Big)$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        if m.sets.sites[s].kind == "orbit":
            yield (c, s, m.sets.periods[t], h), busy - working(m, c, s, t) <= 0


@equation("O4", "system, site, period, slice")
def chips_rest_in_eclipse(m: Context) -> Rows:
    """Where a satellite's battery carries its bus alone, of those that survive only those in sunlight are in use.

    $$busy_{c,s,t,h} \\le sun_s \\sum_{j\\,alive} (1 - f_c)^{age_j(t)}\\,\\Big(units_j - \\sum_{\\tau \\le t} retire_{c,s,j,\\tau}\\Big)$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        share = duty(m.sets.systems[c], m.sets.sites[s].orbit)
        if share < 1.0:
            yield (c, s, m.sets.periods[t], h), busy - share * working(m, c, s, t) <= 0


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
