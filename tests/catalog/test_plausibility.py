"""Figures that look odd beside their like."""

import statistics
from typing import Any

import pytest

from fleetopt.catalog import plausibility
from fleetopt.catalog.load import KINDS, entry, explained, ids
from fleetopt.catalog.plausibility import FACTOR, MEASURES, outliers, values

BY_ID = {measure.id: measure for measure in MEASURES}


def test_the_outliers_are_the_explained_ones() -> None:
    """Every outlier has its reason in the catalogue, and no reason is given for what is no outlier."""
    reasons = {(kind, id_, measure) for kind in KINDS for id_ in ids(kind) for measure in explained(kind, id_)}
    assert {(o.measure.kind, o.id, o.measure.id) for o in outliers()} == reasons
    assert all(o.because for o in outliers())


def test_known_outliers() -> None:
    """SRAM chips read their memory 300,000 times a second, the H20 keeps its memory and loses its compute."""
    found = {(o.measure.id, o.id) for o in outliers()}
    assert {("sweeps_per_s", "wse3"), ("sweeps_per_s", "groq1"), ("bytes_per_flop", "h20")} <= found
    assert not [id_ for _, id_ in found if id_ in ("h100-sxm", "b200", "mi300x", "hgx-b200-8")]


@pytest.mark.parametrize(
    ("measure", "id_", "expected"),
    [
        ("bandwidth_per_watt", "h100-sxm", 3350 / 700),
        ("flops_per_watt", "h100-sxm", 989 / 700),
        ("bytes_per_flop", "h100-sxm", 3350 / 989),
        ("sweeps_per_s", "h100-sxm", 3350 / 80),
        ("price_per_tflops", "hgx-h100-8", 276_000 / (8 * 989)),
        ("price_per_gb", "hgx-h100-8", 276_000 / 640),
        ("rent_per_tflops", "hgx-h100-8", 18.8 / (8 * 989)),
        ("power_over_chips", "hgx-h100-8", 10.2 / 5.6),
    ],
)
def test_measures_by_hand(measure: str, id_: str, expected: float) -> None:
    """An H100 reads 3,350 GB/s for 700 W = 4.79 GB/s/W, and 41.9 times its 80 GB a second; 8 cost 34.9 $ a TFLOPS."""
    assert values(BY_ID[measure])[id_] == pytest.approx(expected)


def test_what_is_not_known_is_not_measured() -> None:
    """A chip without power or rate, and a system without price, has no such ratio and stands in nobody's median."""
    assert "etched-sohu" not in values(BY_ID["bandwidth_per_watt"])
    assert "groq3-lpx-rack" not in values(BY_ID["price_per_gb"])


@pytest.mark.parametrize(("field", "wrong"), [("memory_gb_s", 400), ("power_kw", 10.2)])
def test_a_slip_is_found(monkeypatch: pytest.MonkeyPatch, field: str, wrong: float) -> None:
    """The link read as memory bandwidth (an Ascend's 400 GB/s), or a server's power as the chip's, is an outlier
    without a reason."""

    def slipped(kind: str, id_: str) -> dict[str, Any]:
        return entry(kind, id_) | ({field: wrong} if id_ == "ascend910b" else {})

    monkeypatch.setattr(plausibility, "entry", slipped)
    found = {o.id: o.because for o in outliers()}
    assert found["ascend910b"] == ""


def test_outliers_are_far_from_the_median() -> None:
    """Each outlier lies more than three times above or below the median of its own measure."""
    for o in outliers():
        assert o.median == statistics.median(values(o.measure).values())
        assert max(o.value / o.median, o.median / o.value) > FACTOR
