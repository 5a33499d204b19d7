"""Memory: what is kept has a place (M2), what moves can be worked out (M3), reuse curves can be read (M4)."""

from collections.abc import Iterator
from itertools import pairwise

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.instance.workloads import Workload

HOST_KINDS = ("dram", "cxl", "rack")
"""Memory that a sandbox can lie in."""


def check_homes(instance: Instance) -> Iterator[Finding]:
    """Whatever must be kept has an enabled tier to lie in; idle KV without one is recomputed instead."""
    enabled = {tier.id for tier in instance.memory if tier.enabled}
    hosts = {tier.id for tier in instance.memory if tier.enabled and tier.kind in HOST_KINDS}
    for w, workload in enumerate(instance.workloads):
        for path, tiers in _kept(workload) if workload.enabled else ():
            if not enabled.intersection(hosts if tiers is None else tiers):
                named = f"one of {', '.join(tiers)}" if tiers else f"a tier of kind {' or '.join(HOST_KINDS)}"
                hint = "try naming tiers that may hold it" if tiers == () else f"try enabling {named}"
                yield Finding(("workloads", w, *path), "no tier that may hold this is enabled", hint)


def _kept(workload: Workload) -> Iterator[tuple[Path, tuple[str, ...] | None]]:
    """Paths of amounts above 0, with the tiers named for them; None for host memory of any kind."""
    agent, training = workload.agent, workload.training
    if agent is not None and agent.sandbox_gb * agent.sandbox_s > 0:
        yield ("agent", "sandbox_gb"), None
    for n, store in enumerate(workload.stores):
        if store.gb_per_request * store.retention_h > 0:
            yield ("stores", n, "tiers"), store.tiers
    if training is not None and training.checkpoint_gb > 0:
        yield ("training", "checkpoint_tiers"), training.checkpoint_tiers


def check_gaps(instance: Instance) -> Iterator[Finding]:
    """A bucket waits in a kind of gap that is there, and cached tokens can be had again in some way."""
    for w, workload in enumerate(instance.workloads):
        idle = workload.idle_kv
        known = [] if idle is None else [gap.id for gap in idle.gaps]
        for b, bucket in enumerate(workload.buckets):
            if bucket.gap is not None and bucket.gap not in known:
                hint = did_you_mean(bucket.gap, known, "try adding it under idle_kv: gaps")
                yield Finding(("workloads", w, "buckets", b, "gap"), f"there is no kind of gap {bucket.gap!r}", hint)
        if idle is not None and not (idle.may_park or idle.may_stay or idle.may_recompute):
            message = "cached tokens may neither be parked, nor stay in fast memory, nor be recomputed"
            hint = "try true for may_park, may_stay or may_recompute"
            yield Finding(("workloads", w, "idle_kv"), message, hint)


def check_traffic(instance: Instance) -> Iterator[Finding]:
    """Times that traffic is worked out from are above 0, and a tier that cannot be written holds nothing new."""
    for w, workload in enumerate(instance.workloads):
        at: Path = ("workloads", w)
        if workload.idle_kv is not None and workload.idle_kv.mean_gap_s == 0:
            message = "KV that lies idle for no time is never parked: it takes neither memory nor bandwidth"
            yield Finding((*at, "idle_kv", "mean_gap_s"), message, "try more than 0", warning=True)
        if workload.training is not None and workload.training.checkpoint_every_h == 0:
            message = "there is no time between checkpoints"
            yield Finding((*at, "training", "checkpoint_every_h"), message, "try more than 0, or leave it out")
    for m, tier in enumerate(instance.memory):
        for name in ("read_gb_s_per_tb", "write_gb_s_per_tb", "drive_writes_per_day"):
            if getattr(tier, name) == 0:
                message = "0 means that nothing moves, so that nothing can be kept here"
                yield Finding(("memory", m, name), message, "leave it out for no limit", warning=True)


def check_reuse_curves(instance: Instance) -> Iterator[Finding]:
    """A curve stands alone, its points grow in size, hits are part of the input, and shared prompts have a size."""
    for w, workload in enumerate(instance.workloads):
        at: Path = ("workloads", w, "reuse_curve")
        curve = workload.reuse_curve
        if curve is None:
            continue
        if workload.kind == "training":
            yield Finding(at, "a training run has none", "try removing it")
        if workload.idle_kv is not None or any(bucket.cached_tokens > 0 for bucket in workload.buckets):
            message = "a measured curve counts the turns of sessions already"
            yield Finding(at, message, "try only one of reuse_curve and cached_tokens with idle_kv")
        sizes = [0.0, *(p.held_s for p in curve.points)]
        for n, (before, size) in enumerate(pairwise(sizes)):
            if size <= before:
                message = f"{size:g} s is no more than the {before:g} s before it"
                yield Finding((*at, "points", n, "held_s"), message, "try points in order of size, from more than 0 s")
            if curve.points[n].hit_share + curve.shared_hit_share > 1:
                message = f"with {curve.shared_hit_share:g} in shared prompts more than the whole input is found"
                yield Finding((*at, "points", n, "hit_share"), message, "try less")
        if (curve.shared_tokens > 0) != (curve.shared_hit_share > 0):
            missing = "shared_tokens" if curve.shared_hit_share > 0 else "shared_hit_share"
            message = "shared prompts have a size and a share of the input, or neither"
            yield Finding((*at, missing), message, "try more than 0 in both")
