"""The fit: few constants, each with a prior, one weight for each source, and a loss near the absolute error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import least_squares, minimize
from serving import Rows

from fleetopt.instance.prediction_options import EngineCosts, LibraryCosts, PredictionOptions

SHRINKAGE = 0.1
"""Weight of a constant's distance from its prior (log ratio) beside the residuals, in which each source counts 1."""
CLOSE = 0.1
"""Log ratio below which a residual counts as its square and beyond which as itself: near the median."""


@dataclass(frozen=True)
class Constant:
    """A constant to fit: where it starts, and what it may be."""

    prior: float
    low: float
    high: float
    why: str
    """Why it exists, and where the prior comes from."""


CONSTANTS: Mapping[str, Constant] = {
    "memory_efficiency": Constant(0.8, 0.3, 0.95, "DRAM refresh and access patterns; streaming kernels reach 0.8 to 0.9."),
    "kv_efficiency": Constant(0.75, 0.3, 0.95, "Paged KV is read in small blocks."),
    "gemm_efficiency": Constant(0.6, 0.2, 0.9, "Best measured bf16 products: 0.78 of peak on B200, 0.80 on H100; layers are smaller."),
    "fp8_gemm_factor": Constant(0.85, 0.5, 1.0, "Scaling and conversion of activations."),
    "fp4_gemm_factor": Constant(0.75, 0.3, 1.0, "Block scales, and power limits at the highest rate."),
    "widened_gemm_factor": Constant(0.8, 0.2, 1.0, "Weights are unpacked to bf16 before each product."),
    "expert_gemm_factor": Constant(0.7, 0.1, 1.0, "Routing is uneven and each expert's matrix small."),
    "attention_efficiency": Constant(0.36, 0.1, 0.9, "Softmax runs beside the products; flash attention reaches 0.4 to 0.7 in prefill."),
    "activation_passes": Constant(6.0, 0.1, 60.0, "Norms, rotary embedding, residual and conversions, partly fused."),
    "link_efficiency": Constant(0.5, 0.1, 0.95, "All-reduce bus bandwidth at the message sizes of serving."),
    "allreduce_s": Constant(9e-6, 1e-6, 4e-5, "Launch and synchronisation of one collective."),
    "alltoall_factor": Constant(1.5, 0.5, 6.0, "Dispatch and combine take more synchronisation than a reduction."),
    "layer_s": Constant(15e-6, 1e-6, 1e-4, "Kernel launches that CUDA graphs do not hide."),
    "expert_layer_s": Constant(15e-6, 1e-6, 2e-4, "Routing, sorting, more kernels."),
    "step_s": Constant(1.5e-3, 1e-4, 1e-2, "Scheduler and Python between steps."),
    "sequence_s": Constant(5e-6, 1e-7, 1e-4, "Sampling and bookkeeping."),
    "prefill_overlap": Constant(0.8, 0.3, 1.0, "Chunks of prompts share their pass with decodes, whose weights are read anyway."),
}  # fmt: skip
PRODUCTS = "Best measured bf16 products of its chips: {} of peak, against 0.786 of NVIDIA's (medians); not fitted."
MEASURED: Mapping[str, tuple[float, str]] = {
    "AMD": (
        0.77,
        PRODUCTS.format("0.604")
        + " The one source of serving has MI300X under an engine of 2024, whose paged attention held it up.",
    ),
    "Intel": (0.94, PRODUCTS.format("0.741")),
}
"""`gemm_factor` of vendors whose matrix products were measured by themselves, in serving and in training."""
LIBRARIES: Mapping[str, Mapping[str, Constant]] = {
    "AWS": {
        "gemm_factor": Constant(1.0, 0.2, 1.3, "NeuronCores run compiled static graphs."),
        "memory_factor": Constant(1.0, 0.3, 1.2, "... and stream weights through software-managed memory."),
    },
}  # fmt: skip
ENGINES: Mapping[str, Mapping[str, Constant]] = {
    name: {"overhead_factor": Constant(1.0, 0.1, 8.0, "An engine's host code between kernels.")}
    for name in ("trtllm", "vllm", "sglang", "llama.cpp", "gpt-fast", "neuron")
}
ENGINES["llama.cpp"]["gemm_factor"] = Constant(1.0, 0.1, 1.2, "Brings its own kernels, written for many makes of chip.")  # type: ignore[index]

