"""The state-dependent M/M/1/K queue, against queues known in closed form."""

import pytest

from fleetopt.prediction.state_queue import RatedQueue, StateQueue, highest_rate
from fleetopt.prediction.types import Refusal


def law(batch: int = 1, waiting: int = 10, base_s: float = 0.5, token_s: float = 0.0) -> StateQueue:
    """One token in, one out: with `base_s` alone a prefill of 0.5 s and a step of 0.5 s, whatever the batch."""
    return StateQueue(base_s, token_s, 0.0, 1.0, 1.0, batch, waiting)


def test_one_server_is_an_m_m_1_k() -> None:
    """mu = 1/s, lambda = 0.5, K = 11: L = sum n 0.5^n / sum 0.5^n = 0.99707, X = 0.5 (1 - p11), W = L / X - 1;
    TTFT = W + 0.5 + 0.5."""
    weights = [0.5**n for n in range(12)]
    present = sum(n * w for n, w in enumerate(weights)) / sum(weights)
    through = 0.5 * (1 - weights[-1] / sum(weights))
    found = law().means(0.5)
    assert present == pytest.approx(0.99707, abs=1e-5)
    assert found.tpot_s == pytest.approx(0.5)
    assert found.ttft_s == pytest.approx(present / through - 1.0 + 1.0)


def test_two_servers_without_a_queue() -> None:
    """N = 2, no waiting, mu(1) = 1, mu(2) = 2: states 1, lambda, lambda^2 / 2; nobody waits, so TTFT is 0.5 + 0.5."""
    found = law(batch=2, waiting=0).means(1.0)
    assert (found.ttft_s, found.tpot_s) == (pytest.approx(1.0), pytest.approx(0.5))


def test_iteration_prefill_and_step() -> None:
    """alpha 1, beta 2, gamma 3, I 4, O 2, n 5: T = 1 + 5 (2 x 6/3 + 3 x 5) = 96, P = 96 + 20, D = 96 + 2 + 15."""
    queue = StateQueue(1.0, 2.0, 3.0, 4.0, 2.0, 5, 50)
    assert (queue.iteration_s(5), queue.prefill_s(5), queue.decode_s(5)) == (96.0, 116.0, 113.0)
    assert queue.service_rates[4] == pytest.approx(5 / (116 + 2 * 113))


@pytest.mark.parametrize(("ttft_s", "tpot_s"), [(2.0, None), (None, 0.7), (2.0, 0.9), (5.0, 0.7)])
def test_the_highest_rate_is_the_highest(ttft_s: float | None, tpot_s: float | None) -> None:
    """At the rate found the targets hold, and at a millionth more one of them does not."""
    queue = law(batch=4, waiting=40, token_s=0.05)
    found = highest_rate(queue, ttft_s, tpot_s)
    assert isinstance(found, RatedQueue)
    more = queue.means(found.rate_per_s * (1 + 1e-6))
    for value, limit in ((found.ttft_s, ttft_s), (found.tpot_s, tpot_s)):
        assert limit is None or value <= limit
    assert any(limit is not None and beyond > limit for beyond, limit in ((more.ttft_s, ttft_s), (more.tpot_s, tpot_s)))


def test_without_targets_the_queue_is_the_limit() -> None:
    """0.999 of the saturated rate, 1/s; with less asked for, that."""
    found = highest_rate(law(), None, None)
    assert isinstance(found, RatedQueue) and found.rate_per_s == pytest.approx(0.999)
    paced = StateQueue(0.5, 0.0, 0.0, 1.0, 1.0, 1, 10, most_load=0.5)
    found = highest_rate(paced, None, None)
    assert isinstance(found, RatedQueue) and found.rate_per_s == pytest.approx(0.5)


@pytest.mark.parametrize(("ttft_s", "tpot_s", "word"), [(0.9, None, "TTFT"), (5.0, 0.4, "TPOT"), (-1.0, None, "TTFT")])
def test_what_no_load_meets_is_refused(ttft_s: float, tpot_s: float | None, word: str) -> None:
    """A first token takes 1 s and a step 0.5 s with nobody there: tighter targets are refused, and say which."""
    found = highest_rate(law(), ttft_s, tpot_s)
    assert isinstance(found, Refusal) and found.rule == "SLO" and word in found.detail
