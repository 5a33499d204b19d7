"""Every id in a plan names something that exists and is enabled; no entry stands twice, none says nothing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.verify.witness import Witness

LEASE = "lease"
"""What a plan calls powered space leased, among the sources of a site."""

BANDED = ("rate_per_s", "ttft_s", "tpot_s", "completion_s")
"""Figures of a point with an error band."""
POINT = (
    "batch", *BANDED, "active_kv_gb", "kv_transfer_gb", "parked_gb_s",
    *(f"{name}_{end}" for name in BANDED for end in ("p10", "p90")),
)  # fmt: skip
"""What a plan says of a deployment and bucket."""

ALWAYS = ("rate_per_s", "kv_transfer_gb", "parked_gb_s")
"""What it says even where little was measured."""

KEYS: dict[str, tuple[str, ...]] = {
    "purchases": ("period", "site", "system", "acquisition", "rental"),
    "discounts": ("discount", "period", "system", "from_usd"),
    "memory_purchases": ("period", "site", "tier", "acquisition"),
    "power_builds": ("period", "site", "source"),
    "sites_opened": ("site",),
    "retirements": ("period", "site", "system", "cohort"),
    "training_runs": ("workload",),
    "deployments": ("id",),
    "placements": ("deployment", "period", "slice"),
    "flows": ("workload", "bucket", "region", "site", "period", "slice"),
    "deferrals": ("workload", "region", "period", "slice"),
    "unserved": ("workload", "region", "period", "slice"),
    "parked": ("workload", "holding", "site", "tier", "period", "slice"),
    "energy": ("site", "source", "period", "slice"),
    "carbon": ("site", "source", "period"),
    "installed": ("system", "site", "period"),
}
"""What tells the entries of each list apart."""

AMOUNTS: dict[str, Callable[[Any], float]] = {
    "purchases": lambda e: e.units,
    "discounts": lambda e: e.spend_usd,
    "memory_purchases": lambda e: e.gb,
    "power_builds": lambda e: e.power_kw,
    "retirements": lambda e: e.units,
    "placements": lambda e: e.replicas,
    "flows": lambda e: e.rate_per_s,
    "unserved": lambda e: e.rate_per_s,
    "parked": lambda e: e.gb,
    "energy": lambda e: e.draw_kw,
    "carbon": lambda e: e.tonnes,
    "installed": lambda e: e.owned_units + e.rented_units,
}
"""The amount without which an entry says nothing: absent entries mean 0, so entries of 0 are not written."""


def check_references(instance: Instance, plan: Plan, witness: Witness) -> bool:
    """Whether every id is known and every entry unique; later checks may rely on it."""
    before = len(witness.failures)
    known = _known(instance, plan)
    for name, key in KEYS.items():
        seen: set[tuple[str, ...]] = set()
        for number, entry in enumerate(getattr(plan, name)):
            index = _index(name, entry, key)
            witness.holds("structure", index, index not in seen, "expected one entry, found another of the same key")
            seen.add(index)
            _check_ids(entry, key, known, (name, str(number)), witness)
            if name in AMOUNTS:
                witness.holds("structure", index, AMOUNTS[name](entry) > 0, "expected an amount above 0, found 0")
    if len(witness.failures) == before:
        _check_parts(instance, plan, witness)
    return len(witness.failures) == before


def _index(name: str, entry: Any, key: Sequence[str]) -> tuple[str, ...]:
    return (name, *(str(getattr(entry, part)) for part in key))


def _known(instance: Instance, plan: Plan) -> dict[str, frozenset[str]]:
    """Ids that may stand in a field of that name."""
    return {
        "period": frozenset(instance.time.period_ids),
        "slice": frozenset(s.id for s in instance.time.slices),
        "site": frozenset(s.id for s in instance.sites if s.enabled),
        "system": frozenset(s.id for s in instance.systems if s.enabled),
        "tier": frozenset(m.id for m in instance.memory if m.enabled),
        "workload": frozenset(w.id for w in instance.workloads if w.enabled),
        "region": frozenset(r.id for r in instance.network.regions),
        "discount": frozenset(d.id for d in instance.supply.discounts if d.enabled),
        "deployment": frozenset(d.id for d in plan.deployments),
    }


def _check_ids(
    entry: Any, key: Iterable[str], known: dict[str, frozenset[str]], where: tuple[str, str], witness: Witness
) -> None:
    for part in dict.fromkeys((*key, "workload", "site", "system", "period")):
        if part in known and hasattr(entry, part):
            value = getattr(entry, part)
            said = f"expected the id of an enabled {part}, found {value!r}"
            witness.holds("structure", (*where, part), value in known[part], said)


def _check_parts(instance: Instance, plan: Plan, witness: Witness) -> None:
    """Ids that belong to another entry: a workload's buckets and regions, a site's sources, a deployment's points."""
    serving = {w.id: w for w in instance.workloads if w.enabled and w.kind != "training"}
    buckets = {w.id: {b.id for b in w.buckets} for w in serving.values()}
    for flow in plan.flows:
        index = ("flows", flow.workload, flow.bucket)
        ok = flow.bucket in buckets.get(flow.workload, ())
        witness.holds("structure", index, ok, "expected a bucket of the workload")
    for name in [*(e.workload for e in plan.deferrals), *(e.workload for e in plan.unserved)]:
        witness.holds("structure", (name,), name in serving, "expected a workload that is served")
    _check_sources(instance, plan, witness)
    points = {d.id: set(d.points) for d in plan.deployments}
    for d in plan.deployments:
        ok = d.workload in serving and points[d.id] <= buckets[d.workload]
        witness.holds("structure", ("deployments", d.id), ok, "expected buckets of a workload that is served")
        for bucket, point in d.points.items():
            needed = ALWAYS if d.source == "measured" else POINT
            ok = set(needed) <= set(point) <= set(POINT) and point["rate_per_s"] > 0
            said = f"expected {', '.join(needed)}, with a rate above 0"
            witness.holds("structure", ("deployments", d.id, bucket), ok, said)
    for p in plan.placements:
        ok = set(p.served_per_s) <= points[p.deployment] and all(rate > 0 for rate in p.served_per_s.values())
        said = "expected rates above 0 of buckets the deployment has points for"
        witness.holds("structure", ("placements", p.deployment, p.period, p.slice), ok, said)
    for run in plan.training_runs:
        ok = set(run.share_of_period) <= set(plan.periods) and all(x > 0 for x in run.share_of_period.values())
        said = "expected shares above 0 of periods of the plan"
        witness.holds("structure", ("training_runs", run.workload), ok, said)


def _check_sources(instance: Instance, plan: Plan, witness: Witness) -> None:
    sources = {
        s.id: {e.id for e in s.power.sources if e.enabled} | ({LEASE} if s.power.lease else set())
        for s in instance.sites
        if s.kind == "ground"
    }
    for index in [*((b.site, b.source) for b in plan.power_builds), *((e.site, e.source) for e in plan.energy)]:
        ok = index[1] in sources.get(index[0], ())
        witness.holds("structure", index, ok, "expected a source of power at the site")
