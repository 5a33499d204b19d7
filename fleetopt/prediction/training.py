"""Training: work of a token, memory of a team (T2), and the time a run takes, in the fastest layout that fits."""

from collections.abc import Iterator
from dataclasses import replace

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions, TrainingCosts
from fleetopt.instance.systems import Chip
from fleetopt.prediction.bands import TRAINING_SPEED, band_of, factors_of
from fleetopt.prediction.kv_cache import kv_shape_of
from fleetopt.prediction.step import peak_tflops
from fleetopt.prediction.training_memory import leanest, least_memory_gb
from fleetopt.prediction.training_step import TrainingStep, training_step_of
from fleetopt.prediction.types import Refusal, TrainingLayout, TrainingPoint
from fleetopt.prediction.weights import weights_of

#: Tokens of a sequence on a chip below which nobody splits it further.
LEAST_CONTEXT_TOKENS = 4096.0


def flop_per_token(model: Model, sequence: float) -> float:
    """Forward and backward: 6 x parameters a token is multiplied with, plus 3 x causal attention arithmetic.

    The input embedding is looked up, not multiplied; recomputation is not counted (it is not progress).
    """
    attention = kv_shape_of(model).prefill_pass_flop(sequence, 0.0) / sequence
    return 6.0 * weights_of(model).matmul_active + 3.0 * attention


def chip_seconds_per_token(
    model: Model, chip: Chip, chips: int, precision: Precision, sequence: float, layout: TrainingLayout,
    costs: TrainingCosts,
) -> float:  # fmt: skip
    """Time of a token on a team of one chip, see `TrainingStep.seconds`."""
    return training_step_of(model, chip, precision, sequence).seconds(chips, layout, costs)


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
    step = training_step_of(model, chip, precision, sequence)

    def team(working: int) -> TrainingPoint:
        layout = _fastest(step, working, options, batch_tokens)
        token_s = step.seconds(working, layout, options.training)
        useful = goodput(working, options.training)

        def mfu(factor: float) -> float:
            return min(per_token / (token_s * factor * peak * 1e12), 1.0) * working / chips

        def seconds(factor: float) -> float:
            return work / (chips * peak * 1e12 * mfu(factor) * useful)

        memory_gb, planned = least_memory_gb(model, chips, sequence), factors.planned
        return TrainingPoint(
            chips, mfu(planned), useful, work, peak, seconds(planned), memory_gb, factors.ends(seconds)
        )  # fmt: skip

    def fewer_could_win(working: int, best: TrainingPoint) -> bool:
        """Whether so few would be faster at their peak, without an interruption."""
        return work / (working * peak * 1e12) < best.seconds

    best, working = team(chips), chips // 2
    while working >= 1 and fewer_could_win(working, best):
        if training_refusal(model, chip, working, sequence, options) is not None:
            break
        best, working = min(best, team(working), key=lambda point: point.seconds), working // 2
    return best


def best_layout(
    model: Model, chip: Chip, chips: int, precision: Precision, sequence: float, options: PredictionOptions,
    batch_tokens: float,
) -> TrainingLayout:  # fmt: skip
    """The fastest layout that fits; where none does, the leanest: everything sharded and recomputed."""
    return _fastest(training_step_of(model, chip, precision, sequence), chips, options, batch_tokens)


def _fastest(step: TrainingStep, chips: int, options: PredictionOptions, batch_tokens: float) -> TrainingLayout:
    """The same; recomputing is always slower, so it is tried only where a layout does not fit without."""
    available_gb = step.chip.memory_gb * options.usable_memory

    def fits(layout: TrainingLayout) -> bool:
        return step.memory.fitting_gb(chips, layout) <= available_gb

    fitting: list[TrainingLayout] = []
    tight: list[TrainingLayout] = []
    for layout in plain_layouts(step.model, step.chip, chips, step.sequence, batch_tokens):
        (fitting if fits(layout) else tight).append(layout)
    fitting += [lean for lean in (replace(layout, recompute=True) for layout in tight) if fits(lean)]
    return min(
        fitting or [leanest(chips, step.sequence, batch_tokens)],
        key=lambda one: step.seconds(chips, one, options.training),
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
    """Layouts worth trying: `plain_layouts`, and the same with activations recomputed."""
    plain = plain_layouts(model, chip, chips, sequence, batch_tokens)
    yield from plain
    yield from (replace(layout, recompute=True) for layout in plain)


def plain_layouts(model: Model, chip: Chip, chips: int, sequence: float, batch_tokens: float) -> list[TrainingLayout]:
    """Powers of two for each degree, long sequences split; first those with everything sharded."""
    routed = model.experts.routed if model.experts else 1
    contexts = [c for c in (1, 2, 4, 8, 16, 32, 64) if c == 1 or (sequence / c >= LEAST_CONTEXT_TOKENS and c <= chips)]
    sharded = [TrainingLayout(context=context, sharded=True, batch_tokens=batch_tokens) for context in contexts]
    return sharded + [
        TrainingLayout(tensor, pipeline, context, expert, 2 if pipeline > 1 else 1, batch_tokens=batch_tokens)
        for tensor in (1, 2, 4, 8)
        for pipeline in (1, 2, 4, 8, 16)
        for context in contexts
        for expert in (1, 8, 16, 32, 64)
        if tensor <= chip.scale_up_domain and pipeline <= model.layers and expert <= routed
        and pipeline * max(tensor * context, expert) <= chips
    ]  # fmt: skip
