"""Training rows: the prediction in the row's own metric, or why there is none."""

import re
from collections.abc import Mapping
from math import isfinite

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.answers import Answer
from fleetopt.prediction.rows.drawn import drawn
from fleetopt.prediction.rows.fields import (
    CannotPredictError,
    chips_of,
    degree,
    known,
    length,
    number,
    released,
    said,
    shown,
    text,
)
from fleetopt.prediction.rows.tables import chip_named, model_named
from fleetopt.prediction.step import peak_tflops
from fleetopt.prediction.training import best_layout, chip_seconds_per_token, flop_per_token
from fleetopt.prediction.types import TrainingLayout

METRICS = ("tokens_per_s_per_chip", "model_tflops_per_chip", "mfu")
LORA_SHARE = 4 / 6
"""Adapters' gradients cost next to nothing: of forward 2, backward through activations 2 and through weights 2 FLOP a
parameter, the last are left out. Published rates of LoRA runs count their FLOP so too."""
LARGE_BATCH_TOKENS = 16e6
"""Tokens of a step where a row does not say: a large run's."""
USUAL_VIRTUAL = 2
"""Stages of a pipeline that a chip holds where a row does not say: large runs interleave, as planned ones do."""
DEGREES = ("tp", "pp", "cp")


def predict_training(row: Mapping[str, str], options: PredictionOptions) -> Answer:
    """The row's metric in its own unit; raises CannotPredictError with the reason where there is no answer."""
    notes: list[str] = []
    metric = said(row, "metric").lower()
    if metric not in METRICS:
        raise CannotPredictError(f"metric {shown(metric)} is not one of {', '.join(METRICS)}")
    chip, model = known(row, "chip", chip_named), _model(row, notes)
    precision = released(row, "precision", model, notes)
    chips, sequence = chips_of(row, [degree(row, column) for column in DEGREES], notes), length(row, "seq_len", notes)
    if sequence < 1:
        raise CannotPredictError("seq_len is less than 1")
    layout = _layout(row, chips, sequence)
    if layout is None:
        batch = _batch_tokens(row, sequence, sequence)
        layout = best_layout(model, chip, chips, precision, sequence, options, batch)
        notes.append(_words(layout))
    seconds = chip_seconds_per_token(model, chip, chips, precision, sequence, layout, options.training)
    share = LORA_SHARE if _is_lora(row) else 1.0
    tokens_per_s = 1 / (seconds * share)
    tflops = tokens_per_s * flop_per_token(model, sequence) * share / 1e12
    value = {
        "tokens_per_s_per_chip": tokens_per_s,
        "model_tflops_per_chip": tflops,
        "mfu": 100 * tflops / peak_tflops(chip.dense_tflops, precision),
    }[metric]
    if not isfinite(value):
        raise CannotPredictError("the figures are out of all proportion")
    return Answer(value, "; ".join(notes))


def _is_lora(row: Mapping[str, str]) -> bool:
    """Whether the model's name says so in brackets."""
    return any("lora" in part.lower() for part in re.findall(r"\(([^()]*)\)", row.get("model") or ""))


def _model(row: Mapping[str, str], notes: list[str]) -> Model:
    """The model of the row's name; one that is not known is drawn from its parameters."""
    name = said(row, "model")
    model = model_named(name)
    if model is None:
        parameters = number(row, "params")
        if parameters is None:
            raise CannotPredictError(f"model {shown(name)} is not known and params is blank")
        active = number(row, "active_params")
        model = drawn(parameters, parameters if active is None else active)
        notes.append(f"model drawn from {parameters:.4g} parameters")
    return model


def _layout(row: Mapping[str, str], chips: int, sequence: float) -> TrainingLayout | None:
    """The layout the row states; None where it says nothing of parallelism."""
    if not any(text(row, column) for column in ("tp", "pp", "fsdp")):
        return None
    degrees = {column: degree(row, column) or 1 for column in (*DEGREES, "ep")}
    if degrees["tp"] * degrees["pp"] * degrees["cp"] > chips:
        raise CannotPredictError(f"{chips} chips cannot hold tp x pp x cp")
    micro = number(row, "micro_batch") or 1.0
    data = max(chips / (degrees["tp"] * degrees["pp"] * degrees["cp"]), 1.0)
    return TrainingLayout(
        tensor=degrees["tp"],
        pipeline=degrees["pp"],
        context=degrees["cp"],
        expert=degrees["ep"],
        virtual=(degree(row, "vp") or USUAL_VIRTUAL) if degrees["pp"] > 1 else 1,
        micro_batch=micro,
        batch_tokens=_batch_tokens(row, sequence, data * micro * sequence),
        recompute=text(row, "act_ckpt").lower() in ("true", "1", "full"),
        sharded=text(row, "fsdp").lower() not in ("", "0", "false"),
    )


def _batch_tokens(row: Mapping[str, str], sequence: float, least: float) -> float:
    """Tokens of a step: what the row says, else a large run's, but at least so many: what was run had work for all."""
    sequences = number(row, "global_batch_seqs")
    return max(sequences * sequence if sequences else LARGE_BATCH_TOKENS, least)


def _words(layout: TrainingLayout) -> str:
    """A layout that was chosen, in words."""
    sharded, recompute = ", fully sharded" if layout.sharded else "", ", recomputed" if layout.recompute else ""
    split = f", cp {layout.context}" if layout.context > 1 else ""
    degrees = f"tp {layout.tensor}, pp {layout.pipeline}{split}, ep {layout.expert}"
    return f"best layout taken: {degrees}{sharded}{recompute}"
