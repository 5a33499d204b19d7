"""Communication of one forward pass: how many messages, and how long their bytes take on the links."""

from dataclasses import dataclass
from typing import NamedTuple

from fleetopt.instance.models import Model
from fleetopt.instance.systems import Chip
from fleetopt.prediction.types import Layout

#: Activations travel in bf16.
ACTIVATION_BYTES = 2.0


class Traffic(NamedTuple):
    """Collectives of a pass: counts, and seconds of their bytes at the data sheet's link rates."""

    reductions: float
    exchanges: float
    hops: float
    link_s: float


@dataclass(frozen=True, slots=True)
class Links:
    """What the collectives of one model move on one kind of chip."""

    layers: int
    expert_layers: int
    active_experts: int
    token_bytes: float
    """One token's activations."""
    scale_up_b_s: float
    """Link inside the domain, one direction, bytes a second."""
    scale_out_b_s: float
    """Network link, one direction, bytes a second."""
    domain: int

    def traffic(self, layout: Layout, tokens: float) -> Traffic:
        """Two all-reduces a layer; with expert parallelism the experts' one becomes two all-to-alls; hops by stage.

        An all-reduce moves 2 (n-1)/n of the activations over each chip's link; an all-to-all moves each token to the
        chips of its experts, spread over the group; a hop moves them to the next stage, each rank its share.
        """
        reductions, exchanges, moved = 0.0, 0.0, 0.0
        ranks = layout.tensor
        if ranks > 1:
            routed = self.expert_layers if layout.expert > 1 else 0
            reductions = float(self.layers - routed)
            moved = reductions * _all_reduce(ranks, tokens)
            attention_ranks = ranks // layout.attention_data
            if attention_ranks > 1:
                reductions += self.layers
                moved += self.layers * _all_reduce(attention_ranks, tokens / layout.attention_data)
            if routed:
                exchanges = 2.0 * routed
                copies = min(self.active_experts, layout.expert) * (layout.expert - 1) / layout.expert
                moved += exchanges * tokens / ranks * copies
        hops = layout.pipeline - 1.0
        seconds = moved * self.token_bytes / self.scale_up_b_s if moved else 0.0
        if hops:
            link = self.scale_up_b_s if layout.chips <= self.domain else self.scale_out_b_s
            seconds += hops * tokens * self.token_bytes / layout.tensor / link
        return Traffic(reductions, exchanges, hops, seconds)


def _all_reduce(ranks: int, tokens: float) -> float:
    """Tokens that one chip's link carries, one direction."""
    return 2 * (ranks - 1) / ranks * tokens


def links_of(model: Model, chip: Chip) -> Links:
    """Links and counts for `model` on `chip`."""
    return Links(
        layers=model.layers,
        expert_layers=model.experts.layers if model.experts else 0,
        active_experts=model.experts.active if model.experts else 0,
        token_bytes=model.hidden * ACTIVATION_BYTES,
        scale_up_b_s=chip.scale_up_gb_s * 1e9,
        scale_out_b_s=chip.scale_out_gb_s * 1e9,
        domain=chip.scale_up_domain,
    )
