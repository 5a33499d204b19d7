"""What communication moves, by hand."""

import pytest

from fleetopt.instance.models import Model
from fleetopt.instance.systems import Chip
from fleetopt.prediction.collectives import Traffic, links_of
from fleetopt.prediction.types import Layout


def test_two_all_reduces_a_layer(llama_70b: Model, h100: Chip) -> None:
    """tp 8, 100 tokens: 160 all-reduces of 2 x 7/8 x 100 x 16384 B over 450e9 B/s; one chip sends nothing."""
    links = links_of(llama_70b, h100)
    found = links.traffic(Layout(8), 100)
    assert found[:3] == (160, 0, 0)
    assert found.link_s == pytest.approx(160 * 1.75 * 100 * 16384 / 450e9)
    assert links.traffic(Layout(1), 100) == Traffic(0, 0, 0, 0)


def test_expert_parallelism_swaps_all_to_alls_in(deepseek_v3: Model, h100: Chip) -> None:
    """ep 8 and 8 attention copies: 3 dense layers all-reduce; 58 x 2 all-to-alls move 8 x 7/8 copies of T/8 tokens."""
    found = links_of(deepseek_v3, h100).traffic(Layout(8, expert=8, attention_data=8), 80)
    assert found[:3] == (3, 116, 0)
    token_s = 7168 * 2 / 450e9
    assert found.link_s == pytest.approx(3 * 1.75 * 80 * token_s + 116 * 10 * 7 * token_s)


def test_pipeline_uses_the_network_beyond_the_domain(llama_70b: Model, h100: Chip) -> None:
    """One hop of 8 tokens, each of 8 ranks its share: 16384 B over 50 GB/s; inside a domain NVLink."""
    links = links_of(llama_70b, h100)
    inside = links.traffic(Layout(4, 2), 4)
    assert inside.hops == 1
    assert links.traffic(Layout(1, 2), 1).link_s == pytest.approx(16384 / 450e9)
    assert links.traffic(Layout(1, 16), 1).link_s == pytest.approx(15 * 16384 / 50e9)
    assert links.traffic(Layout(8, 1), 8).hops == 0
