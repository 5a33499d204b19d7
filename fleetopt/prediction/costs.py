"""What the parts of a pass cost beyond the data sheet: fitted once, the same for every chip of a kernel library.

A pass is counted as a `Load`: the time each part would take at the data sheet's rate, and how often each overhead
occurs. A `Costs` has the same fields: how many times longer each part takes in practice, and the seconds of each
overhead. The time of a pass is their product, summed: parts do not hide behind each other, which fits measurements
better than the larger of reading and computing (docs/prediction.md), and no pass beats its data sheet.
"""

from typing import NamedTuple

from fleetopt.instance.prediction_options import EngineCosts, LibraryCosts, PredictionOptions
from fleetopt.instance.systems import Chip


class Terms(NamedTuple):
    """One number for each part of a pass."""

    weights: float = 0.0
    """Reading weights."""
    kv: float = 0.0
    """Reading the KV cache."""
    activations: float = 0.0
    """Reading activations once a layer."""
    bf16: float = 0.0
    """Matrix arithmetic on weights in bf16, fp32 included."""
    fp8: float = 0.0
    """... in fp8 or int8."""
    fp4: float = 0.0
    """... in fp4."""
    widened: float = 0.0
    """... on weights narrower than the chip can multiply, widened to bf16 on the way."""
    expert_bf16: float = 0.0
    """The same four for routed experts, whose tokens are spread over many small matrices."""
    expert_fp8: float = 0.0
    expert_fp4: float = 0.0
    expert_widened: float = 0.0
    attention: float = 0.0
    """Attention arithmetic, in bf16."""
    link: float = 0.0
    """Bytes of collectives."""
    reductions: float = 0.0
    """All-reduces."""
    exchanges: float = 0.0
    """All-to-alls."""
    hops: float = 0.0
    """Activations handed to the next pipeline stage."""
    layers: float = 0.0
    expert_layers: float = 0.0
    sequences: float = 0.0
    """Sequences that get a token: sampling and bookkeeping."""
    steps: float = 0.0


Load = Terms
"""A pass on the slowest chip: seconds at the data sheet's rates, and counts."""
Costs = Terms
"""Slowdowns against the data sheet (at least 1), and seconds for each count."""


def seconds(load: Load, costs: Costs) -> float:
    """Time of a pass."""
    return sum([amount * cost for amount, cost in zip(load, costs, strict=True)])


def costs_of(chip: Chip, options: PredictionOptions) -> Costs:
    """Costs on a chip under the engine that the options name."""
    library = options.libraries.get(chip.vendor, LibraryCosts())
    engine = options.engines.get(options.engine, EngineCosts())
    memory = options.memory_efficiency * library.memory_factor
    gemm = options.gemm_efficiency * library.gemm_factor * engine.gemm_factor
    bf16, expert = 1 / gemm, 1 / (gemm * options.expert_gemm_factor)
    fp8, fp4, widened = options.fp8_gemm_factor, options.fp4_gemm_factor, options.widened_gemm_factor
    dataflow = chip.memory_kind == "SRAM"
    overhead = engine.overhead_factor
    return Costs(
        weights=1 / memory,
        kv=1 / (options.kv_efficiency * library.memory_factor),
        activations=options.activation_passes,
        bf16=bf16,
        fp8=bf16 / fp8,
        fp4=bf16 / fp4,
        widened=bf16 / widened,
        expert_bf16=expert,
        expert_fp8=expert / fp8,
        expert_fp4=expert / fp4,
        expert_widened=expert / widened,
        attention=1 / (options.attention_efficiency * library.gemm_factor * engine.gemm_factor),
        link=1 / options.link_efficiency,
        reductions=0.0 if dataflow else options.allreduce_s,
        exchanges=0.0 if dataflow else options.allreduce_s * options.alltoall_factor,
        hops=options.allreduce_s,
        layers=options.dataflow_layer_s if dataflow else options.layer_s * overhead,
        expert_layers=0.0 if dataflow else options.expert_layer_s * overhead,
        sequences=0.0 if dataflow else options.sequence_s * overhead,
        steps=options.dataflow_step_s if dataflow else options.step_s * overhead,
    )
