"""One configuration, predicted and explained: what `fleetopt predict serving` and `training` print. Plain data."""

from dataclasses import asdict, dataclass
from typing import Any

from fleetopt.errors import UsageError
from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.bands import KINDS, TRAINING_SPEED, Kind, band_of, factors_of
from fleetopt.prediction.basis import basis_of
from fleetopt.prediction.breakdown import pass_parts_s, training_parts_s
from fleetopt.prediction.serving import Predictor, mean_context
from fleetopt.prediction.speculation import Drafting
from fleetopt.prediction.step import peak_tflops
from fleetopt.prediction.training import best_layout, flop_per_token, goodput
from fleetopt.prediction.training_memory import fitting_gb
from fleetopt.prediction.training_step import bubble
from fleetopt.prediction.types import Ends, Layout, Refusal, ServingPoint, Stage, TrainingLayout, Work

USUAL_BATCH = 32
"""Requests in flight where nobody says."""
STAGES_TRIED = (2, 4, 8, 16, 32, 64)
SECONDS_PER_DAY = 86400.0


@dataclass(frozen=True)
class ServingAsk:
    """What to serve on what."""

    model: Model
    chip: Chip
    precision: Precision
    kv_precision: Precision
    work: Work
    pool: Stage
    layout: Layout | None
    """None: the fewest chips that hold weights and batch."""
    batch: int | None
    """None: `USUAL_BATCH`, or what fits."""
    drafting: Drafting | None = None
    """Speculative decoding, where there is some."""


def serving(ask: ServingAsk, options: PredictionOptions) -> dict[str, Any]:
    """Times, rates, memory, and where the time goes. Raises UsageError where it cannot run, with the reason."""
    predictor = Predictor(ask.model, ask.chip, ask.precision, ask.kv_precision, options, ask.drafting)
    layout = ask.layout or _smallest(ask, predictor)
    most = predictor.max_batch(layout, ask.work, ask.pool)
    batch = ask.batch or max(min(USUAL_BATCH, most), 1)
    point = _point(predictor, ask, layout, batch)
    if isinstance(point, Refusal):
        fits = f"; at most {most} requests fit" if most else ""
        raise UsageError(f"{point.rule}: {point.detail}{fits}; try more chips (--tp, --pp) or a narrower format")
    output_s = point.requests_per_s * ask.work.output_tokens if ask.pool != "prefill" else 0.0
    parts = _parts(predictor, ask, layout, batch)
    return {
        "model": ask.model.id,
        "chip": ask.chip.id,
        "chips": layout.chips,
        "layout": asdict(layout),
        "layout_chosen": ask.layout is None,
        "precision": ask.precision,
        "kv_precision": ask.kv_precision,
        "pool": ask.pool,
        "batch": batch,
        "input_tokens": ask.work.input_tokens,
        "cached_tokens": ask.work.cached_tokens,
        "output_tokens": ask.work.output_tokens,
        "tokens_per_pass": predictor.step.gained,
        "source": "predicted",
        "basis": basis_of(ask.chip, options, speculative=ask.drafting is not None),
        "percentile": options.percentile,
        "ttft_s": point.ttft_s,
        "tpot_s": point.tpot_s,
        "requests_per_s": point.requests_per_s,
        "input_tokens_per_s": point.requests_per_s * ask.work.input_tokens,
        "output_tokens_per_s": output_s,
        "output_tokens_per_s_per_chip": output_s / layout.chips,
        "weights_gb": point.weights_gb,
        "kv_gb": point.kv_gb,
        "usable_gb": predictor.memory.usable_gb * layout.chips,
        "most_requests": most,
        "bands": _serving_bands(ask, point, options),
        "parts_s": parts,
        "limited_by": _largest(parts),
    }


def _serving_bands(ask: ServingAsk, point: ServingPoint, options: PredictionOptions) -> dict[str, dict[str, Any]]:
    """The error band of each predicted figure, with the measurements it comes from."""
    ends, found = point.spreads, {}
    for name, kind in KINDS[ask.pool].items():
        if name == "rate_per_s":
            rate = point.requests_per_s
            found["requests_per_s"] = _band(kind, ask.chip, options, rate / ends.service.p90, rate / ends.service.p10)
        else:
            value, spread = getattr(point, name), ends.ttft if name == "ttft_s" else ends.tpot
            found[name] = _band(kind, ask.chip, options, *_at(spread, value))
    return found


def _at(ends: Ends, value: float) -> tuple[float, float]:
    return value * ends.p10, value * ends.p90


def _band(kind: Kind, chip: Chip, options: PredictionOptions, least: float, most: float) -> dict[str, Any]:
    """What eight of ten measurements of the nearest kind would lie within, and how many measurements that rests on."""
    band = band_of(kind, chip.vendor, options)
    return {
        "least": least,
        "most": most,
        "metric": band.metric,
        "mode": band.mode,
        "vendor": band.vendor,
        "rows": band.rows,
        "sources": band.sources,
    }


