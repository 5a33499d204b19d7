"""One step of training: what a token takes of a team, and how long that takes.

Parts at the data sheet's rate, each times what it costs in practice (`TrainingCosts`), in chip-seconds a token, times
the pipeline's bubble and the spread between many chips. `TrainingStep` computes what depends on neither team nor layout
once, because a run is tried on many of both.
"""

from dataclasses import dataclass
from math import log2
from typing import NamedTuple

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import TrainingCosts, TrainingLibrary
from fleetopt.instance.systems import Chip
from fleetopt.prediction.kv_cache import kv_shape_of
from fleetopt.prediction.step import arithmetic, peak_tflops
from fleetopt.prediction.training_memory import TrainingMemory, training_memory_of
from fleetopt.prediction.types import TrainingLayout

BF16_BYTES = 2.0
#: Collectives a layer: two forward and two backward, for tensor as for expert parallelism.
COLLECTIVES = 4.0
#: Passes over the keys and values of other chips' tokens: forward, backward, and their gradients back.
CONTEXT_PASSES = 3.0
#: Passes over the sharded parameters a step: gathered forward and backward, gradients scattered.
SHARD_PASSES = 3.0
#: Bytes a parameter that the optimiser reads and writes a step: fp32 weight and two moments both ways, the gradient.
OPTIMISER_BYTES = 30.0
#: A server of eight, below which no spread between chips was measured.
ONE_SERVER = 8
NO_LIBRARY = TrainingLibrary()
"""Of a vendor that no library is fitted for."""


class TrainingLoad(NamedTuple):
    """Chip-seconds a token at the data sheet's rates, and counts of layers a token; as `parts`, seconds of each."""

    matmul: float
    experts: float
    attention: float
    activations: float
    tensor_link: float
    expert_link: float
    context_link: float
    shard_link: float
    optimiser: float
    layers: float
    expert_layers: float


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """Training one model on one kind of chip, in one format and at one length of sequence."""

    model: Model
    chip: Chip
    kind: str
    """How weights are multiplied, see `arithmetic`."""
    sequence: float
    memory: TrainingMemory
    matmul_s: float
    """Of this and the next three, chip-seconds a token at the data sheet's rate, nothing recomputed."""
    experts_s: float
    attention_s: float
    activations_s: float

    def load(self, chips: int, layout: TrainingLayout) -> TrainingLoad:
        """What a token takes on a team."""
        model, chip, again = self.model, self.chip, 4 / 3 if layout.recompute else 1.0
        token_bytes, parameters = model.hidden * BF16_BYTES, self.memory.weights.total
        experts = model.experts
        routed = experts.active * (layout.expert - 1) / layout.expert if experts else 0.0
        expert_layers = float(experts.layers) if experts else 0.0
        step_tokens = layout.batch_tokens / chips
        passes = layout.tensor * layout.context / (layout.micro_batch * self.sequence)
        return TrainingLoad(
            matmul=self.matmul_s * again,
            experts=self.experts_s * again,
            attention=self.attention_s * again,
            activations=self.activations_s * again,
            tensor_link=model.layers * COLLECTIVES * 2 * (layout.tensor - 1) * token_bytes / _link(chip, layout.tensor),
            expert_link=expert_layers * COLLECTIVES * routed * token_bytes / _link(chip, layout.expert),
            context_link=CONTEXT_PASSES * (layout.context - 1) * exchanged_bytes(model, layout.tensor)
            / _link(chip, layout.tensor * layout.context),
            shard_link=SHARD_PASSES * BF16_BYTES * parameters
            / (layout.tensor * layout.pipeline) / step_tokens / _link(chip, chips),
            optimiser=OPTIMISER_BYTES * parameters / chips / step_tokens / (chip.memory_gb_s * 1e9),
            layers=model.layers * passes,
            expert_layers=expert_layers * passes,
        )  # fmt: skip

    def seconds(self, chips: int, layout: TrainingLayout, costs: TrainingCosts) -> float:
        """Time of a token on a team of one chip; a team of n chips takes n tokens in that time."""
        each = sum(parts(self.load(chips, layout), self.kind, self.chip.vendor, costs))
        stalled = 1 + bubble(chips, self.sequence, layout)
        return each * stalled * idle(chips, self.sequence, layout) * (1 + waiting(chips, costs))


