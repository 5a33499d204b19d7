"""Serving rows: the prediction in the row's own metric, or why there is none."""

from collections.abc import Mapping

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.costs import seconds
from fleetopt.prediction.rows.answers import Answer, Figures, Timing, answer, figures, timing_of
from fleetopt.prediction.rows.fields import CannotPredictError, ServingRow, serving_row
from fleetopt.prediction.rows.limits import LIMITS_S, two_pools, under_limits
from fleetopt.prediction.rows.runs import ROW_MEMORY, Run, layouts_of, run_of

MODES = frozenset(
    {
        "static_batch", "single_stream", "serving", "offline_max", "mlperf_offline", "mlperf_server",
        "mlperf_interactive", "decode_only", "disagg_peak", "production_disagg",
    }
)  # fmt: skip
TWO_POOLS = frozenset({"disagg_peak", "production_disagg", "decode_only"})


def predict_serving(row: Mapping[str, str], options: PredictionOptions) -> Answer:
    """The row's metric in its own unit; raises CannotPredictError with the reason where there is no answer."""
    read = serving_row(row)
    if read.mode not in MODES:
        raise CannotPredictError(f"mode {read.mode!r} is not one of {', '.join(sorted(MODES))}")
    used = row_options(read, options)
    found: list[tuple[float, Run]] = []
    reason = CannotPredictError("weights and KV exceed the memory of every layout")
    for layout, replicas in layouts_of(read):
        run = run_of(read, layout, replicas, used)
        if run is None:
            continue
        try:
            found.append((_figure(read, run, used), run))
        except CannotPredictError as error:
            reason = error
    if not found:
        raise reason
    best = min if read.metric in ("ttft_ms", "tpot_ms") else max
    value, run = best(found, key=lambda pair: pair[0])
    return Answer(value, "; ".join([*read.notes, *_decided(read, run)]))


def row_options(row: ServingRow, options: PredictionOptions) -> PredictionOptions:
    """Options for a measured point: its engine, and memory as full as benchmarks make it."""
    return options.model_copy(update={"engine": row.engine, "usable_memory": ROW_MEMORY})


def _figure(row: ServingRow, run: Run, options: PredictionOptions) -> float:
    costs = run.predictor.step.costs
    timing: Timing = timing_of(run, seconds(run.decode, costs), seconds(run.prefill, costs))
    found: Figures
    if row.mode in LIMITS_S:
        found = under_limits(row, run, options)
    elif row.mode in TWO_POOLS:
        found = two_pools(run)
    else:
        found = figures(row.mode, timing, options)
    return float(answer(row.metric, row.whole_run, found, timing))


def _decided(row: ServingRow, run: Run) -> list[str]:
    """What was chosen for the row, in words."""
    layout, said = run.layout, []
    if row.tensor is None:
        said.append(
            f"best layout taken: tp {layout.tensor}, pp {layout.pipeline}, ep {layout.expert}, "
            f"attention dp {layout.attention_data}, {run.replicas} replicas"
        )
    if row.batch is None or run.batch < round(run.waiting):
        said.append(f"{run.batch} requests in flight a replica, as many as its KV leaves room for")
    if row.engine == "typical":
        said.append("engine taken as typical")
    return said