Values = Mapping[tuple[str, ...], float]


def every_constant() -> dict[tuple[str, ...], Constant]:
    """All constants by path."""
    found: dict[tuple[str, ...], Constant] = {("constants", name): c for name, c in CONSTANTS.items()}
    for section, table in (("libraries", LIBRARIES), ("engines", ENGINES)):
        found |= {(section, name, field): c for name, fields in table.items() for field, c in fields.items()}
    return found


def options_of(values: Values, base: PredictionOptions | None = None) -> PredictionOptions:
    """Prediction options with these constants."""
    update: dict[str, Any] = {path[1]: value for path, value in values.items() if path[0] == "constants"}
    measured = {vendor: {"gemm_factor": factor} for vendor, (factor, _) in MEASURED.items()}
    for section, kind in (("libraries", LibraryCosts), ("engines", EngineCosts)):
        entries: dict[str, dict[str, float]] = dict(measured) if section == "libraries" else {}
        for path, value in values.items():
            if path[0] == section:
                entries.setdefault(path[1], {})[path[2]] = value
        update[section] = {name: kind(**fields) for name, fields in entries.items()}
    return (base or _DEFAULTS).model_copy(update=update)


_DEFAULTS = PredictionOptions()


def queued_first_token(rows: Rows) -> np.ndarray:
    """Rows whose time to first token is mostly a client's queue: fitted and judged apart."""
    return (rows.column("mode") == "serving") & (rows.column("metric") == "ttft_ms")


def fit(rows: Rows, chosen: np.ndarray, start: Values | None = None) -> dict[tuple[str, ...], float]:
    """Constants that fit the chosen rows best; `start` saves time and changes nothing else."""
    table = every_constant()
    paths, priors = list(table), np.log([c.prior for c in table.values()])
    low, high = np.log([c.low for c in table.values()]), np.log([c.high for c in table.values()])
    known = chosen & rows.complete
    sources, counts = np.unique(rows.column("source")[known], return_counts=True)
    share = dict(zip(sources, 1 / counts, strict=True))
    weights = np.sqrt([share[source] for source in rows.column("source")[known]])
    logs = np.log(rows.measured[known])

    def residuals(x: np.ndarray) -> np.ndarray:
        predicted = rows.predict(options_of(dict(zip(paths, np.exp(x), strict=True))))[known]
        off = (np.log(predicted) - logs) / CLOSE
        near_absolute = np.sign(off) * np.sqrt(2 * (np.sqrt(1 + off**2) - 1)) * CLOSE
        return np.concatenate([weights * near_absolute, SHRINKAGE * (x - priors)])

    first = priors if start is None else np.log([start[path] for path in paths])
    found = least_squares(residuals, np.clip(first, low, high), bounds=(low - 1e-9, high + 1e-9), max_nfev=60)
    return dict(zip(paths, (float(f"{value:.3g}") for value in np.exp(found.x)), strict=True))


def fit_queue(rows: Rows, options: PredictionOptions) -> PredictionOptions:
    """The options with the two constants of a closed loop's first token, least median error in the logarithm."""
    queued = queued_first_token(rows) & np.array([not reason for reason in rows.reasons])
    logs = np.log(rows.measured[queued])

    def with_(x: np.ndarray) -> PredictionOptions:
        return options.model_copy(update={"queue_share": float(np.exp(x[0])), "first_token_s": float(np.exp(x[1]))})

    def off(x: np.ndarray) -> float:
        distance = np.abs(np.log(rows.predict(with_(x))[queued]) - logs)
        return float(np.median(distance) + 0.1 * np.mean(distance))

    starts = [np.log([share, 0.05]) for share in (0.02, 0.06, 0.2)]
    best = min((minimize(off, start, method="Nelder-Mead") for start in starts), key=lambda found: float(found.fun))
    return with_(best.x)
