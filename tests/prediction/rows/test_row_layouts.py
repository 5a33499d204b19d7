"""Layouts of rows: as stated, and the best where a row leaves it open."""

import pytest
from rowcase import predicted, row

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.fields import serving_row
from fleetopt.prediction.rows.runs import layouts_of
from fleetopt.prediction.types import Layout


def first(**changes: str) -> tuple[Layout, int]:
    """The first layout of a row."""
    return next(layouts_of(serving_row(row(**changes))))


@pytest.mark.parametrize(
    ("changes", "layout", "replicas"),
    [
        ({"n_chips": "8", "tp": "8"}, Layout(8), 1),
        ({"n_chips": "8", "tp": "2", "pp": "2"}, Layout(2, 2), 2),
        ({"n_chips": "12", "tp": "24"}, Layout(12), 1),
        ({"n_chips": "8", "tp": "1", "dp": "8"}, Layout(1), 8),
        ({"n_chips": "8", "tp": "1", "dp": "8", "ep": "8", "model": "DeepSeek-R1"}, Layout(8, 1, 8, 8), 1),
        ({"n_chips": "16", "tp": "1", "dp": "8", "ep": "8", "model": "DeepSeek-R1"}, Layout(8, 1, 8, 8), 2),
        ({"n_chips": "8", "tp": "8", "dp": "8", "ep": "8", "model": "DeepSeek-R1"}, Layout(8, 1, 8, 8), 1),
        ({"n_chips": "8", "tp": "2", "ep": "8", "model": "DeepSeek-R1"}, Layout(8, 1, 8, 4), 1),
        ({"n_chips": "8", "tp": "8", "ep": "3", "model": "DeepSeek-R1"}, Layout(8), 1),
    ],
)
def test_stated_layouts(changes: dict[str, str], layout: Layout, replicas: int) -> None:
    """Data parallelism is replicas, but copies of attention where experts are spread; too large a tp is cut."""
    assert first(**changes) == (layout, replicas)


def test_an_open_layout_is_the_best(options: PredictionOptions) -> None:
    """Llama-3.1-8B on 8 chips: eight replicas give most tokens, one group of eight the shortest TPOT; both are said."""
    free = {"n_chips": "8", "tp": "", "pp": "", "ep": "", "dp": "", "mode": "serving", "concurrency_or_batch": "512"}
    most = predicted(options, metric="output_tokens_per_s", **free)
    assert "tp 1, pp 1, ep 1, attention dp 1, 8 replicas" in most.note
    for tp in ("1", "2", "4", "8"):
        stated = {**free, "tp": tp, "pp": "1", "ep": "1", "dp": "1", "metric": "output_tokens_per_s"}
        assert predicted(options, **stated).value <= most.value * (1 + 1e-12)
    quick = predicted(options, metric="tpot_ms", **{**free, "concurrency_or_batch": "1"})
    assert "tp 8" in quick.note


def test_what_is_stated_of_an_open_layout_holds(options: PredictionOptions) -> None:
    """With tp open and pp 2 stated, every layout tried has two stages; with tp 2 of 8, pp may be 1, 2 or 4."""
    shapes = [layout for layout, _ in layouts_of(serving_row(row(n_chips="8", tp="", pp="2", dp="")))]
    assert {layout.pipeline for layout in shapes} == {2}
    assert {layout.tensor for layout in shapes} == {1, 2, 4}
    stages = [layout.pipeline for layout, _ in layouts_of(serving_row(row(n_chips="8", tp="2", pp="")))]
    assert stages == [1, 2, 4]


def test_experts_left_open_are_tried_both_ways() -> None:
    """A mixture of experts whose ep is blank is tried with its experts whole and spread."""
    shapes = [layout for layout, _ in layouts_of(serving_row(row(n_chips="8", tp="8", ep="", model="DeepSeek-R1")))]
    assert [layout.expert for layout in shapes] == [1, 8]


def test_kv_is_bf16_unless_only_fp8_fits(options: PredictionOptions) -> None:
    """40 GB of KV in bf16 fit beside 16 GB of weights in 76; 80 GB do not, but 40 GB in fp8; the note says which."""
    roomy = predicted(options, kv_precision="", concurrency_or_batch="270")
    assert "KV taken in bf16" in roomy.note
    tight = predicted(options, kv_precision="", concurrency_or_batch="540")
    assert "KV taken in fp8" in tight.note
    assert tight.value == predicted(options, kv_precision="fp8", concurrency_or_batch="540").value


def test_what_was_decided_is_said(options: PredictionOptions) -> None:
    """An engine that was not measured, a tensor degree beyond the chips, and experts that do not divide it."""
    note = predicted(options, engine="mine", tp="2", model="gpt-oss-20b", ep="3", weight_precision="").note
    assert "engine taken as typical" in note
    assert "tp 2 cut to the 1 chips there are" in note
    assert "ep 3 does not divide" in note
    assert "weights taken as released, in fp4" in note


def test_groups_across_domains_use_the_network(options: PredictionOptions) -> None:
    """tp 16 on chips of domains of 8 was run, so it is predicted: slower than tp 8 for its slower links."""
    said = {"metric": "ttft_ms", "model": "Llama-3.1-405B", "weight_precision": "fp8"}
    wide = predicted(options, n_chips="16", tp="16", **said)
    assert wide.value > predicted(options, n_chips="8", tp="8", **said).value
