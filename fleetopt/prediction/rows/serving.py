"""Serving rows: the prediction in the row's own metric, or why there is none."""

from collections.abc import Mapping
from math import isfinite

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.costs import seconds
from fleetopt.prediction.rows.answers import Answer, Figures, Timing, answer, figures, timing_of
from fleetopt.prediction.rows.fields import CannotPredictError, ServingRow, serving_row, shown, text
from fleetopt.prediction.rows.limits import LIMITS_S, decode_alone, two_pools, under_limits
from fleetopt.prediction.rows.runs import ROW_MEMORY, Run, runs_of

MODES = frozenset(
    {
        "static_batch", "single_stream", "serving", "offline_max", "mlperf_offline", "mlperf_server",
        "mlperf_interactive", "decode_only", "disagg_peak", "production_disagg",
    }
)  # fmt: skip
TWO_POOLS = frozenset({"disagg_peak", "production_disagg"})
OF_OUTPUT = ("tpot", "decode", "output")
"""How metrics begin that need output tokens."""
UNITS_OF_MS = {"s": 1e-3, "sec": 1e-3, "seconds": 1e-3, "us": 1e3}
"""Worth of a millisecond in a row's own unit, where that is another."""


def predict_serving(row: Mapping[str, str], options: PredictionOptions) -> Answer:
    """The row's metric in its own unit; raises CannotPredictError with the reason where there is no answer."""
    read = serving_row(row)
    if read.mode not in MODES:
        raise CannotPredictError(f"mode {shown(read.mode)} is not one of {', '.join(sorted(MODES))}")
    if read.output_tokens == 0 and read.metric.startswith(OF_OUTPUT):
        raise CannotPredictError(f"osl is 0: there is no {read.metric} without output")
    used = row_options(read, options)
    runs, notes = runs_of(read, used), [*read.notes]
    try:
        found = _figures(read, runs, used, at_p10=False)
    except CannotPredictError:
        if read.mode not in LIMITS_S:
            raise
        found = _figures(read, runs, used, at_p10=True)
        notes.append("limits are met at the optimistic end of the error bands alone")
    best = min if read.metric in ("ttft_ms", "tpot_ms") else max
    value, run = best(found, key=lambda pair: pair[0])
    if read.metric.endswith("_ms"):
        value *= UNITS_OF_MS.get((text(row, "unit").split() or ["ms"])[0], 1.0)
    return Answer(value, "; ".join([*notes, *_decided(read, run)]))


def _figures(row: ServingRow, runs: list[Run], options: PredictionOptions, *, at_p10: bool) -> list[tuple[float, Run]]:
    """The figure of every run that has one; raises CannotPredictError with the last reason where none has."""
    found: list[tuple[float, Run]] = []
    reason = CannotPredictError("no layout answers")
    for run in runs:
        try:
            found.append((_figure(row, run, options, at_p10=at_p10), run))
        except CannotPredictError as error:
            reason = error
    if not found:
        raise reason
    return found


def row_options(row: ServingRow, options: PredictionOptions) -> PredictionOptions:
    """Options for a measured point: its engine, and memory as full as benchmarks make it."""
    return options.model_copy(update={"engine": row.engine, "usable_memory": ROW_MEMORY})


def _figure(row: ServingRow, run: Run, options: PredictionOptions, *, at_p10: bool) -> float:
    costs = run.predictor.step.costs
    timing: Timing = timing_of(run, seconds(run.decode, costs), seconds(run.prefill, costs))
    found: Figures
    if row.mode in LIMITS_S:
        found = under_limits(row, run, options, at_p10=at_p10)
    elif row.mode in TWO_POOLS:
        found = two_pools(run)
    elif row.mode == "decode_only":
        found = decode_alone(run, timing.decode_s)
    else:
        found = figures(row.mode, timing, options)
    value = float(answer(row.metric, row.whole_run, found, timing))
    if isfinite(value):
        return value
    raise CannotPredictError(f"mode {row.mode} has no {row.metric}")


def _decided(row: ServingRow, run: Run) -> list[str]:
    """What was chosen for the row, in words."""
    layout, said = run.layout, []
    if _left_open(row):
        said.append(
            f"best layout taken: tp {layout.tensor}, pp {layout.pipeline}, ep {layout.expert}, "
            f"attention dp {layout.attention_data}, {run.replicas} replicas"
        )
    if row.kv_precision is None:
        said.append(f"KV taken in {run.predictor.kv_precision}")
    if row.tensor is not None and row.tensor > layout.tensor:
        said.append(f"tp {row.tensor} cut to the {layout.tensor} chips there are")
    if row.expert is not None and row.model.experts is not None and row.expert != layout.expert:
        said.append(f"ep {row.expert} does not divide tp {layout.tensor}: taken as 1")
    if row.batch is None or run.batch < round(run.waiting):
        said.append(f"{run.batch} requests in flight a replica, as many as its KV leaves room for")
    if row.engine == "typical":
        said.append("engine taken as typical")
    return said


def _left_open(row: ServingRow) -> bool:
    """Whether the row leaves a choice of layouts."""
    experts = row.expert is None and row.model.experts is not None and row.chips > 1
    stages = row.pipeline is None and row.tensor is not None and row.tensor < row.chips
    return (row.tensor is None and row.chips > 1) or experts or stages
