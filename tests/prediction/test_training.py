"""Training: work a token, memory of a team, time of a run."""

from math import log2, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions, TrainingCosts, TrainingLibrary
from fleetopt.instance.systems import Chip, DenseRates
from fleetopt.prediction.training import (
    best_layout,
    chip_seconds_per_token,
    flop_per_token,
    goodput,
    layouts_for,
    training_point,
)
from fleetopt.prediction.training_memory import fitting_gb, leanest, least_memory_gb
from fleetopt.prediction.training_step import TrainingLoad, bubble, idle, parts, training_step_of, waiting
from fleetopt.prediction.types import Refusal, TrainingLayout, TrainingPoint

COSTS = TrainingCosts(
    gemm_efficiency=0.5, fp8_gemm_factor=0.8, expert_gemm_factor=0.5, attention_efficiency=0.25,
    activation_passes=100.0, tensor_exposed=0.5, expert_exposed=0.5, shard_exposed=0.5, layer_s=1e-4,
    expert_layer_s=2e-4, spread=0.0, interruptions_per_chip_year=0.0,
)  # fmt: skip
"""Round costs for sums by hand."""
MATMUL, SEQUENCE = 69_501_714_432, 8192
"""Parameters of Llama-3.1-70B that a token is multiplied with, and a sequence."""
PAIRS_FLOP = 3 * 4 * 80 * 8192 * 4096
"""Attention of a token, forward and backward: half of 8,192 tokens on average."""


def training_load(
    model: Model, chip: Chip, chips: int, precision: Precision, sequence: float, layout: TrainingLayout
) -> TrainingLoad:
    return training_step_of(model, chip, precision, sequence).load(chips, layout)


def test_flop_of_a_token(llama_70b: Model, deepseek_v3: Model) -> None:
    """6 x 69.50e9 + 3 x 4 x 80 x 8192 x 4096 (half of 8,192 tokens) = 417.0e9 + 32.2e9; DeepSeek-V3 is about 250e9."""
    assert flop_per_token(llama_70b, SEQUENCE) == pytest.approx(6 * MATMUL + PAIRS_FLOP)
    assert flop_per_token(deepseek_v3, 4096) == pytest.approx(250e9, rel=0.05)


def test_a_token_by_hand(llama_70b: Model, h100: Chip) -> None:
    """64 chips, tp 8, pp 2: 16.8e6 tokens a step are 512 micro-batches of 8,192 for each of 4 pipelines.

    Products 417.0e9 / (0.5 x 989e12); attention 32.2e9 / (0.25 x 989e12); activations 100 x 80 x 16384 B / 3350e9;
    tensor collectives 0.5 x 80 x 4 x 2 x 7 x 16384 B / 450e9; weights and gradients 0.5 x 3 x 2 x 70.55e9 B / 16 a step
    of 262,144 tokens a chip over 50 GB/s; optimiser 30 B x 70.55e9 / 64 a step at 3350e9; 80 layers of 0.1 ms a
    micro-batch on 8 chips. The bubble adds 1 / 512.
    """
    layout = TrainingLayout(tensor=8, pipeline=2, batch_tokens=2048 * SEQUENCE)
    total = 70_552_387_584
    step = 2048 * SEQUENCE / 64
    work = (
        6 * MATMUL / (0.5 * 989e12)
        + PAIRS_FLOP / (0.25 * 989e12)
        + 100 * 80 * 16384 / 3350e9
        + 0.5 * 80 * 4 * 2 * 7 * 16384 / 450e9
        + 0.5 * 3 * 2 * total / 16 / step / 50e9
        + 30 * total / 64 / step / 3350e9
        + 80 * 1e-4 * 8 / SEQUENCE
    )
    found = chip_seconds_per_token(llama_70b, h100, 64, "bf16", SEQUENCE, layout, COSTS)
    assert bubble(64, SEQUENCE, layout) == 1 / 512
    assert found == pytest.approx(work * (1 + 1 / 512), rel=1e-12)


