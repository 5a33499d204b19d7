"""What requests ask of a replica, whatever its batch, and how it does under their load (R2).

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

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from fleetopt.candidates.band import First, at_end
from fleetopt.candidates.candidate import RESIDENT, OperatingPoint, Reuse
from fleetopt.candidates.prefix import level_of
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Bucket, Slo, Workload
from fleetopt.prediction.queueing import queued
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.tiers import restore_s
from fleetopt.prediction.types import Layout, QueuedPoint, Refusal, ServingPoint, Stage, Work


@dataclass(frozen=True, slots=True)
class Turns:
    """How often a request comes back within the span of its completion target."""

    turns: float
    tool_s: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """A replica under load: its highest rate with all its targets met."""

    point: ServingPoint
    """With an empty queue; its TTFT is that of a miss where that takes longer."""
    first: First
    queued: QueuedPoint

    @property
    def rate_per_s(self) -> float:
        """The rate."""
        return self.queued.rate_per_s


@dataclass(frozen=True)
class Asked:
    """Requests of one bucket that come over one round trip, asked of replicas of one layout."""

    instance: Instance
    predictor: Predictor
    workload: Workload
    bucket: Bucket
    stage: Stage
    reuse: Reuse
    layout: Layout
    rtt_s: float

    @cached_property
    def slo(self) -> Slo:
        """Targets of the bucket."""
        return self.workload.targets(self.bucket)

    @cached_property
    def span(self) -> Turns:
        """Turns that a completion target counts."""
        return turns_of(self.workload)

    @cached_property
    def completion_s(self) -> float | None:
        """The part of the completion target that this stage answers for; of a split one tools are taken out first."""
        whole_s = self.slo.completion_s
        if whole_s is None or self.stage == "aggregated":
            return whole_s
        left_s = max(whole_s - (self.span.turns - 1.0) * self.span.tool_s, 0.0)
        prefill_s = left_s / 2.0
        if self.slo.ttft_s is not None:
            prefill_s = min(self.span.turns * self.slo.ttft_s, prefill_s)
        return float(prefill_s if self.stage == "prefill" else left_s - prefill_s)

    @cached_property
    def reached_s(self) -> float:
        """Round trip, and bringing parked KV back."""
        cached = work_of(self.workload, self.bucket, self.reuse).cached_tokens
        restored_gb = self.predictor.kv_gb_per_request(cached) if cached > 0 and self.reuse != RESIDENT else 0.0
        return self.rtt_s + slowest_restore_s(self.instance, self.workload, restored_gb)

    @cached_property
    def extra_s(self) -> float:
        """What comes on top of the replica's own time to first token: that, and sending KV away."""
        if self.stage != "prefill":
            return self.reached_s
        transfer_s, _ = self.predictor.kv_transfer(self.layout, work_of(self.workload, self.bucket, self.reuse))
        return self.reached_s + (transfer_s or 0.0)

    def under_load(self, point: ServingPoint, worth_per_s: float = 0.0) -> Loaded | Refusal:
        """The replica at its highest rate with all its targets met (R2), or why it meets none (SLO).

        Below `worth_per_s` the rate may be lower than the highest, see `queued`.
        """
        first = First(point.ttft_s)
        if self.stage != "decode" and level_of(self.workload, self.reuse) is not None:
            work = work_of(self.workload, self.bucket, "none")
            missed = serve_point(self.predictor, self.stage, self.layout, work, point.batch)
            assert isinstance(missed, ServingPoint), "a miss holds no more than a hit"
            first = First(point.ttft_s, missed.ttft_s, self.reached_s - self.rtt_s)
            point = replace(point, ttft_s=first.time_s())
        found = self._queued_decode(point, worth_per_s) if self.stage == "decode" else self._queued(point, worth_per_s)
        return found if isinstance(found, Refusal) else Loaded(point, first, found)

    def passing(self, points: Sequence[ServingPoint]) -> tuple[int, Refusal | None]:
        """How many batches, in rising order, meet the targets at some load, and why the next does not.

        A larger batch is slower, so all beyond the first that fails fail too, and bisection finds it.
        """
        low, high, refusal = 0, len(points), None
        while low < high:
            middle = (low + high) // 2
            found = self.under_load(points[middle], float("inf"))
            if isinstance(found, Refusal):
                high, refusal = middle, found
            else:
                low = middle + 1
        return low, refusal

    def fastest(self, points: Sequence[ServingPoint]) -> Loaded | None:
        """The batch with the highest rate, of equals the smallest, where all of them, in rising order, pass."""
        best: Loaded | None = None
        most = self.instance.prediction.max_utilisation
        for point in reversed(points):  # large batches are mostly the fastest: few others are worth a search
            worth_per_s = 0.0 if best is None else best.rate_per_s
            if most * point.requests_per_s >= worth_per_s:
                found = self.under_load(point, worth_per_s)
                if isinstance(found, Loaded) and found.rate_per_s >= worth_per_s:
                    best = found
        return best

    def operating_point(self, loaded: Loaded) -> OperatingPoint:
        """The replica under load as a candidate's point, with the ends of its error bands."""
        found, point = loaded.queued, loaded.point
        gaps = max(self.bucket.output_tokens - 1.0, 0.0)
        fast, slow = (at_end(end, found, point, loaded.first, gaps, self.span.turns) for end in (0, 1))
        return OperatingPoint(
            bucket=self.bucket.id,
            batch=point.batch,
            rate_per_s=found.rate_per_s,
            ttft_s=found.ttft_s,
            tpot_s=found.tpot_s,
            completion_s=found.completion_s,
            active_kv_gb=point.kv_gb,
            kv_transfer_gb=point.kv_transfer_gb,
            parked_gb_s=held_gb_s(self.predictor, self.workload, self.bucket, self.reuse),
            rate_per_s_p10=fast.rate_per_s,
            rate_per_s_p90=slow.rate_per_s,
            ttft_s_p10=fast.ttft_s,
            ttft_s_p90=slow.ttft_s,
            tpot_s_p10=fast.tpot_s,
            tpot_s_p90=slow.tpot_s,
            completion_s_p10=fast.completion_s,
            completion_s_p90=slow.completion_s,
        )

    def _queued(self, point: ServingPoint, worth_per_s: float) -> QueuedPoint | Refusal:
        """A replica that prefills, or does both."""
        prefills = self.stage == "prefill"
        return queued(
            point,
            self.slo.ttft_s,
            None if prefills else self.slo.tpot_s,
            self.completion_s,
            self.slo.percentile,
            self.workload.demand.dispersion,
            self.instance.prediction,
            1.0 if prefills else self.bucket.output_tokens,
            self.extra_s,
            self.span.turns,
            0.0 if prefills else self.span.tool_s,
            most_resident_per_s(self.predictor, self.workload, self.bucket, self.reuse, self.layout, point),
            worth_per_s,
        )

    def _queued_decode(self, point: ServingPoint, worth_per_s: float) -> QueuedPoint | Refusal:
        """A decode pool; what stalls a request after its first token is spread over the others."""
        target_s = self.slo.tpot_s
        gaps = max(self.bucket.output_tokens - 1.0, 1.0)
        stall_s = None if target_s is None else (target_s - point.tpot_s) * gaps
        if target_s is not None and stall_s is not None and 0.0 <= stall_s < point.ttft_s:
            tpot_s = point.tpot_s + point.ttft_s / gaps
            detail = f"TPOT {tpot_s:.4g} s with KV transfer exceeds {target_s:.4g} s"
            return Refusal("SLO", detail, tpot_s / target_s - 1.0)
        found = queued(
            point,
            stall_s,
            target_s,
            self.completion_s,
            self.slo.percentile,
            self.workload.demand.dispersion,
            self.instance.prediction,
            self.bucket.output_tokens,
            turns=self.span.turns,
            worth_per_s=worth_per_s,
        )
        if isinstance(found, Refusal):
            return found
        tpot_s = found.tpot_s + found.ttft_s / gaps
        return QueuedPoint(found.rate_per_s, 0.0, tpot_s, found.completion_s, found.utilisation)


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


def turns_of(workload: Workload) -> Turns:
    """Turns and tool time within a completion target: those of a task where agentic, else one turn."""
    agent = workload.agent if workload.kind == "agentic" else None
    return Turns(agent.turns_per_task, agent.tool_s) if agent is not None else Turns(1.0, 0.0)


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
