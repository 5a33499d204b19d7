"""C: systems have the time for what they serve (C2, one scale-up domain a replica, is a screen)."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.candidates.candidate import Candidate
from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.demand import ENTRY_STAGES
from fleetopt.model.equations.supply import rented_steady, rented_working, working
from fleetopt.model.terms import Term, weighted


@equation("C1", "system, site, period, slice")
def systems_have_time_to_serve(m: Context) -> Rows:
    """Units serving are units in use or rented.

    A rented unit that may be taken away (spot) counts for the share of the time in which it works.

    $$\\sum_{k,b} \\frac{units_k}{rate_{k,b}}\\,serve_{b,k,t,h} + \\sum_{k\\,whole} units_k\\,keep_{k,t} \\le busy_{c,s,t,h} + \\sum_a working_a\\,rented_{c,s,a,t}$$
    """
    for (c, s, t, h), busy in m.var.busy.items():
        if (c, s) not in m.sets.teams_on:
            used = weighted(units_serving(m, c, s, t, h))
            yield (c, s, m.sets.periods[t], h), used - busy - rented_working(m, c, s, t) <= 0


@equation("C1.steady", "system, site, period, slice")
def people_wait_for_steady_units_only(m: Context) -> Rows:
    """What people wait for is served by units that nobody takes away: owned, or rented without preemption.

    Agents and training runs, for which nobody waits, may use spot as well (C1, T3).

    $$\\sum_{k\\,answer,b} \\frac{units_k}{rate_{k,b}}\\,serve_{b,k,t,h} + \\sum_{k\\,answer,whole} units_k\\,keep_{k,t} \\le busy_{c,s,t,h} + \\sum_{a\\,steady} rented_{c,s,a,t}$$
    """
    fleeting = {(c, s) for c, s, a, _ in m.var.contracts() if m.prices.interruptible(m.sets.systems[c].rentals[a])}
    for (c, s, t, h), busy in m.var.busy.items():
        if (c, s) in fleeting and any(_awaited(m, k) for k in m.sets.on.get((c, s), ())):
            awaited = weighted(units_serving(m, c, s, t, h, awaited=True))
            yield (c, s, m.sets.periods[t], h), awaited - busy - rented_steady(m, c, s, t) <= 0


def units_serving(m: Context, c: str, s: str, t: int, h: str, awaited: bool = False) -> list[Term]:
    """Terms of the units of a system that candidates hold in a slice; only those that people wait for if `awaited`."""
    terms: list[Term] = []
    for k in m.sets.on.get((c, s), ()):
        if awaited and not _awaited(m, k):
            continue
        if k.whole:
            terms.append((k.units, m.var.keep[k.id, t]))
        else:
            terms += [(k.units / p.rate_per_s, serve) for p, serve in m.served(k, t, h)]
    return terms


def _awaited(m: Context, k: Candidate) -> bool:
    """Whether people wait for what a candidate serves."""
    return m.sets.serving[k.workload].kind == "answer"


@equation("C1.keep", "candidate, period, slice")
def loaded_replicas_carry_their_load(m: Context) -> Rows:
    """Replicas counted whole serve no more than the loaded ones can.

    $$\\sum_b \\frac{serve_{b,k,t,h}}{rate_{k,b}} \\le keep_{k,t}$$
    """
    for k in m.sets.candidates:
        if k.whole:
            for t in m.sets.live[k.system, k.site]:
                for h in m.sets.slices:
                    load = weighted((1 / p.rate_per_s, serve) for p, serve in m.served(k, t, h))
                    yield (k.id, m.sets.periods[t], h), load - m.var.keep[k.id, t] <= 0


@equation("C1.least", "workload, system, period")
def least_replicas_are_loaded(m: Context) -> Rows:
    """A workload has its least number of replicas in every period: of one system where one is to serve it.

    $$\\sum_{k \\in c} keep_{k,t} \\ge least_w\\,choose_{w,c,t} \\quad\\text{or}\\quad \\sum_k keep_{k,t} \\ge least_w$$
    """
    loaded: dict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for k in m.sets.candidates:
        workload = m.sets.serving[k.workload]
        if workload.min_replicas > 0 and k.whole:
            system = k.system if m.instance.one_system(workload) else "any"
            for t in m.sets.live[k.system, k.site]:
                loaded[k.workload, system, t].append(m.var.keep[k.id, t])
    for (w, c, t), terms in loaded.items():
        least = m.sets.serving[w].min_replicas
        yield (w, c, m.sets.periods[t]), lpSum(terms) - least * m.var.choose.get((w, c, t), 1) >= 0


@equation("C3", "site, period, slice")
def tools_have_cpu_cores(m: Context) -> Rows:
    """Tools that agents call find CPU cores (their sandboxes' memory is a holding of M2).

    Working units are those installed on the ground, and those that survive in orbit (O3).

    $$\\sum_{k \\in entry,b} cores_w\\,serve_{b,k,t,h} \\le \\sum_c cores_c\\,\\Big(working_{c,s,t} + \\sum_a working_a\\,rented_{c,s,a,t}\\Big)$$
    """
    need = {w.id: w.agent.tool_core_s for w in m.sets.serving.values() if w.agent and w.agent.tool_core_s > 0}
    if not need:
        return
    loads: dict[tuple[str, int, str], list[Term]] = defaultdict(list)
    for k in m.sets.candidates:
        if k.workload in need and k.stage in ENTRY_STAGES:
            for t in m.sets.live[k.system, k.site]:
                for h in m.sets.slices:
                    loads[k.site, t, h] += [(need[k.workload], serve) for _, serve in m.served(k, t, h)]
    for (s, t, h), terms in loads.items():
        yield (s, m.sets.periods[t], h), weighted(terms) - lpSum(cores(m, s, t)) <= 0


def cores(m: Context, s: str, t: int) -> list[Any]:
    """Terms of the CPU cores free for tools at a site."""
    found = []
    for c, site in m.sets.places_at(s):
        free = m.sets.systems[c].usable_cpu_cores
        if free > 0 and (c, site, t) in m.var.installed:
            found.append(free * (working(m, c, site, t) + rented_working(m, c, site, t)))
    return found
