"""Workloads: demand by segment (training, answer, agentic), request sizes, and targets."""

from typing import ClassVar, Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, PeriodId, Section
from fleetopt.instance.models import Precision
from fleetopt.instance.sessions import Session
from fleetopt.units import AnyShare, Flop, Hours, MemoryGb, RatePerS, Scale, Seconds, Share, Tokens, Usd


class Slo(Section):
    """Latency targets, met at a percentile in the busiest slice."""

    ttft_s: Seconds | None = None
    """Time to first token, with the round trip to the user."""
    tpot_s: Seconds | None = None
    """Time per output token (mean of a request)."""
    completion_s: Seconds | None = None
    """Time from request to last token, or from a task's first turn to its last with tools between (agentic)."""
    percentile: float = Field(default=0.95, gt=0, lt=1)
    """Share of requests that meet the targets."""


class Bucket(Section):
    """A request size."""

    id: Id
    """Lower-case id."""
    share: Share
    """Share of the workload's requests; shares add up to 1."""
    input_tokens: Tokens = 0.0
    """Tokens in the context, cached ones included; needed, like the output, where anything is predicted."""
    cached_tokens: Tokens = 0.0
    """Of these, tokens whose KV is reused from an earlier turn when it was kept."""
    output_tokens: Tokens = 0.0
    """Tokens generated."""
    gap: Id | None = None
    """Which of `idle_kv.gaps` its cached tokens lie idle in before it arrives; `idle_kv.mean_gap_s` where absent."""
    slo: Slo | None = None
    """Targets of this bucket, where they differ from the workload's."""


class RegionDemand(Section):
    """Arrivals from one region, as a mean rate with factors per slice."""

    region: Id
    """Where the users are."""
    rate_per_s: RatePerS
    """Mean arrival rate in the first period, requests a second (for agentic work: turns)."""
    slice_factors: dict[Id, float] = {}
    """Multiplies the rate by slice; 1 where absent."""


class DemandRow(Section):
    """One row of a demand table: the rate itself."""

    period: PeriodId
    """Period."""
    slice: Id
    """Slice."""
    region: Id
    """Region."""
    rate_per_s: RatePerS
    """Requests a second."""


class Demand(Section):
    """How much work arrives: by region with growth, or as a table (`csv: file` in an instance file)."""

    scale: Scale = 1.0
    """Multiplies all demand (scenarios)."""
    regions: tuple[RegionDemand, ...] = ()
    """Mean rates by region."""
    growth_per_period: AnyShare = 0.0
    """Compound growth of `regions` a period."""
    period_factors: tuple[float, ...] = ()
    """Multiplies `regions` by period instead of growth."""
    table: tuple[DemandRow, ...] = ()
    """Rates by period, slice and region, instead of `regions`; absent rows are 0."""
    parts: int | None = Field(default=None, ge=1, le=10_000)
    """Equal parts of each bucket's requests, none of which is split between systems or sites (D1.parts); where absent,
    or with `demand.split: continuous`, any share may go anywhere."""
    shares_as_given: bool = False
    """Whether buckets' shares may add up to something other than 1: each bucket has its share of the rate all the
    same."""
    dispersion: float = Field(default=1.0, ge=0, le=100)
    """Index of dispersion of arrivals in the busiest slice (1: Poisson), for percentiles (R2)."""


class Gap(Section):
    """One kind of pause between turns; each is parked in a tier of its own, kept, or dropped and recomputed."""

    id: Id
    """Lower-case id."""
    held_s: Seconds
    """Time KV is held for each restore; more than a mean gap where some that is held is dropped before its turn."""
    writes_per_restore: float | None = Field(default=None, ge=0)
    """How often KV is written to its tier for each restore (M3); that of `idle_kv` where absent."""


