"""D1.parts, D1.one: demand that comes in parts, or that one system is to serve."""

from collections import defaultdict
from typing import Any

from pulp import lpSum

from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.equations.demand import ENTRY_STAGES
from fleetopt.model.terms import total


@equation("D1.parts", "workload, bucket, system, site, period, slice")
def demand_is_served_in_parts(m: Context) -> Rows:
    """Each part of a bucket's requests is served by one system at one site; parts are alike, so they are counted.

    $$\\sum_{k \\in entry_{c,s}} serve_{b,k,t,h} = \\frac{share_{w,b}\\,\\sum_u arrivals_{w,u,t,h}}{parts_w}\\,part_{w,b,c,s,t,h}$$
    """
    entering: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    of = {k.id: k for k in m.sets.candidates if k.stage in ENTRY_STAGES}
    for (k, b, t, h), serve in m.var.serve.items():
        if k in of:
            entering[of[k].workload, b, of[k].system, of[k].site, t, h].append(serve)
    for (w, b, c, s, t, h), part in m.var.part.items():
        workload = m.sets.serving[w]
        share = next(bucket.share for bucket in workload.buckets if bucket.id == b)
        rate = share * m.sets.arriving(w, t, h) / (m.instance.parts(workload) or 1)
        yield (w, b, c, s, m.sets.periods[t], h), total(entering[w, b, c, s, t, h]) - rate * part == 0


@equation("D1.one", "workload, bucket, system, stage, period, slice")
def what_is_not_chosen_does_not_serve(m: Context) -> Rows:
    """Where one system is to serve a workload, no other serves any of it, in either stage.

    $$\\sum_{k \\in stage_c} serve_{b,k,t,h} \\le share_{w,b}\\,\\sum_u arrivals_{w,u,t,h}\\;choose_{w,c,t}$$
    """
    serving: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    of = {k.id: k for k in m.sets.candidates if m.instance.one_system(m.sets.serving[k.workload])}
    for (k, b, t, h), serve in m.var.serve.items():
        if k in of:
            stage = "entry" if of[k].stage in ENTRY_STAGES else "decode"
            serving[of[k].workload, b, of[k].system, stage, t, h].append(serve)
    shares = {(w, b.id): b.share for w, workload in m.sets.serving.items() for b in workload.buckets}
    for (w, b, c, stage, t, h), terms in serving.items():
        most = shares[w, b] * m.sets.arriving(w, t, h)
        yield (w, b, c, stage, m.sets.periods[t], h), total(terms) - most * m.var.choose[w, c, t] <= 0


@equation("D1.choice", "workload, period")
def one_system_is_chosen(m: Context) -> Rows:
    """One system at most serves such a workload in a period, and one is chosen where it has a least number of replicas.

    $$\\sum_c choose_{w,c,t} \\le 1 \\quad\\text{or}\\quad \\sum_c choose_{w,c,t} = 1$$
    """
    chosen: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for (w, _, t), choose in m.var.choose.items():
        chosen[w, t].append(choose)
    for (w, t), terms in chosen.items():
        if m.sets.serving[w].min_replicas > 0:
            yield (w, m.sets.periods[t]), lpSum(terms) - 1 == 0
        elif len(terms) > 1:
            yield (w, m.sets.periods[t]), lpSum(terms) <= 1
