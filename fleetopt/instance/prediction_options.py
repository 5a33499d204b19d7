"""Constants of the prediction; the defaults are fitted to public measurements (catalog/calibration.yaml)."""

from functools import cache
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from fleetopt.catalog.load import calibration
from fleetopt.instance.base import Id, Name, Section
from fleetopt.instance.speculation import Speculation
from fleetopt.units import Scale, Seconds, Share


def _fitted(name: str) -> Any:
    """The calibrated value of a constant."""
    return calibration()["constants"][name]["value"]


class Band(Section):
    """How far measurements of one kind lie from their predictions: time measured / time predicted.

    For rates it is the rate predicted over the rate measured, so that above 1 is always slower than predicted.
    """

    metric: Name
    """What was measured, as row files name it; `_per_chip` makes no difference."""
    mode: Name = "any"
    """How, as row files name it, or `any`."""
    vendor: Name = "any"
    """Of the chip, or `any`."""
    rows: int = Field(default=0, ge=0)
    """Measurements behind it."""
    sources: int = Field(default=0, ge=0)
    """Publications they come from; each counts the same."""
    p10: float = Field(gt=0)
    """A tenth of the measurements were at or below this."""
    p50: float = Field(gt=0)
    """The middle one."""
    p90: float = Field(gt=0)
    """Nine tenths were at or below this."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.p10 <= self.p50 <= self.p90:
            raise ValueError("p10, p50 and p90 must not fall; try them in order")
        return self


BANDED = ("ttft_ms", "tpot_ms", "output_tokens_per_s", "tokens_per_s_per_chip")
"""Metrics that a plan gives with an error band."""


def plain_metric(metric: str) -> str:
    """A metric without `_per_chip`: a ratio of rates is the same for one chip as for all."""
    return metric.removesuffix("_per_chip")


@cache
def _fitted_bands() -> tuple[Band, ...]:
    return tuple(Band.model_validate(band) for band in calibration()["bands"])


class LibraryCosts(Section):
    """What a vendor's kernel library reaches, against NVIDIA's."""

    gemm_factor: Scale = 1.0
    """Multiplies `gemm_efficiency` and `attention_efficiency`."""
    memory_factor: Scale = 1.0
    """Multiplies `memory_efficiency` and `kv_efficiency`."""


class EngineCosts(Section):
    """What a serving engine adds, against the mean of those measured."""

    overhead_factor: Scale = 1.0
    """Multiplies the overheads of step, layer and sequence."""
    gemm_factor: Scale = 1.0
    """Multiplies `gemm_efficiency` and `attention_efficiency`, where it brings its own kernels."""


class TrainingLibrary(Section):
    """What a vendor's kernel library reaches in training, against NVIDIA's."""

    gemm_factor: Scale = 1.0
    """Multiplies `gemm_efficiency` and `attention_efficiency`."""


class TrainingCosts(Section):
    """What training costs beyond the data sheet, and how often it stops."""

    gemm_efficiency: Share = _fitted("training_gemm_efficiency")
    """Share of the bf16 peak reached by matrix products."""
    fp8_gemm_factor: Share = _fitted("training_fp8_gemm_factor")
    """Multiplies it in fp8, against the fp8 peak."""
    fp4_gemm_factor: Share = _fitted("training_fp4_gemm_factor")
    """Multiplies it in fp4, against the fp4 peak: gradients stay wider."""
    expert_gemm_factor: Share = _fitted("training_expert_gemm_factor")
    """Multiplies it for routed experts."""
    attention_efficiency: Share = _fitted("training_attention_efficiency")
    """Share of the bf16 peak reached by attention, forward and backward."""
    activation_passes: float = Field(default=_fitted("training_activation_passes"), ge=0)
    """How often a layer reads or writes its activations, forward and backward."""
    tensor_exposed: float = Field(default=_fitted("training_tensor_exposed"), ge=0)
    """Share of the tensor collectives' time, at the link's rate, that work does not hide."""
    expert_exposed: float = Field(default=_fitted("training_expert_exposed"), ge=0)
    """... of the experts' all-to-alls."""
    context_exposed: float = Field(default=_fitted("training_context_exposed"), ge=0)
    """... of exchanging keys and values between chips that share a sequence."""
    shard_exposed: float = Field(default=_fitted("training_shard_exposed"), ge=0)
    """... of gathering weights and reducing gradients."""
    layer_s: Seconds = _fitted("training_layer_s")
    """Overhead of a layer, forward and backward, for each micro-batch."""
    expert_layer_s: Seconds = _fitted("training_expert_layer_s")
    """Added for a layer of experts."""
    libraries: dict[Name, TrainingLibrary] = calibration()["training_libraries"]
    """Kernel libraries by vendor of the chip; as NVIDIA's where absent."""
    spread: float = Field(default=_fitted("training_spread"), ge=0)
    """Time lost to slower chips with each doubling of the team beyond a server."""
    interruptions_per_chip_year: float = Field(default=0.17, ge=0)
    """Unplanned stops a chip and year (Llama 3: 419 in 54 days on 16,384 H100)."""
    checkpoint_s: Seconds = 30.0
    """Time a checkpoint stops the run (an assumption)."""
    restart_s: Seconds = 420.0
    """Time from a stop to progress (an assumption; with it a 16,384-chip run makes progress 90 % of the time)."""


