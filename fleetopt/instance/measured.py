"""The planner's own measurements, which stand instead of predictions (docs/decisions/005).

A row with a `batch` is a *full point*: latency with an empty queue at that batch, from which the rate under the targets
follows as for a prediction (R2). A row without is a *maximum throughput*: the rate at which the targets were met, taken
as it stands; 0 where no load met them.
"""

from typing import ClassVar, Literal

from pydantic import Field

from fleetopt.instance.base import Id, Section, Text
from fleetopt.instance.models import Precision
from fleetopt.instance.workloads import Bucket, Workload
from fleetopt.units import RatePerS, Seconds, Tokens

SAME_SIZE = 1e-9
"""Relative difference below which two numbers of tokens are the same."""


class MeasuredPoint(Section):
    """One measurement: of a replica in a layout, or of a whole unit of the system where no layout is given."""

    system: Id
    """System it was measured on."""
    workload: Id | None = None
    """Workload it holds for; every workload that serves `model` where absent."""
    model: Id | None = None
    """Model served; needed where no workload is named."""
    stage: Literal["aggregated", "prefill", "decode"] = "aggregated"
    """Prefill and decode together, or one pool of a disaggregated deployment."""
    precision: Precision | None = None
    """Format of the weights; the first that the workload allows where absent."""
    kv_precision: Precision | None = None
    """Format of the KV cache; the workload's where absent."""
    tensor: int | None = Field(default=None, ge=1)
    """Chips of a tensor group of the replica measured; a whole unit of the system was measured where absent."""
    units: int = Field(default=1, ge=1)
    """Units of the system that were measured together, where no layout is given."""
    pipeline: int = Field(default=1, ge=1)
    """Pipeline stages of the replica."""
    expert: int = Field(default=1, ge=1)
    """Chips its routed experts are spread over."""
    bucket: Id | None = None
    """Request size by the id of a bucket, or else by its tokens."""
    input_tokens: Tokens | None = None
    """Tokens in the context, cached ones included."""
    output_tokens: Tokens | None = None
    """Tokens generated."""
    cached_tokens: Tokens = 0.0
    """Of the input, tokens found in the cache: 0, or the bucket's own where its KV is parked."""
    batch: int | None = Field(default=None, ge=1)
    """Requests in service at once, in a full point; a maximum throughput where absent."""
    ttft_s: Seconds | None = None
    """Mean time to first token with an empty queue at the batch; or at the maximum throughput, at the percentile."""
    tpot_s: Seconds | None = None
    """Mean time per output token at the batch; or at the maximum throughput, at the percentile."""
    requests_per_s: RatePerS | None = None
    """Requests completed: saturated at the batch (where absent, as latency and batch imply), or at most under the
    targets; 0 where none met them."""
    note: Text = ""
    """Where and how it was measured."""

    @property
    def full(self) -> bool:
        """Whether it is a full point rather than a maximum throughput."""
        return self.batch is not None

    def format_for(self, workload: Workload) -> Precision:
        """Format of the weights it stands for in a workload."""
        return self.precision or workload.precisions[0]

    @property
    def plain(self) -> bool:
        """Whether it needs neither model nor chip: the most requests of whole units, prefill and decode together."""
        return (self.stage, self.tensor, self.cached_tokens, self.full) == ("aggregated", None, 0.0, False)

    def is_for(self, workload: Workload) -> bool:
        """Whether it is of a workload's model in formats and a stage that the workload allows."""
        return (
            workload.kind != "training"
            and self.workload in (None, workload.id)
            and self.model in (None, workload.model)
            and bool(workload.precisions)
            and self.format_for(workload) in workload.precisions
            and self.kv_precision in (None, workload.kv_precision)
            and (workload.disaggregated or self.stage == "aggregated")
            and (not workload.systems or self.system in workload.systems)
        )

    def is_size(self, bucket: Bucket) -> bool:
        """Whether it is of requests of a bucket's size."""
        if self.bucket is not None:
            return self.bucket == bucket.id
        return _same(self.input_tokens, bucket.input_tokens) and _same(self.output_tokens, bucket.output_tokens)

    def is_of(self, workload: Workload, bucket: Bucket) -> bool:
        """Whether it is of a bucket's requests, as many tokens cached as the workload could find or none."""
        parked = workload.idle_kv is not None and self.stage != "decode"
        return self.is_size(bucket) and (
            self.cached_tokens == 0 or (parked and _same(self.cached_tokens, bucket.cached_tokens))
        )


class ServiceQueue(Section):
    """Replicas whose times are a law of the running batch, fitted by the planner (Inferno's accelerator profiles).

    An iteration with b requests takes `base_s` + b (`token_s` a token computed + `context_s` a token of context read);
    a queue with a batch and a limit then says which rate keeps TTFT and TPOT on average within the targets
    (fleetopt.prediction.state_queue). It stands instead of every prediction of these workloads on the system.
    """

    workloads: tuple[Id, ...] = Field(min_length=1)
    """Workloads it holds for."""
    system: Id
    """System the replica runs on."""
    units: int = Field(default=1, ge=1)
    """Units of the system that a replica takes."""
    max_batch: int = Field(ge=1, le=100_000)
    """Most requests in service at once, where requests have `at_tokens` of output."""
    at_tokens: int | None = Field(default=None, ge=1)
    """Output for which `max_batch` holds: with more, fewer requests fit; where absent it holds for any."""
    queue_batches: int = Field(default=10, ge=0, le=1000)
    """Most requests that wait, in batches; what comes then is lost."""
    most_load: float = Field(default=0.999, gt=0, le=0.999)
    """Highest rate, as a share of the saturated one."""
    base_s: Seconds
    """Time of an iteration beside its requests (alpha)."""
    token_s: Seconds
    """Added for each token computed (beta)."""
    context_s: Seconds
    """Added for each token of context read (gamma)."""

    def batch_for(self, bucket: Bucket) -> int:
        """Most requests of a bucket in service at once, at least one."""
        if self.at_tokens is None:
            return self.max_batch
        return max(int(self.max_batch * self.at_tokens // max(bucket.output_tokens, 1.0)), 1)


class Measured(Section):
    """The planner's own measurements, inline or in a table (`csv: file` in an instance file)."""

    said_only_if_used: ClassVar[bool] = True
    """A section that says nothing is left out of `resolved.yaml`."""

    points: tuple[MeasuredPoint, ...] = ()
    """Measurements."""
    queues: tuple[ServiceQueue, ...] = ()
    """Laws fitted to measurements, by workload and system."""
    replace: Literal["all", "matching"] = "all"
    """Whether a measurement stands instead of every prediction of its system for the bucket, or of its own layout."""

    def queue(self, workload_id: str, system_id: str) -> ServiceQueue | None:
        """The law of a workload on a system, where there is one."""
        return next((q for q in self.queues if q.system == system_id and workload_id in q.workloads), None)

    def tables(self, workload: Workload) -> dict[Id, list[MeasuredPoint]]:
        """Maximum throughputs of a workload that are all there is to know of it, by system."""
        found: dict[Id, list[MeasuredPoint]] = {}
        for point in self.points:
            if point.workload == workload.id and point.plain:
                found.setdefault(point.system, []).append(point)
        return found

    def of(self, workload: Workload, system_id: str) -> tuple[MeasuredPoint, ...]:
        """Measurements of a workload on a system, in order."""
        return tuple(p for p in self.points if p.system == system_id and p.is_for(workload))


def _same(value: float | None, other: float) -> bool:
    return value is not None and abs(value - other) <= SAME_SIZE * max(abs(value), abs(other))
