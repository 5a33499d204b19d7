"""One forward step, by hand and against the physics."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip, DenseRates
from fleetopt.prediction.step import KINDS, Step, arithmetic, peak_tflops, step_of
from fleetopt.prediction.types import Layout

layouts = st.sampled_from([Layout(), Layout(2), Layout(8), Layout(4, 2), Layout(8, 4), Layout(8, 1, 8, 8)])


def test_missing_formats_are_widened() -> None:
    """With bf16 alone every narrower format is widened to it; fp32 runs at half; int4 is widened everywhere."""
    plain, full = DenseRates(bf16=100), DenseRates(bf16=100, fp8=200, fp4=400)
    assert [peak_tflops(plain, p) for p in ("fp32", "bf16", "fp8", "fp4", "int4")] == [50, 100, 100, 100, 100]
    assert [peak_tflops(full, p) for p in ("fp32", "bf16", "fp8", "fp4", "int4")] == [50, 100, 200, 400, 100]
    assert [arithmetic(full, p) for p in ("fp32", "bf16", "fp8", "fp4", "int4")] == ["bf16", "bf16", *KINDS[1:]]
    assert arithmetic(DenseRates(bf16=100, fp8=200), "fp4") == "widened"


def test_decode_step_by_hand(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Batch 1, tp 8, context 1000, bf16.

    139.0e9 B of weights (input embedding not read) / (8 x 3350e9 x 0.75) = 6.916 ms, and 139.0e9 FLOP on them and
    2.6e9 of attention / (8 x 989e12 x 0.55) = 0.033 ms; KV 0.32768e9 / (8 x 2512.5e9) = 0.016 ms;
    160 x (11 us + 1.75 x 16384 / 189e9) = 1.784 ms; 80 x 23 us + 2.6 ms = 4.44 ms; together 13.189 ms.
    """
    step = step_of(llama_70b, h100, "bf16", "bf16", options)
    weights_s = 2 * (70_552_387_584 - 128256 * 8192) / (8 * 3350e9 * 0.75)
    kv_s = 327_680_000 / (8 * 3350e9 * 0.75)
    flop_s = (2 * (70_552_387_584 - 128256 * 8192) + 4 * 80 * 8192 * 1000) / (8 * 989e12 * 0.55)
    others_s = 160 * (11e-6 + 1.75 * 16384 / 189e9) + 4.44e-3
    assert step.decode_s(Layout(8), 1, 1000) == pytest.approx(weights_s + flop_s + kv_s + others_s, rel=1e-9)
    assert step.decode_s(Layout(8), 1, 1000) == pytest.approx(13.189e-3, rel=1e-3)


