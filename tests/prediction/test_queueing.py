"""Percentiles under load: the wait formula by hand, and the rate it leaves."""

from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.queueing import queued, residual_s, waits_s
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.types import Layout, QueuedPoint, Refusal, ServingPoint, Work

POINT = ServingPoint(
    batch=16, ttft_s=0.1, tpot_s=0.02, requests_per_s=2.0, service_s=0.5, weights_gb=1, kv_gb=1, slots=16, prefill_s=0.1
)
POOL = ServingPoint(batch=1, ttft_s=0.1, tpot_s=0.0, requests_per_s=10.0, service_s=0.1, weights_gb=1, kv_gb=1)


def test_one_server_is_the_exact_exponential_tail() -> None:
    """M/M/1: P(wait > t) = rho e^(-(1 - rho) t / S); at rho 0.5, S 1 and 95 % the wait is 2 ln(0.5 / 0.05) = 4.605."""
    assert waits_s(1, 1.0, 0.5, 0.95, 1.0)[0] == pytest.approx(2 * log(10))
    assert waits_s(1, 1.0, 0.04, 0.95, 1.0)[0] == 0
    assert waits_s(1, 1.0, 0.0, 0.95, 1.0)[0] == 0


def test_pool_rate_by_hand(options: PredictionOptions) -> None:
    """At 9 a second (utilisation 0.9) the p95 wait is 0.1 / 0.1 x ln(0.9 / 0.05) = 2.89 s; a target of 3 s holds."""
    point = queued(POOL, 3.0, None, None, 0.95, 1.0, options, 1)
    assert isinstance(point, QueuedPoint)
    assert point.rate_per_s == pytest.approx(9.0)
    assert point.ttft_s == pytest.approx(0.1 + log(18))
    assert point.utilisation == pytest.approx(0.9)


def test_a_tight_target_lowers_the_rate(options: PredictionOptions) -> None:
    """The rate found is where the tail meets the target: TTFT equals it."""
    point = queued(POOL, 0.5, None, None, 0.95, 1.0, options, 1)
    assert isinstance(point, QueuedPoint)
    assert 0 < point.rate_per_s < 9
    assert point.ttft_s == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("ttft_s", "tpot_s", "completion_s", "name", "shortfall"),
    [(0.1, None, None, "TTFT", 1.0), (None, 0.016, None, "TPOT", 0.25), (None, None, 1.0, "completion", 1.18)],
)
def test_targets_missed_empty_are_refused(
    options: PredictionOptions,
    ttft_s: float | None,
    tpot_s: float | None,
    completion_s: float | None,
    name: str,
    shortfall: float,
) -> None:
    """With 0.1 s of round trip: TTFT 0.2 against 0.1; TPOT 0.020 against 0.016; 0.2 + 99 x 0.02 = 2.18 s against 1."""
    refusal = queued(POINT, ttft_s, tpot_s, completion_s, 0.95, 1.0, options, 100, extra_ttft_s=0.1)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "SLO"
    assert name in refusal.detail
    assert refusal.shortfall == pytest.approx(shortfall)


def test_a_percentile_nobody_can_promise_is_refused(options: PredictionOptions) -> None:
    """With no slack at all and one request in 1e12 allowed to wait, no rate is low enough."""
    refusal = queued(POOL, 0.1, None, None, 1 - 1e-12, 1.0, options, 1)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "SLO"


def test_no_targets_leave_the_highest_utilisation(options: PredictionOptions) -> None:
    """None binds nothing: the rate is 0.9 of the saturated one, derated once."""
    point = queued(POINT, None, None, None, 0.95, 1.0, options, 100)
    assert isinstance(point, QueuedPoint)
    assert point.rate_per_s == pytest.approx(1.8)


def test_the_mean_wait_of_one_server_by_hand() -> None:
    """M/M/1: rho S / (1 - rho); at rho 0.9 and S 0.1 it is 0.9 s. Nobody waits in an empty queue."""
    assert waits_s(1, 0.1, 0.9, 0.95, 1.0)[1] == pytest.approx(0.9)
    assert waits_s(1, 0.1, 0.0, 0.95, 1.0)[1] == 0


