"""Chips and models that row files name: specifications for measurements, wider than the catalogue of what is sold."""

import csv
import re
from collections.abc import Mapping
from functools import cache

from fleetopt.catalog.load import row_table
from fleetopt.instance.models import Experts, LatentAttention, Model
from fleetopt.instance.systems import Chip, DenseRates

_MLA = ("q_lora", "kv_lora", "rope_dim", "nope_dim", "v_dim")


def chip_named(name: str) -> Chip | None:
    """The chip of that name, without regard to case or to what stands in brackets; None where there is none."""
    return _chips().get(plain(name))


def model_named(name: str) -> Model | None:
    """The model of that name, without regard to case or to what stands in brackets; None where there is none."""
    return _models().get(plain(name))


def chip_names() -> tuple[str, ...]:
    """Names of the chips, in lower case."""
    return tuple(_chips())


def model_names() -> tuple[str, ...]:
    """Names of the models, in lower case."""
    return tuple(_models())


def plain(name: str) -> str:
    """A name in lower case, without what stands in brackets."""
    return re.sub(r"\([^()]*\)", "", name).strip().lower()


@cache
def _chips() -> Mapping[str, Chip]:
    return {row["chip"].lower(): _chip(row) for row in csv.DictReader(row_table("row_chips.csv"))}


@cache
def _models() -> Mapping[str, Model]:
    return {row["model"].lower(): _model(row) for row in csv.DictReader(row_table("row_models.csv"))}


def _chip(row: Mapping[str, str]) -> Chip:
    """Memory kind and power do not enter these predictions; both must stand in a Chip."""
    return Chip(
        id=row["chip"].lower(),
        name=row["chip"],
        vendor=row["vendor"],
        dense_tflops=DenseRates(
            bf16=float(row["bf16_tflops"]),
            fp8=float(row["fp8_tflops"]) if row["fp8_tflops"] else None,
            fp4=float(row["fp4_tflops"]) if row["fp4_tflops"] else None,
        ),
        memory_gb=float(row["memory_gb"]),
        memory_gb_s=float(row["memory_gb_s"]),
        memory_kind="HBM",
        scale_up_gb_s=float(row["scale_up_gb_s"]),
        scale_up_domain=int(row["scale_up_domain"]),
        scale_out_gb_s=float(row["scale_out_gb_s"]),
        power_kw=0.0,
    )


def _model(row: Mapping[str, str]) -> Model:
    number = {field: int(value) for field, value in row.items() if value.isdigit()}
    experts = mla = None
    if "moe_experts" in number:
        experts = Experts(
            routed=number["moe_experts"],
            active=number["moe_active_experts"],
            ffn=number["moe_expert_ffn"],
            shared_ffn=number["moe_shared_ffn"],
            layers=number["moe_layers"],
        )
    if "mla_kv_lora" in number:
        mla = LatentAttention(**{field: number[f"mla_{field}"] for field in _MLA})
    plain = {field: value for field, value in number.items() if field in Model.model_fields}
    fields = {"id": row["model"].lower(), "name": row["model"], "native_precision": row["native_precision"], **plain}
    return Model.model_validate({**fields, "experts": experts, "mla": mla})
