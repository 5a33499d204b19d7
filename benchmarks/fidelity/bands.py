"""Error bands: how far measurements lie from predictions, by metric, mode and vendor."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

LEAST_ROWS = 30
"""A kind with fewer rows falls back to its metric and mode over all vendors, then to its metric."""


def bands(frame: pd.DataFrame) -> Iterator[dict[str, object]]:
    """p10, p50 and p90 of time measured / time predicted by kind, each source counting the same."""
    known = frame.dropna(subset=["slowness"])
    for by in (["metric", "mode", "vendor"], ["metric", "mode"], ["metric"]):
        for index, group in known.groupby(by, sort=True):
            if len(group) < LEAST_ROWS and by != ["metric"]:
                continue
            kind = dict(zip(by, index, strict=True))
            low, middle, high = weighted_quantiles(group["slowness"].to_numpy(), weights(group), (0.1, 0.5, 0.9))
            yield {
                "metric": kind["metric"],
                "mode": kind.get("mode", "any"),
                "vendor": kind.get("vendor", "any"),
                "rows": len(group),
                "sources": int(group["source"].nunique()),
                "p10": float(f"{low:.3g}"),
                "p50": float(f"{middle:.3g}"),
                "p90": float(f"{high:.3g}"),
            }


def weights(group: pd.DataFrame) -> np.ndarray:
    """One weight a source, spread over its rows."""
    return (1 / group.groupby("source")["source"].transform("size")).to_numpy()


def weighted_quantiles(values: np.ndarray, weight: np.ndarray, at: tuple[float, ...]) -> np.ndarray:
    """Quantiles of values that count by their weights."""
    order = np.argsort(values)
    reached = (np.cumsum(weight[order]) - 0.5 * weight[order]) / weight.sum()
    return np.interp(at, reached, values[order])
