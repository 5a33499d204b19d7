"""Percentiles under load (R2): the highest arrival rate at which a replica meets its targets.

Up to three waits come before the first token. For a *slot*: a G/G/c queue with c slots, each held by a request for
S = c / saturated rate. For the *engine* (aggregated replicas): prompts are prefilled one after the other, a G/G/1 queue
with service p beside the decodes. For the *running batch* (prefill pools of batch b > 1, whose queue counts S / b a
request): what is left of it, uniform over the rest (b - 1) S, met by a share rho of arrivals. Each queue's tail is the
Allen-Cunneen approximation with an exponential tail:

    P(wait) = C(c, rho), after Sakasegawa: rho^(sqrt(2 (c + 1)) - 1)
    mean wait of those who wait: W = S / (c (1 - rho)) * (Ca2 + Cs2) / 2
    wait at percentile q: W ln(P(wait) / (1 - q)), at least 0

with Ca2 the index of dispersion of arrivals. The tails are added, which errs on the safe side. A task of n turns waits
n times the mean, P(wait) W, and sqrt(n) times what the percentile has above it, taking waits of turns as independent.
Sources: Allen, "Probability, Statistics and Queueing Theory" (1990); Sakasegawa, Ann. Inst. Stat. Math. 29 (1977).
Closed formulas are rough here (57 % median error on queued TTFT); a simulation has the last word.
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
    most_per_s: float = float("inf"),
    worth_per_s: float = 0.0,
) -> QueuedPoint | Refusal:
    """The highest rate at which all targets hold, at most `max_utilisation` of the saturated rate; else why not (SLO).

    `most_per_s` caps it where something else than time gives out first: room for KV that stays between turns (M1).
    Who wants more than `worth_per_s` or nothing says so: where the highest rate is no higher, that of the point may be
    any at which the targets hold, and is found without a search.

    TPOT is that of the full batch, an upper bound at any load, so a target on it is met by the choice of batch alone.
    `extra_ttft_s` (round trip, KV transfer, restore) is added to every first token. A completion of several turns with
    `tool_s` between them adds up their mean waits; the tail above grows with the square root of their number. None
    binds nothing.
    """
    decode_s = max(output_tokens - 1, 0.0) * point.tpot_s
    if target_tpot_s is not None and point.tpot_s > target_tpot_s:
        return _slo("TPOT", point.tpot_s, target_tpot_s)

    empty_s = point.ttft_s + extra_ttft_s

    def times(rate: float) -> tuple[float, float]:
        late_s, mean_s = _waits_s(point, rate, percentile, dispersion)
        waits_s = turns * mean_s + sqrt(turns) * max(late_s - mean_s, 0.0)
        return empty_s + late_s, turns * (empty_s + decode_s) + (turns - 1) * tool_s + waits_s

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
    if most_per_s <= 0:
        return Refusal("M1", "active KV leaves no room for KV that stays between turns", 0.0)
    rate = min(options.max_utilisation * point.requests_per_s, most_per_s)
    if not holds(rate):
        rate = _highest(holds, rate, worth_per_s)
    if rate <= 0:
        return Refusal("SLO", f"p{percentile * 100:g} targets hold at no load", 0.0)
    ttft_s, completion_s = times(rate)
    return QueuedPoint(rate, ttft_s, point.tpot_s, completion_s, rate / point.requests_per_s)


def waits_s(
    servers: int, service_s: float, utilisation: float, percentile: float, dispersion: float
) -> tuple[float, float]:
    """Waits in a queue of `servers` servers, each held `service_s` by a request: at `percentile`, and the mean of those
    who wait and those who do not."""
    if utilisation <= 0:
        return 0.0, 0.0
    waits = utilisation ** (sqrt(2 * (servers + 1)) - 1)
    given_s = service_s / (servers * (1 - utilisation)) * (dispersion + SERVICE_VARIABILITY) / 2
    late_s = given_s * log(waits / (1 - percentile)) if waits > 1 - percentile else 0.0
    return late_s, waits * given_s


def residual_s(running_s: float, utilisation: float, percentile: float) -> float:
    """What is left at `percentile` of a batch that runs for r = `running_s`: P(left > x) = rho (1 - x / r)."""
    return running_s * max(1 - (1 - percentile) / utilisation, 0.0) if utilisation > 0 else 0.0


def _waits_s(point: ServingPoint, rate: float, percentile: float, dispersion: float) -> tuple[float, float]:
    """Waits for a slot, the engine and the running batch, added: at the percentile, and their mean."""
    utilisation = rate / point.requests_per_s
    late_s, mean_s = waits_s(point.slots, point.slots * point.service_s, utilisation, percentile, dispersion)
    if point.prefill_s > 0 and point.slots > 1:
        engine = waits_s(1, point.prefill_s, rate * point.prefill_s, percentile, dispersion)
        late_s, mean_s = late_s + engine[0], mean_s + engine[1]
    running_s = (point.batch - point.slots) * point.service_s
    return late_s + residual_s(running_s, utilisation, percentile), mean_s + utilisation * running_s / 2


def _highest(holds: Callable[[float], bool], most: float, worth: float) -> float:
    """The highest rate below `most` that holds, by bisection: waits grow with load.

    Where it is no higher than `worth`, the lowest rate tried, or 0 where not even that holds.
    """
    least = most / 2**_STEPS
    if worth >= most or (worth > 0 and not holds(worth)):
        return least if holds(least) else 0.0
    low, high = 0.0, most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if middle <= worth or holds(middle) else (low, middle)
    return low


def _slo(name: str, value: float, limit: float) -> Refusal:
    return Refusal("SLO", f"{name} {value:.4g} s exceeds {limit:.4g} s", value / limit - 1 if limit else float("inf"))
