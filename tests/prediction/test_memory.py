"""Memory of a replica, by hand: weights a chip, copies of attention and of KV."""

import pytest

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.types import Layout, Refusal, ServingPoint, Work


def held(model: Model, chip: Chip, precision: str, layout: Layout, options: PredictionOptions) -> ServingPoint:
    """A decode pool with one request of 1,000 tokens and next to no output."""
    point = Predictor(model, chip, precision, "bf16", options).decode(layout, Work(1000, 0, 0), 1)  # type: ignore[arg-type]
    assert isinstance(point, ServingPoint), point
    return point


def test_weights_a_chip(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """70.55e9 parameters, 2.1e9 of them embeddings in bf16: 72.65 GB in fp8, 9.08 GB a chip of 8; 17.64 GB in bf16."""
    assert held(llama_70b, h100, "fp8", Layout(8), options).weights_gb / 8 == pytest.approx(9.0817, abs=1e-4)
    assert held(llama_70b, h100, "bf16", Layout(8), options).weights_gb / 8 == pytest.approx(70.552387584 / 4)
    assert held(llama_70b, h100, "bf16", Layout(4, 2), options).weights_gb / 8 == pytest.approx(70.552387584 / 4)


def test_every_copy_of_attention_is_held(deepseek_v3: Model, h100: Chip, options: PredictionOptions) -> None:
    """DeepSeek-V3's attention is 61 x 187,105,280 = 11.41 GB in fp8: 8 copies add 7 of them, on any number of chips."""
    wide = h100.model_copy(update={"memory_gb": 192.0})
    once = held(deepseek_v3, wide, "fp8", Layout(8), options).weights_gb
    copied = held(deepseek_v3, wide, "fp8", Layout(8, 1, 8, 8), options).weights_gb
    assert copied - once == pytest.approx(7 * 61 * 187_105_280 / 1e9)


def test_copies_of_kv_count(llama_70b: Model, deepseek_v3: Model, h100: Chip, options: PredictionOptions) -> None:
    """1,000 tokens of Llama-3.1-70B are 0.32768 GB on 8 ranks of 8 heads; a latent of 0.070272 GB is held by all 8."""
    wide = h100.model_copy(update={"memory_gb": 192.0})
    assert held(llama_70b, wide, "fp8", Layout(8), options).kv_gb == pytest.approx(0.32768)
    assert held(deepseek_v3, wide, "fp8", Layout(8), options).kv_gb == pytest.approx(8 * 0.070272)
    assert held(deepseek_v3, wide, "fp8", Layout(8, 1, 8, 8), options).kv_gb == pytest.approx(0.070272)


def test_a_wafers_batch_is_limited_by_capacity(llama_70b: Model, wse3: Chip, options: PredictionOptions) -> None:
    """Four wafers of 39.6 GB hold 141.1 GB of weights and 17.3 GB of KV: 24 requests of 2,150 tokens, not 25.

    A request is 2,150 x 327,680 B = 0.7045 GB and one is at its end; 21 PB/s would read the KV of thousands a step.
    """
    predictor, work = Predictor(llama_70b, wse3, "bf16", "bf16", options), Work(2000, 0, 300)
    assert predictor.max_batch(Layout(1, 4), work, "decode") == 24
    refusal = predictor.decode(Layout(1, 4), work, 25)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "M1"
    step = predictor.decode(Layout(1, 4), work, 24)
    assert isinstance(step, ServingPoint)
    kv_read_s = step.kv_gb / 21e6
    assert kv_read_s < 0.01 * step.tpot_s
