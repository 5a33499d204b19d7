"""One forward pass of a model on a group of chips: what it reads, computes and sends, and how long that takes.

    t = reading weights + matrix arithmetic + reading KV + attention arithmetic + activations + collectives + overheads

each at the data sheet's rate (a `Load`), times what it costs in practice (`Costs`). `Step` computes what does not
depend on batch and layout once, because candidates ask for many batches and layouts of one model on one chip.
"""

from dataclasses import dataclass

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip, DenseRates
from fleetopt.prediction.collectives import ACTIVATION_BYTES, Links, links_of
from fleetopt.prediction.costs import Costs, Load, costs_of, seconds
from fleetopt.prediction.kv_cache import KV_BYTES, KvShape, kv_shape_of
from fleetopt.prediction.speculation import Drafting, a_token, of_the_drafter, together
from fleetopt.prediction.types import Layout
from fleetopt.prediction.weights import BYTES_PER_PARAMETER, Weights, experts_touched, formats_of, weights_of

#: The kinds of matrix arithmetic, as `Terms` names them.
KINDS = ("bf16", "fp8", "fp4", "widened")


def peak_tflops(rates: DenseRates, precision: Precision) -> float:
    """Dense rate at which weights in `precision` are multiplied; fp32 at half of bf16."""
    kind = arithmetic(rates, precision)
    if precision == "fp32":
        return rates.bf16 / 2
    return {"fp8": rates.fp8, "fp4": rates.fp4}.get(kind) or rates.bf16


def arithmetic(rates: DenseRates, precision: Precision) -> str:
    """How weights in `precision` are multiplied: in a format the chip has, else widened to bf16 on the way.

    int4 is a format of storage alone: its kernels widen it whatever the chip has.
    """
    if precision in ("fp32", "bf16"):
        return "bf16"
    has = {"fp8": rates.fp8, "fp4": rates.fp4}.get(precision)
    return precision if has else "widened"


@dataclass(frozen=True, slots=True)
class Group:
    """One group of weights on one chip: seconds to read it all, and seconds of arithmetic a token, by data sheet."""

    read_s: float
    token_s: float
    gb: float
    kind: str
    """Its arithmetic, of `KINDS`."""


