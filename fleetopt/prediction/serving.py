"""Serving points: what one replica does at one batch, or why it cannot run.

Make one `Predictor` for a model on a kind of chip in one pair of formats, then ask it for many layouts and batches:

    predictor = Predictor(model, chip, "fp8", "bf16", options)
    predictor.aggregated(Layout(tensor=8), Work(2000, 0, 300), batch=64)    # prefill and decode on the same chips
    predictor.prefill(Layout(tensor=4), Work(2000, 0, 300), batch=1)        # a pool that only prefills
    predictor.decode(Layout(tensor=8), Work(2000, 0, 300), batch=128)       # a pool that only decodes
    predictor.max_batch(Layout(tensor=8), Work(2000, 0, 300), "decode")     # the KV cap; 0: not even one request fits

Each of the first three returns a `ServingPoint` or a `Refusal` (M1 memory, C2 layout, D4 no network for the KV).
`aggregated`, `prefill_pool` and `decode_pool` are the same for a single question.

Times are those at the end of their error bands that `options.percentile` names: at p90 each is multiplied by the p90 of
its kind, TTFT, TPOT and the time a request holds the machine each by its own. Moving KV has no band: no public
measurements of it alone.
"""

from dataclasses import dataclass
from functools import cached_property

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.bands import (
    FIRST_TOKEN,
    OUTPUT_TOKEN,
    THROUGHPUT,
    Factors,
    Kind,
    band_of,
    factors_of,
)
from fleetopt.prediction.kv_cache import KV_BYTES, kv_gb_per_sequence
from fleetopt.prediction.memory import Memory
from fleetopt.prediction.speculation import Drafting
from fleetopt.prediction.step import Step, step_of
from fleetopt.prediction.types import EXACT, Layout, Refusal, ServingPoint, Spreads, Stage, Work