class PredictionOptions(Section):
    """Fitted efficiencies and engine overheads; see docs/prediction.md."""

    engine: Name = "typical"
    """Serving engine, of `engines`; `typical` is the mean of those measured."""
    percentile: Literal["p10", "p50", "p90"] = "p50"
    """Which end of the error bands plans rest on: p90 takes times as long as nine of ten measurements were at most, p10
    as short as one of ten, p50 as predicted."""
    memory_efficiency: Share = _fitted("memory_efficiency")
    """Share of memory bandwidth reached when reading weights."""
    kv_efficiency: Share = _fitted("kv_efficiency")
    """Share of memory bandwidth reached when reading KV."""
    gemm_efficiency: Share = _fitted("gemm_efficiency")
    """Share of the bf16 peak reached by matrix products."""
    fp8_gemm_factor: Share = _fitted("fp8_gemm_factor")
    """Multiplies it in fp8: scaling and conversion take their part."""
    fp4_gemm_factor: Share = _fitted("fp4_gemm_factor")
    """Multiplies it in fp4."""
    widened_gemm_factor: Share = _fitted("widened_gemm_factor")
    """Multiplies it where weights are widened to bf16 on the way, for want of their own format."""
    expert_gemm_factor: Share = _fitted("expert_gemm_factor")
    """Multiplies it for routed experts, whose tokens are spread unevenly over many small matrices."""
    attention_efficiency: Share = _fitted("attention_efficiency")
    """Share of the bf16 peak reached by attention."""
    activation_passes: float = Field(default=_fitted("activation_passes"), ge=0)
    """How often a layer reads or writes its activations (norms, rotary embedding, residual, conversions)."""
    link_efficiency: Share = _fitted("link_efficiency")
    """Share of scale-up bandwidth reached by collectives, and of the network by transfers of KV."""
    allreduce_s: Seconds = _fitted("allreduce_s")
    """Latency of one all-reduce, and of a hop between pipeline stages."""
    alltoall_factor: Scale = _fitted("alltoall_factor")
    """Latency of one all-to-all against an all-reduce."""
    layer_s: Seconds = _fitted("layer_s")
    """Engine overhead a layer."""
    expert_layer_s: Seconds = _fitted("expert_layer_s")
    """Added for a layer of experts: routing, sorting tokens, more kernels."""
    step_s: Seconds = _fitted("step_s")
    """Engine overhead a step."""
    sequence_s: Seconds = _fitted("sequence_s")
    """Engine overhead for each sequence of a step: sampling, scheduling, detokenising."""
    prefill_overlap: Share = _fitted("prefill_overlap")
    """Share of a prompt's prefill that running decodes wait for: the rest rides along in their passes."""
    queue_share: Share = _fitted("queue_share")
    """In a closed loop, share of the other requests' prefills that a request waits for (means, benchmarks alone)."""
    first_token_s: Seconds = _fitted("first_token_s")
    """Time from request to the engine's queue and back to the client, in benchmarks of a closed loop."""
    libraries: dict[Name, LibraryCosts] = calibration()["libraries"]
    """Kernel libraries by vendor of the chip; as NVIDIA's where absent."""
    engines: dict[Name, EngineCosts] = calibration()["engines"]
    """Serving engines."""
    bands: tuple[Band, ...] = Field(default_factory=_fitted_bands)
    """Error bands by kind, from the residuals of the calibration; each metric needs one of any mode and vendor."""
    dataflow_layer_s: Seconds = 17e-6
    """Time a layer takes beyond its arithmetic on SRAM machines, collectives included: no kernel launches, but
    synchronisation and hops. Published token rates imply 8 to 41 microseconds; see docs/prediction.md."""
    dataflow_step_s: Seconds = 50e-6
    """Overhead a step on SRAM machines (an assumption)."""
    prefill_chunk_tokens: float = Field(default=8192.0, ge=1)
    """Most prompt tokens one forward pass takes: longer prompts are prefilled in several."""
    speculative: dict[Id, Speculation] = {}
    """Speculative or multi-token decoding by workload or model, the workload before its model; off where absent."""
    usable_memory: Share = 0.9
    """Share of fast memory an engine may fill with weights and KV."""
    max_utilisation: float = Field(default=0.9, gt=0, lt=1)
    """Highest utilisation planned for, before percentiles (R2)."""
    training: TrainingCosts = TrainingCosts()
    """Training."""

    def speculation(self, workload_id: str, model_id: str | None) -> Speculation | None:
        """How a workload's model drafts; None where it does not."""
        return self.speculative.get(workload_id) or self.speculative.get(model_id or "")

    @model_validator(mode="after")
    def _every_metric_has_a_band(self) -> Self:
        known = {plain_metric(b.metric) for b in self.bands if (b.mode, b.vendor) == ("any", "any")}
        missing = [metric for metric in BANDED if plain_metric(metric) not in known]
        if missing:
            raise ValueError(f"bands has none of any mode and vendor for {', '.join(missing)}; try adding one")
        return self
