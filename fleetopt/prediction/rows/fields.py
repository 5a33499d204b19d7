"""One row of a file of serving measurements, read: what was run, or why that cannot be told."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.systems import Chip
from fleetopt.prediction.rows.tables import chip_named, model_named

T = TypeVar("T")

FORMATS: Mapping[str, Precision] = {
    "fp32": "fp32", "tf32": "fp32", "bf16": "bf16", "fp16": "bf16", "fp16/bf16": "bf16", "half": "bf16",
    "fp8": "fp8", "mxfp8": "fp8", "int8": "fp8", "w8a8": "fp8", "q8_0": "fp8", "fp8_e4m3": "fp8",
    "fp4": "fp4", "nvfp4": "fp4", "mxfp4": "fp4", "int4": "int4", "awq": "int4", "gptq": "int4", "w4a16": "int4",
    "q4_k_m": "int4", "q4_0": "int4", "q4": "int4",
}  # fmt: skip
"""Names of formats in row files, in lower case."""

ENGINES = (
    ("tensorrt", "trtllm"), ("trt", "trtllm"), ("vllm", "vllm"), ("sglang", "sglang"), ("llama.cpp", "llama.cpp"),
    ("gpt-fast", "gpt-fast"), ("neuron", "neuron"),
)  # fmt: skip
"""What an engine's name contains, and the family it belongs to."""


class CannotPredictError(ValueError):
    """Why a row has no prediction, in words."""


@dataclass(frozen=True, slots=True)
class ServingRow:
    """What a row says was run."""

    mode: str
    metric: str
    model: Model
    chip: Chip
    chips: int
    tensor: int | None
    """None where the row leaves parallelism open."""
    pipeline: int
    expert: int
    data: int
    precision: Precision
    kv_precision: Precision
    input_tokens: float
    output_tokens: float
    batch: float | None
    """Concurrency or batch; None where the row says none, or `max`."""
    engine: str
    whole_run: bool
    """Whether a decode rate counts the prefill's time too."""
    notes: tuple[str, ...]
    """What had to be decided for the row."""


def serving_row(row: Mapping[str, str]) -> ServingRow:
    """Read a row; raises CannotPredictError where a chip, model, length or format is missing or not known."""
    notes: list[str] = []
    model, chip = _known(row, "model", model_named), _known(row, "chip", chip_named)
    precision = _format(row, "weight_precision")
    if precision is None:
        precision = model.native_precision
        notes.append(f"weights taken as released, in {precision}")
    kv_precision = _format(row, "kv_precision")
    if kv_precision is None:
        kv_precision = "bf16"
        notes.append("KV taken in bf16")
    chips = int(_number(row, "n_chips") or 1)
    tensor = _number(row, "tp")
    return ServingRow(
        mode=_said(row, "mode"),
        metric=_said(row, "metric").removesuffix("_mean"),
        model=model,
        chip=chip,
        chips=chips,
        tensor=int(tensor) if tensor else None,
        pipeline=max(int(_number(row, "pp") or 1), 1),
        expert=max(int(_number(row, "ep") or 1), 1),
        data=max(int(_number(row, "dp") or 1), 1),
        precision=precision,
        kv_precision=kv_precision,
        input_tokens=_length(row, "isl"),
        output_tokens=_length(row, "osl"),
        batch=_number(row, "concurrency_or_batch"),
        engine=family(row.get("engine") or ""),
        whole_run="prefill time included" in (row.get("notes") or ""),
        notes=tuple(notes),
    )


def family(engine: str) -> str:
    """The family an engine belongs to; `typical` where it is not one of those measured."""
    return next((name for part, name in ENGINES if part in engine.lower()), "typical")


def _said(row: Mapping[str, str], column: str) -> str:
    text = (row.get(column) or "").strip()
    if not text:
        raise CannotPredictError(f"{column} is blank")
    return text


def _known(row: Mapping[str, str], column: str, named: Callable[[str], T | None]) -> T:
    name = _said(row, column)
    found = named(name)
    if found is None:
        raise CannotPredictError(f"{column} {name!r} is not known")
    return found


def _format(row: Mapping[str, str], column: str) -> Precision | None:
    """A format without regard to case and to what stands in brackets; None where blank."""
    text = re.sub(r"\(.*?\)", "", row.get(column) or "").strip().lower()
    if not text:
        return None
    if text not in FORMATS:
        raise CannotPredictError(f"{column} {text!r} is not known")
    return FORMATS[text]


def _number(row: Mapping[str, str], column: str) -> float | None:
    """A plain number, or None."""
    text = (row.get(column) or "").strip()
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e12 else None


def _length(row: Mapping[str, str], column: str) -> float:
    value = _number(row, column)
    if value is None:
        text = (row.get(column) or "").strip()
        raise CannotPredictError(f"{column} is blank" if not text else f"{column} {text!r} is no plain number")
    return value
