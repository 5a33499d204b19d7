"""A replica as a state-dependent M/M/1/K queue: the rate at which mean TTFT and mean TPOT meet their targets.

As llm-inferno (the optimiser behind the llm-d workload variant autoscaler) sizes replicas; I tokens in, O out, n
requests in service, at most N of them, at most K in service and waiting together:

    iteration    T(n) = alpha + n (beta (I + O) / (O + 1) + gamma (I + O / 2))
    prefill      P(n) = T(n) + (beta + gamma) I
    decode step  D(n) = T(n) + beta + gamma (I + O / 2)
    service rate mu(n) = n / (P(n) + O D(n)), and mu(N) from N on
    states       p(n + 1) = p(n) lambda / mu(n + 1), up to K
    means        B = sum min(n, N) p(n), S = B / X, W = L / X - S with X = lambda (1 - p(K)), L = sum n p(n)
    latency      TPOT = (S - P(B)) / O, TTFT = W + P(B) + TPOT

Rates are looked for between a thousandth of mu(1) and 0.999 mu(N), or less where less is asked for. Targets hold on
average, not at a percentile, and what finds the queue full is lost and not taken off the rate.
Source: github.com/llm-inferno/queue-analysis and optimizer-light; data/solution files of github.com/llm-inferno/
sample-data, whose published latencies this meets to five digits (tests/peers).
"""

from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np
from numpy.typing import NDArray

from fleetopt.prediction.types import Refusal

Floats = NDArray[np.float64]
LEAST_LOAD = 1e-3
"""Lowest rate tried, as a share of a request's alone; lower ones are not planned for."""
_STEPS = 60
"""Bisection steps: the rate to the last digits."""


@dataclass(frozen=True)
class QueueMeans:
    """Mean latency at one arrival rate."""

    ttft_s: float
    tpot_s: float


@dataclass(frozen=True)
class RatedQueue:
    """The highest arrival rate under the targets, and the mean latency there."""

    rate_per_s: float
    ttft_s: float
    tpot_s: float


@dataclass(frozen=True)
class StateQueue:
    """One replica serving requests of one size."""

    base_s: float
    """alpha."""
    token_s: float
    """beta."""
    context_s: float
    """gamma."""
    input_tokens: float
    output_tokens: float
    batch: int
    """N."""
    waiting: int
    """Most requests that wait: K = N + waiting."""
    most_load: float = 0.999
    """Highest rate tried, as a share of the saturated one."""

    def iteration_s(self, n: float) -> float:
        """T(n): one pass of the engine with n requests in service."""
        i, o = self.input_tokens, self.output_tokens
        return self.base_s + n * (self.token_s * (i + o) / (o + 1) + self.context_s * (i + o / 2))

    def prefill_s(self, n: float) -> float:
        """P(n): the pass that takes a prompt in."""
        return self.iteration_s(n) + (self.token_s + self.context_s) * self.input_tokens

    def decode_s(self, n: float) -> float:
        """D(n): a pass that gives a token."""
        return self.iteration_s(n) + self.token_s + self.context_s * (self.input_tokens + self.output_tokens / 2)

    @cached_property
    def service_rates(self) -> tuple[float, ...]:
        """mu(1) to mu(N), requests/s."""
        o = self.output_tokens
        return tuple(n / (self.prefill_s(n) + o * self.decode_s(n)) for n in range(1, self.batch + 1))

    @cached_property
    def _logs(self) -> tuple[Floats, Floats, Floats]:
        """By state: its number, how many are in service, and the log of mu(1) ... mu(n)."""
        mu = np.array(self.service_rates)
        states = np.arange(self.batch + self.waiting + 1, dtype=float)
        factors = np.log(mu[np.minimum(states[1:].astype(int), self.batch) - 1])
        return states, np.minimum(states, self.batch), np.concatenate([[0.0], np.cumsum(factors)])

    def means(self, rate_per_s: float) -> QueueMeans:
        """Mean TTFT and TPOT at an arrival rate above 0."""
        states, busy, rates = self._logs
        logs = states * log(rate_per_s) - rates
        weights = np.exp(logs - logs.max())
        shares = weights / weights.sum()
        served = rate_per_s * (1.0 - float(shares[-1]))
        in_service = float(busy @ shares)
        service_s = in_service / served
        prefill_s = self.prefill_s(in_service)
        tpot_s = (service_s - prefill_s) / self.output_tokens
        wait_s = float(states @ shares) / served - service_s
        return QueueMeans(max(wait_s, 0.0) + prefill_s + tpot_s, tpot_s)


def highest_rate(queue: StateQueue, ttft_s: float | None, tpot_s: float | None) -> RatedQueue | Refusal:
    """The highest arrival rate at which both means are within their targets (None: no target), or why there is none."""
    low, high = LEAST_LOAD * queue.service_rates[0], queue.most_load * queue.service_rates[-1]

    def holds(rate: float) -> bool:
        at = queue.means(rate)
        return (ttft_s is None or at.ttft_s <= ttft_s) and (tpot_s is None or at.tpot_s <= tpot_s)

    if low > high or not holds(low):
        at = queue.means(low)
        name, value, limit = "TTFT", at.ttft_s, ttft_s
        if tpot_s is not None and at.tpot_s > tpot_s:
            name, value, limit = "TPOT", at.tpot_s, tpot_s
        shortfall = value / limit - 1 if limit is not None and limit > 0 else float("inf")
        detail = f"mean {name} {value:.4g} s with hardly any load exceeds {limit or 0.0:.4g} s"
        return Refusal("SLO", detail, shortfall)
    if holds(high):
        low = high
    for _ in range(0 if low == high else _STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    at = queue.means(low)
    return RatedQueue(low, at.ttft_s, at.tpot_s)
