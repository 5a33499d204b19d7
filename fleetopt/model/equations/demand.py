"""D: demand is met, now or later, where it may go."""

from collections import defaultdict
from collections.abc import Callable, Container
from typing import Any

from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.terms import balanced, total, weighted
from fleetopt.network.graph import gb_each_way

Key = tuple[Any, ...]
ENTRY_STAGES = frozenset({"aggregated", "prefill"})


@equation("D1", "workload, bucket, region, period, slice")
def demand_is_met(m: Context) -> Rows:
    """Each bucket of a region's demand goes to sites, or is left unserved where that has a price.

    $$\\sum_s flow_{w,b,u,s,t,h} = share_{w,b}\\,(done_{w,u,t,h} - short_{w,u,t,h})$$
    """
    v = m.var
    routed = _flows(m, lambda w, b, u, s, t, h: (w, b, u, t, h))
    for (w, u, t, h), arrivals in m.sets.arrivals.items():
        done = v.done.get((w, u, t, h), arrivals)
        short = v.short.get((w, u, t, h), 0)
        if arrivals <= 0 and (w, u, t, h) not in v.done:
            continue
        for b in m.sets.serving[w].buckets:
            row = total(routed[w, b.id, u, t, h]) - b.share * (done - short) == 0
            yield (w, b.id, u, m.sets.periods[t], h), row


@equation("D1.site", "workload, bucket, site, period, slice")
def sites_serve_what_arrives(m: Context) -> Rows:
    """A site serves what the regions send it.

    $$\\sum_{k \\in entry} serve_{b,k,t,h} = \\sum_u flow_{w,b,u,s,t,h}$$
    """
    arriving = _flows(m, lambda w, b, u, s, t, h: (w, b, s, t, h))
    entry = _serving(m, ENTRY_STAGES)
    for key in sorted(arriving.keys() | entry.keys()):
        w, b, s, t, h = key
        yield (w, b, s, m.sets.periods[t], h), balanced(entry[key], arriving[key])


@equation("D2", "workload, region, period, slice")
def deferred_work_waits_in_a_cyclic_backlog(m: Context) -> Rows:
    """Work that may wait is done in this slice or later in the cycle.

    $$\\eta_h\\,done_h + B_h - B_{h-1} = \\eta_h\\,arrivals_h$$
    """
    ids = list(m.sets.slices)
    for (w, u, t, h), done in m.var.done.items():
        before = ids[ids.index(h) - 1]
        hours = m.sets.hours(h)
        kept = m.var.backlog[w, u, t, h] - m.var.backlog[w, u, t, before]
        yield (w, u, m.sets.periods[t], h), hours * done + kept == hours * m.sets.arrivals[w, u, t, h]


@equation("D2.window", "workload, region, period, slice")
def work_waits_no_longer_than_allowed(m: Context) -> Rows:
    """What waits at the end of a slice arrived within the allowed delay before it; part slices count in part.

    $$B_h \\le \\sum_{h'} \\min(\\eta_{h'}, delay - gap_{h',h})^+ \\, arrivals_{h'}$$
    """
    for (w, u, t, h), backlog in m.var.backlog.items():
        limit = recent_arrivals(m, w, u, t, h)
        yield (w, u, m.sets.periods[t], h), backlog <= limit


def recent_arrivals(m: Context, w: str, u: str, t: int, h: str) -> float:
    """Requests/s x hours that arrived within the workload's delay before the end of slice h."""
    ids = list(m.sets.slices)
    left, total, at = m.sets.serving[w].max_delay_h, 0.0, ids.index(h)
    while left > 1e-12:
        taken = min(left, m.sets.hours(ids[at]))
        total += taken * m.sets.arrivals[w, u, t, ids[at]]
        left, at = left - taken, at - 1
        if at < -len(ids):
            at += len(ids)
    return total


@equation("D3", "from, to, period, slice")
def links_carry_the_traffic(m: Context) -> Rows:
    """What all regions send over a link stays within its capacity, each way (which sites a region may use is a screen).

    Contexts go from the region towards the site, answers come back; a link on the way of several regions is shared.

    $$\\sum_{flow\\,there} gb^{in}_b\\,flow_{w,b,u,s,t,h} + \\sum_{flow\\,back} gb^{out}_b\\,flow_{w,b,u,s,t,h} \\le capacity$$
    """
    links = m.instance.network.links
    limited = {number for number, link in enumerate(links) if link.capacity_gb_s is not None}
    if not limited:
        return
    loads = defaultdict(list)
    buckets = {(w, b.id): b for w, workload in m.sets.serving.items() for b in workload.buckets}
    for (w, b, u, s, t, h), flow in m.var.flow.items():
        there, back = gb_each_way(m.instance.network, buckets[w, b])
        for number, forward in m.sets.network.hops(u, s):
            if number in limited:
                loads[number, not forward, t, h].append((there, flow))
                loads[number, forward, t, h].append((back, flow))
    for (number, backward, t, h), terms in sorted(loads.items()):
        link = links[number]
        ends = (link.b, link.a) if backward else (link.a, link.b)
        yield (*ends, m.sets.periods[t], h), weighted(terms) <= link.capacity_gb_s


@equation("D4", "workload, bucket, site, period, slice")
def prefill_and_decode_balance(m: Context) -> Rows:
    """Requests prefilled in a pool are decoded in a pool at the same site.

    $$\\sum_{k \\in prefill} serve_{b,k,t,h} = \\sum_{k \\in decode} serve_{b,k,t,h}$$
    """
    prefill, decode = _serving(m, {"prefill"}), _serving(m, {"decode"})
    for key in sorted(prefill.keys() | decode.keys()):
        w, b, s, t, h = key
        yield (w, b, s, m.sets.periods[t], h), balanced(prefill[key], decode[key])


def _flows(m: Context, group: Callable[[str, str, str, str, int, str], Key]) -> dict[Key, list[Any]]:
    """Flow columns grouped by a function of their index (w, b, u, s, t, h)."""
    grouped: dict[Key, list[Any]] = defaultdict(list)
    for key, flow in m.var.flow.items():
        grouped[group(*key)].append(flow)
    return grouped


def _serving(m: Context, stages: Container[str]) -> dict[Key, list[Any]]:
    """Serving columns of candidates of some stages by (w, b, s, t, h)."""
    of = {c.id: c for c in m.sets.candidates}
    grouped: dict[Key, list[Any]] = defaultdict(list)
    for (k, b, t, h), serve in m.var.serve.items():
        if of[k].stage in stages:
            grouped[of[k].workload, b, of[k].site, t, h].append(serve)
    return grouped
