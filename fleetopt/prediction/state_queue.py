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

Rates are looked for between a thousandth of mu(1) and 0.999 mu(N). Targets hold on average, not at a percentile, and
what finds the queue full is lost and not taken off the rate.
Source: github.com/llm-inferno/queue-analysis and optimizer-light; data/solution files of github.com/llm-inferno/
sample-data, whose published latencies this meets to five digits (tests/peers).
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp, fsum, log

from fleetopt.prediction.types import Refusal

LEAST_LOAD = 1e-3
"""Lowest rate tried, as a share of a request's alone; lower ones are not planned for."""
MOST_LOAD = 1.0 - 1e-3
"""Highest rate tried, as a share of the saturated one."""
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

    def means(self, rate_per_s: float) -> QueueMeans:
        """Mean TTFT and TPOT at an arrival rate above 0."""
        mu, most = self.service_rates, self.batch + self.waiting
        logs = [0.0]
        for n in range(most):
            logs.append(logs[-1] + log(rate_per_s / mu[min(n, self.batch - 1)]))
        top = max(logs)
        weights = [exp(value - top) for value in logs]
        total = fsum(weights)
        served = rate_per_s * (1.0 - weights[-1] / total)
        in_service = fsum(min(n, self.batch) * w for n, w in enumerate(weights)) / total
        present = fsum(n * w for n, w in enumerate(weights)) / total
        service_s = in_service / served
        prefill_s = self.prefill_s(in_service)
        tpot_s = (service_s - prefill_s) / self.output_tokens
        return QueueMeans(max(present / served - service_s, 0.0) + prefill_s + tpot_s, tpot_s)


def highest_rate(queue: StateQueue, ttft_s: float | None, tpot_s: float | None) -> RatedQueue | Refusal:
    """The highest arrival rate at which both means are within their targets (None: no target), or why there is none."""
    low, high = LEAST_LOAD * queue.service_rates[0], MOST_LOAD * queue.service_rates[-1]

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
