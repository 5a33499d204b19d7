"""M: what is kept is written to its tier and read from it again."""

from collections import defaultdict
from typing import Any, Literal

from pulp import lpSum

from fleetopt.model.context import GB_PER_TB, Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.memory import capacity_tb

SECONDS_PER_DAY = 86_400.0
Way = Literal["read", "write"]
Moved = dict[tuple[str, str, int, str], list[Any]]
"""Terms in GB/s by tier, site, period and slice."""


@equation("M3.read", "tier, site, period, slice")
def tiers_are_read_fast_enough(m: Context) -> Rows:
    """Restores of idle KV, hits in prefix caches and reads of stores stay within the bandwidth of a tier's capacity.

    A session's KV is read once in the time it lies idle, so reads follow from what is held; those of shared prompts do
    not and have a column. Capacity is that of M2.

    $$\\sum_{w,i} reads_{w,i}\\,park_{w,i,m,s,t,h} + \\sum_w sharedread_{w,m,s,t,h} \\le read_m\\,capacity_{m,s,t}$$
    """
    for (tier_id, s, t, h), terms in moved(m, "read").items():
        tier = m.instance.tier(tier_id)
        if tier.read_gb_s_per_tb is not None:
            most = tier.read_gb_s_per_tb * lpSum(capacity_tb(m, tier, s, t))
            yield (tier_id, s, m.sets.periods[t], h), lpSum(terms) - most <= 0


@equation("M3.write", "tier, site, period, slice")
def tiers_are_written_fast_enough(m: Context) -> Rows:
    """Offloaded KV, prefix cache misses, stores and checkpoints stay within the write bandwidth of a tier's capacity.

    Stores kept for a cycle or more are written at the cycle's mean rate, as they are held (M2.hold).

    $$\\sum_{w,i} writes_{w,i}\\,park_{w,i,m,s,t,h} \\le write_m\\,capacity_{m,s,t}$$
    """
    for (tier_id, s, t, h), terms in moved(m, "write").items():
        tier = m.instance.tier(tier_id)
        if tier.write_gb_s_per_tb is not None:
            most = tier.write_gb_s_per_tb * lpSum(capacity_tb(m, tier, s, t))
            yield (tier_id, s, m.sets.periods[t], h), lpSum(terms) - most <= 0


@equation("M3.endurance", "tier, site, period")
def drives_outlast_their_writes(m: Context) -> Rows:
    """What is written to a tier on the mean day of a period is no more than its endurance allows (in TB a day).

    $$\\sum_h \\tfrac{\\eta_h}{cycle} \\sum_{w,i} writes_{w,i}\\,park_{w,i,m,s,t,h} \\cdot 86400 \\le dwpd_m\\,capacity_{m,s,t}$$
    """
    cycle = sum(m.sets.hours(h) for h in m.sets.slices)
    written: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for (tier_id, s, t, h), terms in moved(m, "write").items():
        if m.instance.tier(tier_id).drive_writes_per_day is not None:
            tb_a_day = m.sets.hours(h) / cycle * SECONDS_PER_DAY / GB_PER_TB
            written[tier_id, s, t] += [tb_a_day * term for term in terms]
    for (tier_id, s, t), terms in written.items():
        tier = m.instance.tier(tier_id)
        most = (tier.drive_writes_per_day or 0.0) * lpSum(capacity_tb(m, tier, s, t))
        yield (tier_id, s, m.sets.periods[t]), lpSum(terms) - most <= 0


def moved(m: Context, way: Way) -> Moved:
    """What is read from or written to each tier; only where something moves."""
    often = {(k.workload, k.id): k.reads_per_s if way == "read" else k.writes_per_s for k in m.sets.holdings}
    found: Moved = defaultdict(list)
    for (w, i, tier, s, t, h), park in m.var.park.items():
        if often[w, i] > 0:
            found[tier, s, t, h].append(GB_PER_TB * often[w, i] * park)
    if way == "read":
        for (_, tier, s, t, h), read in m.var.sharedread.items():
            found[tier, s, t, h].append(read)
    return found
