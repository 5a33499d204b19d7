"""Prefix caches: how much of the input they find, for how many requests, and the memory they take."""

from collections import defaultdict
from collections.abc import Iterable

from fleetopt.candidates.prefix import hit_levels
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Workload
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.text import memory, seconds, share, table

SHARED = "shared"
_BASIS = {
    "lower_bound": "its trace was too short to see all reuse, so that the hits are a lower bound.",
    "parametric": "its curve is worked out from published statistics of sessions, not measured.",
}


def prefix_section(plan: Plan, instance: Instance) -> list[str]:
    """A row for each hit level used, requests without a cache, and shared prompts; nothing without a reuse curve."""
    names, rows, notes = Names(instance), list[list[str]](), list[str]()
    for w in (w for w in instance.workloads if w.enabled and w.reuse_curve is not None):
        rows += [[names.workload(w.id), *row] for row in _of_workload(plan, instance, w)]
        if w.reuse_curve is not None and w.reuse_curve.basis in _BASIS:
            notes += [f"{names.workload(w.id)}: {_BASIS[w.reuse_curve.basis]}", ""]
    if not rows:
        return []
    said = "Cache in seconds of the workload's input; memory at all sites together, in the slice that holds the most."
    header = ["workload", "cache", "input found", "share of requests", "memory at most"]
    return ["## Prefix caches", "", said, "", *table(header, rows), *notes]


def _of_workload(plan: Plan, instance: Instance, w: Workload) -> list[list[str]]:
    length = {h.id: instance.time.slice_hours_in_period(h) for h in instance.time.slices}
    mine = {d.id: d.reuse for d in plan.deployments if d.workload == w.id and d.stage != "decode"}
    served: dict[str, float] = defaultdict(float)
    for p in plan.placements:
        if p.deployment in mine:
            served[mine[p.deployment]] += sum(p.served_per_s.values()) * length[p.slice]
    held = {name: _most(plan, w.id, [name]) for name in {p.holding for p in plan.parked if p.workload == w.id}}
    total = sum(served.values())
    rows = []
    if served["none"]:
        rows.append(["none", share(0.0), share(served["none"] / total), "–"])
    for level in hit_levels(w.reuse_curve) if w.reuse_curve is not None else ():
        if served[level.reuse]:
            size = seconds(level.held_s) if level.held_s else "shared prompts alone"
            found, part = share(level.cached_share), share(served[level.reuse] / total)
            rows.append([size, found, part, memory(held.get(level.reuse, 0.0))])
    if w.reuse_curve is not None and held.get(SHARED):
        rows.append(["shared prompts", share(w.reuse_curve.shared_hit_share), "–", memory(held[SHARED])])
    return rows


def _most(plan: Plan, workload: str, holdings: Iterable[str]) -> float:
    """GB in the slice that holds the most."""
    found: dict[tuple[str, str], float] = defaultdict(float)
    for p in plan.parked:
        if p.workload == workload and p.holding in holdings:
            found[p.period, p.slice] += p.gb
    return max(found.values(), default=0.0)
