"""What prediction speaks in: work, layouts, and the points it returns. Pure data."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Stage = Literal["aggregated", "prefill", "decode"]


@dataclass(frozen=True, slots=True)
class Work:
    """One request: `cached_tokens` of `input_tokens` need no prefill, but their KV is read and held."""

    input_tokens: float
    cached_tokens: float
    output_tokens: float

    @property
    def uncached_tokens(self) -> float:
        """Tokens to prefill, at least one."""
        return max(self.input_tokens - self.cached_tokens, 1.0)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a replica is spread: `tensor` x `pipeline` chips; experts are sharded over `expert` of them."""

    tensor: int = 1
    pipeline: int = 1
    expert: int = 1
    attention_data: int = 1
    """Attention data parallelism: the `tensor` group holds this many copies of the attention weights, each with its own
    share of the sequences (and of the KV); it divides `tensor`."""

    @property
    def chips(self) -> int:
        """Chips of one replica."""
        return self.tensor * self.pipeline


class Ends(NamedTuple):
    """Both ends of an error band, as factors on a time that a plan rests on."""

    p10: float
    p90: float


class Spreads(NamedTuple):
    """The error bands of a serving point: of its own part of TTFT, its TPOT, and the time a request takes of it."""

    ttft: Ends
    tpot: Ends
    service: Ends


EXACT = Ends(1.0, 1.0)
NO_SPREAD = Spreads(EXACT, EXACT, EXACT)
"""Of what is not predicted."""


@dataclass(frozen=True, slots=True)
class ServingPoint:
    """One replica at one batch with an empty queue: mean times, and its saturated rate."""

    batch: int
    ttft_s: float
    """Prefill of the uncached tokens (aggregated: beside running decodes), first token out; no queue."""
    tpot_s: float
    """Mean time per output token at the mean context, with the prefill share where aggregated; 0 for a prefill pool."""
    requests_per_s: float
    """Highest completion rate of the replica at this batch."""
    service_s: float
    """Time the replica's bottleneck stage is held by one request: what queueing theory calls its service time."""
    weights_gb: float
    kv_gb: float
    """Active KV at the batch; with the weights it fits the usable fast memory."""
    kv_transfer_gb: float = 0.0
    """KV that leaves a prefill pool, or enters a decode pool, for each request."""
    slots: int = 1
    """Requests in service at once: the batch where requests decode, 1 in a prefill pool."""
    prefill_s: float = 0.0
    """Time one prompt holds up the engine of an aggregated replica, without what rides along in decodes; 0 in pools."""
    spreads: Spreads = NO_SPREAD
    """Error bands against the times above."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a configuration cannot run: `rule` is an equation id, `detail` says the figures."""

    rule: str
    detail: str
    shortfall: float = 0.0
    """How far from possible, as required / available - 1 (memory) or value / limit - 1 (latency)."""


@dataclass(frozen=True, slots=True)
class QueuedPoint:
    """A replica under load: the highest arrival rate at which the targets hold at their percentile (R2)."""

    rate_per_s: float
    ttft_s: float
    """At the target percentile, round trip included."""
    tpot_s: float
    completion_s: float
    utilisation: float


@dataclass(frozen=True, slots=True)
class TrainingPoint:
    """One team on one training run."""

    chips: int
    mfu: float
    goodput: float
    flop: float
    """Work of the whole run."""
    peak_tflops: float
    """Peak of one chip in the run's format."""
    seconds: float
    """Time the whole run takes this team, failures included."""
    memory_gb_per_chip: float
    spread: Ends = EXACT
    """Error band of `seconds`."""


@dataclass(frozen=True, slots=True)
class TrainingLayout:
    """How a team is spread over a model; data parallelism is what is left of its chips."""

    tensor: int = 1
    pipeline: int = 1
    context: int = 1
    """Chips a sequence is split over."""
    expert: int = 1
    virtual: int = 1
    """Stages of the pipeline that a chip holds."""
    micro_batch: float = 1.0
    """Sequences in a forward pass."""
    batch_tokens: float = 16e6
    """Tokens between two steps of the optimiser."""
    recompute: bool = False
    """Whether activations are computed again in the backward pass."""
    sharded: bool = False
    """Whether weights and gradients are split over all chips and gathered layer by layer."""
