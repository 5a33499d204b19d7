"""What a pass costs beyond the data sheet."""

import pytest

from fleetopt.instance.prediction_options import EngineCosts, LibraryCosts, PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.costs import Costs, Load, costs_of, seconds


def test_a_pass_is_its_load_times_its_costs() -> None:
    """0.2 s of reading at 1 / 0.8 and 3 layers of 10 us: 0.25003 s."""
    assert seconds(Load(weights=0.2, layers=3), Costs(weights=1.25, layers=1e-5)) == pytest.approx(0.25003)


def test_factors_multiply(h100: Chip) -> None:
    """bf16 0.6 x library 0.5; fp8 0.9 of that; experts 0.7 of that; the engine doubles its overheads."""
    options = PredictionOptions(
        engine="slow", gemm_efficiency=0.6, fp8_gemm_factor=0.9, expert_gemm_factor=0.7, memory_efficiency=0.8,
        layer_s=1e-5, libraries={"NVIDIA": LibraryCosts(gemm_factor=0.5, memory_factor=0.75)},
        engines={"slow": EngineCosts(overhead_factor=2.0)},
    )  # fmt: skip
    costs = costs_of(h100, options)
    assert costs.bf16 == pytest.approx(1 / 0.3)
    assert costs.expert_fp8 == pytest.approx(1 / (0.3 * 0.9 * 0.7))
    assert costs.weights == pytest.approx(1 / (0.8 * 0.75))
    assert costs.layers == pytest.approx(2e-5)


def test_sram_machines_pay_for_bytes_and_hops_alone(h100: Chip, options: PredictionOptions) -> None:
    """Their collective latency is part of the layer's time; stages still hand over."""
    costs = costs_of(h100.model_copy(update={"memory_kind": "SRAM"}), options)
    assert costs.reductions == costs.exchanges == costs.sequences == 0
    assert costs.hops == options.allreduce_s
    assert costs.layers == options.dataflow_layer_s


def test_nothing_beats_its_data_sheet(h100: Chip) -> None:
    """With the calibrated constants every rate is at most the data sheet's, for every library and engine."""
    calibrated = PredictionOptions()
    for engine in ("typical", *calibrated.engines):
        for vendor in ("NVIDIA", *calibrated.libraries):
            chip = h100.model_copy(update={"vendor": vendor})
            costs = costs_of(chip, calibrated.model_copy(update={"engine": engine}))
            slowdowns = costs._replace(
                reductions=1, exchanges=1, hops=1, layers=1, expert_layers=1, sequences=1, steps=1
            )
            assert all(value >= 1 for value in slowdowns), (engine, vendor, costs)