@dataclass(frozen=True, slots=True)
class Pass:
    """A prefill: how long one prompt batch waits for its last layer, and how long it keeps the machine busy."""

    latency_s: float
    busy_s: float
    """Less than the latency where pipeline stages work on several batches at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """Forward passes of one model on one kind of chip, in one pair of formats."""

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
    activation_s: float
    """Seconds one chip takes to read one token's activations once in every layer."""
    chunk_tokens: float
    spread_kv: bool
    """SRAM machines place the cache anywhere: no head is held twice."""
    costs: Costs
    drafting: Drafting | None = None
    """Speculative decoding; None where every token takes a pass of its own."""
    drafter: "Step | None" = None
    """Passes of what drafts; None where nothing does or a look-up."""

    @property
    def gained(self) -> float:
        """Tokens that a request gains in a pass."""
        return self.drafting.gained if self.drafting else 1.0

    def kv_shards(self, layout: Layout) -> int:
        """Ways the KV of one pipeline stage is split without a copy: min(tensor, heads), times attention copies."""
        if self.spread_kv:
            return layout.tensor
        return layout.attention_data * min(layout.tensor // layout.attention_data, self.kv.heads)

    def decode_s(self, layout: Layout, batch: float, context: float) -> float:
        """One new token for each of `batch` sequences at `context` tokens; a share of a pass where it gains several."""
        return seconds(self.decode_load(layout, batch, context), self.costs)

    def decode_load(self, layout: Layout, batch: float, context: float) -> Load:
        """The load of `decode_s`.

        With p pipeline stages the batch runs as p micro-batches, so that every stage stays busy: a token passes all
        stages, each reading its weights for its micro-batch alone.
        """
        rows = max(batch / layout.pipeline, 1.0)
        if self.drafting is None:
            return self._decode_pass(layout, rows, 1.0, context)
        load = self._decode_pass(layout, rows, self.drafting.tokens + 1.0, context)
        if self.drafter is not None:
            drafted = self.drafter._decode_pass(of_the_drafter(layout), rows, 1.0, context)
            load = together(load, drafted, self.drafting.tokens)
        return a_token(load, self.drafting.gained)

    def _decode_pass(self, layout: Layout, rows: float, tokens: float, context: float) -> Load:
        """A pass of `tokens` tokens for each of `rows` sequences: their cache is read once."""
        read, flop = rows * self.kv.elements(context), rows * tokens * self.kv.decode_step_flop(context)
        return self._load(layout, rows * tokens, rows * tokens, read, flop)

    def prefill(self, layout: Layout, tokens: float, cached: float, prompts: float = 1.0) -> Pass:
        """`prompts` prompts of `tokens` new tokens after `cached` held ones, in chunks of `chunk_tokens`.

        Chunks follow each other through the pipeline: n chunks and p stages take n + p - 1 stage times, and keep the
        machine n of them.
        """
        chunks, load = self.prefill_load(layout, tokens, cached, prompts)
        once, stages = seconds(load, self.costs), layout.pipeline
        return Pass(once * (chunks + stages - 1) / stages, once * chunks / stages)

    def prefill_load(self, layout: Layout, tokens: float, cached: float, prompts: float) -> tuple[float, Load]:
        """How many chunks `prefill` takes, and the load of one.

        All chunks are taken as equal, at the mean context, and as many as divide out, whole or not, so that one more
        token never makes a prompt faster.
        """
        total = tokens * prompts
        chunks = max(total / self.chunk_tokens, 1.0)
        rows = max(prompts / chunks, 1.0)
        read = rows * self.kv.elements(cached + tokens / 2)
        flop = prompts / chunks * self.kv.prefill_pass_flop(tokens, cached)
        load = self._load(layout, total / chunks, rows, read, flop)
        if self.drafter is not None:
            load = together(load, self.drafter.prefill_load(of_the_drafter(layout), tokens, cached, prompts)[1], 1.0)
        return chunks, load

    def _load(self, layout: Layout, tokens: float, rows: float, kv_elements: float, attention_flop: float) -> Load:
        """A pass of `tokens` tokens, of which `rows` go through the output head."""
        ranks, copies = layout.tensor, layout.attention_data
        attention, dense, head, experts = self.attention, self.dense, self.head, self.experts
        own = ranks // copies
        dense_s = dict.fromkeys(KINDS, 0.0)
        dense_s[attention.kind] += attention.token_s * tokens / copies / own
        dense_s[dense.kind] += dense.token_s * tokens / ranks
        dense_s[head.kind] += head.token_s * rows / ranks
        expert_s = dict.fromkeys(KINDS, 0.0)
        read_s = attention.read_s / own + (dense.read_s + head.read_s) / ranks
        if self.weights.routed:
            touched = experts_touched(self.weights.routed, self.weights.active, tokens) / self.weights.routed
            read_s += experts.read_s * touched / ranks
            expert_s[experts.kind] = experts.token_s * tokens / ranks
        traffic = self.links.traffic(layout, tokens)
        return Load(
            weights=read_s,
            kv=self.kv_read_s * kv_elements / self.kv_shards(layout),
            activations=self.activation_s * tokens / copies,
            bf16=dense_s["bf16"],
            fp8=dense_s["fp8"],
            fp4=dense_s["fp4"],
            widened=dense_s["widened"],
            expert_bf16=expert_s["bf16"],
            expert_fp8=expert_s["fp8"],
            expert_fp4=expert_s["fp4"],
            expert_widened=expert_s["widened"],
            attention=self.attention_flop_s * attention_flop / ranks,
            link=traffic.link_s,
            reductions=traffic.reductions,
            exchanges=traffic.exchanges,
            hops=traffic.hops,
            layers=self.links.layers,
            expert_layers=self.links.expert_layers,
            sequences=rows,
            steps=1.0,
        )


def step_of(
    model: Model, chip: Chip, precision: Precision, kv_precision: Precision, options: PredictionOptions,
    drafting: Drafting | None = None,
) -> Step:  # fmt: skip
    """Everything about `model` on `chip` that does not depend on layout or batch."""
    weights, formats = weights_of(model), formats_of(weights_of(model), precision)
    bandwidth = chip.memory_gb_s * 1e9

    def group(parameters: float, fmt: Precision, active_share: float = 1.0) -> Group:
        size = parameters * BYTES_PER_PARAMETER[fmt]
        rate = peak_tflops(chip.dense_tflops, fmt) * 1e12
        token_s = 2 * parameters * active_share / rate
        return Group(size / bandwidth, token_s, size / 1e9, arithmetic(chip.dense_tflops, fmt))

    return Step(
        weights=weights,
        kv=kv_shape_of(model),
        links=links_of(model, chip),
        attention=group(weights.attention, formats.attention),
        dense=group(weights.dense, formats.dense),
        experts=group(weights.experts, formats.experts, weights.expert_share),
        head=group(weights.embedding, formats.embedding),
        kv_read_s=KV_BYTES[kv_precision] / bandwidth,
        attention_flop_s=1 / (chip.dense_tflops.bf16 * 1e12),
        activation_s=model.layers * model.hidden * ACTIVATION_BYTES / bandwidth,
        chunk_tokens=options.prefill_chunk_tokens,
        spread_kv=chip.memory_kind == "SRAM",
        costs=costs_of(chip, options),
        drafting=drafting,
        drafter=(
            step_of(drafting.drafter, chip, precision, kv_precision, options)
            if drafting is not None and drafting.drafter is not None
            else None
        ),
    )
