"""Bytes of KV a token, by kind of attention, and the arithmetic of attending."""

import pytest

from fleetopt.instance.models import Model
from fleetopt.prediction.kv_cache import kv_gb_per_sequence, kv_shape_of


def test_grouped_query_attention(llama_70b: Model) -> None:
    """2 x 80 layers x 8 heads x 128 x 2 bytes = 327,680 bytes a token in bf16, half of that in fp8."""
    shape = kv_shape_of(llama_70b)
    assert kv_gb_per_sequence(shape, "bf16", 1) * 1e9 == pytest.approx(327_680)
    assert kv_gb_per_sequence(shape, "fp8", 1) * 1e9 == pytest.approx(163_840)
    assert kv_gb_per_sequence(shape, "bf16", 8192) == pytest.approx(2.68, abs=0.01)


def test_latent_attention(deepseek_v3: Model) -> None:
    """61 layers x (512 + 64) x 2 bytes = 70,272 bytes a token, one head however many ranks."""
    shape = kv_shape_of(deepseek_v3)
    assert kv_gb_per_sequence(shape, "bf16", 1) * 1e9 == pytest.approx(70_272)
    assert shape.heads == 1


def test_sliding_window(gpt_oss: Model) -> None:
    """18 full layers grow by 2 x 8 x 64 x 18 x 2 = 36,864 bytes a token; 18 windows of 128 tokens hold 4,718,592."""
    shape = kv_shape_of(gpt_oss)
    assert kv_gb_per_sequence(shape, "bf16", 10_000) * 1e9 == pytest.approx(36_864 * 10_000 + 4_718_592)
    assert kv_gb_per_sequence(shape, "bf16", 100) * 1e9 == pytest.approx(2 * 36_864 * 100)


def test_linear_layers_keep_a_constant_state(llama_70b: Model) -> None:
    """With 20 of 80 layers attending in full, 60 keep 64 heads x 128 x 128 elements: KV grows by a quarter as much."""
    shape = kv_shape_of(llama_70b.model_copy(update={"full_attention_layers": 20}))
    assert shape.growing == kv_shape_of(llama_70b).growing / 4
    assert shape.elements(0) == 60 * 64 * 128 * 128


def test_attention_flop_of_a_prompt(llama_70b: Model) -> None:
    """1,000 tokens, causal: 4 x 80 x 64 x 128 x 1000 x 500 FLOP; after 1,000 cached tokens three times as much."""
    shape = kv_shape_of(llama_70b)
    alone = 4 * 80 * 64 * 128 * 1000 * 500
    assert shape.prefill_pass_flop(1000, 0) == alone
    assert shape.prefill_pass_flop(1000, 1000) == 3 * alone
    assert shape.decode_step_flop(500) == 4 * 80 * 64 * 128 * 500