class IdleKv(Section):
    """KV of sessions that wait between turns: parked in a tier (M2), left in fast memory, or dropped and recomputed."""

    mean_gap_s: Seconds
    """Mean time a session's KV lies idle between turns."""
    gaps: tuple[Gap, ...] = ()
    """Kinds of pauses, where buckets name theirs: what is short may lie elsewhere than what is long."""
    tiers: tuple[Id, ...] = Field(min_length=1)
    """Memory tiers that may hold it."""
    may_park: bool = True
    """Whether tiers may hold it at all (scenarios)."""
    may_stay: bool = False
    """Whether it may stay in the fast memory of its replica, in place of other requests (M1)."""
    may_recompute: bool = True
    """Whether dropping it and prefilling the whole context again is allowed."""
    writes_per_restore: float = Field(default=1.0, ge=0)
    """How often KV is written for each restore (M3): above 1 where sessions end, below where only new tokens are."""


class ReusePoint(Section):
    """A measured point of a reuse curve."""

    held_s: Seconds
    """Size of the cache in seconds of input: tokens it holds / input tokens that arrive a second."""
    hit_share: Share
    """Share of all input tokens that it finds again."""


class ReuseCurve(Section):
    """Prefix cache in memory tiers: the larger it is, the more of the input needs no prefill (M4)."""

    points: tuple[ReusePoint, ...] = Field(min_length=1)
    """Measured, in order of size; what lies under their upper concave envelope, from no cache on, can be had."""
    tiers: tuple[Id, ...] = Field(min_length=1)
    """Memory tiers that may hold it."""
    shared_tokens: Tokens = 0.0
    """Tokens of prompts shared by all: held once at each site that caches, however much it serves."""
    shared_hit_share: Share = 0.0
    """Share of all input tokens found in shared prompts, on top of the points."""
    written_share: Share = 1.0
    """Share of missed tokens written to the cache (M3): below 1 where a block is kept only on its second use."""
    basis: Literal["measured", "lower_bound", "parametric"] | None = None
    """What the points are: measured, measured over too short a time to see all reuse, or worked out from statistics."""


class Store(Section):
    """Data written by requests and kept: logs, embeddings, artefacts (M2)."""

    id: Id
    """Lower-case id."""
    tiers: tuple[Id, ...] = Field(min_length=1)
    """Memory tiers that may hold it."""
    gb_per_request: MemoryGb
    """Written by each request."""
    retention_h: Hours
    """How long it is kept: for a cycle or more its size follows the mean rate of the cycle, else that of each slice."""
    reads_per_write: float = Field(default=0.0, ge=0)
    """How often it is read while it is kept (M3)."""


class Agent(Section):
    """Agentic work: turns with tools between them."""

    turns_per_task: float = Field(ge=1)
    """Turns of a task; demand counts turns."""
    tool_s: Seconds
    """Mean tool time between turns."""
    tool_core_s: float = Field(default=0.0, ge=0)
    """CPU core-seconds of tools a turn (C3)."""
    sandbox_gb: MemoryGb = 0.0
    """Host memory a sandbox holds (C3)."""
    sandbox_s: Seconds = 0.0
    """How long a sandbox is held for each turn."""


class Training(Section):
    """A training run: all its work between start and deadline at one site on one kind of system (T1 to T3)."""

    tokens: Tokens
    """Training tokens."""
    flop: Flop | None = None
    """Total work; 6 x active parameters x tokens plus attention where absent."""
    sequence_tokens: Tokens = 8192.0
    """Sequence length."""
    batch_tokens: Tokens = 16e6
    """Tokens between two steps of the optimiser."""
    start: PeriodId
    """First period it may run."""
    deadline: PeriodId
    """Last period it may run."""
    precision: Precision = "bf16"
    """Format of the matrix work."""
    max_chips: int = Field(default=200_000, ge=1)
    """Cap on the team."""
    checkpoint_gb: MemoryGb = 0.0
    """Checkpoints kept while the run lasts (M2)."""
    checkpoint_tiers: tuple[Id, ...] = ()
    """Memory tiers that may hold them."""
    checkpoint_every_h: Hours | None = None
    """Time from one checkpoint to the next (M3); where absent, writing them takes no bandwidth worth counting."""
    checkpoints_kept: int = Field(default=1, ge=1)
    """How many checkpoints `checkpoint_gb` holds."""


