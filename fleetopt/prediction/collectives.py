"""Communication of one forward pass: latency plus bytes over the link."""

from dataclasses import dataclass

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.types import Layout

#: Activations travel in bf16.
ACTIVATION_BYTES = 2.0


@dataclass(frozen=True, slots=True)
class Links:
    """What the collectives of one model cost on one kind of chip."""

    layers: int
    expert_layers: int
    active_experts: int
    token_bytes: float
    """One token's activations."""
    latency_s: float
    """Of one collective; 0 on SRAM machines, where it is part of the layer's time."""
    hop_s: float
    """Latency of passing activations to the next pipeline stage."""
    scale_up_b_s: float
    """Effective link inside the domain, bytes a second."""
    scale_out_b_s: float
    """Effective network link, bytes a second."""
    domain: int

    def tensor_s(self, layout: Layout, tokens: float) -> float:
        """Two all-reduces a layer; with expert parallelism the experts' one becomes two all-to-alls.

        An all-reduce moves 2 (n-1)/n of the activations over each chip's link; an all-to-all moves each token to the
        chips of its experts, spread over the group.
        """
        ranks = layout.tensor
        if ranks == 1:
            return 0.0
        attention_ranks = ranks // layout.attention_data
        routed_layers = self.expert_layers if layout.expert > 1 else 0
        seconds = (self.layers - routed_layers) * self._all_reduce_s(ranks, tokens)
        if attention_ranks > 1:
            seconds += self.layers * self._all_reduce_s(attention_ranks, tokens / layout.attention_data)
        if routed_layers:
            copies = min(self.active_experts, layout.expert) * (layout.expert - 1) / layout.expert
            moved = tokens / ranks * copies * self.token_bytes
            seconds += 2 * routed_layers * (self.latency_s + moved / self.scale_up_b_s)
        return seconds

    def _all_reduce_s(self, ranks: int, tokens: float) -> float:
        return self.latency_s + 2 * (ranks - 1) / ranks * tokens * self.token_bytes / self.scale_up_b_s

    def pipeline_s(self, layout: Layout, tokens: float) -> float:
        """Handing the activations of `tokens` tokens from stage to stage, each rank its share."""
        if layout.pipeline == 1:
            return 0.0
        link = self.scale_up_b_s if layout.chips <= self.domain else self.scale_out_b_s
        return (layout.pipeline - 1) * (self.hop_s + tokens * self.token_bytes / layout.tensor / link)


def links_of(model: Model, chip: Chip, options: PredictionOptions) -> Links:
    """Effective links and counts for `model` on `chip`."""
    return Links(
        layers=model.layers,
        expert_layers=model.experts.layers if model.experts else 0,
        active_experts=model.experts.active if model.experts else 0,
        token_bytes=model.hidden * ACTIVATION_BYTES,
        latency_s=0.0 if chip.memory_kind == "SRAM" else options.allreduce_s,
        hop_s=options.allreduce_s,
        scale_up_b_s=chip.scale_up_gb_s * 1e9 * options.link_efficiency,
        scale_out_b_s=chip.scale_out_gb_s * 1e9 * options.link_efficiency,
        domain=chip.scale_up_domain,
    )
