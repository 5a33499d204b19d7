"""Predicted against measured, on logarithmic axes: serving by metric, training by metric."""

from pathlib import Path

import matplotlib
import pandas as pd

matplotlib.use("svg")
import matplotlib.pyplot as plt

matplotlib.rcParams["svg.hashsalt"] = "fleetopt"


def plot(served: pd.DataFrame, trained: pd.DataFrame, target: Path) -> None:
    """One panel a kind; the same bytes for the same figures."""
    figure, panels = plt.subplots(1, 2, figsize=(11, 5.2), layout="constrained")
    for panel, frame, title in zip(panels, (served, trained), ("Serving", "Training"), strict=True):
        for metric, group in frame.dropna(subset=["predicted"]).groupby("metric"):
            panel.scatter(group["measured"], group["predicted"], s=5, alpha=0.5, label=metric, rasterized=True)
        ends = [frame["measured"].min() / 2, frame["measured"].max() * 2]
        panel.plot(ends, ends, color="black", linewidth=0.8)
        for factor in (0.5, 2.0):
            panel.plot(ends, [end * factor for end in ends], color="grey", linewidth=0.5, linestyle="--")
        panel.set(xscale="log", yscale="log", xlim=ends, ylim=ends, xlabel="measured", ylabel="predicted", title=title)
        panel.legend(fontsize=7, loc="lower right")
    figure.savefig(target, dpi=110, metadata={"Date": None})
