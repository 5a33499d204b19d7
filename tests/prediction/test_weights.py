"""Parameter counts, bytes of a checkpoint, experts touched."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from fleetopt.instance.models import Experts, LatentAttention, Model
from fleetopt.prediction.weights import experts_touched, weight_bytes, weights_of

FACTS = Path(__file__).resolve().parents[3] / "shared" / "facts" / "models.yaml"


def test_llama_70b_by_hand(llama_70b: Model) -> None:
    """80 x (8192 x 128 x (2x64 + 2x8) + 3 x 8192 x 28672) + 2 x 128256 x 8192 = 70.553e9 parameters."""
    weights = weights_of(llama_70b)
    assert weights.attention == 80 * 150_994_944
    assert weights.dense == 80 * 704_643_072
    assert weights.total == 70_552_387_584
    assert weights.matmul_active == weights.total - 128256 * 8192


def test_latent_attention_by_hand(deepseek_v3: Model) -> None:
    """Queries 1536 x (7168 + 128 x 192), latent 7168 x 576 + 512 x 128 x 256, output 128 x 128 x 7168 a layer."""
    assert weights_of(deepseek_v3).attention == 61 * (48_758_784 + 20_905_984 + 117_440_512)


@pytest.mark.skipif(not FACTS.exists(), reason="../shared/facts/models.yaml is absent")
def test_totals_agree_with_the_facts() -> None:
    """Totals are within 1 % of the facts' computed ones; facts' active ones lie between ours without and with the input
    embedding (makers differ), give or take 1 %."""
    compared = 0
    for name, fact in yaml.safe_load(FACTS.read_text(encoding="utf-8"))["models"].items():
        plain = (
            "total_params_b_computed" in fact and not name.startswith("llama-4") and "sparse" not in fact["attention"]
        )
        if not plain or not fact.get("total_params_b_computed"):
            continue
        weights = weights_of(_model(name, fact))
        assert weights.total == pytest.approx(fact["total_params_b_computed"] * 1e9, rel=0.01), name
        active = fact["active_params_b"] * 1e9
        assert 0.99 * weights.matmul_active <= active <= 1.01 * (weights.matmul_active + weights.embedding), name
        compared += 1
    assert compared >= 10


def _model(name: str, fact: dict[str, Any]) -> Model:
    experts = mla = None
    if fact["type"] == "moe":
        counts = fact["experts"]
        experts = Experts(
            routed=counts["routed"], active=counts["active"], ffn=fact["moe_ffn"],
            shared_ffn=counts["shared"] * fact["moe_ffn"], layers=fact["layers"] - (fact.get("dense_layers") or 0),
        )  # fmt: skip
    if "kv_lora_rank" in fact:
        mla = LatentAttention(
            q_lora=fact["q_lora_rank"], kv_lora=fact["kv_lora_rank"], rope_dim=fact["qk_rope_head_dim"],
            nope_dim=fact["qk_nope_head_dim"], v_dim=fact["v_head_dim"],
        )  # fmt: skip
    return Model(
        id=name, layers=fact["layers"], hidden=fact["hidden"], heads=fact["heads"], vocab=fact["vocab"], mla=mla,
        kv_heads=fact.get("kv_heads", fact["heads"]), head_dim=fact.get("head_dim", 128), experts=experts,
        dense_ffn=fact.get("ffn") or fact.get("ffn_dense") or 0,
    )  # fmt: skip


def test_bytes_by_format(llama_70b: Model, gpt_oss: Model) -> None:
    """bf16: 2 bytes each; fp8: 1 with embeddings in bf16; an fp4 MoE keeps all but its experts in bf16.

    gpt-oss-120b: experts 36 x 128 x 3 x 2880^2 = 114.66e9 x 0.5625 + others 2.13e9 x 2 = 68.8 GB (MXFP4: 65 GB).
    """
    weights = weights_of(llama_70b)
    assert weight_bytes(weights, "bf16") == 2 * weights.total
    assert weight_bytes(weights, "fp8") == weights.total + 2 * weights.embedding
    assert weights_of(gpt_oss).experts == 114_661_785_600
    assert weight_bytes(weights_of(gpt_oss), "fp4") / 1e9 == pytest.approx(68.8, abs=0.1)


def test_experts_touched_by_hand() -> None:
    """One token touches k = 8 of 256; two touch 256 (1 - (31/32)^2) = 15.75; very many touch all."""
    assert experts_touched(256, 8, 1) == pytest.approx(8)
    assert experts_touched(256, 8, 2) == pytest.approx(15.75)
    assert experts_touched(256, 8, 1e5) == pytest.approx(256)
