"""Candidates whose rate is given, not predicted: from a table of maximum throughputs, or from the law of a queue.

They need neither a model nor a chip, and stand instead of everything that could be predicted: a table where one of the
two is not described, a queue wherever there is one.
"""

from collections.abc import Mapping, Sequence

from fleetopt.candidates.candidate import Candidate, OperatingPoint
from fleetopt.candidates.family import SHORT
from fleetopt.candidates.tally import Tally
from fleetopt.instance.measured import MeasuredPoint, ServiceQueue
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Bucket, Workload
from fleetopt.prediction.state_queue import StateQueue, highest_rate
from fleetopt.prediction.types import Refusal

GIVEN = "given"
"""Format of weights and KV where figures are given: nobody said which it was."""
MARK = "measured"


def is_rated(instance: Instance, workload: Workload, system: System) -> bool:
    """Whether what a system does for a workload is given rather than predicted."""
    return not instance.predicts(workload, system) or instance.measured.queue(workload.id, system.id) is not None


def rated_candidates(
    instance: Instance,
    workload: Workload,
    system: System,
    sites: Mapping[float, list[str]],
    table: Sequence[MeasuredPoint],
    tally: Tally,
) -> list[Candidate]:
    """A candidate for each size of replica and site, with a point for each bucket it can serve.

    `table` has the workload's maximum throughputs on the system.
    """
    queue = instance.measured.queue(workload.id, system.id)
    buckets = [b for b in workload.buckets if b.share > 0]
    found: dict[tuple[str, int], dict[str, OperatingPoint]] = {}
    for bucket in buckets:
        rows: list[ServiceQueue | MeasuredPoint] = [queue] if queue is not None else []
        if queue is None:
            rows += [p for p in table if p.is_size(bucket)]
        if not rows:
            _reject(
                tally, workload, system, bucket, Refusal("MEASURED", f"{bucket.id}: neither measured nor described")
            )
        for row in rows:
            for rtt_s, names in sites.items():
                tally.configurations += len(names)
                point = rated_point(workload, bucket, row, rtt_s)
                if isinstance(point, Refusal):
                    _reject(tally, workload, system, bucket, point)
                    continue
                tally.admissible += len(names)
                for site in names:
                    found.setdefault((site, row.units), {})[bucket.id] = point
    return [_candidate(workload, system, site, units, points) for (site, units), points in found.items()]


def rated_point(
    workload: Workload, bucket: Bucket, row: ServiceQueue | MeasuredPoint, rtt_s: float
) -> OperatingPoint | Refusal:
    """A replica's rate of a bucket as given, or the highest that its queue allows under the targets (R2)."""
    slo = workload.targets(bucket)
    if isinstance(row, MeasuredPoint):
        if not row.requests_per_s:
            return Refusal("SLO", "no load meets the targets", float("inf"))
        ttft_s = None if row.ttft_s is None else row.ttft_s + rtt_s
        for name, value, limit in (("TTFT", ttft_s, slo.ttft_s), ("TPOT", row.tpot_s, slo.tpot_s)):
            if value is not None and limit is not None and value > limit:
                return Refusal("SLO", f"{name} {value:.4g} s exceeds {limit:.4g} s", value / limit - 1.0)
        return OperatingPoint(bucket.id, None, row.requests_per_s, ttft_s, row.tpot_s, None, None, 0.0, 0.0)
    batch = row.batch_for(bucket)
    law = StateQueue(
        base_s=row.base_s,
        token_s=row.token_s,
        context_s=row.context_s,
        input_tokens=bucket.input_tokens,
        output_tokens=bucket.output_tokens,
        batch=batch,
        waiting=batch * row.queue_batches,
        most_load=row.most_load,
    )
    rated = highest_rate(law, None if slo.ttft_s is None else slo.ttft_s - rtt_s, slo.tpot_s)
    if isinstance(rated, Refusal):
        return rated
    ttft_s = rated.ttft_s + rtt_s
    completion_s = ttft_s + max(bucket.output_tokens - 1.0, 0.0) * rated.tpot_s
    if slo.completion_s is not None and completion_s > slo.completion_s:
        detail = f"completion {completion_s:.4g} s exceeds {slo.completion_s:.4g} s at the rate of the other targets"
        return Refusal("SLO", detail, completion_s / slo.completion_s - 1.0)
    return OperatingPoint(bucket.id, batch, rated.rate_per_s, ttft_s, rated.tpot_s, completion_s, None, 0.0, 0.0)


def _candidate(
    workload: Workload, system: System, site: str, units: int, points: Mapping[str, OperatingPoint]
) -> Candidate:
    return Candidate(
        id=".".join([workload.id, site, system.id, SHORT["aggregated"], GIVEN, unit_name(units), MARK]),
        workload=workload.id,
        site=site,
        system=system.id,
        stage="aggregated",
        reuse="none",
        precision=GIVEN,
        kv_precision=GIVEN,
        layout=None,
        units=float(units),
        whole=workload.whole_replicas or units > 1,
        weights_gb=None,
        points=points,
        source="measured",
        basis="measured",
    )


def unit_name(units: int) -> str:
    """`unit`, or `units2` where two were measured together."""
    return "unit" if units == 1 else f"units{units}"


def _reject(tally: Tally, workload: Workload, system: System, bucket: Bucket, refusal: Refusal) -> None:
    tally.reject(workload.id, "*", system.id, "aggregated", refusal, f"{bucket.id} unit {GIVEN} measured")
