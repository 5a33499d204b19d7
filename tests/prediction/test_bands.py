"""Error bands: which one is taken, and what its ends do to times."""

from typing import Any

import pytest
from pydantic import ValidationError

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.bands import FIRST_TOKEN, THROUGHPUT, Factors, band_of, factors_of, origin, origins
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.training import training_point
from fleetopt.prediction.types import EXACT, Ends, Layout, ServingPoint, TrainingPoint, Work

WORK = Work(2000.0, 0.0, 101.0)
PAIR = Layout(tensor=8)


def band(metric: str, mode: str = "any", vendor: str = "any", p10: float = 0.5, p90: float = 2.0) -> dict[str, Any]:
    return {"metric": metric, "mode": mode, "vendor": vendor, "p10": p10, "p50": min(max(p10, 1.0), p90), "p90": p90}


WHOLE = [
    band("ttft_ms", p10=0.5, p90=2.0),
    band("tpot_ms", p10=0.8, p90=1.25),
    band("output_tokens_per_s", p10=0.9, p90=1.6),
    band("tokens_per_s_per_chip", p10=0.75, p90=1.5),
]
"""One band a metric, for all modes and vendors."""


def having(options: PredictionOptions, percentile: str = "p50", *more: dict[str, Any]) -> PredictionOptions:
    """The options with round bands, planned at a percentile."""
    data = options.model_dump() | {"bands": [*WHOLE, *more], "percentile": percentile}
    return PredictionOptions.model_validate(data)


def test_the_nearest_band_is_taken(options: PredictionOptions) -> None:
    """Mode and vendor before mode alone, the first mode before the second, the metric as a whole last."""
    static, streamed = ("ttft_ms", "static_batch"), ("ttft_ms", "single_stream")
    some = having(
        options, "p50", band(*streamed, "AMD", p90=5.0), band(*static, p90=4.0), band(*static, "AMD", p90=3.0)
    )
    assert [band_of(FIRST_TOKEN, vendor, some).p90 for vendor in ("AMD", "NVIDIA")] == [3.0, 4.0]
    few = having(options, "p50", band(*streamed, "AMD", p90=5.0), band("ttft_ms", "serving", p90=9.0))
    assert [band_of(FIRST_TOKEN, vendor, few).p90 for vendor in ("AMD", "NVIDIA")] == [5.0, 2.0]


def test_a_rate_a_chip_has_the_band_of_the_rate(options: PredictionOptions) -> None:
    """output_tokens_per_s_per_chip and output_tokens_per_s are one kind, whichever a band is named by."""
    named = having(options, "p50", band("output_tokens_per_s_per_chip", "offline_max", p90=3.0))
    assert (band_of(THROUGHPUT, "x", having(options)).p90, band_of(THROUGHPUT, "x", named).p90) == (1.6, 3.0)


@pytest.mark.parametrize(
    ("p10", "p90", "expected"), [(0.5, 2.0, (0.5, 2.0)), (1.1, 1.4, (1, 1.4)), (0.6, 0.9, (0.6, 1))]
)
def test_no_end_lies_on_the_wrong_side_of_the_prediction(
    options: PredictionOptions, p10: float, p90: float, expected: tuple[float, float]
) -> None:
    """p50 is the prediction itself; where all measurements were slower (1.1 to 1.4), the optimistic end is too."""
    found = band_of(FIRST_TOKEN, "x", having(options, "p50", band("ttft_ms", "static_batch", "x", p10, p90)))
    assert factors_of(found, "p50") == Factors(expected[0], 1.0, expected[1])
    assert [factors_of(found, end).planned for end in ("p10", "p90")] == list(expected)  # type: ignore[arg-type]


def test_where_a_band_comes_from_is_said(options: PredictionOptions) -> None:
    """Metric, mode, vendor and how many; a decode pool has bands of what it does alone."""
    of_one = {**band("tpot_ms", "serving", "AMD"), "rows": 82, "sources": 5}
    some = having(options, "p50", of_one)
    assert origin(some.bands[-1]) == "tpot_ms, serving, AMD: 82 rows of 5 sources"
    assert origins("decode", "AMD", some) == dict.fromkeys(["tpot_s", "rate_per_s"], origin(some.bands[-1]))


