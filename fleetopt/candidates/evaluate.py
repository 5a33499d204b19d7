"""One configuration, evaluated: the same path for the search and for `verify`, a pure function of the instance.

Who answers for which target:

- aggregated: all of them. Round trip and restoring parked KV count in TTFT. KV that stays in fast memory between turns
  (resident) is restored in no time, but what is idle there caps the rate: weights + active + idle KV must fit (M1).
- a hit level of a prefix cache (M4): its mean hits set the rate, but TTFT is that of a request that misses altogether,
  where that is longer than restoring and prefilling the rest: a percentile is not met by the mean.
- prefill pool: TTFT, with round trip, restore, and sending the KV over its own links.
- decode pool: TPOT. Receiving the KV and waiting for a slot come between the first token and the second, so they are
  spread over the output: TPOT + (transfer + wait) / (output - 1).
- completion of a disaggregated request is split beforehand, so that every pairing of pools meets it: of the time left
  beside tools, prefill gets its TTFT target (a turn) but at most half, half without such a target; decode the rest.

An agentic workload's completion target is for a task: all its turns, with tools between them.
"""

from dataclasses import dataclass, replace

from fleetopt.candidates.band import First, at_end
from fleetopt.candidates.candidate import RESIDENT, OperatingPoint, Reuse
from fleetopt.candidates.layouts import layout_of, replica_units
from fleetopt.candidates.prefix import level_of
from fleetopt.instance.models import Precision
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Bucket, Slo, Workload
from fleetopt.network.graph import NetworkView, Reach, network_view, reach
from fleetopt.prediction.queueing import queued
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.speculation import drafting_of
from fleetopt.prediction.tiers import restore_s
from fleetopt.prediction.types import Layout, QueuedPoint, Refusal, ServingPoint, Stage, Work


@dataclass(frozen=True, slots=True)
class Turns:
    """How often a request comes back within the span of its completion target."""

    turns: float
    tool_s: float


def predictor_for(instance: Instance, workload: Workload, system_id: str, precision: Precision) -> Predictor:
    """The predictor of a workload's model on a system's chips; the system must have some."""
    chip = instance.system(system_id).chip
    if chip is None:
        raise ValueError(f"{system_id} has no accelerators")
    model, options = instance.model(workload.model), instance.prediction
    drafting = drafting_of(options.speculation(workload.id, model.id), model, instance.models)
    return Predictor(model, chip, precision, workload.kv_precision, options, drafting)


def work_of(workload: Workload, bucket: Bucket, reuse: Reuse) -> Work:
    """A request of the bucket: with its cached tokens only where their KV was parked, or the mean hits of a level."""
    level = level_of(workload, reuse)
    cached = bucket.cached_tokens if reuse in ("parked", RESIDENT) else 0.0
    if level is not None:
        cached = level.cached_share * bucket.input_tokens
    return Work(bucket.input_tokens, cached, bucket.output_tokens)


def serve_point(predictor: Predictor, stage: Stage, layout: Layout, work: Work, batch: int) -> ServingPoint | Refusal:
    """The replica with an empty queue."""
    if stage == "prefill":
        return predictor.prefill(layout, work, batch)
    if stage == "decode":
        return predictor.decode(layout, work, batch)
    return predictor.aggregated(layout, work, batch)


