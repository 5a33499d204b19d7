"""Percentiles under load (R2): the highest arrival rate at which a replica meets its targets.

Two waits come before the first token. For a *slot*: a G/G/c queue with c slots, each held by a request for
S = c / saturated rate. For the *engine* (aggregated replicas): prompts are prefilled one after the other, a G/G/1 queue
with service p beside the decodes. Each queue's tail is the Allen-Cunneen approximation with an exponential tail:

    P(wait) = C(c, rho), after Sakasegawa: rho^(sqrt(2 (c + 1)) - 1)
    mean wait of those who wait: W = S / (c (1 - rho)) * (Ca2 + Cs2) / 2
    wait at percentile q: W ln(P(wait) / (1 - q)), at least 0

with Ca2 the index of dispersion of arrivals. Both tails are added, which errs on the safe side. Sources: Allen,
"Probability, Statistics and Queueing Theory" (1990); Sakasegawa, Ann. Inst. Stat. Math. 29 (1977). Closed formulas are
rough here (57 % median error on queued TTFT); a simulation has the last word.
"""

from collections.abc import Callable
from math import log, sqrt

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.types import QueuedPoint, Refusal, ServingPoint

#: Squared variation of service times within a bucket: lengths vary about their mean as an exponential's would.
SERVICE_VARIABILITY = 1.0
#: Bisection steps: 2^-20 of the saturated rate.
_STEPS = 20


def queued(
    point: ServingPoint,
    target_ttft_s: float | None,
    target_tpot_s: float | None,
    target_completion_s: float | None,
    percentile: float,
    dispersion: float,
    options: PredictionOptions,
    output_tokens: float,
    extra_ttft_s: float = 0.0,
    turns: float = 1.0,
    tool_s: float = 0.0,
) -> QueuedPoint | Refusal:
    """The highest rate at which all targets hold, at most `max_utilisation` of the saturated rate; else why not (SLO).

    TPOT is that of the full batch, an upper bound at any load, so a target on it is met by the choice of batch alone.
    `extra_ttft_s` (round trip, KV transfer, restore) is added to every first token. A completion of several turns with
    `tool_s` between them is their sum, its tail growing with the square root of their number. None binds nothing.
    """
    decode_s = max(output_tokens - 1, 0.0) * point.tpot_s
    if target_tpot_s is not None and point.tpot_s > target_tpot_s:
        return _slo("TPOT", point.tpot_s, target_tpot_s)

    empty_s = point.ttft_s + extra_ttft_s

    def times(rate: float) -> tuple[float, float]:
        wait_s = _wait_s(point, rate, percentile, dispersion)
        completion_s = turns * (empty_s + decode_s) + (turns - 1) * tool_s + sqrt(turns) * wait_s
        return empty_s + wait_s, completion_s

    def holds(rate: float) -> bool:
        ttft_s, completion_s = times(rate)
        return (target_ttft_s is None or ttft_s <= target_ttft_s) and (
            target_completion_s is None or completion_s <= target_completion_s
        )

    if not holds(0.0):
        ttft_s, completion_s = times(0.0)
        if target_ttft_s is not None and ttft_s > target_ttft_s:
            return _slo("TTFT", ttft_s, target_ttft_s)
        assert target_completion_s is not None
        return _slo("completion", completion_s, target_completion_s)
    rate = options.max_utilisation * point.requests_per_s
    if not holds(rate):
        rate = _highest(holds, rate)
    if rate <= 0:
        return Refusal("SLO", f"p{percentile * 100:g} targets hold at no load", 0.0)
    ttft_s, completion_s = times(rate)
    return QueuedPoint(rate, ttft_s, point.tpot_s, completion_s, rate / point.requests_per_s)


def wait_s(servers: int, service_s: float, utilisation: float, percentile: float, dispersion: float) -> float:
    """Wait at `percentile` in a queue of `servers` servers, each held `service_s` by a request."""
    if utilisation <= 0:
        return 0.0
    waits = utilisation ** (sqrt(2 * (servers + 1)) - 1)
    if waits <= 1 - percentile:
        return 0.0
    mean_s = service_s / (servers * (1 - utilisation)) * (dispersion + SERVICE_VARIABILITY) / 2
    return mean_s * log(waits / (1 - percentile))


def _wait_s(point: ServingPoint, rate: float, percentile: float, dispersion: float) -> float:
    """Waits for a slot and for the engine, added."""
    utilisation = rate / point.requests_per_s
    slot_s = wait_s(point.slots, point.slots * point.service_s, utilisation, percentile, dispersion)
    if point.prefill_s == 0 or point.slots == 1:
        return slot_s
    return slot_s + wait_s(1, point.prefill_s, rate * point.prefill_s, percentile, dispersion)


def _highest(holds: Callable[[float], bool], most: float) -> float:
    """The highest rate below `most` that holds, by bisection: waits grow with load."""
    low, high = 0.0, most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _slo(name: str, value: float, limit: float) -> Refusal:
    return Refusal("SLO", f"{name} {value:.4g} s exceeds {limit:.4g} s", value / limit - 1 if limit else float("inf"))
