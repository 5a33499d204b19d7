"""One row of a file of serving measurements, read: what was run, or why that cannot be told."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import TypeVar

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.systems import Chip
from fleetopt.prediction.rows.tables import chip_named, model_named

T = TypeVar("T")

FORMATS: Mapping[str, Precision] = {
    "fp32": "fp32", "tf32": "fp32", "float32": "fp32",
    "bf16": "bf16", "fp16": "bf16", "fp16/bf16": "bf16", "bf16/fp16": "bf16", "half": "bf16", "f16": "bf16",
    "bfloat16": "bf16", "float16": "bf16", "16-bit": "bf16",
    "fp8": "fp8", "mxfp8": "fp8", "int8": "fp8", "w8a8": "fp8", "w8a16": "fp8", "q8_0": "fp8", "q8": "fp8",
    "fp8_e4m3": "fp8", "fp8_e5m2": "fp8", "e4m3": "fp8", "8-bit": "fp8",
    "fp4": "fp4", "nvfp4": "fp4", "mxfp4": "fp4", "w4a4": "fp4",
    "int4": "int4", "awq": "int4", "gptq": "int4", "w4a16": "int4", "w4a8": "int4", "nf4": "int4", "4-bit": "int4",
    "q4_k_m": "int4", "q4_k_s": "int4", "q4_0": "int4", "q4": "int4",
}  # fmt: skip
"""Names of formats in row files, in lower case."""
MOST = 1e12
"""Numbers of a row are less than this."""
LONGEST = 60
"""Characters of a field that a message quotes."""
MOST_CHIPS = 10_000_000
"""Chips of a row at most: more than anybody has, few enough to go through."""
BLANK = frozenset({"", "nan", "none", "n/a", "null", "-"})
"""What stands for a blank, in lower case."""

SHAREGPT: Mapping[str, float] = {"isl": 230.0, "osl": 203.0}
"""Mean lengths of ShareGPT conversations as benchmarks cut them, prompts at 1,024 tokens (229,711 and 203,068 tokens of
1,000 requests: vllm-project/vllm, pull request 18566, May 2025). Rows that name the collection give limits alone."""
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
    """Degrees of parallelism; None where the row leaves one open."""
    pipeline: int | None
    expert: int | None
    data: int | None
    precision: Precision
    kv_precision: Precision | None
    """None where the row leaves it open."""
    input_tokens: float
    output_tokens: float
    batch: float | None
    """Requests at once; None where the row says none, or as many as fit."""
    engine: str
    whole_run: bool
    """Whether a decode rate counts the prefill's time too."""
    notes: tuple[str, ...]
    """What had to be decided for the row."""


def serving_row(row: Mapping[str, str]) -> ServingRow:
    """Read a row; raises CannotPredictError where a chip, model, length or format is missing or not known."""
    notes: list[str] = []
    model, chip = known(row, "model", model_named), known(row, "chip", chip_named)
    precision = released(row, "weight_precision", model, notes)
    degrees = {column: degree(row, column) for column in ("tp", "pp", "ep", "dp")}
    lengths = length(row, "isl", notes), length(row, "osl", notes)
    if not any(lengths):
        raise CannotPredictError("isl and osl are both 0")
    return ServingRow(
        mode=said(row, "mode"),
        metric=said(row, "metric").lower().replace("_mean", ""),
        model=model,
        chip=chip,
        chips=chips_of(row, (degrees["tp"], degrees["pp"]), notes),
        tensor=degrees["tp"],
        pipeline=degrees["pp"],
        expert=degrees["ep"],
        data=degrees["dp"],
        precision=precision,
        kv_precision=_format(row, "kv_precision"),
        input_tokens=lengths[0],
        output_tokens=lengths[1],
        batch=_at_once(row),
        engine=family(row.get("engine") or ""),
        whole_run="prefill time included" in (row.get("notes") or ""),
        notes=tuple(notes),
    )


def family(engine: str) -> str:
    """The family an engine belongs to; `typical` where it is not one of those measured."""
    return next((name for part, name in ENGINES if part in engine.lower()), "typical")


def text(row: Mapping[str, str], column: str) -> str:
    """A field without what stands in brackets; empty where it is blank, absent or says that it is."""
    value = re.sub(r"\([^()]*\)", "", row.get(column) or "").strip()
    return "" if value.lower() in BLANK else value


def said(row: Mapping[str, str], column: str) -> str:
    """A field that must be there."""
    value = text(row, column)
    if not value:
        raise CannotPredictError(f"{column} is blank")
    return value


def known(row: Mapping[str, str], column: str, named: Callable[[str], T | None]) -> T:
    """What a field that must be there names."""
    name = said(row, column)
    found = named(name)
    if found is None:
        raise CannotPredictError(f"{column} {shown(name)} is not known")
    return found


def shown(value: str) -> str:
    """A field's text in a message: quoted, printable and short."""
    return ascii(value if len(value) <= LONGEST else value[:LONGEST] + "...")


def number(row: Mapping[str, str], column: str) -> float | None:
    """A field that is a plain number of 0 or more, or blank; raises CannotPredictError where it is neither."""
    value = text(row, column)
    if not value:
        return None
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 <= found < MOST:
        raise CannotPredictError(f"{column} {shown(value)} is no plain number")
    return found


def degree(row: Mapping[str, str], column: str) -> int | None:
    """A degree of parallelism; None where it is left open."""
    value = number(row, column)
    if value is None:
        return None
    if value < 1 or value > MOST_CHIPS or value != int(value):
        raise CannotPredictError(f"{column} {shown(text(row, column))} is no degree of parallelism")
    return int(value)


def chips_of(row: Mapping[str, str], degrees: Iterable[int | None], notes: list[str]) -> int:
    """How many chips; where a row does not say, as many as the degrees it states take."""
    value = degree(row, "n_chips")
    if value is not None:
        return value
    stated = [one for one in degrees if one is not None]
    if not stated or prod(stated) > MOST_CHIPS:
        raise CannotPredictError("n_chips is blank")
    notes.append(f"n_chips taken as {prod(stated)}, of the degrees of parallelism")
    return prod(stated)


def released(row: Mapping[str, str], column: str, model: Model, notes: list[str]) -> Precision:
    """A format of weights; where blank, the one the weights were released in."""
    precision = _format(row, column)
    if precision is None:
        precision = model.native_precision
        notes.append(f"weights taken as released, in {precision}")
    return precision


def _format(row: Mapping[str, str], column: str) -> Precision | None:
    """A format without regard to case; None where blank."""
    name = text(row, column).lower()
    if not name:
        return None
    if name not in FORMATS:
        raise CannotPredictError(f"{column} {shown(name)} is not known")
    return FORMATS[name]


def _at_once(row: Mapping[str, str]) -> float | None:
    """Concurrency or batch."""
    if text(row, "concurrency_or_batch").lower() in ("max", "maximum"):
        return None
    value = number(row, "concurrency_or_batch")
    if value is not None and value < 1:
        raise CannotPredictError("concurrency_or_batch is less than 1")
    return value


def length(row: Mapping[str, str], column: str, notes: list[str]) -> float:
    """A length that must be there, in tokens; ShareGPT's mean where a row gives that collection and its limit."""
    if column in SHAREGPT and "sharegpt" in (row.get(column) or "").lower() and "<" in text(row, column):
        notes.append(f"{column} taken as {SHAREGPT[column]:g}, the mean of ShareGPT")
        return SHAREGPT[column]
    value = number(row, column)
    if value is None:
        raise CannotPredictError(f"{column} is blank")
    return value
