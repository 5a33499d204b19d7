"""Engine constants of the prediction, with their defaults (the seven-constant roofline)."""

from pydantic import Field

from fleetopt.instance.base import Section
from fleetopt.units import Seconds, Share


class PredictionOptions(Section):
    """Fitted efficiencies and engine overheads; see docs/prediction.md."""

    memory_efficiency: Share = 0.75
    """Share of memory bandwidth reached when reading weights."""
    kv_efficiency: Share = 0.75
    """Share of memory bandwidth reached when reading KV."""
    gemm_efficiency: Share = 0.55
    """Share of peak matrix rate reached."""
    link_efficiency: Share = 0.42
    """Share of scale-up bandwidth reached by collectives."""
    allreduce_s: Seconds = 11e-6
    """Latency of one all-reduce."""
    layer_s: Seconds = 23e-6
    """Engine overhead a layer."""
    step_s: Seconds = 2.6e-3
    """Engine overhead a step."""
    dataflow_layer_s: Seconds = 17e-6
    """Time a layer takes beyond its arithmetic on SRAM machines, collectives included: no kernel launches, but
    synchronisation and hops. Published token rates imply 8 to 41 microseconds; see docs/prediction.md."""
    dataflow_step_s: Seconds = 50e-6
    """Overhead a step on SRAM machines (an assumption)."""
    prefill_chunk_tokens: float = Field(default=8192.0, ge=1)
    """Most prompt tokens one forward pass takes: longer prompts are prefilled in several."""
    usable_memory: Share = 0.9
    """Share of fast memory an engine may fill with weights and KV."""
    max_utilisation: float = Field(default=0.9, gt=0, lt=1)
    """Highest utilisation planned for, before percentiles (R2)."""
    training_mfu_dense: Share = 0.42
    """Model FLOP utilisation of dense bf16 training."""
    training_mfu_moe: Share = 0.21
    """Model FLOP utilisation of mixture-of-experts bf16 training (fitted to public runs; see docs/prediction.md)."""
    training_mfu_fp8_factor: Share = 0.8
    """Multiplies either in fp8, relative to the fp8 peak."""
    training_goodput: Share = 0.92
    """Share of the time a large run makes progress."""