def test_tasks_add_turns_tools_and_mean_waits(options: PredictionOptions) -> None:
    """Four turns of 0.1 s with three tools of 5 s between: waits of 0.9 s in the mean and ln 18 = 2.89 s at p95.

    15.4 s unloaded, 4 x 0.9 of mean waits, and 2 x (2.89 - 0.9) of tail: 22.98 s.
    """
    four = queued(POOL, None, None, 1e6, 0.95, 1.0, options, 1, turns=4, tool_s=5.0)
    assert isinstance(four, QueuedPoint)
    assert four.completion_s == pytest.approx(15.4 + 4 * 0.9 + 2 * (log(18) - 0.9))


def test_many_turns_wait_the_mean_each_even_where_the_percentile_waits_none(options: PredictionOptions) -> None:
    """At p50 and utilisation 0.4 one turn does not wait (0.4 < 0.5), yet 100 turns wait 100 x 0.4 x 0.1 / 0.6 s."""
    calm = options.model_copy(update={"max_utilisation": 0.4})
    task = queued(POOL, None, None, 1e6, 0.5, 1.0, calm, 1, turns=100)
    assert isinstance(task, QueuedPoint)
    assert task.ttft_s == pytest.approx(0.1)
    assert task.completion_s == pytest.approx(100 * 0.1 + 100 * 0.04 / 0.6)


def test_a_prefill_pool_waits_for_the_batch_that_runs(options: PredictionOptions) -> None:
    """Four prompts in 0.4 s at utilisation 0.9: beside a queue of 0.1 s a prompt, the other 0.3 s of the running batch.

    Left of it at p95: 0.3 x (1 - 0.05 / 0.9) = 0.2833 s; in the mean: 0.9 x 0.3 / 2 = 0.135 s, so four turns take
    4 x (0.4 + 0.9 + 0.135) + 2 x (ln 18 + 0.2833 - 0.9 - 0.135).
    """
    assert residual_s(0.3, 0.05, 0.95) == residual_s(0.3, 0.0, 0.95) == 0
    pool = ServingPoint(4, ttft_s=0.4, tpot_s=0.0, requests_per_s=10.0, service_s=0.1, weights_gb=1, kv_gb=1)
    one = queued(pool, None, None, None, 0.95, 1.0, options, 1)
    four = queued(pool, None, None, None, 0.95, 1.0, options, 1, turns=4)
    assert isinstance(one, QueuedPoint)
    assert isinstance(four, QueuedPoint)
    late_s = log(18) + 0.3 * (1 - 0.05 / 0.9)
    assert one.ttft_s == pytest.approx(0.4 + late_s)
    assert four.completion_s == pytest.approx(4 * (0.4 + 1.035) + 2 * (late_s - 1.035))


@settings(max_examples=50, deadline=None)
@given(target=st.floats(0.12, 5), slack=st.floats(1, 3), percentile=st.floats(0.5, 0.99), dispersion=st.floats(0, 20))
def test_looser_targets_and_smoother_arrivals_never_lower_the_rate(
    options: PredictionOptions, target: float, slack: float, percentile: float, dispersion: float
) -> None:
    """A looser target, a lower percentile or smoother arrivals never lower the rate, and targets hold at it."""

    def rate(limit: float, share: float, spread: float) -> float:
        point = queued(POINT, limit, None, None, share, spread, options, 100)
        assert isinstance(point, QueuedPoint)
        assert point.ttft_s <= limit * (1 + 1e-9)
        return point.rate_per_s

    base = rate(target, percentile, dispersion)
    assert rate(target * slack, percentile, dispersion) >= base
    assert rate(target, percentile / slack, dispersion) >= base
    assert rate(target, percentile, dispersion / slack) >= base


@settings(max_examples=60, deadline=None)
@given(
    tokens=st.floats(1, 60_000),
    output=st.floats(2, 400),
    batch=st.integers(1, 64),
    percentile=st.sampled_from([0.5, 0.95, 0.99]),
)
def test_a_calibrated_replica_never_answers_before_it_is_asked(
    llama_70b: Model, h100: Chip, tokens: float, output: float, batch: int, percentile: float
) -> None:
    """However much prefill rides along in decodes, times under load are those without a queue or longer."""
    options = PredictionOptions()
    point = Predictor(llama_70b, h100, "fp8", "fp8", options).aggregated(Layout(8), Work(tokens, 0, output), batch)
    if isinstance(point, ServingPoint):
        found = queued(point, None, None, 1e9, percentile, 1.0, options, output)
        assert isinstance(found, QueuedPoint)
        assert found.ttft_s >= point.ttft_s * (1 - 1e-12)
        assert 0 < found.rate_per_s <= point.requests_per_s
