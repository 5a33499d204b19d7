"""Fits the prediction's constants, judges them, and writes what the package carries.

python benchmarks/fidelity [--data FOLDER] [--write] [--quick]

Reads serving_calibration.csv and training_calibration.csv, prints errors by source, chip, model, metric and engine, each
group also left out of the fit, and fails where a gate of the design is missed. `--write` renews
fleetopt/catalog/calibration.yaml, reports/fidelity/ and the table in docs/prediction.md.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import training
from bands import bands
from fit import Values, fit, fit_queue, options_of, queued_first_token
from plot import plot
from publish import calibration_text, in_docs, page
from serving import Rows, read_rows
from validate import GATES, errors, families, left_out, over_sources

ROOT = Path(__file__).parents[2]
GROUPS = {"unseen chips": "chip", "unseen model families": "family", "unseen sources": "source"}


def main() -> int:
    """Fit, judge, print; 1 where a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "perf")
    parser.add_argument("--write", action="store_true", help="renew the calibration that the package carries")
    parser.add_argument("--quick", action="store_true", help="do not leave groups out")
    asked = parser.parse_args()
    if not (asked.data / "serving_calibration.csv").exists():
        print(f"skipped: no measurements in {asked.data}; give their folder with --data")
        return 0
    rows = read_rows(asked.data / "serving_calibration.csv")
    runs = training.read_training(asked.data / "training_calibration.csv")
    values, costs = fit(rows, ~queued_first_token(rows)), training.fit_training(runs, np.ones(len(runs), dtype=bool))
    options = training.with_training(costs, fit_queue(rows, options_of(values)))
    served, trained = (
        serving_frame(rows, rows.predict(options)),
        training_frame(runs, training.predicted(runs, options)),
    )
    scores = {**serving_scores(rows, served), **training_scores(runs, trained)}
    if not asked.quick:
        scores |= unseen_serving(rows, values) | unseen_training(runs, costs)
    text = page(served, trained, scores)
    print(text)
    if asked.write:
        found = list(bands(pd.concat([served, trained], ignore_index=True)))
        target = ROOT / "fleetopt" / "catalog" / "calibration.yaml"
        target.write_text(calibration_text(values, options, costs, found, rows, runs), encoding="utf-8")
        report = ROOT / "reports" / "fidelity"
        report.mkdir(parents=True, exist_ok=True)
        (report / "errors.md").write_text(text + "\n", encoding="utf-8")
        docs = ROOT / "docs" / "prediction.md"
        docs.write_text(in_docs(docs.read_text(encoding="utf-8"), scores), encoding="utf-8")
        plot(served, trained, report / "predicted_against_measured.svg")
    missed = {name: score for name, score in scores.items() if score > GATES[name]}
    for name, score in missed.items():
        print(f"GATE MISSED: {name} {score:.1%}, at most {GATES[name]:.0%}")
    return int(bool(missed))


def serving_frame(rows: Rows, predicted: np.ndarray) -> pd.DataFrame:
    """One line a row: what it is, and how far off."""
    frame = pd.DataFrame(
        {name: rows.column(name) for name in ("source", "chip", "model", "metric", "mode", "weight_precision", "tier")}
    )
    frame["family"] = families(rows.column("model"))
    frame["vendor"] = [vendor for vendor, _ in rows.machines]
    frame["engine"] = [engine for _, engine in rows.machines]
    return judged(frame, predicted, rows.measured, ~frame["metric"].isin(["ttft_ms", "tpot_ms"]))


def training_frame(runs: list[dict[str, str]], predicted: np.ndarray) -> pd.DataFrame:
    """The same for training rows."""
    frame = pd.DataFrame(runs)[["source", "chip", "model", "metric", "precision", "tier"]].copy()
    frame["mode"], frame["engine"] = "training", "training"
    frame["family"], frame["vendor"] = families(frame["model"].to_numpy()), "NVIDIA"
    frame["tuned"] = training.is_tuned(runs)
    measured = np.array([float(row["value"]) for row in runs])
    return judged(frame, predicted, measured, pd.Series(True, index=frame.index))


def judged(frame: pd.DataFrame, predicted: np.ndarray, measured: np.ndarray, rate: pd.Series) -> pd.DataFrame:
    """With error, ratio of predicted to measured, and how much slower than predicted it was."""
    ratio = predicted / measured
    frame["predicted"], frame["measured"] = predicted, measured
    frame["error"], frame["ratio"] = errors(predicted, measured), ratio
    frame["slowness"] = np.where(rate, ratio, 1 / ratio)
    return frame


def serving_scores(rows: Rows, frame: pd.DataFrame) -> dict[str, float]:
    """Errors on the rows fitted to."""
    queued = queued_first_token(rows)
    first = ~queued & (frame["metric"] == "ttft_ms").to_numpy()
    return {
        "calibration": _score(frame[~queued]),
        "first token of batch 1 and static batches": _score(frame[first]),
    }


def training_scores(runs: list[dict[str, str]], frame: pd.DataFrame) -> dict[str, float]:
    """The same for training; fine-tuning apart, which is not fitted."""
    tuned = training.is_tuned(runs)
    return {"training": _score(frame[~tuned]), "fine-tuning": _score(frame[tuned])}


def _score(frame: pd.DataFrame) -> float:
    return over_sources(frame["error"].to_numpy(), frame["source"].to_numpy())


def unseen_serving(rows: Rows, start: Values) -> dict[str, float]:
    """Errors with whole chips, model families and sources left out of the fit, which begins at `start`."""
    chosen, source = ~queued_first_token(rows), rows.column("source")
    of = {"chip": rows.column("chip"), "family": families(rows.column("model")), "source": source}

    def fitted(some: np.ndarray):  # type: ignore[no-untyped-def]
        values = fit(rows, some, start)
        return lambda: rows.predict(options_of(values))

    return {
        name: over_sources(left_out(of[group], chosen, rows.measured, fitted)[chosen], source[chosen])
        for name, group in GROUPS.items()
    }


def unseen_training(runs: list[dict[str, str]], start: dict[str, float]) -> dict[str, float]:
    """The same for training."""
    frame = pd.DataFrame(runs)
    chosen, source = ~training.is_tuned(runs), frame["source"].to_numpy()
    measured = frame["value"].astype(float).to_numpy()
    of = {"chip": frame["chip"].to_numpy(), "family": families(frame["model"].to_numpy()), "source": source}

    def fitted(some: np.ndarray):  # type: ignore[no-untyped-def]
        costs = training.fit_training(runs, some, start)
        return lambda: training.predicted(runs, training.with_training(costs))

    return {
        f"training, {name}": over_sources(left_out(of[group], chosen, measured, fitted)[chosen], source[chosen])
        for name, group in GROUPS.items()
    }


if __name__ == "__main__":
    raise SystemExit(main())