def operate(
    instance: Instance,
    predictor: Predictor,
    workload: Workload,
    bucket: Bucket,
    stage: Stage,
    reuse: Reuse,
    layout: Layout,
    point: ServingPoint,
    rtt_s: float,
) -> OperatingPoint | Refusal:
    """The replica under load: its highest rate with all its targets met (R2), or why it meets none (SLO)."""
    slo = workload.targets(bucket)
    cached = work_of(workload, bucket, reuse).cached_tokens
    restored_gb = predictor.kv_gb_per_request(cached) if cached > 0 and reuse != RESIDENT else 0.0
    span, first = turns_of(workload), First(point.ttft_s)
    if stage == "decode":
        found = _queued_decode(instance, workload, bucket, slo, point, span)
    else:
        extra_s = rtt_s + slowest_restore_s(instance, workload, restored_gb)
        if level_of(workload, reuse) is not None:
            missed = serve_point(predictor, stage, layout, work_of(workload, bucket, "none"), point.batch)
            assert isinstance(missed, ServingPoint), "a miss holds no more than a hit"
            first = First(point.ttft_s, missed.ttft_s, extra_s - rtt_s)
            point = replace(point, ttft_s=first.time_s())
        output, completion_s = bucket.output_tokens, slo.completion_s
        tools = span
        if stage == "prefill":
            transfer_s, _ = predictor.kv_transfer(layout, work_of(workload, bucket, reuse))
            extra_s += transfer_s or 0.0
            output, completion_s, tools = 1.0, _completion_share(slo, span, "prefill"), Turns(span.turns, 0.0)
        found = queued(
            point,
            slo.ttft_s,
            slo.tpot_s if stage == "aggregated" else None,
            completion_s,
            slo.percentile,
            workload.demand.dispersion,
            instance.prediction,
            output,
            extra_s,
            tools.turns,
            tools.tool_s,
            most_resident_per_s(predictor, workload, bucket, reuse, layout, point),
        )
    if isinstance(found, Refusal):
        return found
    gaps = max(bucket.output_tokens - 1.0, 0.0)
    fast, slow = (at_end(end, found, point, first, gaps, span.turns) for end in (0, 1))
    return OperatingPoint(
        bucket=bucket.id,
        batch=point.batch,
        rate_per_s=found.rate_per_s,
        ttft_s=found.ttft_s,
        tpot_s=found.tpot_s,
        completion_s=found.completion_s,
        active_kv_gb=point.kv_gb,
        kv_transfer_gb=point.kv_transfer_gb,
        parked_gb_s=held_gb_s(predictor, workload, bucket, reuse),
        rate_per_s_p10=fast.rate_per_s,
        rate_per_s_p90=slow.rate_per_s,
        ttft_s_p10=fast.ttft_s,
        ttft_s_p90=slow.ttft_s,
        tpot_s_p10=fast.tpot_s,
        tpot_s_p90=slow.tpot_s,
        completion_s_p10=fast.completion_s,
        completion_s_p90=slow.completion_s,
    )


def turns_of(workload: Workload) -> Turns:
    """Turns and tool time within a completion target: those of a task where agentic, else one turn."""
    agent = workload.agent if workload.kind == "agentic" else None
    return Turns(agent.turns_per_task, agent.tool_s) if agent is not None else Turns(1.0, 0.0)


def round_trip_s(view: NetworkView, open_to: Reach, site_id: str) -> float:
    """Longest round trip from any region that may send the workload to a site (D3); 0 where none may."""
    trips = [view.round_trip_ms(region, site_id) for region in open_to.regions_of(site_id)]
    return max((trip for trip in trips if trip is not None), default=0.0) / 1000.0


def recompute(
    instance: Instance,
    workload_id: str,
    site_id: str,
    system_id: str,
    stage: Stage,
    reuse: Reuse,
    precision: Precision,
    tensor: int,
    pipeline: int,
    expert: int,
    bucket_id: str,
    batch: int,
) -> OperatingPoint | Refusal:
    """The operating point of one deployment and bucket, from the instance alone: what `verify` compares a plan with."""
    workload = instance.workload(workload_id)
    bucket = next(b for b in workload.buckets if b.id == bucket_id)
    predictor = predictor_for(instance, workload, system_id, precision)
    layout = layout_of(predictor, tensor, pipeline, expert)
    units = replica_units(instance.system(system_id), layout)
    if isinstance(units, Refusal):
        return units
    point = serve_point(predictor, stage, layout, work_of(workload, bucket, reuse), batch)
    if isinstance(point, Refusal):
        return point
    view = network_view(instance)
    rtt_s = round_trip_s(view, reach(instance, view, workload), site_id)
    return operate(instance, predictor, workload, bucket, stage, reuse, layout, point, rtt_s)