def _smallest(ask: ServingAsk, predictor: Predictor) -> Layout:
    """The fewest chips that hold weights and batch: a tensor group first, then stages of whole groups."""
    domain, wanted = ask.chip.scale_up_domain if ask.chip.scale_up_gb_s else 1, ask.batch or 1
    groups = [2**n for n in range(domain.bit_length()) if 2**n <= domain]
    tried = [Layout(tensor) for tensor in groups] + [Layout(groups[-1], pipeline) for pipeline in STAGES_TRIED]
    for layout in tried:
        if predictor.max_batch(layout, ask.work, ask.pool) >= wanted:
            return layout
    return tried[-1]


def _point(predictor: Predictor, ask: ServingAsk, layout: Layout, batch: int) -> ServingPoint | Refusal:
    if ask.pool == "prefill":
        return predictor.prefill(layout, ask.work, batch)
    return (predictor.decode if ask.pool == "decode" else predictor.aggregated)(layout, ask.work, batch)


def _parts(predictor: Predictor, ask: ServingAsk, layout: Layout, batch: int) -> dict[str, dict[str, float]]:
    """Seconds by part of a prompt's prefill (a batch of prompts in a prefill pool) and of a decode step."""
    step, work, parts = predictor.step, ask.work, {}
    if ask.pool != "decode":
        prompts = batch if ask.pool == "prefill" else 1
        chunks, load = step.prefill_load(layout, work.uncached_tokens, work.cached_tokens, prompts)
        times = (chunks + layout.pipeline - 1) / layout.pipeline
        parts["prefill"] = {part: each * times for part, each in pass_parts_s(load, step.costs).items()}
    if ask.pool != "prefill":
        parts["decode"] = pass_parts_s(step.decode_load(layout, batch, mean_context(work)), step.costs)
    return parts


def _largest(parts: dict[str, dict[str, float]]) -> dict[str, str]:
    return {name: max(each, key=each.__getitem__) for name, each in parts.items()}


@dataclass(frozen=True)
class TrainingAsk:
    """What to train on what."""

    model: Model
    chip: Chip
    chips: int
    precision: Precision
    sequence_tokens: float
    batch_tokens: float
    tokens: float | None
    """Tokens of the whole run, for how long it takes."""
    layout: TrainingLayout | None
    """None: the fastest that fits."""


def training(ask: TrainingAsk, options: PredictionOptions) -> dict[str, Any]:
    """Rates, memory and where the time goes. Raises UsageError where the team cannot train, with the reason."""
    model, chip, sequence = ask.model, ask.chip, ask.sequence_tokens
    if chip.memory_kind == "SRAM":
        raise UsageError("T2: SRAM machines keep no optimiser state beside the weights; try a chip with HBM")
    if ask.chips > chip.scale_up_domain and not chip.scale_out_gb_s:
        raise UsageError(f"C2: {chip.id} has no network between units; try at most {chip.scale_up_domain} chips")
    layout = ask.layout or best_layout(model, chip, ask.chips, ask.precision, sequence, options, ask.batch_tokens)
    usable_gb, held_gb = chip.memory_gb * options.usable_memory, fitting_gb(model, ask.chips, sequence, layout)
    if held_gb > usable_gb:
        detail = f"T2: {held_gb:.1f} GB a chip of state and activations exceed {usable_gb:.1f} GB usable"
        raise UsageError(f"{detail}; try more chips, --recompute, or a higher --tp or --pp")
    parts = training_parts_s(model, chip, ask.chips, ask.precision, sequence, layout, options)
    factors = factors_of(band_of(TRAINING_SPEED, chip.vendor, options), options.percentile)
    tokens_per_s, flop = 1 / (sum(parts.values()) * factors.planned), flop_per_token(model, sequence)
    ends = factors.ends()
    peak, useful = peak_tflops(chip.dense_tflops, ask.precision), goodput(ask.chips, options.training)
    days = ask.tokens / (tokens_per_s * ask.chips * useful) / SECONDS_PER_DAY if ask.tokens else None
    return {
        "model": model.id,
        "chip": chip.id,
        "chips": ask.chips,
        "layout": asdict(layout),
        "layout_chosen": ask.layout is None,
        "precision": ask.precision,
        "sequence_tokens": sequence,
        "source": "predicted",
        "basis": basis_of(chip, options, training=True),
        "percentile": options.percentile,
        "tokens_per_s_per_chip": tokens_per_s,
        "model_tflops_per_chip": tokens_per_s * flop / 1e12,
        "mfu": tokens_per_s * flop / 1e12 / peak,
        "goodput": useful,
        "pipeline_bubble": bubble(ask.chips, sequence, layout),
        "days": days,
        "memory_gb_per_chip": held_gb,
        "usable_gb_per_chip": usable_gb,
        "bands": {
            "tokens_per_s_per_chip": _band(
                TRAINING_SPEED, chip, options, tokens_per_s / ends.p90, tokens_per_s / ends.p10
            )
        },
        "parts_s": {"training": parts},
        "limited_by": _largest({"training": parts}),
    }
