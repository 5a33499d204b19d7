"""Memory first (M1): weights and active KV must fit the fast memory of every chip of a replica."""

from dataclasses import dataclass

from fleetopt.prediction.speculation import of_the_drafter
from fleetopt.prediction.step import Step
from fleetopt.prediction.types import Layout, Refusal


@dataclass(frozen=True, slots=True)
class Memory:
    """What one replica holds, against what its chips may hold."""

    usable_gb: float
    """Of one chip: capacity x usable share."""
    kv_element_gb: float
    """Size of one cached element."""

    def weights_gb(self, step: Step, layout: Layout) -> float:
        """All weights of a replica; attention copies count each time, both embeddings once, a drafter's beside them."""
        held = step.attention.gb * layout.attention_data + step.dense.gb + step.experts.gb + 2 * step.head.gb
        if step.drafter is not None and step.drafting is not None:
            shared = 0.0 if step.drafting.own_embeddings else 2 * step.drafter.head.gb
            held += self.weights_gb(step.drafter, of_the_drafter(layout)) - shared
        return held

    def kv_gb(self, step: Step, layout: Layout, batch: float, tokens: float) -> float:
        """KV of `batch` sequences of `tokens` tokens on all chips of a replica, copies on tensor ranks included."""
        copies = layout.tensor / step.kv_shards(layout)
        held = batch * step.kv.elements(tokens) * self.kv_element_gb * copies
        if step.drafter is not None:
            held += self.kv_gb(step.drafter, of_the_drafter(layout), batch, tokens)
        return held

    def refuse(self, weights_gb: float, kv_gb: float, layout: Layout) -> Refusal | None:
        """A refusal by M1 where weights and KV do not fit, None where they do; loads are taken as even."""
        available = self.usable_gb * layout.chips
        needed = weights_gb + kv_gb
        if needed <= available:
            return None
        detail = (
            f"weights {weights_gb:.1f} GB + KV {kv_gb:.1f} GB exceed {available:.1f} GB usable on {layout.chips} chips"
        )
        return Refusal("M1", detail, needed / available - 1 if available else float("inf"))

    def max_batch(self, step: Step, layout: Layout, tokens: float) -> int:
        """Most sequences of `tokens` tokens that fit beside the weights; 0 where not even one does."""
        free = self.usable_gb * layout.chips - self.weights_gb(step, layout)
        return max(int(free / self.kv_gb(step, layout, 1, tokens)), 0) if free > 0 else 0
