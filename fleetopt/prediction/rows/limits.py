"""Rows whose rate is bound by latency limits or by two pools: MLPerf's server scenarios, and disaggregation."""

from collections.abc import Iterator

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.queueing import queued
from fleetopt.prediction.rows.answers import Figures
from fleetopt.prediction.rows.fields import CannotPredictError, ServingRow
from fleetopt.prediction.rows.runs import Run
from fleetopt.prediction.types import QueuedPoint, Refusal, ServingPoint

LIMITS_S = {
    "mlperf_server": {
        "llama-3.1-405b": (6.0, 0.175), "llama-3.1-8b": (2.0, 0.100), "deepseek-r1": (2.0, 0.080), "": (2.0, 0.200),
    },
    "mlperf_interactive": {
        "llama-3.1-405b": (4.5, 0.080), "llama-3.1-8b": (0.5, 0.030), "deepseek-r1": (1.5, 0.015), "": (0.45, 0.040),
    },
}  # fmt: skip
"""TTFT and TPOT at the 99th percentile by model, of MLPerf Inference's rules (MLCommons, v5.1); `` for Llama-2-70B and
all models that are not named."""
PERCENTILE = 0.99
BUSIEST = 0.99
"""Utilisation that a submission may reach: its load is raised until a limit binds, with nothing kept in reserve."""


def batches(most: int) -> Iterator[int]:
    """Batches to try up to a cap: powers of two, and halfway between them."""
    tried = {most}
    size = 1
    while size <= most:
        tried |= {size, min(size * 3 // 2, most)}
        size *= 2
    return iter(sorted(tried - {0}))


def under_limits(row: ServingRow, run: Run, options: PredictionOptions, *, at_p10: bool = False) -> Figures:
    """The highest rate of Poisson arrivals at which the limits hold, over batches; raises where none does.

    `at_p10` asks that they hold at the optimistic end of the latencies' error bands; the rate stays as predicted.
    """
    options = options.model_copy(update={"max_utilisation": BUSIEST})
    table = LIMITS_S[row.mode]
    ttft_s, tpot_s = table.get(row.model.id, table[""])
    best: QueuedPoint | None = None
    refusal = "no batch fits"
    points = [run.predictor.aggregated(run.layout, run.work, batch) for batch in batches(run.batch)]
    fitting = [point for point in points if isinstance(point, ServingPoint)]
    for point in sorted(fitting, key=lambda one: -one.requests_per_s):
        if best is not None and BUSIEST * point.requests_per_s <= best.rate_per_s:
            break
        first, token = (point.spreads.ttft.p10, point.spreads.tpot.p10) if at_p10 else (1.0, 1.0)
        found = queued(point, ttft_s / first, tpot_s / token, None, PERCENTILE, 1.0, options, run.work.output_tokens)
        if not isinstance(found, QueuedPoint):
            refusal = found.detail
        elif best is None or found.rate_per_s > best.rate_per_s:
            best = found
    if best is None:
        raise CannotPredictError(f"the limits of {row.mode} cannot be met: {refusal}")
    rate = best.rate_per_s * run.replicas
    return Figures(
        best.ttft_s, best.tpot_s, rate, rate * run.work.output_tokens, rate * max(run.work.input_tokens, 1.0)
    )


def two_pools(run: Run) -> Figures:
    """Prefill and decode on chips of their own, shared so that neither waits for the other."""
    first = _pool(run.predictor.prefill(run.layout, run.work, 1))
    second = _pool(run.predictor.decode(run.layout, run.work, run.batch))
    rate = run.replicas / (1 / first.requests_per_s + 1 / second.requests_per_s)
    return Figures(
        ttft_s=first.ttft_s + second.ttft_s,
        tpot_s=second.tpot_s,
        requests_per_s=rate,
        decode_tokens_per_s=run.replicas * run.batch / second.tpot_s,
        prefill_tokens_per_s=run.replicas * first.requests_per_s * max(run.work.input_tokens, 1.0),
    )


def decode_alone(run: Run, decode_s: float) -> Figures:
    """A pool that only decodes, its requests in flight from the start: what comes before is not part of the figure."""
    rate = run.replicas * run.batch / decode_s
    nothing = float("nan")
    return Figures(nothing, decode_s, rate / max(run.work.output_tokens, 1.0), rate, nothing)


def _pool(point: ServingPoint | Refusal) -> ServingPoint:
    if isinstance(point, Refusal):
        raise CannotPredictError(point.detail)
    return point
