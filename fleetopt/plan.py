"""The plan: whole numbers and money, no solver objects. `plan.json` is this, field for field."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Status = Literal["optimal", "feasible", "infeasible", "no_plan"]


@dataclass(frozen=True, slots=True)
class Purchase:
    """Units of a system bought, or a rental contract of `term_periods`, for one site and period of delivery."""

    period: str
    site: str
    system: str
    vendor: str
    acquisition: Literal["buy", "rent"]
    units: float
    chips: float
    unit_price_usd: float
    """List price of a unit with its network; for rent the price of a unit for a period."""
    duty_usd: float
    """Duty and revenue share on the whole line, undiscounted."""
    licence: str
    """Id of the licence used, or empty."""
    cost_usd: float
    """Undiscounted list price of the whole line (buy), or rent of all its periods in the horizon."""
    order_period: str
    in_service_period: str
    last_period: str
    """Last period of service inside the horizon."""
    rental: str = ""
    """Rental class of a contract (reserved, spot); empty for purchases and for the system's plain `rent`."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What a step of a volume discount takes off a system's purchases of a period, over all sites (B4)."""

    discount: str
    """Id of the discount."""
    period: str
    """Period of delivery."""
    system: str
    from_usd: float
    """Spend at which the step begins."""
    share: float
    """Share off the list price."""
    spend_usd: float
    """List price with network of what falls in the step."""
    saving_usd: float
    """Undiscounted in time."""


@dataclass(frozen=True, slots=True)
class MemoryPurchase:
    """Memory bought (whole units) or rented (`periods` 1) apart from systems."""

    period: str
    site: str
    tier: str
    acquisition: Literal["buy", "rent"]
    units: float
    gb: float
    unit_price_usd: float
    cost_usd: float
    order_period: str


@dataclass(frozen=True, slots=True)
class PowerBuild:
    """Blocks of a power source with first power in `period`, or a lease of power that starts then (`source` `lease`).

    A lease costs what its term inside the horizon does.
    """

    period: str
    site: str
    source: str
    blocks: float
    power_kw: float
    cost_usd: float
    order_period: str


@dataclass(frozen=True, slots=True)
class SiteOpening:
    """A site opened in `period`."""

    site: str
    period: str
    order_period: str
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Retirement:
    """Units of a cohort taken out at the start of `period`, before their end of life."""

    period: str
    site: str
    system: str
    cohort: str
    units: float
    resale_usd: float


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """Where a run trains, with its share of each period: on average `units` times the share train."""

    workload: str
    candidate: str
    site: str
    system: str
    units: int
    """Largest team."""
    chips: int
    least_units: int
    """Fewest units whose memory holds the run: there in every period with a share (T2)."""
    precision: str
    mfu: float
    goodput: float
    periods_needed: float
    periods_needed_p10: float
    """The same at the optimistic end of the error band."""
    periods_needed_p90: float
    """The same at the pessimistic end."""
    band: str
    """Where the error band comes from: metric, mode, vendor, and how many measurements."""
    share_of_period: Mapping[str, float]
    basis: str = "modelled"
    """What the prediction rests on: calibrated or modelled."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """A candidate the plan uses."""

    id: str
    workload: str
    site: str
    system: str
    stage: str
    reuse: str
    precision: str
    kv_precision: str
    tensor: int | None
    """None, like the next two and the weights, where a whole unit was measured, however laid out."""
    pipeline: int | None
    expert: int | None
    units_per_replica: float
    whole: bool
    weights_gb: float | None
    power_kw: float
    """Rated power of one replica."""
    points: Mapping[str, Mapping[str, float]]
    """By bucket: batch, rate_per_s, ttft_s, tpot_s, completion_s, active_kv_gb, kv_transfer_gb, parked_gb_s; predicted
    rates and latencies also at the ends of their error bands, `_p10` (optimistic) and `_p90` (pessimistic). Measured
    points lack what was not measured."""
    source: str = "predicted"
    """Where the points come from: predicted, or measured by the planner."""
    basis: str = "modelled"
    """What they rest on: measured, calibrated (on measurements of the vendor's chips) or modelled."""
    bands: Mapping[str, str] = field(default_factory=dict)
    """Where the band of each predicted figure comes from: metric, mode, vendor, and how many measurements."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What a deployment does in one period and slice."""

    deployment: str
    period: str
    slice: str
    replicas: float
    """Replicas busy, or loaded where counted whole."""
    served_per_s: Mapping[str, float]
    """By bucket."""
    utilisation: float
    """Busy share of the replicas."""
    ttft_s: float | None
    """Worst over the buckets served; None where it was not measured for one of them."""
    tpot_s: float | None
    slo: bool
    """Whether targets are met, by prediction or, at a measured maximum throughput, by measurement."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Requests of one bucket from a region to a site in one period and slice."""

    workload: str
    bucket: str
    region: str
    site: str
    period: str
    slice: str
    rate_per_s: float


@dataclass(frozen=True, slots=True)
class Deferral:
    """Work done and left waiting at the end of a slice, by workload and region (D2)."""

    workload: str
    region: str
    period: str
    slice: str
    done_per_s: float
    backlog_requests: float


@dataclass(frozen=True, slots=True)
class Unserved:
    """Demand not served, where the instance prices it."""

    workload: str
    region: str
    period: str
    slice: str
    rate_per_s: float
    requests: float
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Parked:
    """Memory of one holding of a workload in one tier (M2)."""

    workload: str
    holding: str
    """`kv`, `kv:<gap>`, `prefix-N`, `shared`, `sandbox`, `checkpoint`, or `store:<id>`."""
    site: str
    tier: str
    period: str
    slice: str
    gb: float


@dataclass(frozen=True, slots=True)
class Energy:
    """Average facility power drawn from a source in one period and slice (P2)."""

    site: str
    source: str
    period: str
    slice: str
    draw_kw: float


@dataclass(frozen=True, slots=True)
class Carbon:
    """Carbon emitted in a period by energy drawn from a source or under a lease, or by launches (`launch`) (G1)."""

    period: str
    site: str
    source: str
    tonnes: float


@dataclass(frozen=True, slots=True)
class Installed:
    """Units in place at a site in a period, and what they could and do carry at most."""

    system: str
    site: str
    period: str
    owned_units: float
    rented_units: float
    usable_units: float
    """Owned units less spares (R1); in orbit less failures (O3) and rest in eclipse (O4)."""
    peak_busy_units: float
    """Most units in use in any slice (owned and rented)."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What `verify` found."""

    passed: bool
    checks: int
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the solver decided, in files' units, with bound and gap."""

    instance: str
    status: Status
    objective_usd: float
    bound_usd: float
    gap: float
    gap_target: float
    cost_lines: Mapping[str, float]
    periods: tuple[str, ...]
    purchases: tuple[Purchase, ...] = ()
    discounts: tuple[Discount, ...] = ()
    memory_purchases: tuple[MemoryPurchase, ...] = ()
    power_builds: tuple[PowerBuild, ...] = ()
    sites_opened: tuple[SiteOpening, ...] = ()
    retirements: tuple[Retirement, ...] = ()
    training_runs: tuple[TrainingRun, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    placements: tuple[Placement, ...] = ()
    flows: tuple[Flow, ...] = ()
    deferrals: tuple[Deferral, ...] = ()
    unserved: tuple[Unserved, ...] = ()
    parked: tuple[Parked, ...] = ()
    energy: tuple[Energy, ...] = ()
    carbon: tuple[Carbon, ...] = ()
    installed: tuple[Installed, ...] = ()
    rejections: tuple[Mapping[str, Any], ...] = ()
    """By workload, system and rule: how many configurations fell, and the nearest."""
    verification: Verification | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `plan.json`; deployments are keyed by id."""
        data = asdict(self)
        data["deployments"] = {d.pop("id"): d for d in data["deployments"]}
        return data
