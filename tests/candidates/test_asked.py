"""What a layout's batches are asked: bisection and skipped searches find what trying each one finds."""

from itertools import takewhile
from typing import Any

import pytest
from builders import tiny_instance
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.candidates.asked import Asked, Loaded, serve_point, work_of
from fleetopt.candidates.evaluate import predictor_for
from fleetopt.candidates.layouts import batches
from fleetopt.prediction.types import Layout, Refusal, ServingPoint, Stage

STAGES: tuple[Stage, ...] = ("aggregated", "prefill", "decode")


def asked_of(stage: Stage, ttft_s: float | None, tpot_s: float | None, percentile: float) -> Asked:
    slo = {"ttft_s": ttft_s, "tpot_s": tpot_s, "percentile": percentile}
    instance = tiny_instance(workloads={"chat": {"slo": slo, "disaggregated": True}})
    workload = instance.workloads[0]
    predictor = predictor_for(instance, workload, "gpu8", "bf16")
    return Asked(instance, predictor, workload, workload.buckets[0], stage, "none", Layout(2), 0.02)


def points_of(asked: Asked) -> list[ServingPoint]:
    work = work_of(asked.workload, asked.bucket, asked.reuse)
    most = asked.predictor.max_batch(asked.layout, work, asked.stage)
    tried = [serve_point(asked.predictor, asked.stage, asked.layout, work, n) for n in batches(most, asked.stage)]
    return [point for point in tried if isinstance(point, ServingPoint)]


@settings(max_examples=60, deadline=None)
@given(
    stage=st.sampled_from(STAGES),
    ttft_s=st.none() | st.floats(0.03, 3.0),
    tpot_s=st.none() | st.floats(0.005, 0.2),
    percentile=st.sampled_from([0.5, 0.9, 0.99]),
)
def test_the_batch_found_is_the_one_that_trying_each_finds(
    stage: Stage, ttft_s: float | None, tpot_s: float | None, percentile: float
) -> None:
    """Batches up to the first that fails, why it fails, and of these the highest rate: to the last bit."""
    asked = asked_of(stage, ttft_s, tpot_s, percentile)
    points = points_of(asked)
    each = [asked.under_load(point) for point in points]
    good = list(takewhile(lambda found: isinstance(found, Loaded), each))
    passing, refusal = asked.passing(points)
    assert passing == len(good)
    assert refusal == (each[passing] if passing < len(each) else None)
    best = asked.fastest(points[:passing])
    rates = [found.rate_per_s for found in good if isinstance(found, Loaded)]
    assert best == (good[rates.index(max(rates))] if rates else None)


def test_of_equal_rates_the_smallest_batch_is_taken() -> None:
    """Where sending KV limits a pool, every batch has the same rate, and the smallest waits least."""
    asked = asked_of("prefill", None, None, 0.9)
    point = points_of(asked)[0]
    alike: list[Any] = [point, point]
    best = asked.fastest(alike)
    assert best == asked.under_load(point)


def test_a_rate_not_worth_having_is_not_searched_for() -> None:
    """A target that binds gives 0.9 of the saturated rate or less; asked for more, any rate that holds will do."""
    asked = asked_of("aggregated", 0.25, None, 0.99)
    point = points_of(asked)[-1]
    highest = asked.under_load(point)
    assert isinstance(highest, Loaded)
    beyond = asked.under_load(point, highest.rate_per_s * 1.01)
    assert isinstance(beyond, Loaded) and 0 < beyond.rate_per_s <= highest.rate_per_s
    assert asked.under_load(point, highest.rate_per_s) == highest
    late = asked_of("aggregated", 1e-4, None, 0.99)
    assert isinstance(late.under_load(point, 5.0), Refusal)


@pytest.mark.parametrize("stage", STAGES)
def test_some_batches_pass_and_some_fail(stage: Stage) -> None:
    """The cases above are not all of one kind: with targets in the middle, bisection ends in the middle."""
    found = {asked.passing(points_of(asked))[0] for asked in (asked_of(stage, t, t / 10, 0.9) for t in (0.05, 0.2, 3))}
    assert len(found) > 1
