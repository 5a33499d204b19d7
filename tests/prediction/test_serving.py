"""Serving points: memory first, closed-loop arithmetic, pools, SRAM machines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.serving import Predictor, aggregated, decode_pool, prefill_pool
from fleetopt.prediction.types import Layout, Refusal, ServingPoint, Work

WORK = Work(2000, 0, 301)


def served(point: ServingPoint | Refusal) -> ServingPoint:
    """The point, which must not be a refusal."""
    assert isinstance(point, ServingPoint), point
    return point


def refused(point: ServingPoint | Refusal) -> Refusal:
    """The refusal, which must not be a point."""
    assert isinstance(point, Refusal), point
    return point


def test_aggregated_is_closed_loop(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Little's law: 32 slots = rate x (own prefill + 300 steps of TPOT); rate = 1 / (p + 300 d / 32)."""
    predictor = Predictor(llama_70b, h100, "fp8", "bf16", options)
    point = served(predictor.aggregated(Layout(8), WORK, 32))
    decode_s = predictor.step.decode_s(Layout(8), 32, 2150.5)
    assert point.requests_per_s == pytest.approx(1 / (point.prefill_s + 300 * decode_s / 32))
    assert point.requests_per_s * (point.prefill_s + 300 * point.tpot_s) == pytest.approx(32)
    assert point.ttft_s == pytest.approx(point.prefill_s + decode_s)


