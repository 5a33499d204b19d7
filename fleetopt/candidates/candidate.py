"""A candidate: one complete way to serve a workload at a site, or to train a model there."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from fleetopt.prediction.basis import Basis
from fleetopt.prediction.types import Layout, Stage

Reuse = str
"""How cached tokens are had again: `none`, `parked`, `resident` (kept in fast memory), `recomputed`, or `prefix-N`, a
hit level of the reuse curve."""
RESIDENT = "resident"
"""The `reuse` of replicas that keep the idle KV of their sessions in fast memory (M1)."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How a candidate serves one bucket: its batch, its rate under the targets (R2), its latency at the percentile.

    None is what a measured maximum throughput does not say.
    """

    bucket: str
    batch: int | None
    rate_per_s: float
    ttft_s: float | None
    """Part of the time to first token this stage is answerable for, longest round trip included; 0 for decode."""
    tpot_s: float | None
    completion_s: float | None
    active_kv_gb: float | None
    kv_transfer_gb: float
    parked_gb_s: float
    """KV held in memory tiers, in GB for each request/s served: where `parked`, KV of the cached tokens x time held; at
    a hit level, KV of the input x seconds held; else 0."""
    rate_per_s_p10: float | None = None
    """Of this and all that follow: at the optimistic end of the error band; `_p90`, at the pessimistic. The rate is at
    the utilisation planned; of the latencies, waiting, round trip and moving KV are as planned. None: measured."""
    rate_per_s_p90: float | None = None
    ttft_s_p10: float | None = None
    ttft_s_p90: float | None = None
    tpot_s_p10: float | None = None
    tpot_s_p90: float | None = None
    completion_s_p10: float | None = None
    completion_s_p90: float | None = None


def without_band(point: OperatingPoint) -> OperatingPoint:
    """A point as measured: what was measured has no error band."""
    return replace(
        point,
        rate_per_s_p10=None,
        rate_per_s_p90=None,
        ttft_s_p10=None,
        ttft_s_p90=None,
        tpot_s_p10=None,
        tpot_s_p90=None,
        completion_s_p10=None,
        completion_s_p90=None,
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """One (workload, site, system, stage, reuse, layout) with an operating point for each bucket it serves best."""

    id: str
    workload: str
    site: str
    system: str
    stage: Stage
    reuse: Reuse
    precision: str
    kv_precision: str
    layout: Layout | None
    """None where a unit was measured as a whole, however laid out."""
    units: float
    """Units of the system one replica takes: 1/k where k replicas share a unit, else a whole number."""
    whole: bool
    """Replicas are counted whole (`keep`): one spans more than one unit, or the workload asks for it."""
    weights_gb: float | None
    points: Mapping[str, OperatingPoint] = field(default_factory=dict)
    source: Literal["predicted", "measured"] = "predicted"
    basis: Basis = "modelled"
    """What its figures rest on."""
    bands: Mapping[str, str] = field(default_factory=dict)
    """Where the error band of each figure comes from, in words."""


@dataclass(frozen=True, slots=True)
class TrainingCandidate:
    """A team of at most `units` on one training run at one site (T1, T2)."""

    id: str
    workload: str
    site: str
    system: str
    precision: str
    units: int
    chips: int
    least_units: int
    """Fewest units whose memory holds the run: so many must be there whenever it trains (T2)."""
    mfu: float
    goodput: float
    periods_needed: float
    """Whole-team periods the run takes."""
    periods_needed_p10: float
    """The same at the optimistic end of the error band."""
    periods_needed_p90: float
    """The same at the pessimistic end."""
    band: str
    """Where the error band comes from, in words."""
    first_period: int
    last_period: int
    basis: Basis = "modelled"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an option is no candidate: the rule's id, and how far off the nearest try was."""

    workload: str
    site: str
    system: str
    stage: str
    rule: str
    detail: str
    shortfall: float
    count: int = 1
    """Configurations rejected for this rule."""


@dataclass(frozen=True, slots=True)
class CandidateSet:
    """All columns to come, and everything that did not become one."""

    serving: tuple[Candidate, ...]
    training: tuple[TrainingCandidate, ...]
    rejections: tuple[Rejection, ...]
    configurations: int
    """Configurations tried (layout x batch x bucket)."""
    admissible: int
    """Configurations (layout x batch) that pass every screen for some bucket: candidates before dominance."""
