"""From the seconds of two passes to the figure a row asks for. Works on numbers and on arrays of rows alike."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.fields import CannotPredictError, shown
from fleetopt.prediction.rows.runs import BATCH_MODES, Run


class Answer(NamedTuple):
    """A prediction in a row's own metric and unit, and what had to be decided for it."""

    value: float
    note: str


class Timing(NamedTuple):
    """A run with its seconds: numbers, or arrays of the same length."""

    decode_s: Any
    """One decode step at the batch."""
    latency_s: Any
    """Prefill of one prompt, or of a static batch of them."""
    busy_s: Any
    """... and how long it keeps the machine."""
    batch: Any
    waiting: Any
    steps: Any
    """Decode steps of a request."""
    input_tokens: Any
    output_tokens: Any
    replicas: Any
    chips: Any


class Figures(NamedTuple):
    """What can be measured of a run, of the whole machine unless it says otherwise."""

    ttft_s: Any
    tpot_s: Any
    requests_per_s: Any
    decode_tokens_per_s: Any
    prefill_tokens_per_s: Any


def timing_of(run: Run, decode_s: Any, pass_s: Any) -> Timing:
    """The run with the seconds of its two passes."""
    stages, chips = run.layout.pipeline, run.layout.chips * run.replicas
    return Timing(
        decode_s=decode_s,
        latency_s=pass_s * (run.chunks + stages - 1) / stages,
        busy_s=pass_s * run.chunks / stages,
        batch=run.batch,
        waiting=run.waiting,
        steps=max(run.work.output_tokens - 1, 0.0),
        input_tokens=max(run.work.input_tokens, 1.0),
        output_tokens=run.work.output_tokens,
        replicas=run.replicas,
        chips=chips,
    )


def figures(mode: str, t: Timing, options: PredictionOptions) -> Figures:
    """Static batches prefill together, then decode together; in a closed loop prompts join running decodes."""
    if mode in BATCH_MODES:
        return Figures(
            ttft_s=t.latency_s,
            tpot_s=t.decode_s,
            requests_per_s=t.replicas * t.batch / (t.latency_s + t.steps * t.decode_s),
            decode_tokens_per_s=t.replicas * t.batch / t.decode_s,
            prefill_tokens_per_s=t.replicas * t.batch * t.input_tokens / t.latency_s,
        )
    alone = t.batch <= 1
    held_s = t.busy_s * options.prefill_overlap ** (1 - alone)
    tpot_s = t.decode_s + (t.batch - 1) * held_s / (t.steps + (t.steps < 1))
    queue_s = options.queue_share * (t.waiting - 1) * t.busy_s + options.first_token_s
    return Figures(
        ttft_s=t.latency_s + t.decode_s + queue_s,
        tpot_s=tpot_s,
        requests_per_s=t.replicas / (held_s + t.steps * t.decode_s / t.batch),
        decode_tokens_per_s=t.replicas * t.batch / tpot_s,
        prefill_tokens_per_s=t.replicas * t.input_tokens / t.busy_s,
    )


METRICS: Mapping[str, Callable[[Figures, Timing], Any]] = {
    "ttft_ms": lambda f, t: f.ttft_s * 1e3,
    "tpot_ms": lambda f, t: f.tpot_s * 1e3,
    "decode_tokens_per_s": lambda f, t: f.decode_tokens_per_s,
    "decode_tokens_per_s_per_chip": lambda f, t: f.decode_tokens_per_s / t.chips,
    "decode_tokens_per_s_per_user": lambda f, t: 1 / f.tpot_s,
    "prefill_tokens_per_s": lambda f, t: f.prefill_tokens_per_s,
    "prefill_tokens_per_s_per_chip": lambda f, t: f.prefill_tokens_per_s / t.chips,
    "output_tokens_per_s": lambda f, t: f.requests_per_s * t.output_tokens,
    "output_tokens_per_s_per_chip": lambda f, t: f.requests_per_s * t.output_tokens / t.chips,
    "total_tokens_per_s": lambda f, t: f.requests_per_s * (t.input_tokens + t.output_tokens),
    "total_tokens_per_s_per_chip": lambda f, t: f.requests_per_s * (t.input_tokens + t.output_tokens) / t.chips,
}
"""The figure of each metric a row may ask for."""


def answer(metric: str, whole_run: bool, found: Figures, timing: Timing) -> Any:
    """The figure of one metric; a decode rate over the whole run is the output rate."""
    if metric not in METRICS:
        raise CannotPredictError(f"metric {shown(metric)} is not one of {', '.join(METRICS)}")
    name = metric.replace("decode_", "output_") if whole_run else metric
    return METRICS[name if name in METRICS else metric](found, timing)
