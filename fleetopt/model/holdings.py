"""Holdings: what workloads keep in memory, where it may lie, and how often it moves (M2 to M4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fleetopt.candidates.prefix import hit_levels
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import IdleKv, ReuseCurve, Workload
from fleetopt.prediction.kv_cache import kv_gb_per_sequence, kv_shape_of

SHARED = "shared"
"""Id of the holding that is a workload's shared prompts."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Something a workload keeps in memory at a site: `gb_s` GB for each request/s served, or with a training team."""

    workload: str
    id: str
    tiers: tuple[str, ...]
    gb_s: float
    """GB for each request/s; where candidates hold it by their `reuse` their operating points say how much; for
    `checkpoint` and `shared` the whole amount."""
    mean: bool = False
    """Whether it is kept for a cycle or more, so that its stock follows the mean rate of the cycle."""
    reads_per_s: float = 0.0
    """GB read each second for each GB held (M3)."""
    writes_per_s: float = 0.0
    """GB written each second for each GB held (M3)."""
    reuse: str = ""
    """Candidates that hold it, by their `reuse`; all of the workload's where empty."""
    buckets: tuple[str, ...] = ()
    """Buckets that it is held for; all of the workload's where empty."""


def holdings(instance: Instance) -> tuple[Holding, ...]:
    """Everything the enabled workloads keep, in the order of the instance."""
    enabled = {m.id for m in instance.memory if m.enabled}
    host = tuple(m.id for m in instance.memory if m.enabled and m.kind in ("dram", "cxl", "rack"))

    def tiers(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(i for i in ids if i in enabled)

    found: list[Holding] = []
    for w in (w for w in instance.workloads if w.enabled):
        if w.idle_kv is not None:
            found += _idle_holdings(w, w.idle_kv, tiers(w.idle_kv.tiers))
        if w.reuse_curve is not None:
            found += _prefix_holdings(instance, w, w.reuse_curve, tiers(w.reuse_curve.tiers))
        if w.agent is not None and w.agent.sandbox_gb * w.agent.sandbox_s > 0:
            found.append(Holding(w.id, "sandbox", host, w.agent.sandbox_gb * w.agent.sandbox_s))
        for s in w.stores:
            gb_s, mean = s.gb_per_request * s.retention_h * 3600, s.retention_h >= instance.time.cycle_hours
            reads, writes = _per_s(s.reads_per_write, s.retention_h * 3600), _per_s(1.0, s.retention_h * 3600)
            found.append(Holding(w.id, f"store:{s.id}", tiers(s.tiers), gb_s, mean, reads, writes))
        if w.training is not None and w.training.checkpoint_gb > 0:
            run = w.training
            writes = _per_s(1.0, (run.checkpoint_every_h or 0.0) * 3600 * run.checkpoints_kept)
            held = tiers(run.checkpoint_tiers)
            found.append(Holding(w.id, "checkpoint", held, run.checkpoint_gb, writes_per_s=writes))
    return tuple(found)


def _idle_holdings(w: Workload, idle: IdleKv, tiers: tuple[str, ...]) -> Iterator[Holding]:
    """Idle KV by kind of gap, for the buckets that name it; what names none lies for the mean gap (M2, M3)."""
    kinds = {gap.id: gap for gap in idle.gaps}
    waiting = {gap: tuple(b.id for b in w.buckets if b.cached_tokens > 0 and b.gap == gap) for gap in (None, *kinds)}
    for gap, buckets in waiting.items():
        if not buckets and (gap is not None or kinds):
            continue
        kind = kinds.get(gap or "")
        held_s = idle.mean_gap_s if kind is None else kind.held_s
        often = idle.writes_per_restore if kind is None or kind.writes_per_restore is None else kind.writes_per_restore
        reads, writes = _per_s(1.0, held_s), _per_s(often, held_s)
        yield Holding(w.id, kv_id(gap), tiers, 0.0, False, reads, writes, "parked", buckets if kinds else ())


def kv_id(gap: str | None) -> str:
    """Id of the holding that is KV idle in a kind of gap."""
    return "kv" if gap is None else f"kv:{gap}"


def _per_s(times: float, held_s: float) -> float:
    """What is held for no time is never there, so it moves nothing."""
    return times / held_s if held_s > 0 else 0.0


def _prefix_holdings(instance: Instance, w: Workload, curve: ReuseCurve, tiers: tuple[str, ...]) -> Iterator[Holding]:
    """A prefix cache by hit level (hits are read, missed tokens written), and the shared prompts (M4)."""
    for level in hit_levels(curve):
        if level.held_s > 0:
            reads, missed = level.hit_share / level.held_s, (1.0 - level.cached_share) / level.held_s
            writes = missed * curve.written_share
            yield Holding(w.id, level.reuse, tiers, 0.0, False, reads, writes, level.reuse)
    if curve.shared_tokens > 0:
        yield Holding(w.id, SHARED, tiers, _kv_gb(instance, w, curve.shared_tokens))


def shared_gb(instance: Instance, serving: Mapping[str, Workload]) -> dict[tuple[str, str], float]:
    """GB of shared prompts that a request reads at a hit level, by (workload, bucket)."""
    return {
        (w.id, b.id): _kv_gb(instance, w, w.reuse_curve.shared_hit_share * b.input_tokens)
        for w in serving.values()
        if w.reuse_curve is not None and w.reuse_curve.shared_tokens > 0
        for b in w.buckets
    }


def _kv_gb(instance: Instance, w: Workload, tokens: float) -> float:
    return kv_gb_per_sequence(kv_shape_of(instance.model(w.model)), w.kv_precision, tokens)