def test_experts_by_hand(deepseek_v3: Model, h100: Chip) -> None:
    """8 of 256 experts, their products at half the efficiency; 58 layers x 4 all-to-alls of 8 x 7/8 copies at ep 8."""
    load = training_load(deepseek_v3, h100, 256, "fp8", 4096, TrainingLayout(expert=8))
    active = 58 * 8 * 3 * 7168 * 2048
    assert load.experts == pytest.approx(6 * active / 1979e12)
    assert load.expert_link == pytest.approx(58 * 4 * 7 * 7168 * 2 / 450e9)
    assert load.expert_layers == pytest.approx(58 / 4096)
    wide = training_load(deepseek_v3, h100, 256, "fp8", 4096, TrainingLayout(expert=64))
    assert wide.expert_link == pytest.approx(58 * 4 * 8 * 63 / 64 * 7168 * 2 / 50e9)


def test_recomputing_costs_a_third_more_work(llama_70b: Model, h100: Chip) -> None:
    """Forward again: 8 instead of 6 FLOP a parameter, of attention and activations likewise; nothing else changes."""
    plain, again = (
        training_load(llama_70b, h100, 64, "bf16", SEQUENCE, TrainingLayout(recompute=recompute))
        for recompute in (False, True)
    )
    changed = ("matmul", "attention", "activations")
    for name in plain._fields:
        expected = getattr(plain, name) * (4 / 3 if name in changed else 1)
        assert getattr(again, name) == pytest.approx(expected), name


def test_chips_that_share_a_sequence_exchange_keys_and_values(
    llama_70b: Model, deepseek_v3: Model, gpt_oss: Model, h100: Chip
) -> None:
    """cp 4, tp 2 in a server: 3 passes x 3 other chips x 80 layers x 8 heads x 256 x 2 B a token over 450 GB/s.

    tp 16 needs 16 copies of 8 heads and the network; a latent is sent as 128 heads of 128 + 64 + 128; without a split
    nothing is sent.
    """
    load = training_load(llama_70b, h100, 64, "bf16", SEQUENCE, TrainingLayout(tensor=2, context=4))
    assert load.context_link == pytest.approx(3 * 3 * 80 * 8 * 256 * 2 / 450e9)
    wide = training_load(llama_70b, h100, 64, "bf16", SEQUENCE, TrainingLayout(tensor=16, context=4))
    assert wide.context_link == pytest.approx(3 * 3 * 80 * 16 * 256 * 2 / 50e9)
    latent = training_load(deepseek_v3, h100, 64, "bf16", SEQUENCE, TrainingLayout(context=2))
    assert latent.context_link == pytest.approx(3 * 61 * 128 * 320 * 2 / 450e9)
    assert training_load(gpt_oss, h100, 64, "bf16", SEQUENCE, TrainingLayout()).context_link == 0
    costs = COSTS.model_copy(update={"context_exposed": 0.25})
    assert parts(load, "bf16", "NVIDIA", costs).context_link == pytest.approx(load.context_link / 4)


def test_a_long_sequence_is_split_or_refused(llama_70b: Model, h100: Chip) -> None:
    """1,048,576 tokens fit 512 H100 with each sequence over 32 chips or more; a chip alone could not hold one.

    One sequence on one chip keeps 1,048,576 x 8192 x (160 + 34) B = 1,666 GB even recomputed.
    """
    options = PredictionOptions()
    taken = best_layout(llama_70b, h100, 512, "bf16", 2**20, options, 16e6)
    assert taken.tensor * taken.context >= 32
    assert fitting_gb(llama_70b, 512, 2**20, taken) <= 72
    alone = TrainingLayout(recompute=True, sharded=True)
    assert fitting_gb(llama_70b, 512, 2**20, alone) > 1666
    assert isinstance(training_point(llama_70b, h100, 512, "bf16", 1e12, None, 2**20, options), TrainingPoint)
    few = training_point(llama_70b, h100, 32, "bf16", 1e12, None, 2**20, options)
    assert isinstance(few, Refusal)
    assert few.rule == "T2"


