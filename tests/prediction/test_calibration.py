"""The calibrated constants against the published measurements, where ../shared/data/perf is present."""

import csv
from pathlib import Path
from statistics import median

import pytest

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.table import predicted_rows

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "perf"
pytestmark = pytest.mark.skipif(
    not (DATA / "serving_calibration.csv").exists(), reason="../shared/data/perf/serving_calibration.csv is absent"
)


def errors_by_source(kind: str) -> dict[str, list[float]]:
    """Absolute errors of every row but queued TTFT; a row without a figure counts as 100 % wrong."""
    with (DATA / f"{kind}_calibration.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    errors: dict[str, list[float]] = {}
    for row in predicted_rows(rows, kind, PredictionOptions()):
        if (row.get("mode"), row["metric"]) == ("serving", "ttft_ms"):
            continue
        error = abs(float(row["predicted"]) / float(row["value"]) - 1) if row["predicted"] else 1.0
        errors.setdefault(row["source"], []).append(error)
    return errors


@pytest.mark.parametrize(("kind", "gate"), [("serving", 0.18), ("training", 0.12)])
def test_the_median_error_is_within_its_gate(kind: str, gate: float) -> None:
    """The median over sources of each source's median error: at most 18 % in serving, 12 % in training."""
    sources = {source: median(errors) for source, errors in errors_by_source(kind).items()}
    assert median(sources.values()) <= gate, sources


def test_no_source_of_many_rows_is_far_off() -> None:
    """The median error of every source with 30 rows or more is below 50 %."""
    for kind in ("serving", "training"):
        for source, errors in errors_by_source(kind).items():
            assert len(errors) < 30 or median(errors) < 0.5, source
