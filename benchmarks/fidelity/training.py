"""Calibration rows of training: constants fitted with the predictor itself, for it is quick enough."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from fit import CLOSE, Constant
from scipy.optimize import least_squares

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.fields import CannotPredictError
from fleetopt.prediction.rows.training import predict_training

SHRINKAGE = 0.06
"""As in `fit`."""
CONSTANTS: Mapping[str, Constant] = {
    "gemm_efficiency": Constant(0.75, 0.3, 0.95, "Best measured bf16 products: 0.78 of peak on B200, 0.80 on H100."),
    "fp8_gemm_factor": Constant(0.8, 0.4, 1.0, "Scaling and conversion; some products stay in bf16."),
    "fp4_gemm_factor": Constant(0.6, 0.2, 1.0, "Gradients stay in a wider format."),
    "expert_gemm_factor": Constant(0.35, 0.1, 1.0, "Uneven routing, small matrices, permutation of tokens."),
    "attention_efficiency": Constant(0.6, 0.1, 0.75, "FlashAttention-3 reaches 0.75 of peak forward on H100, less backward."),
    "activation_passes": Constant(
        300.0, 30.0, 3000.0, "Korthikanti et al. 2022 count 34 bytes a token and unit of width forward; backward and optimiser more."
    ),
    "tensor_exposed": Constant(0.3, 0.03, 3.0, "Partly hidden behind products; the link's efficiency is in it."),
    "expert_exposed": Constant(0.5, 0.05, 5.0, "All-to-alls are harder to hide."),
    "context_exposed": Constant(0.3, 0.03, 3.0, "Exchanged in a ring beside attention, which hides part of it."),
    "shard_exposed": Constant(0.05, 0.005, 0.5, "Gathers are prefetched a layer ahead."),
    "layer_s": Constant(1e-4, 1e-5, 1e-3, "Kernel launches forward and backward."),
    "expert_layer_s": Constant(2e-4, 2e-5, 2e-3, "Routing and more kernels."),
    "spread": Constant(0.01, 0.001, 0.1, "The slowest chip sets the pace."),
}  # fmt: skip


def read_training(path: Path) -> list[dict[str, str]]:
    """Every row of a file of measurements."""
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def is_tuned(rows: list[dict[str, str]]) -> np.ndarray:
    """Fine-tuning rows: judged apart, not fitted."""
    return np.array(["(" in row["model"] for row in rows])


def no_format(rows: list[dict[str, str]]) -> np.ndarray:
    """Rows that do not say their format: predicted in the format the weights were released in, not fitted."""
    return np.array([row["precision"].strip().lower() in ("", "nan") for row in rows])


def predicted(rows: list[dict[str, str]], options: PredictionOptions) -> np.ndarray:
    """Each row's answer; nan where refused."""
    return np.array([_one(row, options) for row in rows])


def _one(row: dict[str, str], options: PredictionOptions) -> float:
    try:
        return predict_training(row, options).value
    except CannotPredictError:
        return float("nan")


def with_training(values: Mapping[str, float], base: PredictionOptions | None = None) -> PredictionOptions:
    """Prediction options with these training constants."""
    base = base or _DEFAULTS
    return base.model_copy(update={"training": base.training.model_copy(update=dict(values))})


_DEFAULTS = PredictionOptions()


def fit_training(
    rows: list[dict[str, str]], chosen: np.ndarray, start: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Constants that fit the chosen rows best, fine-tuning and rows without a format left out; `start` as in `fit`."""
    use = [row for row, one in zip(rows, chosen & ~is_tuned(rows) & ~no_format(rows), strict=True) if one]
    logs = np.log([float(row["value"]) for row in use])
    sources, counts = np.unique([row["source"] for row in use], return_counts=True)
    share = dict(zip(sources, 1 / counts, strict=True))
    weights = np.sqrt([share[row["source"]] for row in use])
    names, priors = list(CONSTANTS), np.log([c.prior for c in CONSTANTS.values()])
    low, high = np.log([c.low for c in CONSTANTS.values()]), np.log([c.high for c in CONSTANTS.values()])

    def residuals(x: np.ndarray) -> np.ndarray:
        off = (np.log(predicted(use, with_training(dict(zip(names, np.exp(x), strict=True))))) - logs) / CLOSE
        near_absolute = np.sign(off) * np.sqrt(2 * (np.sqrt(1 + off**2) - 1)) * CLOSE
        return np.concatenate([weights * near_absolute, SHRINKAGE * (x - priors)])

    first = priors if start is None else np.log([start[name] for name in names])
    found = least_squares(residuals, np.clip(first, low, high), bounds=(low - 1e-9, high + 1e-9), max_nfev=40)
    return dict(zip(names, (float(f"{value:.3g}") for value in np.exp(found.x)), strict=True))
