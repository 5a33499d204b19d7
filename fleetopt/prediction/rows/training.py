"""Training rows: the prediction in the row's own metric, or why there is none."""

import re
from collections.abc import Mapping

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.rows.answers import Answer
from fleetopt.prediction.rows.fields import FORMATS, CannotPredictError
from fleetopt.prediction.rows.tables import chip_named, model_named
from fleetopt.prediction.step import peak_tflops
from fleetopt.prediction.training import chip_seconds_per_token, flop_per_token, layouts_for
from fleetopt.prediction.types import TrainingLayout

METRICS = ("tokens_per_s_per_chip", "model_tflops_per_chip", "mfu")
LORA_SHARE = 4 / 6
"""Adapters' gradients cost next to nothing: of forward 2, backward through activations 2 and through weights 2 FLOP a
parameter, the last are left out."""
LLAMA_BATCH_TOKENS = 16e6
"""Tokens of a step where a row does not say: a large run's."""


def predict_training(row: Mapping[str, str], options: PredictionOptions) -> Answer:
    """The row's metric in its own unit; raises CannotPredictError with the reason where there is no answer."""
    notes: list[str] = []
    metric, chip = _metric(row), _chip(row)
    model, tuning = _model(row, notes)
    precision = _precision(row, model, notes)
    chips, sequence = int(_number(row, "n_chips") or 1), _number(row, "seq_len")
    if not sequence:
        raise CannotPredictError("seq_len is blank")
    given = _layout(row, chips, sequence)
    if given is None:
        batch = (_number(row, "global_batch_seqs") or LLAMA_BATCH_TOKENS / sequence) * sequence
        choices = list(layouts_for(model, chip, chips, sequence, batch))
        notes.append("best layout taken")
    else:
        choices = [given]
    seconds = min(
        chip_seconds_per_token(model, chip, chips, precision, sequence, layout, options.training) for layout in choices
    )
    if tuning == "lora":
        seconds *= LORA_SHARE
    tokens_per_s = 1 / seconds
    tflops = tokens_per_s * flop_per_token(model, sequence) / 1e12
    value = {
        "tokens_per_s_per_chip": tokens_per_s,
        "model_tflops_per_chip": tflops,
        "mfu": 100 * tflops / peak_tflops(chip.dense_tflops, precision),
    }[metric]
    return Answer(value, "; ".join(notes))


def _metric(row: Mapping[str, str]) -> str:
    metric = (row.get("metric") or "").strip()
    if metric not in METRICS:
        raise CannotPredictError(
            f"metric {metric!r} is not one of {', '.join(METRICS)}" if metric else "metric is blank"
        )
    return metric


def _chip(row: Mapping[str, str]) -> Chip:
    name = (row.get("chip") or "").strip()
    chip = chip_named(name)
    if chip is None:
        raise CannotPredictError(f"chip {name!r} is not known" if name else "chip is blank")
    return chip


def _model(row: Mapping[str, str], notes: list[str]) -> tuple[Model, str]:
    """The model and how it is tuned; one that is not known is drawn from its parameters."""
    name = (row.get("model") or "").strip()
    if not name:
        raise CannotPredictError("model is blank")
    said = re.search(r"\((.*)\)", name)
    model = model_named(name)
    if model is None:
        parameters = _number(row, "params")
        if not parameters:
            raise CannotPredictError(f"model {name!r} is not known and params is blank")
        model = drawn(parameters, _number(row, "active_params") or parameters)
        notes.append(f"model drawn from {parameters:.4g} parameters")
    return model, said.group(1).lower() if said else ""


def drawn(parameters: float, active: float) -> Model:
    """A transformer of so many parameters with the usual shape: width 128 times its layers, 4 times as wide inside.

    The layers of width h have 12 h^2 parameters each: h^3 = parameters x 128 / 12. Of a mixture of experts one expert in
    so many is active that the shares agree; its attention is a third of a dense model's.
    """
    hidden = max(round((active * 128 / 12) ** (1 / 3) / 128), 1) * 128
    layers = max(round(active / (12 * hidden**2)), 1)
    fields = {
        "id": "drawn", "layers": layers, "hidden": hidden, "heads": max(hidden // 128, 1), "kv_heads": max(hidden // 128, 1),
        "head_dim": 128, "dense_ffn": 4 * hidden, "ffn_matrices": 2, "vocab": 50_000,
    }  # fmt: skip
    if parameters > 1.05 * active:
        routed = max(round((parameters - active / 3) / (active * 2 / 3)), 2)
        experts = {"routed": routed, "active": 1, "ffn": 4 * hidden, "layers": layers}
        fields |= {"experts": experts, "dense_ffn": 0}
    return Model.model_validate(fields)


def _precision(row: Mapping[str, str], model: Model, notes: list[str]) -> Precision:
    text = re.sub(r"\(.*?\)", "", row.get("precision") or "").strip().lower()
    if text in ("", "nan"):
        notes.append(f"precision taken as released, {model.native_precision}")
        return model.native_precision
    if text not in FORMATS:
        raise CannotPredictError(f"precision {text!r} is not known")
    return FORMATS[text]


def _layout(row: Mapping[str, str], chips: int, sequence: float) -> TrainingLayout | None:
    """The layout the row states; None where it says nothing of parallelism."""
    if not any((row.get(column) or "").strip() for column in ("tp", "pp", "fsdp")):
        return None
    degree = {column: max(int(_number(row, column) or 1), 1) for column in ("tp", "pp", "cp", "vp", "ep")}
    micro = _number(row, "micro_batch") or 1.0
    data = max(chips / (degree["tp"] * degree["pp"] * degree["cp"]), 1.0)
    sequences = _number(row, "global_batch_seqs")
    batch_tokens = sequences * sequence if sequences else max(LLAMA_BATCH_TOKENS, data * micro * sequence)
    return TrainingLayout(
        tensor=degree["tp"],
        pipeline=degree["pp"],
        context=degree["cp"],
        expert=degree["ep"],
        virtual=degree["vp"] if degree["pp"] > 1 else 1,
        micro_batch=micro,
        batch_tokens=batch_tokens,
        recompute=(row.get("act_ckpt") or "").strip().lower() == "true",
        sharded=bool((row.get("fsdp") or "").strip()) and (row.get("fsdp") or "").strip() not in ("0", "64 (0)"),
    )


def _number(row: Mapping[str, str], column: str) -> float | None:
    """A plain number, what stands in brackets left out, or None."""
    text = re.sub(r"\s*\(.*\)", "", row.get(column) or "").strip()
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 < value < 1e30 else None
