"""Memory of a training team, a chip (T2)."""

from dataclasses import dataclass

from fleetopt.instance.models import Model
from fleetopt.prediction.types import TrainingLayout
from fleetopt.prediction.weights import Weights, weights_of

#: Weights and gradients in bf16.
WEIGHT_BYTES = 4.0
#: fp32 master weights and two Adam moments.
OPTIMISER_STATE_BYTES = 12.0
#: Bytes kept a token, layer and unit of width with full recomputation: the layer's input in bf16.
CHECKPOINT_BYTES = 2.0
#: Bytes live a token and unit of width while one layer runs (Korthikanti et al. 2022, flash attention).
LAYER_BYTES = 34.0
#: Chips of a server that share a sequence in the leanest layout, and tokens of a longer one that a chip takes.
SEQUENCE_SHARDS = 8
SHARD_TOKENS = 4096.0


@dataclass(frozen=True, slots=True)
class TrainingMemory:
    """Teams that train one model at one length of sequence."""

    weights: Weights
    layers: int
    hidden: int
    sequence: float

    def least_gb(self, chips: int) -> float:
        """The leanest layout: state sharded over the whole team, one sequence with full recomputation over a server.

        A sequence too long for that is split further, down to `SHARD_TOKENS` a chip.
        """
        tokens = self.sequence / min(chips, sequence_shards(self.sequence))
        activations = tokens * self.hidden * (CHECKPOINT_BYTES * self.layers + LAYER_BYTES)
        state = (WEIGHT_BYTES + OPTIMISER_STATE_BYTES) * self.weights.total / chips
        return (state + activations) / 1e9

    def fitting_gb(self, chips: int, layout: TrainingLayout) -> float:
        """A layout: weights and gradients split by its degrees, optimiser state over all chips, activations in flight.

        Fully sharded layouts split the weights over all chips too. The first stage of a pipeline holds the activations
        of as many micro-batches as there are stages, each of its share of the layers: together those of all layers.
        """
        total, routed = self.weights.total, self.weights.experts
        plain = layout.tensor * layout.pipeline
        dense = (total - routed) / plain
        experts = routed / max(plain, layout.expert * layout.pipeline)
        held = total / chips if layout.sharded else dense + experts
        state = WEIGHT_BYTES * held + OPTIMISER_STATE_BYTES * total / chips
        tokens = layout.micro_batch * self.sequence / (layout.tensor * layout.context)
        kept = CHECKPOINT_BYTES if layout.recompute else LAYER_BYTES
        activations = tokens * self.hidden * (kept * self.layers + LAYER_BYTES)
        return (state + activations) / 1e9


def training_memory_of(model: Model, sequence: float) -> TrainingMemory:
    """What depends on neither team nor layout."""
    return TrainingMemory(weights_of(model), model.layers, model.hidden, sequence)


def least_memory_gb(model: Model, chips: int, sequence: float) -> float:
    """GB a chip of the leanest layout, see `TrainingMemory.least_gb`."""
    return training_memory_of(model, sequence).least_gb(chips)


def fitting_gb(model: Model, chips: int, sequence: float, layout: TrainingLayout) -> float:
    """GB a chip of a layout, see `TrainingMemory.fitting_gb`."""
    return training_memory_of(model, sequence).fitting_gb(chips, layout)


def sequence_shards(sequence: float) -> int:
    """Chips that share a sequence in the leanest layout."""
    return max(SEQUENCE_SHARDS, int(sequence / SHARD_TOKENS))


def leanest(chips: int, sequence: float, batch_tokens: float) -> TrainingLayout:
    """That layout: each sequence split over chips, everything else sharded over all of them."""
    return TrainingLayout(
        context=min(chips, sequence_shards(sequence)), recompute=True, sharded=True, batch_tokens=batch_tokens
    )
