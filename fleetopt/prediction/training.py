"""Training: work of a token, memory of a team (T2), and the time a run takes.

The time of a step is counted like a serving pass: parts at the data sheet's rate, each times what it costs in practice
(`TrainingCosts`), in chip-seconds a token, times the pipeline's bubble and the spread between many chips.
"""

from collections.abc import Iterator
from math import log2
from typing import NamedTuple

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions, TrainingCosts, TrainingLibrary
from fleetopt.instance.systems import Chip
from fleetopt.prediction.bands import TRAINING_SPEED, band_of, factors_of
from fleetopt.prediction.kv_cache import kv_shape_of
from fleetopt.prediction.step import arithmetic, peak_tflops
from fleetopt.prediction.training_memory import fitting_gb, leanest, least_memory_gb
from fleetopt.prediction.types import Refusal, TrainingLayout, TrainingPoint
from fleetopt.prediction.weights import weights_of

BF16_BYTES = 2.0
#: Collectives a layer: two forward and two backward, for tensor as for expert parallelism.
COLLECTIVES = 4.0
#: Passes over the keys and values of other chips' tokens: forward, backward, and their gradients back.
CONTEXT_PASSES = 3.0
#: Tokens of a sequence on a chip below which nobody splits it further.
LEAST_CONTEXT_TOKENS = 4096.0
#: Passes over the sharded parameters a step: gathered forward and backward, gradients scattered.
SHARD_PASSES = 3.0
#: Bytes a parameter that the optimiser reads and writes a step: fp32 weight and two moments both ways, the gradient.
OPTIMISER_BYTES = 30.0
#: A server of eight, below which no spread between chips was measured.
ONE_SERVER = 8


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


def flop_per_token(model: Model, sequence: float) -> float:
    """Forward and backward: 6 x parameters a token is multiplied with, plus 3 x causal attention arithmetic.

    The input embedding is looked up, not multiplied; recomputation is not counted (it is not progress).
    """
    attention = kv_shape_of(model).prefill_pass_flop(sequence, 0.0) / sequence
    return 6.0 * weights_of(model).matmul_active + 3.0 * attention


def training_load(
    model: Model, chip: Chip, chips: int, precision: Precision, sequence: float, layout: TrainingLayout
) -> TrainingLoad:
    """What a token takes on a team."""
    weights, peak = weights_of(model), peak_tflops(chip.dense_tflops, precision) * 1e12
    bandwidth, again = chip.memory_gb_s * 1e9, 4 / 3 if layout.recompute else 1.0
    attention = 3.0 * kv_shape_of(model).prefill_pass_flop(sequence, 0.0) / sequence
    token_bytes, share = model.hidden * BF16_BYTES, weights.experts * weights.expert_share
    experts = model.experts
    routed = experts.active * (layout.expert - 1) / layout.expert if experts else 0.0
    expert_layers = float(experts.layers) if experts else 0.0
    step_tokens = layout.batch_tokens / chips
    passes = layout.tensor * layout.context / (layout.micro_batch * sequence)
    return TrainingLoad(
        matmul=6.0 * (weights.matmul_active - share) / peak * again,
        experts=6.0 * share / peak * again,
        attention=attention / (chip.dense_tflops.bf16 * 1e12) * again,
        activations=model.layers * token_bytes / bandwidth * again,
        tensor_link=model.layers * COLLECTIVES * 2 * (layout.tensor - 1) * token_bytes / _link(chip, layout.tensor),
        expert_link=expert_layers * COLLECTIVES * routed * token_bytes / _link(chip, layout.expert),
        context_link=CONTEXT_PASSES * (layout.context - 1) * exchanged_bytes(model, layout.tensor)
        / _link(chip, layout.tensor * layout.context),
        shard_link=SHARD_PASSES * BF16_BYTES * weights.total
        / (layout.tensor * layout.pipeline) / step_tokens / _link(chip, chips),
        optimiser=OPTIMISER_BYTES * weights.total / chips / step_tokens / bandwidth,
        layers=model.layers * passes,
        expert_layers=expert_layers * passes,
    )  # fmt: skip


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


def chip_seconds_per_token(
    model: Model, chip: Chip, chips: int, precision: Precision, sequence: float, layout: TrainingLayout,
    costs: TrainingCosts,
) -> float:  # fmt: skip
    """Time of a token on a team of one chip; a team of n chips takes n tokens in that time."""
    load = training_load(model, chip, chips, precision, sequence, layout)
    each = sum(parts(load, arithmetic(chip.dense_tflops, precision), chip.vendor, costs))
    return each * (1 + bubble(chips, sequence, layout)) * idle(chips, sequence, layout) * (1 + waiting(chips, costs))


def parts(load: TrainingLoad, kind: str, vendor: str, costs: TrainingCosts) -> TrainingLoad:
    """Chip-seconds a token that each part takes in practice, products multiplied as `kind` says."""
    library = costs.libraries.get(vendor, TrainingLibrary()).gemm_factor
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


