"""What communication costs, by hand."""

import pytest

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.collectives import links_of
from fleetopt.prediction.types import Layout


def test_two_all_reduces_a_layer(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """tp 8, 100 tokens: 160 x (11 us + 2 x 7/8 x 100 x 16384 B / (450e9 x 0.42) B/s) = 160 x (11 + 15.17) us."""
    links = links_of(llama_70b, h100, options)
    assert links.tensor_s(Layout(8), 100) == pytest.approx(160 * (11e-6 + 1.75 * 100 * 16384 / 189e9))
    assert links.tensor_s(Layout(1), 100) == 0


def test_expert_parallelism_swaps_all_to_alls_in(deepseek_v3: Model, h100: Chip, options: PredictionOptions) -> None:
    """ep 8 and 8 attention copies: 3 dense layers all-reduce; 58 x 2 all-to-alls move 8 x 7/8 copies of T/8 tokens."""
    links = links_of(deepseek_v3, h100, options)
    token = 7168 * 2 / 189e9
    expected = 3 * (11e-6 + 1.75 * 80 * token) + 116 * (11e-6 + 10 * 7 * token)
    assert links.tensor_s(Layout(8, expert=8, attention_data=8), 80) == pytest.approx(expected)


def test_pipeline_uses_the_network_beyond_the_domain(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """One hop of 8 tokens, each of 8 ranks its share: 11 us + 16384 B over 50 GB/s x 0.42; inside a domain NVLink."""
    links = links_of(llama_70b, h100, options)
    assert links.pipeline_s(Layout(8, 2), 8) == pytest.approx(11e-6 + 16384 / 21e9)
    assert links.pipeline_s(Layout(4, 2), 4) == pytest.approx(11e-6 + 16384 / 189e9)
    assert links.pipeline_s(Layout(8, 1), 8) == 0


def test_sram_machines_pay_for_bytes_alone(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Their collective latency is part of the layer's time: the same group costs 160 x 11 us less."""
    sram = h100.model_copy(update={"memory_kind": "SRAM"})
    difference = links_of(llama_70b, h100, options).tensor_s(Layout(8), 9) - links_of(
        llama_70b, sram, options
    ).tensor_s(Layout(8), 9)
    assert difference == pytest.approx(160 * 11e-6)