def test_cached_tokens_save_prefill_but_are_held(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """With 1,500 of 2,000 tokens cached the first token comes sooner, and memory is the same."""
    predictor = Predictor(llama_70b, h100, "fp8", "bf16", options)
    cold = served(predictor.aggregated(Layout(8), WORK, 16))
    warm = served(predictor.aggregated(Layout(8), Work(2000, 1500, 301), 16))
    assert warm.ttft_s < cold.ttft_s
    assert warm.kv_gb == cold.kv_gb


def test_memory_refuses_with_the_shortfall(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """fp8 weights 72.65 GB + KV of one request 2301 x 327,680 B = 0.75 GB against 72 GB: short by 73.41/72 - 1."""
    refusal = refused(aggregated(llama_70b, h100, Layout(), "fp8", "bf16", WORK, 1, options))
    assert refusal.rule == "M1"
    assert refusal.shortfall == pytest.approx((72.653733888 + 2301 * 327680e-9) / 72 - 1)


def test_the_batch_is_capped_by_kv(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Two chips: 144 - 72.65 = 71.35 GB free, 2150.5 tokens a request = 0.7047 GB: 101 fit, 102 do not."""
    predictor = Predictor(llama_70b, h100, "fp8", "bf16", options)
    most = predictor.max_batch(Layout(2), WORK, "aggregated")
    assert most == 101
    assert isinstance(predictor.aggregated(Layout(2), WORK, most), ServingPoint)
    assert refused(predictor.aggregated(Layout(2), WORK, most + 1)).rule == "M1"
    assert predictor.max_batch(Layout(), WORK, "aggregated") == 0
    assert predictor.max_batch(Layout(16), WORK, "aggregated") == 0


def test_layouts_must_hang_together(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """16 chips are no tensor group in a domain of 8; stages need a link; copies must divide the group (C2)."""
    predictor = Predictor(llama_70b, h100, "fp8", "bf16", options)
    assert refused(predictor.decode(Layout(16), WORK, 1)).shortfall == pytest.approx(1.0)
    lonely = h100.model_copy(update={"scale_up_gb_s": 0.0, "scale_out_gb_s": 0.0, "scale_up_domain": 1})
    alone = Predictor(llama_70b, lonely, "fp8", "bf16", options)
    for layout in (Layout(2), Layout(1, 2)):
        assert refused(alone.aggregated(layout, WORK, 1)).rule == "C2"
    assert refused(predictor.prefill(Layout(8, attention_data=3), WORK, 1)).rule == "C2"
    assert refused(alone.decode(Layout(1), Work(10, 0, 10), 1)).rule == "M1"


def test_pools_charge_the_transfer(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """2,000 tokens x 327,680 B = 0.655 GB over 8 x 50 GB/s x 0.42 = 168 GB/s take 3.90 ms, in TTFT and in the slot."""
    first = served(prefill_pool(llama_70b, h100, Layout(8), "fp8", "bf16", WORK, 1, options))
    second = served(decode_pool(llama_70b, h100, Layout(8), "fp8", "bf16", WORK, 64, options))
    assert first.kv_transfer_gb == second.kv_transfer_gb == pytest.approx(0.65536)
    assert first.tpot_s == 0
    assert second.ttft_s == pytest.approx(0.65536 / 168)
    assert second.requests_per_s == pytest.approx(64 / (second.ttft_s + 300 * second.tpot_s))


def test_the_network_bounds_a_prefill_pool(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """At 0.1 GB/s a chip the link takes 0.655 / 0.336 s a request, longer than the prefill; without one, D4."""
    slow = h100.model_copy(update={"scale_out_gb_s": 0.1})
    point = served(prefill_pool(llama_70b, slow, Layout(8), "fp8", "bf16", WORK, 1, options))
    assert point.requests_per_s == pytest.approx(0.336 / 0.65536)
    none = Predictor(llama_70b, h100.model_copy(update={"scale_out_gb_s": 0.0}), "fp8", "bf16", options)
    assert refused(none.prefill(Layout(8), WORK, 1)).rule == refused(none.decode(Layout(8), WORK, 1)).rule == "D4"


def test_wafers_are_limited_by_capacity(llama_70b: Model, wse3: Chip, options: PredictionOptions) -> None:
    """141.1 GB of bf16 weights need four wafers of 44 x 0.9 = 39.6 GB; three are refused by M1."""
    predictor = Predictor(llama_70b, wse3, "bf16", "bf16", options)
    assert refused(predictor.decode(Layout(1, 3), WORK, 1)).rule == "M1"
    point = served(predictor.decode(Layout(1, 4), WORK, 8))
    assert 80 * options.dataflow_layer_s < point.tpot_s < 0.003


def test_stages_stay_busy_with_enough_requests(llama_70b: Model, wse3: Chip, options: PredictionOptions) -> None:
    """On four stages four requests take as long as one: each stage has one of them at a time."""
    step = Predictor(llama_70b, wse3, "bf16", "bf16", options).step
    assert step.decode_s(Layout(1, 4), 4, 1000) == step.decode_s(Layout(1, 4), 1, 1000)
    assert step.decode_s(Layout(1, 4), 400, 1000) > step.decode_s(Layout(1, 4), 4, 1000)


@settings(max_examples=60, deadline=None)
@given(
    batch=st.integers(1, 300), tokens=st.floats(1, 30_000), output=st.floats(2, 4000),
    layout=st.sampled_from([Layout(4), Layout(8), Layout(8, 2)]),
)  # fmt: skip
def test_more_batch_never_lowers_throughput(
    llama_70b: Model, h100: Chip, options: PredictionOptions,
    batch: int, tokens: float, output: float, layout: Layout,
) -> None:  # fmt: skip
    """Before the KV cap one more request in flight never lowers the rate, and never lowers TPOT."""
    predictor = Predictor(llama_70b, h100, "fp8", "fp8", options)
    work = Work(tokens, 0, output)
    for ask in (predictor.aggregated, predictor.decode, predictor.prefill):
        more, less = ask(layout, work, batch + 1), ask(layout, work, batch)
        if isinstance(more, ServingPoint):
            assert isinstance(less, ServingPoint)
            assert more.requests_per_s >= less.requests_per_s * (1 - 1e-12)
            assert more.tpot_s >= less.tpot_s * (1 - 1e-12)
