"""Parts of a pass add up to its time, and every term belongs to one of them."""

import pytest

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.breakdown import PARTS, pass_parts_s, training_parts_s
from fleetopt.prediction.costs import Terms, seconds
from fleetopt.prediction.step import step_of
from fleetopt.prediction.training import chip_seconds_per_token
from fleetopt.prediction.types import Layout, TrainingLayout


def test_every_term_is_in_one_part() -> None:
    """The names of all parts together are the terms, each once."""
    names = [name for part in PARTS.values() for name in part]
    assert sorted(names) == sorted(Terms._fields)


def test_parts_of_a_pass_add_up(deepseek_v3: Model, h100: Chip, options: PredictionOptions) -> None:
    """For a decode step of a mixture of experts over 8 chips."""
    step = step_of(deepseek_v3, h100, "fp8", "bf16", options)
    load = step.decode_load(Layout(8, 1, 8, 8), 64, 4000)
    parts = pass_parts_s(load, step.costs)
    assert sum(parts.values()) == pytest.approx(seconds(load, step.costs))
    assert all(each >= 0 for each in parts.values())


def test_parts_of_a_training_step_add_up(deepseek_v3: Model, h100: Chip) -> None:
    """Bubble and slower chips included."""
    layout, options = TrainingLayout(tensor=2, pipeline=8, expert=32), PredictionOptions()
    parts = training_parts_s(deepseek_v3, h100, 2048, "fp8", 4096, layout, options)
    whole = chip_seconds_per_token(deepseek_v3, h100, 2048, "fp8", 4096, layout, options.training)
    assert sum(parts.values()) == pytest.approx(whole)
    assert parts["pipeline bubble"] > 0
    assert parts["slower chips"] > 0
