"""How the machine of a row is laid out, and what its passes are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fleetopt.instance.models import Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.costs import Load
from fleetopt.prediction.rows.fields import CannotPredictError, ServingRow
from fleetopt.prediction.serving import Predictor, mean_context
from fleetopt.prediction.speculation import Drafting
from fleetopt.prediction.types import Layout, Work

ROW_MEMORY = 0.95
"""Share of memory that published points may have filled: benchmarks run at an engine's most generous setting."""
BINARY_GB = 1.073741824
"""Data sheets print binary gigabytes as GB. A row that fits no other way had that much: it was run."""
LARGEST_REPLICA = 512
"""Chips of a replica at most, where a row leaves its layout open."""
MOST_IN_FLIGHT = 2048
"""Requests in flight at which engines stop in offline runs (the largest default among those measured)."""
BEAMS: Mapping[str, int] = {"gpt-j-6b": 4}
"""Beams of MLPerf's reference for a model (MLCommons' rules, v3.1 to v4.1); others decode greedily."""
BATCH_MODES = frozenset({"static_batch", "single_stream"})
"""Modes in which all prompts are prefilled together, then decoded together."""


@dataclass(frozen=True, slots=True)
class Run:
    """One replica of a row at one batch: its two passes, and what stands around them."""

    predictor: Predictor
    layout: Layout
    work: Work
    replicas: int
    batch: int
    """Requests in flight on a replica, capped by its KV: a static batch beyond it runs in waves."""
    waiting: float
    """Requests a replica has in a closed loop, in flight or not."""
    decode: Load
    chunks: float
    prefill: Load


def runs_of(row: ServingRow, options: PredictionOptions) -> list[Run]:
    """The row on every layout that it allows and that fits; raises CannotPredictError where there is none."""
    layouts = list(layouts_of(row))
    if not layouts:
        raise CannotPredictError("its degrees are no layout of its chips")
    for capacity in (1.0, BINARY_GB):
        chip = row.chip.model_copy(update={"memory_gb": row.chip.memory_gb * capacity})
        tried = [run_of(replace(row, chip=chip), layout, replicas, options) for layout, replicas in layouts]
        if found := [run for run in tried if run is not None]:
            return found
    raise CannotPredictError("weights and KV exceed the memory of every layout")


def layouts_of(row: ServingRow) -> Iterator[tuple[Layout, int]]:
    """The row's layout with its number of replicas; all that fit its chips where it leaves some parallelism open."""
    if row.tensor is None:
        yield from _open(row)
        return
    stages = [row.pipeline] if row.pipeline else [1, *_divisors(row.chips // row.tensor)[1:]]
    for pipeline in (p for p in stages if p <= row.model.layers):
        if row.chips < pipeline:
            raise CannotPredictError(f"{row.chips} chips cannot hold {pipeline} pipeline stages")
        size, replicas, copies = _group(row, row.tensor, row.chips // pipeline)
        experts = [row.expert or 1] if row.expert or row.model.experts is None else sorted({1, size})
        for expert in experts:
            yield Layout(size, pipeline, expert if size % expert == 0 else 1, copies), replicas


def _group(row: ServingRow, tensor: int, chips: int) -> tuple[int, int, int]:
    """Chips of a tensor group, how many groups, and copies of the attention in each.

    Data parallelism of a mixture of experts shares the experts between copies of the attention, and so does an expert
    degree beyond the tensor degree; else it is replicas. A tensor degree that counts something smaller than chips is
    cut to the chips there are.
    """
    data, expert = row.data or 1, (row.expert or 1) if row.model.experts else 1
    if expert > 1 and data > 1:
        size = tensor * data if chips % (tensor * data) == 0 else chips
        return size, chips // size, data if size % data == 0 else 1
    if expert > tensor and expert % tensor == 0 and chips % expert == 0:
        return expert, chips // expert, expert // tensor
    size = tensor if chips % tensor == 0 else chips
    return size, chips // size, 1


def _open(row: ServingRow) -> Iterator[tuple[Layout, int]]:
    """Layouts that use all chips, with what the row does state of them."""
    for replica in _divisors(row.chips):
        for tensor in _divisors(replica):
            pipeline, replicas = replica // tensor, row.chips // replica
            if tensor > row.chip.scale_up_domain or pipeline > row.model.layers:
                continue
            if row.pipeline not in (None, pipeline):
                continue
            shapes = {(1, 1)} if row.model.experts is None else {(1, 1), (tensor, 1), (tensor, tensor)}
            for expert, copies in sorted(shapes):
                expert_said = row.model.experts is None or row.expert in (None, expert)
                if expert_said and row.data in (None, replicas, copies):
                    yield Layout(tensor, pipeline, expert, copies), replicas


def _divisors(chips: int) -> list[int]:
    """Sizes that divide so many chips, up to the largest replica."""
    return [n for n in range(1, min(chips, LARGEST_REPLICA) + 1) if chips % n == 0]


def run_of(row: ServingRow, layout: Layout, replicas: int, options: PredictionOptions) -> Run | None:
    """The row on one layout; None where weights and one request do not fit.

    Where the row does not say how KV is kept: in bf16, as engines do by default, or in fp8 where only that fits, or
    holds a static batch whole.
    """
    formats: tuple[Precision, ...] = ("bf16", "fp8") if row.kv_precision is None else (row.kv_precision,)
    capped: Run | None = None
    for kv_precision in formats:
        run = _run_with(row, layout, replicas, options, kv_precision)
        if run is not None and (row.mode not in BATCH_MODES or run.batch == round(run.waiting)):
            return run
        capped = capped or run
    return capped


def _run_with(
    row: ServingRow, layout: Layout, replicas: int, options: PredictionOptions, kv_precision: Precision
) -> Run | None:
    """The run in one format of KV. Beams are tokens that a pass computes for a request and gains one of."""
    beams = BEAMS.get(row.model.id, 1) if row.mode.startswith("mlperf") else 1
    drafting = Drafting(beams - 1, 1.0, None, False) if beams > 1 else None
    predictor = Predictor(row.model, _linked(row.chip, layout), row.precision, kv_precision, options, drafting)
    work = Work(row.input_tokens, 0.0, row.output_tokens)
    most = predictor.max_batch(layout, work, "aggregated")
    if row.batch is not None:
        waiting = max(row.batch / replicas, 1.0)
    else:
        waiting = 1.0 if row.mode == "single_stream" else float(min(most, MOST_IN_FLIGHT))
    batch = min(round(waiting), most)
    if batch < 1:
        return None
    together = batch if row.mode in BATCH_MODES else 1
    chunks, prefill = predictor.step.prefill_load(layout, max(row.input_tokens, 1.0), 0.0, together)
    decode = predictor.step.decode_load(layout, batch, mean_context(work))
    return Run(predictor, layout, work, replicas, batch, waiting, decode, chunks, prefill)


def _linked(chip: Chip, layout: Layout) -> Chip:
    """The chip in a group that was run, even across scale-up domains: such a group talks over its network."""
    if layout.tensor <= chip.scale_up_domain:
        return chip
    return chip.model_copy(update={"scale_up_gb_s": chip.scale_out_gb_s, "scale_up_domain": layout.tensor})
