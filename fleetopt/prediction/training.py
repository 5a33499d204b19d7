"""Training: work of a token, memory of a team (T2), and the time a run takes."""

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.kv_cache import kv_shape_of
from fleetopt.prediction.step import peak_tflops
from fleetopt.prediction.types import Refusal, TrainingPoint
from fleetopt.prediction.weights import weights_of

#: Weights and gradients in bf16 (2 + 2), fp32 master weights and two Adam moments (4 + 4 + 4), all sharded over the
#: team (ZeRO-3 or an equal split by tensor, pipeline and expert parallelism).
STATE_BYTES_PER_PARAMETER = 16.0
#: Bytes kept a token, layer and unit of width with full recomputation: the layer's input in bf16.
CHECKPOINT_BYTES = 2.0
#: Bytes live a token and unit of width while one layer is recomputed (Korthikanti et al. 2022, flash attention: 34).
RECOMPUTE_BYTES = 34.0
#: Tokens of other work that a chip of a model-parallel group shares a sequence with.
SEQUENCE_SHARDS = 8


def flop_per_token(model: Model, sequence: float) -> float:
    """Forward and backward: 6 x parameters a token is multiplied with, plus 3 x causal attention arithmetic.

    The input embedding is looked up, not multiplied; recomputation is not counted (it is not progress).
    """
    attention = kv_shape_of(model).prefill_pass_flop(sequence, 0.0) / sequence
    return 6.0 * weights_of(model).matmul_active + 3.0 * attention


def training_memory_gb(model: Model, chips: int, sequence: float) -> float:
    """Per chip: sharded optimiser state, and activations of one sequence with full recomputation.

    A sequence is spread over up to `SEQUENCE_SHARDS` chips (tensor or context parallelism inside a server).
    """
    shards = min(chips, SEQUENCE_SHARDS)
    activations = sequence / shards * model.hidden * (CHECKPOINT_BYTES * model.layers + RECOMPUTE_BYTES)
    return (STATE_BYTES_PER_PARAMETER * weights_of(model).total / chips + activations) / 1e9


def training_point(
    model: Model,
    chip: Chip,
    chips: int,
    precision: Precision,
    tokens: float,
    flop: float | None,
    sequence: float,
    options: PredictionOptions,
) -> TrainingPoint | Refusal:
    """`chips` chips training on `tokens` tokens; `flop` is the whole run's work where the user knows it.

    MFU is a constant of dense or mixture-of-experts models, lower in fp8 against the fp8 peak (a chip without fp8 runs
    bf16). Goodput is a constant too: failures and checkpoints by team size are not modelled.
    """
    needed = training_memory_gb(model, chips, sequence)
    available = chip.memory_gb * options.usable_memory
    if needed > available:
        detail = f"{needed:.1f} GB a chip of optimiser state and activations exceed {available:.1f} GB usable"
        return Refusal("T2", detail, needed / available - 1 if available else float("inf"))
    work = flop if flop is not None else tokens * flop_per_token(model, sequence)
    peak = peak_tflops(chip.dense_tflops, precision)
    mfu = options.training_mfu_moe if model.experts else options.training_mfu_dense
    if peak > chip.dense_tflops.bf16:
        mfu *= options.training_mfu_fp8_factor
    seconds = work / (chips * peak * 1e12 * mfu * options.training_goodput)
    return TrainingPoint(chips, mfu, options.training_goodput, work, peak, seconds, needed)