def test_the_leanest_layout_holds_what_t2_counts(llama_70b: Model, deepseek_v3: Model) -> None:
    """The memory that T2 asks for is that of a layout that can be run, for short sequences and long ones."""
    for model in (llama_70b, deepseek_v3):
        for chips in (4, 64, 4096):
            for sequence in (2048.0, 8192.0, 131072.0, 2.0**20):
                needed = least_memory_gb(model, chips, sequence)
                assert fitting_gb(model, chips, sequence, leanest(chips, sequence, 16e6)) == pytest.approx(needed)


def test_chips_without_a_sequence_stand_idle(llama_70b: Model, h100: Chip) -> None:
    """64 copies of the model and 16 sequences a step: a quarter works; tp 4 makes it 16 copies, and all work."""
    layout = TrainingLayout(batch_tokens=16 * SEQUENCE)
    assert idle(64, SEQUENCE, layout) == 4
    assert idle(64, SEQUENCE, TrainingLayout(tensor=4, batch_tokens=16 * SEQUENCE)) == 1
    assert idle(64, SEQUENCE, TrainingLayout(context=2, batch_tokens=16 * SEQUENCE)) == 2
    busy = TrainingLayout(batch_tokens=64 * SEQUENCE)
    load = sum(parts(training_load(llama_70b, h100, 64, "bf16", SEQUENCE, layout), "bf16", "NVIDIA", COSTS))
    found = chip_seconds_per_token(llama_70b, h100, 64, "bf16", SEQUENCE, layout, COSTS)
    assert found == pytest.approx(4 * load)
    assert idle(64, SEQUENCE, busy) == 1


def test_experts_are_spread_over_chips_that_are_there(deepseek_v3: Model, h100: Chip) -> None:
    """Experts over 64 chips halve nothing on 32; wherever they are spread, no layout tried uses more than the team."""
    for chips in (8, 32, 256):
        tried = list(layouts_for(deepseek_v3, h100, chips, 65536, 16e6))
        assert all(one.pipeline * max(one.tensor * one.context, one.expert) <= chips for one in tried)
        assert max(one.expert for one in tried) == min(64, chips)
        assert max(one.context for one in tried) == min(16, chips)


def test_a_vendors_library_slows_products_and_attention(llama_70b: Model, h100: Chip) -> None:
    """At 0.8 of NVIDIA's efficiency both take 1.25 times as long, and nothing else changes."""
    costs = COSTS.model_copy(update={"libraries": {"other": TrainingLibrary(gemm_factor=0.8)}})
    load = training_load(llama_70b, h100, 64, "bf16", SEQUENCE, TrainingLayout(tensor=8, pipeline=2))
    own, other = (parts(load, "bf16", vendor, costs) for vendor in ("NVIDIA", "other"))
    for name in load._fields:
        factor = 1.25 if name in ("matmul", "experts", "attention") else 1
        assert getattr(other, name) == pytest.approx(getattr(own, name) * factor), name


def test_bubble_of_a_pipeline() -> None:
    """8 stages, 32 chips, 128 sequences a step: 4 pipelines of 32 micro-batches idle 7/32, with 4 stages each 7/128."""
    layout = TrainingLayout(pipeline=8, batch_tokens=128 * 1024)
    assert bubble(32, 1024, layout) == 7 / 32
    assert bubble(32, 1024, TrainingLayout(pipeline=8, virtual=4, batch_tokens=128 * 1024)) == 7 / 128
    assert bubble(32, 1024, TrainingLayout(batch_tokens=128 * 1024)) == 0