def test_prefill_by_hand(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """4,000 tokens on one chip with room: linear 2 x 68.45e9 x 4000 FLOP, attention 4 x 80 x 8192 x 4000 x 2000 FLOP.

    At 989e12 x 0.55: 1.0067 s + 0.0386 s; all weights but the input embedding are read once at 3350e9 x 0.75: 55.3 ms;
    KV of 2,000 tokens on average 0.26 ms; overheads 4.44 ms.
    """
    step = step_of(llama_70b, h100, "bf16", "bf16", options)
    layers, head = 80 * (150_994_944 + 704_643_072), 128256 * 8192
    flop = 2 * layers * 4000 + 2 * head + 4 * 80 * 8192 * 4000 * 2000
    read = 2 * (layers + head) + 2000 * 327_680
    prompt = step.prefill(Layout(), 4000, 0)
    assert prompt.latency_s == pytest.approx(flop / (989e12 * 0.55) + read / (3350e9 * 0.75) + 4.44e-3)
    assert prompt.busy_s == prompt.latency_s


def test_pipelined_prefill_fills_and_drains(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Four chunks through two stages take (4 + 1) / 2 passes and keep the machine 4 / 2."""
    prompt = step_of(llama_70b, h100, "fp8", "bf16", options).prefill(Layout(4, 2), 4 * 8192, 0)
    assert prompt.latency_s / prompt.busy_s == pytest.approx(5 / 4)


def test_latent_cache_is_copied_over_ranks(deepseek_v3: Model, h100: Chip, options: PredictionOptions) -> None:
    """tp 8 reads the whole latent on every rank; 8 attention copies read an eighth each."""
    step = step_of(deepseek_v3, h100, "fp8", "bf16", options)
    assert step.kv_shards(Layout(8)) == 1
    assert step.kv_shards(Layout(8, attention_data=8)) == 8


def test_heads_bound_the_split_of_kv(llama_70b: Model, h100: Chip, wse3: Chip, options: PredictionOptions) -> None:
    """Eight KV heads over 16 ranks give 8 shards; an SRAM machine splits over all ranks."""
    assert step_of(llama_70b, h100, "fp8", "bf16", options).kv_shards(Layout(16)) == 8
    assert step_of(llama_70b, wse3, "fp8", "bf16", options).kv_shards(Layout(16)) == 16


@settings(max_examples=60, deadline=None)
@given(layout=layouts, batch=st.integers(1, 600), context=st.floats(1, 100_000), moe=st.booleans())
def test_decode_never_beats_physics(
    llama_70b: Model, deepseek_v3: Model, h100: Chip, options: PredictionOptions,
    layout: Layout, batch: int, context: float, moe: bool,
) -> None:  # fmt: skip
    """No step beats reading one token's weights and all KV at full bandwidth, nor its arithmetic at full peak."""
    step = step_of(deepseek_v3 if moe else llama_70b, h100, "fp8", "bf16", options)
    seconds = step.decode_s(layout, batch, context)
    weights = step.weights
    least_bytes = weights.attention + weights.dense + weights.experts * weights.expert_share + 2 * weights.embedding
    assert seconds > least_bytes / (layout.tensor * 3350e9)
    kv_bytes = batch * step.kv.elements(context) * 2
    assert seconds > kv_bytes / (layout.chips * 3350e9)
    flop = batch * 2 * weights.matmul_active
    assert seconds > flop / (layout.chips * 1979e12)


@settings(max_examples=40, deadline=None)
@given(
    layout=layouts, batch=st.integers(1, 400), context=st.floats(1, 60_000), more=st.floats(1, 3),
    tokens=st.floats(1, 50_000),
)  # fmt: skip
def test_better_machines_and_shorter_contexts_are_never_slower(
    llama_70b: Model, h100: Chip, options: PredictionOptions,
    layout: Layout, batch: int, context: float, more: float, tokens: float,
) -> None:  # fmt: skip
    """More bandwidth or compute never slows a step; a longer context or prompt never speeds it up."""

    def both(step: Step, stretch: float = 1.0) -> tuple[float, float]:
        prompt = step.prefill(layout, tokens * stretch, context * stretch)
        return step.decode_s(layout, batch, context * stretch), prompt.latency_s

    step = step_of(llama_70b, h100, "fp8", "bf16", options)
    wide = h100.model_copy(update={"memory_gb_s": 3350 * more})
    strong = h100.model_copy(update={"dense_tflops": DenseRates(bf16=989 * more, fp8=1979 * more)})
    for chip in (wide, strong):
        better = both(step_of(llama_70b, chip, "fp8", "bf16", options))
        assert all(b <= s * (1 + 1e-12) for b, s in zip(better, both(step), strict=True))
    assert all(s <= d * (1 + 1e-12) for s, d in zip(both(step), both(step, more), strict=True))


@settings(max_examples=60, deadline=None)
@given(layout=layouts, tokens=st.floats(1, 60_000), cached=st.floats(0, 60_000), prompts=st.integers(1, 8))
def test_prefill_never_beats_physics(
    llama_70b: Model, h100: Chip, options: PredictionOptions,
    layout: Layout, tokens: float, cached: float, prompts: int,
) -> None:  # fmt: skip
    """No prompt beats its layers' arithmetic and attention at full peak, nor one reading of the weights."""
    step = step_of(llama_70b, h100, "fp8", "bf16", options)
    found = step.prefill(layout, tokens, cached, prompts)
    weights = step.weights
    linear = 2 * prompts * tokens * (weights.attention + weights.dense)
    attention = prompts * step.kv.prefill_pass_flop(tokens, cached)
    assert found.busy_s > linear / (layout.chips * 1979e12) + attention / (layout.chips * 989e12)
    assert found.latency_s > (weights.attention + weights.dense) / (layout.chips * 3350e9)
    assert found.latency_s >= found.busy_s * (1 - 1e-12)