class Workload(Entity):
    """One kind of demand."""

    enabled: bool = True
    """Whether it is planned for."""
    kind: Literal["training", "answer", "agentic"]
    """A human waits (answer), nobody waits (agentic), or a model is trained."""
    model: Id | None = None
    """Model served or trained; absent where nothing is predicted: then `measured` says what each system does."""
    precisions: tuple[Precision, ...] = ("fp8",)
    """Weight formats allowed when serving."""
    kv_precision: Precision = "bf16"
    """KV cache format."""
    buckets: tuple[Bucket, ...] = ()
    """Request sizes."""
    demand: Demand = Demand()
    """Arrivals."""
    slo: Slo = Slo()
    """Targets."""
    max_delay_h: Hours = 0.0
    """How long work may wait before it starts (D2)."""
    disaggregated: bool = True
    """Whether prefill and decode pools may be split (D4)."""
    whole_replicas: bool = False
    """Whether replicas are counted whole even where several share a unit."""
    min_replicas: int = Field(default=0, ge=0)
    """Least replicas loaded in every period, whatever arrives (C1.least); needs `whole_replicas`, and no pools."""
    systems: tuple[Id, ...] = ()
    """Systems allowed; all where empty."""
    one_system: bool = False
    """Whether one system serves all of it in a period (D1.one); `servers.mixed: true` lifts this for all workloads."""
    jurisdictions: tuple[Id, ...] = ()
    """Jurisdictions its data may enter; all that its regions allow where empty (D3)."""
    shortfall_usd_per_request: Usd | None = None
    """Price of a request not served; where absent, every request must be served."""
    idle_kv: IdleKv | None = None
    """Where cached tokens lie between turns; needed where a bucket has any."""
    stores: tuple[Store, ...] = ()
    """Data kept."""
    agent: Agent | None = None
    """For kind `agentic`."""
    training: Training | None = None
    """For kind `training`."""
    session: Session | None = None
    """Agent sessions as they are, instead of `buckets`, `idle_kv` and `agent`; worked into these on reading."""
    reuse_curve: ReuseCurve | None = None
    """Prefix cache by measured hit rates, instead of `cached_tokens` and `idle_kv`."""
    min_sites: int | None = Field(default=None, ge=1)
    """Least number of sites that serve it in every period in which it has demand (R1)."""
    min_site_share: Share = 0.1
    """Share of a period's requests that a site must serve to count towards `min_sites`."""
    max_site_share: Share | None = None
    """Most share of its requests that any one site serves in any slice: what the loss of a site can take away (R1)."""
    sites_since: PeriodId | None = None
    """First period in which `min_sites` and `max_site_share` hold; the first of all where absent."""

    def held_s(self, bucket: Bucket) -> float:
        """Seconds that the KV of a bucket's cached tokens is held for each restore; 0 without `idle_kv`."""
        if self.idle_kv is None:
            return 0.0
        named = (gap.held_s for gap in self.idle_kv.gaps if gap.id == bucket.gap)
        return next(named, self.idle_kv.mean_gap_s)

    def targets(self, bucket: Bucket) -> Slo:
        """Targets of a bucket: its own where given, else the workload's; of two percentiles the stricter."""
        if bucket.slo is None:
            return self.slo
        own, all_ = bucket.slo, self.slo
        return Slo(
            ttft_s=all_.ttft_s if own.ttft_s is None else own.ttft_s,
            tpot_s=all_.tpot_s if own.tpot_s is None else own.tpot_s,
            completion_s=all_.completion_s if own.completion_s is None else own.completion_s,
            percentile=max(own.percentile, all_.percentile),
        )


class DemandOptions(Section):
    """How demand may be split, for all workloads together."""

    said_only_if_used: ClassVar[bool] = True
    """A section that says nothing is left out of `resolved.yaml`."""

    split: Literal["parts", "continuous"] = "parts"
    """`parts`: as each workload's `demand.parts` says; `continuous`: any share may go anywhere."""


class ServerOptions(Section):
    """How systems may be mixed, for all workloads together."""

    said_only_if_used: ClassVar[bool] = True
    """A section that says nothing is left out of `resolved.yaml`."""

    mixed: bool = False
    """Whether several systems may serve a workload that asks for one (`one_system`)."""
