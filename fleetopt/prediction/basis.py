"""What a figure rests on: own measurements, constants fitted to measurements of its kind, or constants alone.

A prediction is *calibrated* where calibration.yaml has measurements of the vendor's chips (a band of its own) and the
instance leaves the fitted constants as they are. Everything else is *modelled*: vendors nobody measured, dataflow
machines (SRAM), whose constants come from published token rates, constants the planner has set, and speculative
decoding.
"""

from functools import cache
from typing import Literal

from fleetopt.catalog.load import calibration
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip

Basis = Literal["measured", "calibrated", "modelled"]
TRAINING_METRICS = frozenset({"tokens_per_s_per_chip", "model_tflops_per_chip", "mfu"})


def basis_of(chip: Chip, options: PredictionOptions, *, training: bool = False, speculative: bool = False) -> Basis:
    """What predictions of serving or of training on a chip rest on."""
    if chip.memory_kind == "SRAM" or speculative or not _as_fitted(options, training=training):
        return "modelled"
    return "calibrated" if chip.vendor.casefold() in _measured_vendors(training) else "modelled"


@cache
def _measured_vendors(training: bool) -> frozenset[str]:
    """Vendors whose chips the calibration has measurements of."""
    return frozenset(
        str(band["vendor"]).casefold()
        for band in calibration()["bands"]
        if band["rows"] > 0 and (band["metric"] in TRAINING_METRICS) == training
    )


def _as_fitted(options: PredictionOptions, *, training: bool) -> bool:
    """Whether the constants are those of the calibration."""
    fitted = _fitted_options()
    if training:
        return options.training == fitted.training
    return all(getattr(options, name) == getattr(fitted, name) for name in _fitted_names())


@cache
def _fitted_options() -> PredictionOptions:
    return PredictionOptions()


@cache
def _fitted_names() -> tuple[str, ...]:
    """Options of serving that the calibration fits."""
    constants = [name for name in calibration()["constants"] if name in PredictionOptions.model_fields]
    return (*constants, "libraries", "engines")