def goodput(chips: int, costs: TrainingCosts) -> float:
    """Share of the time a team makes progress: checkpoints at the best interval, work lost and restarts at failures.

    With a time between interruptions M = 1 / (rate x chips) and a checkpoint of C seconds, the interval sqrt(2 C M)
    loses least (Young 1974); each interruption loses half an interval and the restart.
    """
    a_year = costs.interruptions_per_chip_year * chips
    if a_year == 0:
        return 1.0
    between_s = SECONDS_PER_YEAR / a_year
    interval_s = (2 * costs.checkpoint_s * between_s) ** 0.5
    lost = costs.checkpoint_s / interval_s if interval_s else 0.0
    lost += (interval_s / 2 + costs.restart_s) / between_s
    return float(1 / (1 + lost))


SECONDS_PER_YEAR = 365.25 * 24 * 3600


def training_point(
    model: Model,
    chip: Chip,
    chips: int,
    precision: Precision,
    tokens: float,
    flop: float | None,
    sequence: float,
    options: PredictionOptions,
    batch_tokens: float = 16e6,
) -> TrainingPoint | Refusal:
    """`chips` chips training on `tokens` tokens in the fastest layout; `flop` is the whole run's work where known.

    Where the batch is too small for all of them, half of the team (or half of that) does the work while the rest stands
    idle: more chips never finish later. Its MFU counts the idle ones. Its speed is that at the end of the error band
    which `options.percentile` names.
    """
    refusal = training_refusal(model, chip, chips, sequence, options)
    if refusal is not None:
        return refusal
    peak = peak_tflops(chip.dense_tflops, precision)
    per_token = flop_per_token(model, sequence)
    work = flop if flop is not None else tokens * per_token
    factors = factors_of(band_of(TRAINING_SPEED, chip.vendor, options), options.percentile)

    def team(working: int) -> TrainingPoint:
        layout = best_layout(model, chip, working, precision, sequence, options, batch_tokens)
        token_s = chip_seconds_per_token(model, chip, working, precision, sequence, layout, options.training)
        useful = goodput(working, options.training)

        def mfu(factor: float) -> float:
            return min(per_token / (token_s * factor * peak * 1e12), 1.0) * working / chips

        def seconds(factor: float) -> float:
            return work / (chips * peak * 1e12 * mfu(factor) * useful)

        memory_gb, planned = least_memory_gb(model, chips, sequence), factors.planned
        return TrainingPoint(
            chips, mfu(planned), useful, work, peak, seconds(planned), memory_gb, factors.ends(seconds)
        )  # fmt: skip

    sizes = [chips]
    while sizes[-1] > 1 and training_refusal(model, chip, sizes[-1] // 2, sequence, options) is None:
        sizes.append(sizes[-1] // 2)
    return min((team(working) for working in sizes), key=lambda point: point.seconds)


def best_layout(
    model: Model, chip: Chip, chips: int, precision: Precision, sequence: float, options: PredictionOptions,
    batch_tokens: float,
) -> TrainingLayout:  # fmt: skip
    """The fastest layout that fits; where none does, the leanest: everything sharded and recomputed."""
    available = chip.memory_gb * options.usable_memory
    layouts = [
        layout
        for layout in layouts_for(model, chip, chips, sequence, batch_tokens)
        if fitting_gb(model, chips, sequence, layout) <= available
    ]
    return min(
        layouts or [leanest(chips, sequence, batch_tokens)],
        key=lambda one: chip_seconds_per_token(model, chip, chips, precision, sequence, one, options.training),
    )


def training_refusal(
    model: Model, chip: Chip, chips: int, sequence: float, options: PredictionOptions
) -> Refusal | None:
    """T2: what the leanest layout needs, everything sharded and recomputed, must fit."""
    needed = least_memory_gb(model, chips, sequence)
    available = chip.memory_gb * options.usable_memory
    if needed <= available:
        return None
    detail = f"{needed:.1f} GB a chip of optimiser state and activations exceed {available:.1f} GB usable"
    return Refusal("T2", detail, needed / available - 1 if available else float("inf"))


def layouts_for(model: Model, chip: Chip, chips: int, sequence: float, batch_tokens: float) -> Iterator[TrainingLayout]:
    """Layouts worth trying: powers of two for each degree, with and without recomputation, long sequences split."""
    routed = model.experts.routed if model.experts else 1
    contexts = [c for c in (1, 2, 4, 8, 16, 32, 64) if c == 1 or (sequence / c >= LEAST_CONTEXT_TOKENS and c <= chips)]
    degrees = [
        (tensor, pipeline, context, expert)
        for tensor in (1, 2, 4, 8)
        for pipeline in (1, 2, 4, 8, 16)
        for context in contexts
        for expert in (1, 8, 16, 32, 64)
        if tensor <= chip.scale_up_domain and pipeline <= model.layers and expert <= routed
        and pipeline * max(tensor * context, expert) <= chips
    ]  # fmt: skip
    for recompute in (False, True):
        for context in contexts:
            yield TrainingLayout(context=context, recompute=recompute, sharded=True, batch_tokens=batch_tokens)
        for tensor, pipeline, context, expert in degrees:
            yield TrainingLayout(
                tensor=tensor, pipeline=pipeline, context=context, expert=expert, virtual=2 if pipeline > 1 else 1,
                recompute=recompute, batch_tokens=batch_tokens,
            )  # fmt: skip
