"""Layouts, batches, and the units a replica takes."""

from typing import Any

import pytest
from builders import SRAM, tiny_instance, with_orbit

from fleetopt.candidates.evaluate import predictor_for
from fleetopt.candidates.layouts import batches, layout_of, layouts, replica_units
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.types import Layout, Refusal, Work

WORK = Work(1000.0, 0.0, 200.0)
MOE = {"routed": 128, "active": 8, "ffn": 1536, "layers": 32}


def predictor(system: str = "gpu8", **changes: Any) -> Predictor:
    instance = tiny_instance(**changes)
    return predictor_for(instance, instance.workloads[0], system, "bf16")


def test_a_small_model_is_sharded_within_the_domain_and_never_pipelined() -> None:
    """8 GPUs in a domain: tensor 1, 2, 4, 8."""
    assert layouts(predictor(), WORK, "aggregated") == [Layout(1), Layout(2), Layout(4), Layout(8)]


def test_without_scale_up_links_there_is_no_tensor_parallelism() -> None:
    """No link, no group: one chip, or a pipeline where that is too small."""
    alone = predictor(systems={"gpu8": {"chip": {"scale_up_gb_s": 0.0}}})
    assert layouts(alone, WORK, "decode") == [Layout(1)]


def test_gpus_are_pipelined_only_where_one_domain_is_too_small() -> None:
    """281 GB of weights on 8 x 40 x 0.9 = 288 GB leave no room for 40,000 tokens of KV; two stages do."""
    large = {"models": {"small": {"layers": 640}}, "systems": {"gpu8": {"chip": {"memory_gb": 40.0}}}}
    tried = layouts(predictor(**large), Work(40_000.0, 0.0, 200.0), "decode")
    assert tried[-1] == Layout(8, 2)
    assert all(layout.pipeline == 1 for layout in tried[:-1])


def test_sram_machines_are_pipelined_as_deep_as_capacity_needs() -> None:
    """16.1 GB of weights on machines of 10 x 0.9 GB: two stages hold them; three and four hold more KV."""
    wafer = predictor("wafer", systems={"wafer": {**SRAM, "chip": {**SRAM["chip"], "memory_gb": 10.0}}})
    assert layouts(wafer, WORK, "aggregated") == [Layout(1), Layout(1, 2), Layout(1, 3), Layout(1, 4)]


def test_a_model_too_large_for_any_depth_is_tried_once_and_refused_later() -> None:
    """The deepest pipeline possible is a layer a stage; it stands for all of them."""
    wafer = predictor("wafer", systems={"wafer": {**SRAM, "chip": {**SRAM["chip"], "memory_gb": 0.1}}})
    assert layouts(wafer, WORK, "aggregated") == [Layout(1), Layout(1, 32)]


def test_experts_are_spread_over_the_group_with_attention_copies_beyond_the_kv_heads() -> None:
    """4 KV heads on 8 chips would hold the KV twice, so attention runs as 2 copies; on 4 chips as one."""
    mixed = predictor(models={"small": {"experts": MOE, "kv_heads": 4, "dense_ffn": 0}})
    assert layout_of(mixed, 8, expert=8) == Layout(8, 1, 8, 2)
    assert layout_of(mixed, 4, expert=4) == Layout(4, 1, 4, 1)
    assert layout_of(mixed, 8) == Layout(8, 1, 1, 1)
    assert Layout(8, 1, 8, 2) in layouts(mixed, WORK, "decode")


@pytest.mark.parametrize(
    ("most", "tried"), [(0, []), (1, [1]), (5, [1, 2, 4, 5]), (16, [1, 2, 4, 6, 8, 12, 16]), (7, [1, 2, 4, 6, 7])]
)
def test_batches_rise_to_the_kv_cap(most: int, tried: list[int]) -> None:
    """Powers of two, a step between each two above 4, and the cap itself."""
    assert batches(most, "decode") == tried


def test_batches_end_where_larger_ones_are_pointless() -> None:
    """However much fits, a prefill pool takes at most 16 prompts together."""
    assert batches(10_000, "prefill")[-1] == 16


@pytest.mark.parametrize(
    ("layout", "units"),
    [
        (Layout(1), 1 / 8),
        (Layout(2), 1 / 4),
        (Layout(3), 1 / 2),
        (Layout(8), 1.0),
        (Layout(8, 2), 2.0),
        (Layout(4, 5), 3.0),
    ],
)
def test_units_of_a_replica(layout: Layout, units: float) -> None:
    """1 / floor(8 / chips) in a server of 8; 16 chips take 2 servers, 20 take 3."""
    assert replica_units(tiny_instance().system("gpu8"), layout) == units


def test_c2_a_replica_stays_on_one_satellite() -> None:
    """Four chips a satellite: a layout of 4 just passes, one of 8 falls short by a whole satellite."""
    satellite = tiny_instance(**with_orbit()).system("sat")
    assert replica_units(satellite, Layout(4)) == 1.0
    refusal = replica_units(satellite, Layout(4, 2))
    assert isinstance(refusal, Refusal)
    assert (refusal.rule, refusal.shortfall) == ("C2", 1.0)


def test_a_system_without_accelerators_serves_nothing() -> None:
    """No chips, no replica (C2)."""
    refusal = replica_units(tiny_instance().system("gpu8").model_copy(update={"chips": 0}), Layout(1))
    assert isinstance(refusal, Refusal)
