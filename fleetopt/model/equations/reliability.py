"""R: what is broken does not serve (R2, headroom for percentiles, is a screen: it lowers the rate once)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.instance.systems import System
from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.variables import spread_periods

DAYS_PER_YEAR = 365.25


@equation("R1", "system, site, period, slice")
def spares_do_not_serve(m: Context) -> Rows:
    """Units in use on the ground leave out those that are, on average, failed and under repair.

    $$busy_{c,s,t,h} \\le \\Big(1 - f_c\\,\\tfrac{repair_c}{365.25}\\Big)\\,installed_{c,s,t}$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        if m.sets.sites[s].kind == "ground":
            working = available_share(m.sets.systems[c])
            yield (c, s, m.sets.periods[t], h), busy - working * m.var.installed[c, s, t] <= 0


@equation("R1.spares", "rule, system, site, period, slice")
def spares_stand_by(m: Context) -> Rows:
    """Beside the units in use stand the spares that their load takes: k of them (N+k), or as many as its probability asks.

    $$busy_{c,s,t,h} + \\sum_j (spares_j - spares_{j-1})\\,spare_{r,c,s,t,j} \\le installed_{c,s,t}$$
    """
    for (rule, c, s, t), steps in m.spares.items():
        kept = [
            (spares - (steps[n - 1][1] if n else 0)) * m.var.spare[rule, c, s, t, n]
            for n, (_, spares) in enumerate(steps)
            if spares > 0
        ]
        for h in m.sets.slices:
            in_use = m.var.busy[c, s, t, h] + lpSum(kept)
            yield (rule, c, s, m.sets.periods[t], h), in_use - m.var.installed[c, s, t] <= 0


@equation("R1.load", "rule, system, site, period, slice")
def loads_take_their_step(m: Context) -> Rows:
    """Units in use stay within the load of the steps taken; the last load is the most that can ever be in use.

    $$busy_{c,s,t,h} \\le load_0 + \\sum_j (load_j - load_{j-1})\\,spare_{r,c,s,t,j}$$
    """
    for (rule, c, s, t), steps in m.spares.items():
        free = max((load for load, spares in steps if spares == 0), default=0.0)
        allowed = [
            (load - (steps[n - 1][0] if n else 0.0)) * m.var.spare[rule, c, s, t, n]
            for n, (load, spares) in enumerate(steps)
            if spares > 0
        ]
        for h in m.sets.slices:
            yield (rule, c, s, m.sets.periods[t], h), m.var.busy[c, s, t, h] - lpSum(allowed) <= free


@equation("R1.step", "rule, system, site, period, step")
def steps_are_taken_in_order(m: Context) -> Rows:
    """A step of a spare rule is taken only after the one below it.

    $$spare_{r,c,s,t,j} \\le spare_{r,c,s,t,j-1}$$
    """
    for (rule, c, s, t, n), taken in m.var.spare.items():
        if (rule, c, s, t, n - 1) in m.var.spare:
            below = m.var.spare[rule, c, s, t, n - 1]
            yield (rule, c, s, m.sets.periods[t], str(n)), taken - below <= 0


@equation("R1.sites", "workload, period")
def critical_work_has_its_sites(m: Context) -> Rows:
    """A critical workload is served by its least number of sites.

    $$\\sum_s counts_{w,s,t} \\ge sites_w$$
    """
    counting: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for (w, _, t), column in m.var.counts.items():
        counting[w, t].append(column)
    for (w, t), columns in counting.items():
        yield (w, m.sets.periods[t]), lpSum(columns) >= m.sets.serving[w].min_sites


@equation("R1.counts", "workload, site, period")
def sites_count_that_serve_their_share(m: Context) -> Rows:
    """A site counts only if it serves its least share of the period's requests.

    $$\\sum_{b,u,h} \\eta_h\\,flow_{w,b,u,s,t,h} \\ge least_w \\Big(\\sum_{u,h} \\eta_h\\,arrivals_{w,u,t,h}\\Big)\\,counts_{w,s,t}$$
    """
    served: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for (w, _, _, s, t, h), flow in m.var.flow.items():
        if (w, s, t) in m.var.counts:
            served[w, s, t].append(m.sets.hours(h) * flow)
    for (w, s, t), counts in m.var.counts.items():
        arriving = sum(m.sets.hours(h) * x for (of, _, at, h), x in m.sets.arrivals.items() if (of, at) == (w, t))
        least = m.sets.serving[w].min_site_share * arriving
        yield (w, s, m.sets.periods[t]), lpSum(served[w, s, t]) - least * counts >= 0


@equation("R1.most", "workload, site, period, slice")
def no_site_carries_too_much(m: Context) -> Rows:
    """No site serves more than the most share of a critical workload's requests in a slice, so its loss takes no more.

    $$\\sum_{b,u} flow_{w,b,u,s,t,h} \\le most_w \\sum_{b,u,s'} flow_{w,b,u,s',t,h}$$
    """
    limited = {w.id: w for w in m.sets.serving.values() if w.max_site_share is not None}
    flows: dict[tuple[str, int, str], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for (w, _, _, s, t, h), flow in m.var.flow.items():
        if w in limited and t in spread_periods(m.instance, limited[w]):
            flows[w, t, h][s].append(flow)
    for (w, t, h), by_site in flows.items():
        everything = lpSum(flow for terms in by_site.values() for flow in terms)
        for s, terms in by_site.items():
            yield (w, s, m.sets.periods[t], h), lpSum(terms) - limited[w].max_site_share * everything <= 0


def available_share(system: System) -> float:
    """Share of units not under repair on average."""
    return 1 - min(1.0, system.failures_per_year * system.repair_days / DAYS_PER_YEAR)
