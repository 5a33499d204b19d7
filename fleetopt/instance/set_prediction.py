"""Prediction options on their own, for commands that have no instance: `prediction.x=y` and nothing else."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import ValidationError

from fleetopt.errors import InputError, Issue
from fleetopt.instance import overrides, translate
from fleetopt.instance.located import Lines, issues
from fleetopt.instance.prediction_options import PredictionOptions

SECTION = "prediction"


def options_with(texts: Sequence[str]) -> tuple[PredictionOptions, tuple[str, ...]]:
    """The calibrated options with the changes asked for, and the log of these. Raises InputError for what is wrong."""
    asked = overrides.parse(texts)
    for one in asked:
        if not one.path.startswith(SECTION + "."):
            hint = "try prediction.engine=vllm, or prediction.usable_memory=0.85"
            raise InputError([Issue(one.place.file, one.place.line, one.path, "is no option of prediction", hint)])
    changes = overrides.apply({SECTION: {}}, asked)
    lines = Lines(changes.places, overrides.SOURCE)
    found = list(changes.findings)
    try:
        options = PredictionOptions.model_validate(changes.data[SECTION])
    except ValidationError as error:
        complaints = translate.findings(error, PredictionOptions)
        found += [replace(finding, path=(SECTION, *finding.path)) for finding in complaints]
    if found:
        raise InputError(issues(found, changes.data, lines))
    return options, changes.log
