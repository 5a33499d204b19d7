"""Errors: by group, with each group left out of the fit, and against the gates of the design."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

Floats = np.ndarray
GATES: Mapping[str, float] = {
    "calibration": 0.18, "unseen chips": 0.20, "unseen model families": 0.25, "unseen sources": 0.28,
    "first token of batch 1 and static batches": 0.20, "training": 0.12, "training, unseen chips": 0.15,
    "training, unseen model families": 0.15, "training, unseen sources": 0.15, "fine-tuning": 0.30,
}  # fmt: skip
"""Highest median error, as the median over sources of each source's median; a refused row counts as wrong by 100 %."""


def errors(predicted: Floats, measured: Floats) -> Floats:
    """Absolute error as a share of the measurement; 1 where there is no prediction."""
    return np.where(np.isnan(predicted), 1.0, np.abs(predicted / measured - 1))


def over_sources(error: Floats, source: Floats) -> float:
    """Median over sources of each source's median, so that one table does not decide."""
    return float(pd.Series(error).groupby(pd.Series(source)).median().median())


def left_out(
    groups: Floats, chosen: Floats, measured: Floats, fitted: Callable[[Floats], Callable[[], Floats]]
) -> Floats:
    """Errors of the chosen rows, each predicted by a fit that saw nothing of its group."""
    found = np.full(len(groups), np.nan)
    for group in np.unique(groups[chosen]):
        out = groups == group
        predict = fitted(chosen & ~out)
        found[out] = errors(predict(), measured)[out]
    return found


def table(frame: pd.DataFrame, by: list[str]) -> str:
    """Rows, median error and median ratio of predicted to measured, by group, as a Markdown table."""
    grouped = frame.groupby(by, sort=True).agg(
        rows=("error", "size"), error=("error", "median"), ratio=("ratio", "median"), refused=("ratio", lambda r: r.isna().sum())
    )  # fmt: skip
    lines = [f"| {', '.join(by)} | rows | median error | predicted / measured | refused |", "|---|---|---|---|---|"]
    for index, row in grouped.iterrows():
        name = ", ".join(str(part) for part in (index if isinstance(index, tuple) else (index,)))
        ratio = f"{row.ratio:.2f}" if row.ratio == row.ratio else "–"
        lines.append(f"| {name} | {int(row.rows)} | {row.error:.1%} | {ratio} | {int(row.refused)} |")
    return "\n".join(lines)


def families(models: Floats) -> Floats:
    """The family of each model: what stands before its first version or size."""
    return np.array([family(model) for model in models])


def family(model: str) -> str:
    """`Llama-3.1-70B` and `Llama-2-7B` are one family; Qwen's generations are not, their architectures differ."""
    head = model.split("-")[0]
    if model.startswith("gpt-oss"):
        return "gpt-oss"
    return "Mistral" if head in ("Mistral", "Mixtral") else head
