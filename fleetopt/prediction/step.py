"""One forward step of a model on a group of chips: linear layers, attention, collectives, overheads.

    t = sum over weight groups of max(bytes / bandwidth, FLOP / peak)
        + max(KV bytes / bandwidth, attention FLOP / peak) + collectives + layers x layer_s + step_s

Every rate is a data-sheet figure times an efficiency of `PredictionOptions`. `Step` computes what does not depend on
batch and layout once, because candidates ask for many batches and layouts of one model on one chip.
"""

from dataclasses import dataclass

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip, DenseRates
from fleetopt.prediction.collectives import Links, links_of
from fleetopt.prediction.kv_cache import KV_BYTES, KvShape, kv_shape_of
from fleetopt.prediction.types import Layout
from fleetopt.prediction.weights import BYTES_PER_PARAMETER, Weights, experts_touched, formats_of, weights_of


def peak_tflops(rates: DenseRates, precision: Precision) -> float:
    """Dense rate in `precision`; a missing format runs at the next wider one, fp32 at half of bf16."""
    if precision == "fp32":
        return rates.bf16 / 2
    if precision == "fp4":
        return rates.fp4 or rates.fp8 or rates.bf16
    return (rates.fp8 or rates.bf16) if precision == "fp8" else rates.bf16


@dataclass(frozen=True, slots=True)
class Group:
    """One group of weights: seconds to read it all, and seconds of arithmetic a token, on one chip."""

    read_s: float
    token_s: float
    gb: float

    def time_s(self, share_read: float, tokens: float, ranks: int) -> float:
        """Time on `ranks` chips: the larger of reading and computing."""
        return max(self.read_s * share_read, self.token_s * tokens) / ranks


@dataclass(frozen=True, slots=True)
class Pass:
    """A prefill: how long one prompt batch waits for its last layer, and how long it keeps the machine busy."""

    latency_s: float
    busy_s: float
    """Less than the latency where pipeline stages work on several batches at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """Forward steps of one model on one kind of chip, in one pair of formats."""

    weights: Weights
    kv: KvShape
    links: Links
    attention: Group
    dense: Group
    experts: Group
    head: Group
    kv_read_s: float
    """Seconds one chip takes to read one cached element."""
    attention_flop_s: float
    """Seconds one chip takes for one FLOP of attention."""
    overhead_s: float
    """All layers and the step."""
    chunk_tokens: float
    spread_kv: bool
    """SRAM machines place the cache anywhere: no head is held twice."""

    def kv_shards(self, layout: Layout) -> int:
        """Ways the KV of one pipeline stage is split without a copy: min(tensor, heads), times attention copies."""
        if self.spread_kv:
            return layout.tensor
        return layout.attention_data * min(layout.tensor // layout.attention_data, self.kv.heads)

    def decode_s(self, layout: Layout, batch: float, context: float) -> float:
        """One new token for each of `batch` sequences at `context` tokens.

        With p pipeline stages the batch runs as p micro-batches, so that every stage stays busy: a token passes all
        stages, each reading its weights for its micro-batch alone.
        """
        tokens = max(batch / layout.pipeline, 1.0)
        read = self.kv_read_s * tokens * self.kv.elements(context) / self.kv_shards(layout)
        compute = self.attention_flop_s * tokens * self.kv.decode_step_flop(context) / layout.tensor
        return self._linear_s(layout, tokens, tokens) + max(read, compute) + self._other_s(layout, tokens)

    def prefill(self, layout: Layout, tokens: float, cached: float, prompts: float = 1.0) -> Pass:
        """`prompts` prompts of `tokens` new tokens after `cached` held ones, in chunks of `chunk_tokens`.

        All chunks are taken as equal, at the mean context, and as many as divide out, whole or not, so that one more
        token never makes a prompt faster. Chunks follow each other through the pipeline: n chunks and p stages take
        n + p - 1 stage times, and keep the machine n of them.
        """
        total = tokens * prompts
        chunks = max(total / self.chunk_tokens, 1.0)
        width = total / chunks
        rows = max(prompts / chunks, 1.0)
        read = self.kv_read_s * rows * self.kv.elements(cached + tokens / 2) / self.kv_shards(layout)
        compute = self.attention_flop_s * prompts / chunks * self.kv.prefill_pass_flop(tokens, cached) / layout.tensor
        once = self._linear_s(layout, width, rows) + max(read, compute) + self._other_s(layout, width)
        stages = layout.pipeline
        return Pass(once * (chunks + stages - 1) / stages, once * chunks / stages)

    def _linear_s(self, layout: Layout, tokens: float, rows: float) -> float:
        """Weight groups one after the other; `rows` positions go through the output head."""
        ranks, copies = layout.tensor, layout.attention_data
        seconds = self.attention.time_s(1.0, tokens / copies, ranks // copies)
        seconds += self.dense.time_s(1.0, tokens, ranks) + self.head.time_s(1.0, rows, ranks)
        if self.weights.routed:
            touched = experts_touched(self.weights.routed, self.weights.active, tokens) / self.weights.routed
            seconds += self.experts.time_s(touched, tokens, ranks)
        return seconds

    def _other_s(self, layout: Layout, tokens: float) -> float:
        return self.links.tensor_s(layout, tokens) + self.links.pipeline_s(layout, tokens) + self.overhead_s


def step_of(
    model: Model, chip: Chip, precision: Precision, kv_precision: Precision, options: PredictionOptions
) -> Step:
    """Everything about `model` on `chip` that does not depend on layout or batch."""
    weights, formats = weights_of(model), formats_of(weights_of(model), precision)
    bandwidth = chip.memory_gb_s * 1e9

    def group(parameters: float, fmt: Precision, active_share: float = 1.0) -> Group:
        size = parameters * BYTES_PER_PARAMETER[fmt]
        rate = peak_tflops(chip.dense_tflops, fmt) * 1e12 * options.gemm_efficiency
        return Group(size / (bandwidth * options.memory_efficiency), 2 * parameters * active_share / rate, size / 1e9)

    dataflow = chip.memory_kind == "SRAM"
    layer_s, step_s = options.layer_s, options.step_s
    if dataflow:
        layer_s, step_s = options.dataflow_layer_s, options.dataflow_step_s
    return Step(
        weights=weights,
        kv=kv_shape_of(model),
        links=links_of(model, chip, options),
        attention=group(weights.attention, formats.attention),
        dense=group(weights.dense, formats.dense),
        experts=group(weights.experts, formats.experts, weights.expert_share),
        head=group(weights.embedding, formats.embedding),
        kv_read_s=KV_BYTES[kv_precision] / (bandwidth * options.kv_efficiency),
        attention_flop_s=1 / (chip.dense_tflops.bf16 * 1e12 * options.gemm_efficiency),
        overhead_s=model.layers * layer_s + step_s,
        chunk_tokens=options.prefill_chunk_tokens,
        spread_kv=dataflow,
    )