def test_goodput_of_a_large_run() -> None:
    """Llama 3: 16,384 chips at 0.17 stops a chip and year stop every 11,330 s; checkpoints of 30 s, restarts of 420 s.

    The best interval is sqrt(2 x 30 x 11,330) = 824.5 s: 30 / 824.5 + (412.3 + 420) / 11,330 = 0.1099 lost of each
    second of progress, 1 / 1.1099 = 0.901.
    """
    between = 365.25 * 86400 / (0.17 * 16384)
    interval = sqrt(2 * 30 * between)
    lost = 30 / interval + (interval / 2 + 420) / between
    found = goodput(16384, TrainingCosts())
    assert found == pytest.approx(1 / (1 + lost))
    assert found == pytest.approx(0.90, abs=0.005)
    assert goodput(16384, COSTS) == 1.0
    assert goodput(8, TrainingCosts()) > 0.995


def test_slower_chips_cost_with_each_doubling() -> None:
    """1 % a doubling beyond a server: nothing at 8 chips, 7 % at 1,024."""
    costs = COSTS.model_copy(update={"spread": 0.01})
    assert (waiting(8, costs), waiting(4, costs)) == (0, 0)
    assert waiting(1024, costs) == pytest.approx(0.01 * log2(128))


def test_time_of_a_run(llama_70b: Model, h100: Chip) -> None:
    """1e24 FLOP on 1,024 chips at its MFU and goodput; without a given total, tokens x the work of one."""
    options = PredictionOptions()
    point = training_point(llama_70b, h100, 1024, "bf16", 1.0, 1e24, SEQUENCE, options)
    assert isinstance(point, TrainingPoint)
    assert point.flop == 1e24
    assert point.seconds == pytest.approx(1e24 / (1024 * 989e12 * point.mfu * point.goodput))
    layout = best_layout(llama_70b, h100, 1024, "bf16", SEQUENCE, options, 16e6)
    token_s = chip_seconds_per_token(llama_70b, h100, 1024, "bf16", SEQUENCE, layout, options.training)
    assert point.mfu == pytest.approx(flop_per_token(llama_70b, SEQUENCE) / (token_s * 989e12))
    counted = training_point(llama_70b, h100, 1024, "bf16", 1e12, None, SEQUENCE, options)
    assert isinstance(counted, TrainingPoint)
    assert counted.flop == pytest.approx(1e12 * flop_per_token(llama_70b, SEQUENCE))


def test_narrower_formats_are_faster_where_the_chip_has_them(llama_70b: Model, h100: Chip) -> None:
    """fp8 trains faster, though at a lower share of its own peak; on a chip without it, as fast as bf16."""

    def point(chip: Chip, precision: str) -> TrainingPoint:
        found = training_point(
            llama_70b, chip, 512, precision, 1e12, None, 4096, PredictionOptions()  # type: ignore[arg-type]
        )  # fmt: skip
        assert isinstance(found, TrainingPoint)
        return found

    assert point(h100, "fp8").seconds < point(h100, "bf16").seconds
    assert point(h100, "fp8").mfu < point(h100, "bf16").mfu
    plain = h100.model_copy(update={"dense_tflops": DenseRates(bf16=989)})
    assert point(plain, "fp8") == point(plain, "bf16")


