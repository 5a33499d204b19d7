"""Training: work a token, memory of a team, time of a run."""

import pytest

from fleetopt.instance.models import Model
from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.instance.systems import Chip
from fleetopt.prediction.training import flop_per_token, training_memory_gb, training_point
from fleetopt.prediction.types import Refusal, TrainingPoint


def test_flop_of_a_token(llama_70b: Model) -> None:
    """6 x 69.50e9 + 3 x 4 x 80 x 8192 x 4096 (half of 8,192 tokens) = 417.0e9 + 32.2e9."""
    expected = 6 * (70_552_387_584 - 128256 * 8192) + 12 * 80 * 8192 * 4096
    assert flop_per_token(llama_70b, 8192) == pytest.approx(expected)


def test_time_of_a_run(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """1e24 FLOP on 1,024 chips at 989e12 x 0.42 x 0.92: 2.555e6 s."""
    point = training_point(llama_70b, h100, 1024, "bf16", 1.0, 1e24, 8192, options)
    assert isinstance(point, TrainingPoint)
    assert point.seconds == pytest.approx(1e24 / (1024 * 989e12 * 0.42 * 0.92))
    assert point.flop == 1e24


def test_work_follows_from_tokens(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """Without a given total the run's work is its tokens times the work of one."""
    point = training_point(llama_70b, h100, 1024, "bf16", 1e12, None, 8192, options)
    assert isinstance(point, TrainingPoint)
    assert point.flop == pytest.approx(1e12 * flop_per_token(llama_70b, 8192))


def test_mfu_by_kind_and_format(
    llama_70b: Model, deepseek_v3: Model, h100: Chip, wse3: Chip, options: PredictionOptions
) -> None:
    """fp8 multiplies either constant by its factor against the fp8 peak; a chip without fp8 runs bf16 at bf16's MFU."""

    def mfu(model: Model, chip: Chip, precision: str) -> float:
        point = training_point(model, chip, 4096, precision, 1e12, None, 4096, options)  # type: ignore[arg-type]
        assert isinstance(point, TrainingPoint)
        return point.mfu

    assert mfu(deepseek_v3, h100, "bf16") == options.training_mfu_moe
    assert mfu(llama_70b, h100, "fp8") == pytest.approx(options.training_mfu_dense * options.training_mfu_fp8_factor)
    assert mfu(llama_70b, wse3, "fp8") == options.training_mfu_dense


def test_memory_of_a_small_team_is_short(llama_70b: Model, h100: Chip, options: PredictionOptions) -> None:
    """16 B x 70.55e9 / 8 chips = 141.1 GB + 1024 x 8192 x (160 + 34) B = 1.63 GB exceed 72 GB (T2); 64 chips fit."""
    assert training_memory_gb(llama_70b, 8, 8192) == pytest.approx(141.105 + 1.627, abs=0.01)
    refusal = training_point(llama_70b, h100, 8, "bf16", 1e12, None, 8192, options)
    assert isinstance(refusal, Refusal)
    assert refusal.rule == "T2"
    assert refusal.shortfall == pytest.approx(142.732 / 72 - 1, abs=1e-3)
    assert isinstance(training_point(llama_70b, h100, 64, "bf16", 1e12, None, 8192, options), TrainingPoint)
