"""Calibrated or modelled: whether measurements of the vendor's chips stand behind a prediction."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders import GPU_CHIP, SRAM

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction import basis
from fleetopt.prediction.basis import basis_of

BAND = {"metric": "tpot_ms", "mode": "serving", "vendor": "Acme", "rows": 12, "sources": 2}


@pytest.fixture
def bands(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """A calibration with bands of the test's own."""
    found: list[dict[str, Any]] = []
    constants = basis.calibration()["constants"]
    monkeypatch.setattr(basis, "_measured_vendors", basis._measured_vendors.__wrapped__)
    monkeypatch.setattr(basis, "calibration", lambda: {"constants": constants, "bands": found})
    yield found


def chip(**fields: Any) -> Chip:
    return Chip.model_validate({**GPU_CHIP, **fields})


def test_a_vendor_with_rows_is_calibrated(bands: list[dict[str, Any]]) -> None:
    """A band of the vendor's own, whatever its case; one of any vendor, or without rows, is none of its own."""
    assert basis_of(chip(), PredictionOptions()) == "modelled"
    bands.extend([{**BAND, "vendor": "any"}, {**BAND, "rows": 0}])
    assert basis_of(chip(), PredictionOptions()) == "modelled"
    bands.append(BAND)
    assert basis_of(chip(), PredictionOptions()) == "calibrated"
    assert basis_of(chip(vendor="other"), PredictionOptions()) == "modelled"


def test_serving_and_training_are_calibrated_apart(bands: list[dict[str, Any]]) -> None:
    """Rows of serving say nothing of training, and the reverse."""
    bands.append(BAND)
    assert basis_of(chip(), PredictionOptions(), training=True) == "modelled"
    bands.append({**BAND, "metric": "mfu"})
    assert basis_of(chip(), PredictionOptions(), training=True) == "calibrated"


def test_dataflow_machines_and_constants_of_ones_own_are_modelled(bands: list[dict[str, Any]]) -> None:
    """SRAM machines have constants of their own, and a planner's constant is no longer the calibration's."""
    bands.extend([BAND, {**BAND, "vendor": "waferco"}, {**BAND, "metric": "mfu"}])
    assert basis_of(Chip.model_validate(SRAM["chip"]), PredictionOptions()) == "modelled"
    own = PredictionOptions(gemm_efficiency=0.99)
    assert basis_of(chip(), own) == "modelled"
    assert basis_of(chip(), own, training=True) == "calibrated"
    assert basis_of(chip(), PredictionOptions(max_utilisation=0.5, percentile="p90")) == "calibrated"
