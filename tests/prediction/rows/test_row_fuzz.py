"""Whatever a row holds, the answer is a figure or a reason."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rowcase import SERVING, TRAINING

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.answers import METRICS
from fleetopt.prediction.rows.serving import MODES
from fleetopt.prediction.rows.table import predicted_rows
from fleetopt.prediction.rows.tables import chip_names, model_names
from fleetopt.prediction.rows.training import METRICS as TRAINING_METRICS

OPTIONS = PredictionOptions()
ODD = st.sampled_from(
    ["", "0", "1", "2", "3", "8", "16", "64", "512", "1024", "1e9", "9e11", "-1", "0.5", "1e-9", "1e400", "nan", "inf",
     "max(in-flight)", "1 (2)", "((", "١", "\x00", "1_000", "none"]
)  # fmt: skip
NAMES = {
    "chip": st.sampled_from(chip_names()),
    "model": st.sampled_from(model_names()),
    "weight_precision": st.sampled_from(["", "fp8", "fp4", "int4", "bf16", "fp32"]),
    "kv_precision": st.sampled_from(["", "fp8", "bf16"]),
    "precision": st.sampled_from(["", "fp8", "fp4", "bf16"]),
    "mode": st.sampled_from(sorted(MODES)),
}


def rows(base: dict[str, str], metrics: tuple[str, ...]) -> st.SearchStrategy[dict[str, str]]:
    """Rows whose fields are plausible, odd, or any text, and may be absent."""
    fields = {
        column: st.one_of(NAMES.get(column, ODD), st.just(value), ODD, st.text(max_size=20))
        for column, value in base.items()
    }
    fields["metric"] = st.one_of(st.sampled_from(metrics), st.text(max_size=9))
    return st.fixed_dictionaries({}, optional=fields).map(lambda found: {**base, **found})


def judge(row: dict[str, str], kind: str) -> None:
    """A finite positive figure, or none and a printable reason; the row's own columns stay."""
    (found,) = predicted_rows([row], kind, OPTIONS)
    assert found["model_note"].isprintable()
    assert {k: v for k, v in found.items() if k not in ("predicted", "model_note")} == row
    if found["predicted"]:
        assert 0 < float(found["predicted"]) < math.inf
    else:
        assert found["model_note"].startswith("not predicted: ")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(row=rows(SERVING, tuple(METRICS)))
def test_any_serving_row(row: dict[str, str]) -> None:
    """No content of a serving row ends in a traceback."""
    judge(row, "serving")


@settings(max_examples=300, deadline=None)
@given(row=rows(TRAINING, TRAINING_METRICS))
def test_any_training_row(row: dict[str, str]) -> None:
    """No content of a training row ends in a traceback."""
    judge(row, "training")


@pytest.mark.parametrize("kind", ["serving", "training"])
def test_a_row_of_nothing(kind: str) -> None:
    """A row without any column is refused in words."""
    judge({}, kind)
