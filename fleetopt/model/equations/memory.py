"""M: what must be remembered fits (M1, weights and active KV in fast memory, is a screen)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.instance.memory import MemoryTier
from fleetopt.model.context import GB_PER_TB, Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.demand import ENTRY_STAGES
from fleetopt.model.equations.supply import alive_purchases, rented_steady, working
from fleetopt.model.holdings import SHARED
from fleetopt.model.terms import weighted


@equation("M2", "tier, site, period, slice")
def holdings_fit_the_tier(m: Context) -> Rows:
    """Idle KV, sandboxes, session state, checkpoints and stores fit the tier's installed capacity.

    Working units are those installed on the ground, for spares still hold memory, and those that survive in orbit (O3).
    Rented units that may be taken away (spot) hold nothing that must be found again.

    $$\\sum_{w,holding} park_{w,i,m,s,t,h} \\le \\sum_c bundled_{c,m}\\,(working_{c,s,t} + rented_{c,s,t}) + unit_m\\,\\sum_{\\tau \\le t} mem_{m,s,\\tau} + memrent_{m,s,t}$$
    """
    parked = defaultdict(list)
    for (_, _, tier, s, t, h), park in m.var.park.items():
        parked[tier, s, t, h].append(park)
    for (tier, s, t, h), terms in parked.items():
        room = lpSum(capacity_tb(m, m.instance.tier(tier), s, t))
        yield (tier, s, m.sets.periods[t], h), lpSum(terms) - room <= 0


def capacity_tb(m: Context, tier: MemoryTier, s: str, t: int) -> list[Any]:
    """Terms of a tier's capacity at a site in TB: bundled with systems (DRAM), bought, rented."""
    terms = []
    if tier.kind == "dram":
        for c, site in m.sets.places_at(s):
            free = m.sets.systems[c].usable_dram_gb / GB_PER_TB
            if free > 0 and (c, site, t) in m.var.installed:
                terms.append(free * (working(m, c, site, t) + rented_steady(m, c, site, t)))
    terms += [tier.unit_gb / GB_PER_TB * unit for unit in alive_purchases(m, tier, s, t)]
    if (tier.id, s, t) in m.var.memrent:
        terms.append(m.var.memrent[tier.id, s, t])
    return terms


@equation("M2.hold", "workload, holding, site, period, slice")
def holdings_are_held(m: Context) -> Rows:
    """What a workload keeps at a site is held in one of the tiers allowed for it.

    Idle KV is what candidates that park it say, by the kind of gap where buckets name theirs; a prefix cache what those at its hit level say (M4; shared prompts:
    M4.stock). A store kept for a cycle or more holds what the cycle's mean rate writes in that time; one kept for less
    is sized by the slice's own rate: in the busiest slice that is at least as much as is ever there. Checkpoints are
    held from the start of the run's window, or from the opening of a site that opens later.

    $$\\sum_m park_{w,i,m,s,t,h} \\ge \\sum_{k \\in entry,b} gb_{k,b,i}\\,serve_{b,k,t,h} \\; \\left(checkpoints: gb_w \\big(\\sum_k train_k + open_{s,t} - 1\\big); \\; stores\\ kept\\ for\\ a\\ cycle: \\sum_{h'} \\tfrac{\\eta_{h'}}{cycle}\\,serve_{b,k,t,h'} \\text{ for } serve_{b,k,t,h}\\right)$$
    """
    served = _entry_columns(m)
    teams = defaultdict(list)
    for k in m.sets.training:
        teams[k.workload, k.site].append(k)
    held = defaultdict(list)
    for (w, i, _, s, t, h), park in m.var.park.items():
        held[w, i, s, t, h].append(park)
    for holding in m.sets.holdings:
        for s in m.sets.sites:
            for t in range(len(m.sets.periods)):
                for h in m.sets.slices:
                    if holding.id == SHARED:
                        continue
                    if holding.id == "checkpoint":
                        need = [
                            holding.gb_s / GB_PER_TB * m.var.train[(k.id,)]
                            for k in teams[holding.workload, s]
                            if k.first_period <= t <= k.last_period and t >= m.sets.first_open.get(s, 0)
                        ]
                        if need and s in m.sets.first_open:  # nothing is held before the site opens
                            need.append(holding.gb_s / GB_PER_TB * (m.var.open[s, t] - 1))
                    else:
                        terms = [
                            (weight * (point.parked_gb_s if holding.reuse else holding.gb_s) / GB_PER_TB, serve)
                            for at, weight in m.sets.weights(h, holding).items()
                            for reuse, point, serve in served.get((holding.workload, s, t, at), ())
                            if not holding.reuse or (holding.reuse == reuse and point.parked_gb_s > 0)
                            if not holding.buckets or point.bucket in holding.buckets
                        ]
                        need = [weighted(terms)] if terms else []
                    if need:
                        room = lpSum(held[holding.workload, holding.id, s, t, h])
                        yield (holding.workload, holding.id, s, m.sets.periods[t], h), room - lpSum(need) >= 0


def _entry_columns(m: Context) -> dict[tuple[str, str, int, str], list[Any]]:
    of = {c.id: c for c in m.sets.candidates}
    grouped: dict[tuple[str, str, int, str], list[Any]] = defaultdict(list)
    for (k, b, t, h), serve in m.var.serve.items():
        candidate = of[k]
        if candidate.stage in ENTRY_STAGES:
            grouped[candidate.workload, candidate.site, t, h].append((candidate.reuse, candidate.points[b], serve))
    return grouped


@equation("M2.sockets", "tier, site, period")
def added_memory_needs_sockets(m: Context) -> Rows:
    """Host memory bought apart needs free sockets in installed systems.

    $$unit_m \\sum_{\\tau \\le t} mem_{m,s,\\tau} \\le \\sum_c sockets_c\\,installed_{c,s,t}$$
    """
    for tier in m.instance.memory:
        if tier.kind != "dram" or not tier.enabled:
            continue
        for s in m.sets.sites:
            for t, period in enumerate(m.sets.periods):
                bought = [tier.unit_gb / GB_PER_TB * unit for unit in alive_purchases(m, tier, s, t)]
                free = [
                    m.sets.systems[c].max_added_dram_gb / GB_PER_TB * m.var.installed[c, site, t]
                    for c, site in m.sets.places_at(s)
                    if (c, site, t) in m.var.installed and m.sets.systems[c].max_added_dram_gb > 0
                ]
                if bought:
                    yield (tier.id, s, period), lpSum(bought) - lpSum(free) <= 0
