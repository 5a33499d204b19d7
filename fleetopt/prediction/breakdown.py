"""Where the time of a pass goes, in parts that people know by name."""

from collections.abc import Mapping

from fleetopt.instance.models import Model, Precision
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.costs import Costs, Load
from fleetopt.prediction.training_step import bubble, idle, parts, training_step_of, waiting
from fleetopt.prediction.types import TrainingLayout

PARTS: Mapping[str, tuple[str, ...]] = {
    "reading weights": ("weights",),
    "reading KV": ("kv",),
    "arithmetic": (
        "bf16", "fp8", "fp4", "widened", "expert_bf16", "expert_fp8", "expert_fp4", "expert_widened",
    ),
    "attention": ("attention",),
    "activations": ("activations",),
    "collectives": ("link", "reductions", "exchanges", "hops"),
    "overhead": ("layers", "expert_layers", "sequences", "steps"),
}  # fmt: skip
"""Parts of a serving pass, and the terms each sums up."""


def pass_parts_s(load: Load, costs: Costs) -> dict[str, float]:
    """Seconds of each part of a pass; they add up to its time."""
    each = {name: amount * cost for name, amount, cost in zip(load._fields, load, costs, strict=True)}
    return {part: sum(each[name] for name in names) for part, names in PARTS.items()}


def training_parts_s(
    model: Model, chip: Chip, chips: int, precision: Precision, sequence: float, layout: TrainingLayout,
    options: PredictionOptions,
) -> dict[str, float]:  # fmt: skip
    """Chip-seconds a token of each part of a training step; they add up to its time."""
    step = training_step_of(model, chip, precision, sequence)
    each = parts(step.load(chips, layout), step.kind, chip.vendor, options.training)
    work = sum(each)
    stalled = work * bubble(chips, sequence, layout)
    unused = (work + stalled) * (idle(chips, sequence, layout) - 1)
    return {
        "arithmetic": each.matmul + each.experts,
        "attention": each.attention,
        "activations": each.activations,
        "collectives": each.tensor_link + each.expert_link + each.context_link,
        "weights and gradients": each.shard_link,
        "optimiser": each.optimiser,
        "overhead": each.layers + each.expert_layers,
        "pipeline bubble": stalled,
        "chips without a sequence": unused,
        "slower chips": (work + stalled + unused) * waiting(chips, options.training),
    }
