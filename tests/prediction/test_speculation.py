"""Speculative decoding: what a pass verifies, what drafting costs, and what both mean for a replica."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.speculation import Speculation
from fleetopt.instance.systems import Chip
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.speculation import drafting_of, layers_like
from fleetopt.prediction.types import Layout, ServingPoint, Work

WORK = Work(2000, 0, 301)


def predictor(model: Model, chip: Chip, options: PredictionOptions, **fields: object) -> Predictor:
    """One that drafts as the fields say; without any it does not."""
    drafting = drafting_of(Speculation.model_validate(fields), model) if fields else None
    return Predictor(model, chip, "fp8", "bf16", options, drafting)


def test_a_verifying_pass_by_hand(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Three tokens looked up, 2.5 gained of 4: weights and KV are read once, 32 x 4 tokens are multiplied; by 2.5.

    The step of 32 requests against one of 128: both read the weights; the four tokens of a request share its KV.
    """
    plain = predictor(llama_70b, h100, options).step
    drafted = predictor(llama_70b, h100, options, draft_tokens=3, tokens_per_pass=2.5, draft_layers=0).step
    one, four = plain.decode_load(Layout(8), 32, 2000), plain.decode_load(Layout(8), 128, 2000)
    found = drafted.decode_load(Layout(8), 32, 2000)
    assert found.weights * 2.5 == pytest.approx(one.weights)
    assert found.kv * 2.5 == pytest.approx(one.kv)
    assert found.fp8 * 2.5 == pytest.approx(four.fp8)
    assert found.attention * 2.5 == pytest.approx(four.attention)
    assert found.link * 2.5 == pytest.approx(four.link)
    assert found.layers * 2.5 == pytest.approx(80)
    assert found.steps * 2.5 == pytest.approx(1)