def test_memory_of_a_small_team_is_short(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """16 B x 70.55e9 / 8 chips = 141.1 GB + 1024 x 8192 x (160 + 34) B = 1.63 GB exceed 72 GB (T2); 64 chips fit."""
    refusal = training_point(llama_70b, h100, 8, "bf16", 1e12, None, SEQUENCE, options)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "T2"
    needed = 16 * 70_552_387_584 / 8 / 1e9 + 1024 * 8192 * (160 + 34) / 1e9
    assert refusal.shortfall == pytest.approx(needed / 72 - 1)
    assert isinstance(training_point(llama_70b, h100, 64, "bf16", 1e12, None, SEQUENCE, options), TrainingPoint)


def test_memory_of_a_layout(llama_70b: Model) -> None:
    """tp 8, pp 4 on 64 chips: 4 B x 70.55e9 / 32 + 12 B / 64, and 1,024 tokens x 8192 x 34 B x (80 + 1) kept.

    Recomputed, 2 B a layer are kept; fully sharded, all 16 bytes are over 64.
    """
    total = 70_552_387_584
    layout = TrainingLayout(tensor=8, pipeline=4)
    tokens = SEQUENCE / 8
    state = 4 * total / 32 + 12 * total / 64
    assert fitting_gb(llama_70b, 64, SEQUENCE, layout) == pytest.approx((state + tokens * 8192 * 34 * 81) / 1e9)
    lean = TrainingLayout(tensor=8, pipeline=4, recompute=True)
    assert fitting_gb(llama_70b, 64, SEQUENCE, lean) == pytest.approx((state + tokens * 8192 * (160 + 34)) / 1e9)
    sharded = TrainingLayout(recompute=True, sharded=True)
    expected = (16 * total / 64 + SEQUENCE * 8192 * (160 + 34)) / 1e9
    assert fitting_gb(llama_70b, 64, SEQUENCE, sharded) == pytest.approx(expected)


@pytest.mark.parametrize("chips", [64, 512, 4096])
def test_the_layout_taken_fits_and_is_the_fastest_that_does(
    llama_70b: Model, deepseek_v3: Model, h100: Chip, options: PredictionOptions, chips: int
) -> None:
    """Of all layouts tried none that fits is faster."""
    for model in (llama_70b, deepseek_v3):
        if isinstance(training_point(model, h100, chips, "bf16", 1e12, None, SEQUENCE, options), Refusal):
            continue
        taken = best_layout(model, h100, chips, "bf16", SEQUENCE, options, 16e6)
        assert fitting_gb(model, chips, SEQUENCE, taken) <= 72
        times = {
            layout: chip_seconds_per_token(model, h100, chips, "bf16", SEQUENCE, layout, options.training)
            for layout in layouts_for(model, h100, chips, SEQUENCE, 16e6)
        }
        fitting = [s for layout, s in times.items() if fitting_gb(model, chips, SEQUENCE, layout) <= 72]
        assert times[taken] == min(fitting)


@settings(max_examples=30, deadline=None)
@given(doublings=st.integers(4, 17), batch=st.sampled_from([1e6, 4e6, 16e6]), moe=st.booleans())
def test_twice_the_chips_never_finish_later(
    llama_70b: Model, deepseek_v3: Model, h100: Chip, doublings: int, batch: float, moe: bool
) -> None:
    """Where the batch is too small for all, some idle; failures, collectives and bubbles never outweigh the chips."""
    model, options = deepseek_v3 if moe else llama_70b, PredictionOptions()

    def run(chips: int) -> TrainingPoint | Refusal:
        return training_point(model, h100, chips, "bf16", 1e12, None, SEQUENCE, options, batch)

    few, many = run(2**doublings), run(2 ** (doublings + 1))
    if isinstance(few, TrainingPoint):
        assert isinstance(many, TrainingPoint)
        assert many.seconds <= few.seconds * (1 + 1e-12)
        assert many.mfu * many.goodput <= 1


@settings(max_examples=40, deadline=None)
@given(chips=st.sampled_from([64, 256, 2048]), more=st.floats(1, 3), precision=st.sampled_from(["bf16", "fp8"]))
def test_better_chips_are_never_slower(llama_70b: Model, h100: Chip, chips: int, more: float, precision: str) -> None:
    """More bandwidth, compute or network never slows a layout; no layout beats the peak."""
    layout = TrainingLayout(tensor=8, pipeline=2, sharded=True)

    def seconds(chip: Chip) -> float:
        costs = PredictionOptions().training
        return chip_seconds_per_token(
            llama_70b, chip, chips, precision, SEQUENCE, layout, costs  # type: ignore[arg-type]
        )  # fmt: skip

    base = seconds(h100)
    assert flop_per_token(llama_70b, SEQUENCE) / base < 1979e12
    better = (
        {"memory_gb_s": 3350 * more},
        {"dense_tflops": DenseRates(bf16=989 * more, fp8=1979 * more)},
        {"scale_up_gb_s": 450 * more},
        {"scale_out_gb_s": 50 * more},
    )
    for change in better:
        assert seconds(h100.model_copy(update=change)) <= base * (1 + 1e-12)
