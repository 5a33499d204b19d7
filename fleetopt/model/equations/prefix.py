"""M: prompts shared by all are held once at each site that counts on them (hit levels themselves are candidates)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.candidates.prefix import PREFIX
from fleetopt.model.context import GB_PER_TB, Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.demand import ENTRY_STAGES
from fleetopt.model.holdings import SHARED

At = tuple[str, str, int, str]
"""Workload, site, period, slice."""


@equation("M4", "workload, site, period, slice")
def shared_prompts_are_read_where_they_lie(m: Context) -> Rows:
    """What requests at a hit level read of shared prompts is read from tiers that hold them.

    $$\\sum_m sharedread_{w,m,s,t,h} = \\sum_{k \\in entry, level; b} gb_{w,b}\\,serve_{b,k,t,h}$$
    """
    read: dict[At, list[Any]] = defaultdict(list)
    for (w, _, s, t, h), column in m.var.sharedread.items():
        read[w, s, t, h].append(column)
    for (w, s, t, h), needed in shared_reads(m).items():
        yield (w, s, m.sets.periods[t], h), lpSum(read[w, s, t, h]) - lpSum(needed) == 0


@equation("M4.tier", "workload, tier, site, period, slice")
def prompts_not_held_are_not_read(m: Context) -> Rows:
    """Only a tier that holds the shared prompts gives them: the bound is what all the demand that may come would read.

    $$sharedread_{w,m,s,t,h} \\le most_{w,s,t,h}\\,shared_{w,m,s,t}$$
    """
    for (w, tier, s, t, h), read in m.var.sharedread.items():
        most = most_read(m, w, s, t, h)
        yield (w, tier, s, m.sets.periods[t], h), read - most * m.var.shared[w, tier, s, t] <= 0


@equation("M4.one", "workload, site, period")
def prompts_lie_in_one_tier(m: Context) -> Rows:
    """Shared prompts are held once at a site.

    $$\\sum_m shared_{w,m,s,t} \\le 1$$
    """
    held: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for (w, _, s, t), column in m.var.shared.items():
        held[w, s, t].append(column)
    for (w, s, t), columns in held.items():
        yield (w, s, m.sets.periods[t]), lpSum(columns) <= 1


@equation("M4.stock", "workload, tier, site, period, slice")
def prompts_take_room_however_much_is_served(m: Context) -> Rows:
    """Where shared prompts are held they take their whole size in every slice.

    $$park_{w,shared,m,s,t,h} = gb_w\\,shared_{w,m,s,t}$$
    """
    size_gb = {k.workload: k.gb_s for k in m.sets.holdings if k.id == SHARED}
    for w, tier, s, t, h in m.var.sharedread:
        held = size_gb[w] / GB_PER_TB * m.var.shared[w, tier, s, t]
        yield (w, tier, s, m.sets.periods[t], h), m.var.park[w, SHARED, tier, s, t, h] - held == 0


def shared_reads(m: Context) -> dict[At, list[Any]]:
    """Terms in GB/s of what requests at hit levels read of shared prompts."""
    found: dict[At, list[Any]] = defaultdict(list)
    if not m.sets.shared_gb:
        return found
    counting = {k.id: k for k in m.sets.candidates if k.stage in ENTRY_STAGES and k.reuse.startswith(PREFIX)}
    for (id_, b, t, h), serve in m.var.serve.items():
        k = counting.get(id_)
        if k is not None and (k.workload, b) in m.sets.shared_gb:
            found[k.workload, k.site, t, h].append(m.sets.shared_gb[k.workload, b] * serve)
    return found


def most_read(m: Context, w: str, s: str, t: int, h: str) -> float:
    """GB/s of shared prompts if all the demand that may come to a site in a slice came; deferred work could all."""
    regions = [u for (workload, u), sites in m.sets.routes.items() if workload == w and s in sites]
    if m.sets.serving[w].max_delay_h > 0:
        work = sum(m.sets.hours(at) * m.sets.arrivals[w, u, t, at] for u in regions for at in m.sets.slices)
        rate = work / m.sets.hours(h)
    else:
        rate = sum(m.sets.arrivals[w, u, t, h] for u in regions)
    return rate * sum(b.share * m.sets.shared_gb[w, b.id] for b in m.sets.serving[w].buckets)