def test_drafting_layers_are_charged(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Two drafted tokens through one layer each: 80 + 2 layers a pass, and the output head read three times."""
    step = predictor(llama_70b, h100, options, draft_tokens=2, tokens_per_pass=2.0).step
    free = predictor(llama_70b, h100, options, draft_tokens=2, tokens_per_pass=2.0, draft_layers=0).step
    found, looked_up = step.decode_load(Layout(8), 32, 2000), free.decode_load(Layout(8), 32, 2000)
    assert found.layers * 2 == pytest.approx(80 + 2)
    layer_gb = 8192 * 128 * (2 * 64 + 2 * 8) / 1e9 + 3 * 8192 * 28672 / 1e9
    head_gb = 2 * 128256 * 8192 / 1e9
    more_s = 2 * (layer_gb + head_gb) / 8 / 3350
    assert (found.weights - looked_up.weights) * 2 == pytest.approx(more_s)
    assert found.steps == looked_up.steps


def test_the_drafter_is_held(llama_70b: Model, deepseek_v3: Model, h100: Chip, options: PredictionOptions) -> None:
    """A layer of 0.856 GB in fp8 beside 72.65 GB, and 1/80 more KV; a small model brings its embeddings too."""
    plain, drafted = (
        predictor(llama_70b, h100, options, **fields) for fields in ({}, {"draft_tokens": 2, "tokens_per_pass": 2.0})
    )
    before, after = (one.held_gb(Layout(8), WORK, 8, "aggregated") for one in (plain, drafted))
    assert after[0] - before[0] == pytest.approx((8192 * 128 * 144 + 3 * 8192 * 28672) / 1e9)
    assert after[1] / before[1] == pytest.approx(81 / 80)
    small = layers_like(llama_70b, 4).model_copy(update={"id": "small"})
    apart = drafting_of(Speculation(draft_tokens=2, tokens_per_pass=2.0, draft_model="small"), llama_70b, (small,))
    held = Predictor(llama_70b, h100, "fp8", "bf16", options, apart).held_gb(Layout(8), WORK, 8, "aggregated")
    layers_gb = 4 * (8192 * 128 * 144 + 3 * 8192 * 28672) / 1e9
    assert held[0] - before[0] == pytest.approx(layers_gb + 2 * 2 * 128256 * 8192 / 1e9)


def test_prompts_pass_the_drafter_too(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """A prompt runs through 81 layers instead of 80, and in a look-up through 80."""
    loads = [
        predictor(llama_70b, h100, options, **fields).step.prefill_load(Layout(8), 2000, 0, 1)[1]
        for fields in (
            {},
            {"draft_tokens": 2, "tokens_per_pass": 2.0},
            {"draft_tokens": 2, "tokens_per_pass": 2.0, "draft_layers": 0},
        )
    ]
    assert [load.layers for load in loads] == [80, 81, 80]
    assert loads[1].fp8 / loads[0].fp8 == pytest.approx(81 / 80)


def test_layers_of_a_mixture_have_experts(deepseek_v3: Model) -> None:
    """One multi-token-prediction layer of DeepSeek-V3 holds 256 experts, not a dense layer."""
    layer = layers_like(deepseek_v3, 1)
    assert layer.experts is not None
    assert (layer.layers, layer.experts.layers, layer.experts.routed) == (1, 1, 256)


def test_it_pays_at_small_batches_and_not_at_large_ones(
    llama_70b: Model, h100: Chip, options: PredictionOptions
) -> None:
    """Reading weights is shared by the tokens of a pass, arithmetic is not: 2.4 of 4 tokens help one request alone."""
    plain = predictor(llama_70b, h100, options).step
    drafted = predictor(llama_70b, h100, options, draft_tokens=3, tokens_per_pass=2.4).step
    assert drafted.decode_s(Layout(8), 1, 200) < 0.6 * plain.decode_s(Layout(8), 1, 200)
    assert drafted.decode_s(Layout(8), 2048, 200) > 1.1 * plain.decode_s(Layout(8), 2048, 200)


def test_a_first_token_waits_for_a_whole_pass(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """A prompt shares its last chunk with the running pass, which takes tokens_per_pass times a token's time."""
    one = predictor(llama_70b, h100, options, draft_tokens=3, tokens_per_pass=2.5)
    point = one.aggregated(Layout(8), WORK, 32)
    assert isinstance(point, ServingPoint)
    token_s = one.step.decode_s(Layout(8), 32, 2150.5)
    latency_s = one.step.prefill(Layout(8), 2000, 0).latency_s
    assert point.ttft_s == pytest.approx(latency_s + 2.5 * token_s)
    assert point.requests_per_s == pytest.approx(1 / (point.prefill_s + 300 * token_s / 32))


@settings(max_examples=50, deadline=None)
@given(
    batch=st.integers(1, 64), drafts=st.integers(1, 8), share=st.floats(0, 1), stages=st.sampled_from([1, 2]),
    layers=st.integers(0, 3),
)  # fmt: skip
def test_a_pass_is_never_shorter_for_being_verified(
    llama_70b: Model, h100: Chip, options: PredictionOptions, batch: int, drafts: int, share: float, stages: int,
    layers: int,
) -> None:  # fmt: skip
    """A pass takes at least as long as without drafts; gaining more of it never slows a token down."""
    layout = Layout(8, stages)
    plain = predictor(llama_70b, h100, options).step.decode_s(layout, batch, 2000)
    gained = 1 + share * drafts
    less, more = (
        predictor(
            llama_70b, h100, options, draft_tokens=drafts, tokens_per_pass=each, draft_layers=layers
        ).step.decode_s(layout, batch, 2000)
        for each in (gained, drafts + 1)
    )
    assert less * gained >= plain * (1 - 1e-9)
    assert more <= less * (1 + 1e-9)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"draft_tokens": 2, "tokens_per_pass": 3.1}, "more than draft_tokens + 1; try at most 3"),
        ({"draft_tokens": 0, "tokens_per_pass": 1.0}, "greater than or equal to 1"),
        ({"draft_tokens": 2, "tokens_per_pass": 2, "draft_layers": 1, "draft_model": "small"}, "two ways to draft"),
    ],
)
def test_impossible_drafts_are_refused(fields: dict[str, object], said: str) -> None:
    """No pass gains more than what was drafted and its own token."""
    with pytest.raises(ValidationError, match=said.replace("+", r"\+")):
        Speculation.model_validate(fields)


def test_a_workload_comes_before_its_model() -> None:
    """What is said of the workload holds, else what is said of its model, else nothing."""
    of_chat, of_model = Speculation(draft_tokens=1, tokens_per_pass=1.5), Speculation(draft_tokens=3, tokens_per_pass=2)
    options = PredictionOptions(speculative={"chat": of_chat, "big": of_model})
    assert options.speculation("chat", "big") == of_chat
    assert options.speculation("other", "big") == of_model
    assert options.speculation("other", "small") is None