@pytest.mark.parametrize(
    ("bands", "said"),
    [(WHOLE[1:], "ttft_ms"), ([*WHOLE[:3], band("tokens_per_s_per_chip", "any", "AMD")], "tokens_per_s_per_chip")],
)
def test_every_metric_needs_a_band_of_its_own(options: PredictionOptions, bands: list[Any], said: str) -> None:
    """Without one for all modes and vendors there would be chips without a band."""
    with pytest.raises(ValidationError, match=f"none of any mode and vendor for {said}; try"):
        PredictionOptions.model_validate(options.model_dump() | {"bands": bands})


def test_ends_out_of_order_are_refused(options: PredictionOptions) -> None:
    """A p10 above the p90 says nothing."""
    with pytest.raises(ValidationError, match="must not fall"):
        having(options, "p50", {**band("ttft_ms"), "p10": 3.0})


def points(options: PredictionOptions, model: Model, chip: Chip, percentile: str) -> list[ServingPoint]:
    """One replica of eight, aggregated and as each pool."""
    predictor = Predictor(model, chip, "fp8", "fp8", having(options, percentile))
    found = [predictor.aggregated(PAIR, WORK, 16), predictor.prefill(PAIR, WORK, 1), predictor.decode(PAIR, WORK, 16)]
    assert all(isinstance(point, ServingPoint) for point in found)
    return found  # type: ignore[return-value]


def test_each_figure_goes_by_its_own_band(options: PredictionOptions, llama_70b: Model, h100: Chip) -> None:
    """At p90 TTFT is twice as long, TPOT 1.25 and a request's time of an aggregated replica 1.6; memory stays."""
    plain, late = (points(options, llama_70b, h100, end) for end in ("p50", "p90"))
    assert [b.ttft_s / a.ttft_s for a, b in zip(plain, late, strict=True)] == pytest.approx([2.0, 2.0, 1.0])
    assert late[0].tpot_s / plain[0].tpot_s == pytest.approx(1.25)
    assert late[2].tpot_s / plain[2].tpot_s == pytest.approx(1.25)
    assert late[0].service_s / plain[0].service_s == pytest.approx(1.6)
    assert [point.kv_gb for point in late] == [point.kv_gb for point in plain]


@pytest.mark.parametrize("end", ["p10", "p90"])
def test_a_band_ends_where_the_plan_at_that_percentile_is(
    options: PredictionOptions, llama_70b: Model, h100: Chip, end: str
) -> None:
    """What the point at p50 says of its end is what planning at that end predicts, moved KV (no band) included."""
    number = ("p10", "p90").index(end)
    for plain, at_end in zip(
        points(options, llama_70b, h100, "p50"), points(options, llama_70b, h100, end), strict=True
    ):
        ttft, tpot, service = (spread[number] for spread in plain.spreads)
        assert at_end.ttft_s == pytest.approx(plain.ttft_s * ttft)
        assert at_end.tpot_s == pytest.approx(plain.tpot_s * tpot)
        assert at_end.service_s == pytest.approx(plain.service_s * service)


def test_moving_kv_dilutes_the_band_of_a_decode_pool(options: PredictionOptions, llama_70b: Model, h100: Chip) -> None:
    """A request holds its slot for the transfer too, which has no band: less than 1.25 times as long at p90."""
    pool = points(options, llama_70b, h100, "p50")[2]
    transfer_s, decode_s = pool.ttft_s, 100 * pool.tpot_s
    assert pool.spreads.ttft == EXACT
    assert pool.spreads.service.p90 == pytest.approx((transfer_s + 1.25 * decode_s) / (transfer_s + decode_s))


def test_a_band_is_told_from_the_time_planned_with() -> None:
    """Planned at 2 times the prediction, the other end at half of it is a quarter of the plan."""
    assert Factors(0.5, 2.0, 2.0).ends() == Ends(0.25, 1.0)


def test_training_at_p90_takes_the_band_longer(options: PredictionOptions, llama_70b: Model, h100: Chip) -> None:
    """1.5 times the seconds and 2/3 of the MFU; the same goodput, for failures are no part of the band."""
    arguments = (llama_70b, h100, 256, "bf16", 1e12, None, 8192.0)
    plain, late = (training_point(*arguments, having(options, end)) for end in ("p50", "p90"))  # type: ignore[arg-type]
    assert isinstance(plain, TrainingPoint)
    assert isinstance(late, TrainingPoint)
    assert (late.seconds / plain.seconds, plain.mfu / late.mfu) == pytest.approx((1.5, 1.5))
    assert late.goodput == plain.goodput
    assert plain.spread == pytest.approx((0.75, 1.5))
    assert late.spread == pytest.approx((0.5, 1.0))
