"""How the machine of a row is laid out, and what its passes are."""

from collections.abc import Iterator
from dataclasses import dataclass

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.costs import Load
from fleetopt.prediction.rows.fields import CannotPredictError, ServingRow
from fleetopt.prediction.serving import Predictor, mean_context
from fleetopt.prediction.types import Layout, Work

ROW_MEMORY = 0.95
"""Share of memory that published points may have filled: benchmarks run at an engine's most generous setting."""
MOST_IN_FLIGHT = 2048
"""Requests in flight at which engines stop in offline runs (the largest default among those measured)."""
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
    """Requests in flight on a replica, capped by its KV where requests queue."""
    waiting: float
    """Requests a replica has in a closed loop, in flight or not."""
    decode: Load
    chunks: float
    prefill: Load


def layouts_of(row: ServingRow) -> Iterator[tuple[Layout, int]]:
    """The row's layout with its number of replicas; all that use its chips where it leaves parallelism open.

    Data parallelism of a mixture of experts shares the experts between copies of the attention; else it is replicas. A
    tensor degree that counts something smaller than chips is cut to the chips there are.
    """
    if row.tensor is not None:
        group = row.chips // row.pipeline
        tensor, replicas, copies = group, 1, 1
        if row.data > 1 and row.model.experts is not None and row.expert > 1:
            copies = row.data if group % row.data == 0 else 1
        elif row.tensor < group and group % row.tensor == 0:
            tensor, replicas = row.tensor, group // row.tensor
        if tensor < 1:
            raise CannotPredictError(f"{row.chips} chips cannot hold {row.pipeline} pipeline stages")
        expert = row.expert if tensor % row.expert == 0 else 1
        yield Layout(tensor, row.pipeline, expert, copies), replicas
        return
    for replica in (n for n in range(1, row.chips + 1) if row.chips % n == 0):
        for tensor in (n for n in range(1, replica + 1) if replica % n == 0):
            if tensor > row.chip.scale_up_domain:
                continue
            shapes = {(1, 1)} if row.model.experts is None else {(1, 1), (tensor, 1), (tensor, tensor)}
            for expert, copies in sorted(shapes):
                yield Layout(tensor, replica // tensor, expert, copies), row.chips // replica


def run_of(row: ServingRow, layout: Layout, replicas: int, options: PredictionOptions) -> Run | None:
    """The row on one layout; None where weights and one request, or a whole static batch, do not fit."""
    predictor = Predictor(row.model, _linked(row.chip, layout), row.precision, row.kv_precision, options)
    work = Work(row.input_tokens, 0.0, row.output_tokens)
    most = predictor.max_batch(layout, work, "aggregated")
    asked = row.batch if row.batch is not None else (1 if row.mode in BATCH_MODES else MOST_IN_FLIGHT)
    waiting = max(asked / replicas, 1.0)
    batch = round(waiting)
    if row.mode not in BATCH_MODES:
        batch = min(batch, most)
    if batch < 1 or batch > most:
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