def training_step_of(model: Model, chip: Chip, precision: Precision, sequence: float) -> TrainingStep:
    """Everything about training `model` on `chip` that depends on neither team nor layout."""
    memory, peak = training_memory_of(model, sequence), peak_tflops(chip.dense_tflops, precision) * 1e12
    weights = memory.weights
    attention = 3.0 * kv_shape_of(model).prefill_pass_flop(sequence, 0.0) / sequence
    share = weights.experts * weights.expert_share
    return TrainingStep(
        model=model,
        chip=chip,
        kind=arithmetic(chip.dense_tflops, precision),
        sequence=sequence,
        memory=memory,
        matmul_s=6.0 * (weights.matmul_active - share) / peak,
        experts_s=6.0 * share / peak,
        attention_s=attention / (chip.dense_tflops.bf16 * 1e12),
        activations_s=model.layers * (model.hidden * BF16_BYTES) / (chip.memory_gb_s * 1e9),
    )


def exchanged_bytes(model: Model, tensor: int) -> float:
    """Keys and values of a token, over all layers, that chips which share a sequence send each other.

    A latent is sent expanded to its heads; ranks beyond the key/value heads each need a copy. State of linear layers is
    passed on once a chip, not a token, and is ignored.
    """
    layers = model.layers if model.full_attention_layers is None else model.full_attention_layers + model.sliding_layers
    heads, width = model.kv_heads, 2 * model.head_dim
    if model.mla is not None:
        heads, width = model.heads, model.mla.nope_dim + model.mla.rope_dim + model.mla.v_dim
    return layers * max(heads, tensor) * width * BF16_BYTES


def _link(chip: Chip, group: int) -> float:
    """Bytes a second between the chips of a group: scale-up inside a domain, the network beyond it."""
    gb_s = chip.scale_up_gb_s if group <= chip.scale_up_domain else chip.scale_out_gb_s
    return gb_s * 1e9 if gb_s else float("inf") if group == 1 else 1e-9


def parts(load: TrainingLoad, kind: str, vendor: str, costs: TrainingCosts) -> TrainingLoad:
    """Chip-seconds a token that each part takes in practice, products multiplied as `kind` says."""
    library = costs.libraries.get(vendor, NO_LIBRARY).gemm_factor
    factor = {"fp8": costs.fp8_gemm_factor, "fp4": costs.fp4_gemm_factor}.get(kind, 1.0)
    gemm = costs.gemm_efficiency * factor * library
    return TrainingLoad(
        matmul=load.matmul / gemm,
        experts=load.experts / (gemm * costs.expert_gemm_factor),
        attention=load.attention / (costs.attention_efficiency * library),
        activations=load.activations * costs.activation_passes,
        tensor_link=load.tensor_link * costs.tensor_exposed,
        expert_link=load.expert_link * costs.expert_exposed,
        context_link=load.context_link * costs.context_exposed,
        shard_link=load.shard_link * costs.shard_exposed,
        optimiser=load.optimiser,
        layers=load.layers * costs.layer_s,
        expert_layers=load.expert_layers * costs.expert_layer_s,
    )


def waiting(chips: int, costs: TrainingCosts) -> float:
    """Time lost to slower chips against the work of a server."""
    return costs.spread * log2(max(chips / ONE_SERVER, 1.0))


def bubble(chips: int, sequence: float, layout: TrainingLayout) -> float:
    """Idle share of a pipeline against its work: (p - 1) / (micro-batches x virtual stages)."""
    micro = max(layout.batch_tokens / sequence / (copies(chips, layout) * layout.micro_batch), 1.0)
    return (layout.pipeline - 1) / (micro * layout.virtual)


def copies(chips: int, layout: TrainingLayout) -> float:
    """Data parallelism: how many copies of the model work side by side."""
    return max(chips / (layout.tensor * layout.pipeline * layout.context), 1.0)


def idle(chips: int, sequence: float, layout: TrainingLayout) -> float:
    """Time against the work where a step has fewer sequences than copies of the model: the others stand idle."""
    return max(copies(chips, layout) * layout.micro_batch * sequence / layout.batch_tokens, 1.0)