@dataclass(frozen=True)
class Predictor:
    """One model on one kind of chip, in one format of weights and one of KV."""

    model: Model
    chip: Chip
    precision: Precision
    kv_precision: Precision
    options: PredictionOptions
    drafting: Drafting | None = None
    """Speculative decoding, where there is some."""

    @cached_property
    def step(self) -> Step:
        """Forward steps, with everything that depends on neither layout nor batch worked out."""
        return step_of(self.model, self.chip, self.precision, self.kv_precision, self.options, self.drafting)

    @cached_property
    def memory(self) -> Memory:
        """Capacity of a chip and the size of a cached element."""
        return Memory(self.chip.memory_gb * self.options.usable_memory, KV_BYTES[self.kv_precision] / 1e9)

    @cached_property
    def factors(self) -> dict[Kind, Factors]:
        """What each kind of time is multiplied by."""
        options = self.options
        return {
            kind: factors_of(band_of(kind, self.chip.vendor, options), options.percentile)
            for kind in (FIRST_TOKEN, OUTPUT_TOKEN, THROUGHPUT)
        }

    def aggregated(self, layout: Layout, work: Work, batch: int) -> ServingPoint | Refusal:
        """A replica that prefills and decodes, saturated: a new request enters whenever one ends.

        A prompt holds the engine up for o p seconds, p its prefill and o the share of it that running decodes wait
        for, and takes n d(B) / B of decode (n = output - 1 steps, d(B) the step at batch B):
        rate = 1 / (o p + n d(B) / B). While it decodes, the B - 1 other slots prefill once each, so
        TPOT = d(B) + (B - 1) o p / n. Its own prefill shares each chunk's pass with the running decodes.
        """
        held = self._fit(layout, work, batch, "aggregated")
        if isinstance(held, Refusal):
            return held
        steps = max(work.output_tokens - 1, 0.0)
        decode_s = self.step.decode_s(layout, batch, mean_context(work))
        prompt = self.step.prefill(layout, work.uncached_tokens, work.cached_tokens)
        held_up_s = prompt.busy_s * (self.options.prefill_overlap if batch > 1 else 1.0)
        first, token, rate = self.factors.values()
        service_s = (held_up_s + steps * decode_s / batch) * rate.planned
        return ServingPoint(
            batch=batch,
            ttft_s=(prompt.latency_s + (decode_s * self.step.gained if batch > 1 else 0.0)) * first.planned,
            tpot_s=(decode_s + (batch - 1) * held_up_s / max(steps, 1.0)) * token.planned,
            requests_per_s=1 / service_s,
            service_s=service_s,
            weights_gb=held[0],
            kv_gb=held[1],
            slots=batch,
            prefill_s=held_up_s * rate.planned,
            spreads=Spreads(first.ends(), token.ends(), rate.ends()),
        )

    def prefill(self, layout: Layout, work: Work, batch: int) -> ServingPoint | Refusal:
        """A pool that prefills `batch` prompts together and sends their KV away over the network."""
        held = self._fit(layout, work, batch, "prefill")
        if isinstance(held, Refusal):
            return held
        transfer_s, transfer_gb = self.kv_transfer(layout, work)
        if transfer_s is None:
            return _no_network(self.chip)
        prompts = self.step.prefill(layout, work.uncached_tokens, work.cached_tokens, batch)
        first = self.factors[FIRST_TOKEN]

        def held_s(factor: float) -> float:
            return max(prompts.busy_s / batch * factor, transfer_s)

        service_s = held_s(first.planned)
        return ServingPoint(
            batch=batch,
            ttft_s=prompts.latency_s * first.planned,
            tpot_s=0.0,
            requests_per_s=1 / service_s,
            service_s=service_s,
            weights_gb=held[0],
            kv_gb=held[1],
            kv_transfer_gb=transfer_gb,
            spreads=Spreads(first.ends(), EXACT, first.ends(held_s)),
        )

    def decode(self, layout: Layout, work: Work, batch: int) -> ServingPoint | Refusal:
        """A pool that receives KV, holding a slot meanwhile, and decodes; its TTFT is the transfer alone."""
        held = self._fit(layout, work, batch, "decode")
        if isinstance(held, Refusal):
            return held
        transfer_s, transfer_gb = self.kv_transfer(layout, work)
        if transfer_s is None:
            return _no_network(self.chip)
        decode_s = self.step.decode_s(layout, batch, mean_context(work))
        token = self.factors[OUTPUT_TOKEN]

        def held_s(factor: float) -> float:
            residence_s = transfer_s + max(work.output_tokens - 1, 1.0) * decode_s * factor
            return max(residence_s / batch, transfer_s)

        service_s = held_s(token.planned)
        return ServingPoint(
            batch=batch,
            ttft_s=transfer_s,
            tpot_s=decode_s * token.planned,
            requests_per_s=1 / service_s,
            service_s=service_s,
            weights_gb=held[0],
            kv_gb=held[1],
            kv_transfer_gb=transfer_gb,
            slots=batch,
            spreads=Spreads(EXACT, token.ends(), token.ends(held_s)),
        )

    def kv_gb_per_request(self, tokens: float) -> float:
        """KV of one sequence of `tokens` tokens, without copies: what is parked or moved."""
        return kv_gb_per_sequence(self.step.kv, self.kv_precision, tokens)

    def kv_transfer(self, layout: Layout, work: Work) -> tuple[float | None, float]:
        """Seconds and GB of moving one request's KV over the replica's network links; seconds None without network."""
        size_gb = self.kv_gb_per_request(work.input_tokens)
        link_gb_s = self.chip.scale_out_gb_s * layout.chips * self.options.link_efficiency
        return (size_gb / link_gb_s if link_gb_s else None), size_gb

    def max_batch(self, layout: Layout, work: Work, stage: Stage) -> int:
        """Most requests in flight that fit (M1); 0 where none does or the layout is impossible (C2)."""
        if self._misplaced(layout) is not None:
            return 0
        most = self.memory.max_batch(self.step, layout, mean_context(work) if stage != "prefill" else work.input_tokens)
        while most > 0 and isinstance(self._fit(layout, work, most, stage), Refusal):
            most -= 1
        return most

    def held_gb(self, layout: Layout, work: Work, batch: int, stage: Stage) -> tuple[float, float]:
        """Weights and KV in GB that a replica holds, whether they fit or not."""
        tokens = _held_tokens(work, batch, stage) / batch
        return self.memory.weights_gb(self.step, layout), self.memory.kv_gb(self.step, layout, batch, tokens)

    def _fit(self, layout: Layout, work: Work, batch: int, stage: Stage) -> tuple[float, float] | Refusal:
        """Weights and KV in GB where they fit and the layout is possible."""
        misplaced = self._misplaced(layout)
        if misplaced is not None:
            return misplaced
        weights_gb, kv_gb = self.held_gb(layout, work, batch, stage)
        return self.memory.refuse(weights_gb, kv_gb, layout) or (weights_gb, kv_gb)

    def _misplaced(self, layout: Layout) -> Refusal | None:
        """C2: a tensor group shares one scale-up domain; stages need a link between them."""
        chip = self.chip
        if layout.tensor % layout.attention_data or layout.tensor % layout.expert:
            return Refusal(
                "C2", f"attention copies and experts must divide the {layout.tensor} chips of a tensor group"
            )
        if layout.tensor > 1 and (layout.tensor > chip.scale_up_domain or not chip.scale_up_gb_s):
            detail = f"tensor group of {layout.tensor} chips, scale-up domain of {chip.scale_up_domain}"
            return Refusal("C2", detail, layout.tensor / chip.scale_up_domain - 1)
        link = chip.scale_up_gb_s if layout.chips <= chip.scale_up_domain else chip.scale_out_gb_s
        if layout.pipeline > 1 and not link:
            return Refusal("C2", f"{layout.pipeline} pipeline stages and no link between them", layout.pipeline - 1.0)
        return None


def mean_context(work: Work) -> float:
    """Context of a request half-way through its output."""
    return work.input_tokens + work.output_tokens / 2


def _held_tokens(work: Work, batch: int, stage: Stage) -> float:
    """Tokens whose KV a replica holds: prompts in a prefill pool; else requests at random points of their output.

    All are at the mean context and one is at its end, which is exact for a single request.
    """
    if stage == "prefill":
        return batch * work.input_tokens
    return batch * mean_context(work) + work.output_tokens / 2


def _no_network(chip: Chip) -> Refusal:
    return Refusal("D4", f"{chip.id} has no network link to move KV over")


def aggregated(
    model: Model, chip: Chip, layout: Layout, precision: Precision, kv_precision: Precision,
    work: Work, batch: int, options: PredictionOptions,
) -> ServingPoint | Refusal:  # fmt: skip
    """One aggregated replica; see `Predictor.aggregated`."""
    return Predictor(model, chip, precision, kv_precision, options).aggregated(layout, work, batch)


def prefill_pool(
    model: Model, chip: Chip, layout: Layout, precision: Precision, kv_precision: Precision,
    work: Work, batch: int, options: PredictionOptions,
) -> ServingPoint | Refusal:  # fmt: skip
    """One replica of a prefill pool; see `Predictor.prefill`."""
    return Predictor(model, chip, precision, kv_precision, options).prefill(layout, work, batch)


def decode_pool(
    model: Model, chip: Chip, layout: Layout, precision: Precision, kv_precision: Precision,
    work: Work, batch: int, options: PredictionOptions,
) -> ServingPoint | Refusal:  # fmt: skip
    """One replica of a decode pool; see `Predictor.decode`."""
    return Predictor(model, chip, precision, kv_precision, options).decode(layout, work, batch)