def _queued_decode(
    instance: Instance, workload: Workload, bucket: Bucket, slo: Slo, point: ServingPoint, span: Turns
) -> QueuedPoint | Refusal:
    """A decode pool under load; what stalls a request after its first token is spread over the others."""
    gaps = max(bucket.output_tokens - 1.0, 1.0)
    stall_s = None if slo.tpot_s is None else (slo.tpot_s - point.tpot_s) * gaps
    if slo.tpot_s is not None and stall_s is not None and 0.0 <= stall_s < point.ttft_s:
        tpot_s = point.tpot_s + point.ttft_s / gaps
        detail = f"TPOT {tpot_s:.4g} s with KV transfer exceeds {slo.tpot_s:.4g} s"
        return Refusal("SLO", detail, tpot_s / slo.tpot_s - 1.0)
    found = queued(
        point,
        stall_s,
        slo.tpot_s,
        _completion_share(slo, span, "decode"),
        slo.percentile,
        workload.demand.dispersion,
        instance.prediction,
        bucket.output_tokens,
        0.0,
        span.turns,
    )
    if isinstance(found, Refusal):
        return found
    tpot_s = found.tpot_s + found.ttft_s / gaps
    return QueuedPoint(found.rate_per_s, 0.0, tpot_s, found.completion_s, found.utilisation)


def _completion_share(slo: Slo, span: Turns, stage: Stage) -> float | None:
    """The part of a completion target that one pool answers for; tools are taken out first."""
    if slo.completion_s is None:
        return None
    left_s = max(slo.completion_s - (span.turns - 1.0) * span.tool_s, 0.0)
    prefill_s = left_s / 2.0
    if slo.ttft_s is not None:
        prefill_s = min(span.turns * slo.ttft_s, prefill_s)
    return float(prefill_s if stage == "prefill" else left_s - prefill_s)


def held_gb_s(predictor: Predictor, workload: Workload, bucket: Bucket, reuse: Reuse) -> float:
    """KV held in memory tiers for each request/s: idle between turns (M2), or in the prefix cache (M4)."""
    level = level_of(workload, reuse)
    if level is not None:
        return predictor.kv_gb_per_request(bucket.input_tokens) * level.held_s
    if reuse == "parked" and workload.idle_kv is not None:
        return predictor.kv_gb_per_request(bucket.cached_tokens) * workload.held_s(bucket)
    return 0.0


def most_resident_per_s(
    predictor: Predictor, workload: Workload, bucket: Bucket, reuse: Reuse, layout: Layout, point: ServingPoint
) -> float:
    """M1: the rate at which idle KV fills the fast memory that weights and active KV leave; inf where none stays.

    Each request/s holds the KV of its cached tokens for the gap before it, copies on tensor ranks included.
    """
    if reuse != RESIDENT:
        return float("inf")
    memory, step = predictor.memory, predictor.step
    free_gb = memory.usable_gb * layout.chips - point.weights_gb - point.kv_gb
    idle_gb = memory.kv_gb(step, layout, 1, bucket.cached_tokens) * workload.held_s(bucket)
    return max(free_gb, 0.0) / idle_gb if idle_gb > 0 else float("inf")


def slowest_restore_s(instance: Instance, workload: Workload, restored_gb: float) -> float:
    """Time to bring KV back from the slowest tier allowed: the plan is free to use any of them."""
    home = workload.idle_kv or workload.reuse_curve
    if home is None or restored_gb <= 0.0:
        return 0.0
    tiers = [instance.tier(t) for t in home.tiers]
    return max((restore_s(restored_gb, t.read_gb_s, t.latency_s) for t in tiers if t.enabled), default=0.0)
