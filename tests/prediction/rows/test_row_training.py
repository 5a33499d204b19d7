"""Training rows: metrics, fine-tuning, layouts, and models that no table has."""

import pytest
from rowcase import training_row

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.answers import Answer
from fleetopt.prediction.rows.drawn import drawn
from fleetopt.prediction.rows.fields import CannotPredictError
from fleetopt.prediction.rows.tables import chip_named, model_named
from fleetopt.prediction.rows.training import predict_training
from fleetopt.prediction.training import chip_seconds_per_token, flop_per_token
from fleetopt.prediction.types import TrainingLayout
from fleetopt.prediction.weights import weights_of

OPTIONS = PredictionOptions()


def answer(**changes: str) -> Answer:
    """The answer to the training row with changes."""
    return predict_training(training_row(**changes), OPTIONS)


def test_three_metrics_of_one_run() -> None:
    """TFLOP/s are tokens x FLOP a token: 6 x 7.505e9 + 3 x 4 x 32 x 4096 x 4096; MFU in per cent of 989."""
    model, chip = model_named("Llama-3.1-8B"), chip_named("H100-SXM")
    assert model is not None and chip is not None
    layout = TrainingLayout(batch_tokens=1024 * 8192)
    tokens = 1 / chip_seconds_per_token(model, chip, 64, "bf16", 8192, layout, OPTIONS.training)
    flop = 6 * 7_504_658_432 + 3 * 4 * 32 * 4096 * 4096
    assert flop_per_token(model, 8192) == flop
    assert answer().value == pytest.approx(tokens)
    assert answer(metric="model_tflops_per_chip").value == pytest.approx(tokens * flop / 1e12)
    assert answer(metric="mfu").value == pytest.approx(100 * tokens * flop / 989e12)


def test_adapters_do_two_thirds_of_the_work() -> None:
    """LoRA needs no gradients of weights: half as many tokens again at the same TFLOP/s; SFT is as pre-training."""
    plain, lora = answer().value, answer(model="Llama-3.1-8B (LoRA)").value
    assert lora == pytest.approx(1.5 * plain)
    assert answer(model="llama-3.1-8b (sft)").value == plain
    flops = answer(metric="model_tflops_per_chip").value
    assert answer(metric="model_tflops_per_chip", model="Llama-3.1-8B (LoRA)").value == pytest.approx(flops)


def test_an_open_layout_is_the_fastest() -> None:
    """With no word of parallelism the note says which layout was taken; no stated one is faster."""
    free = answer(tp="", pp="", cp="", fsdp="")
    assert "best layout taken" in free.note
    for tp in ("1", "2", "4", "8"):
        assert answer(tp=tp, act_ckpt="True").value <= free.value * (1 + 1e-12)


def test_stated_layouts_have_their_price() -> None:
    """Recomputation, a pipeline's bubble and tensor collectives each cost speed; virtual stages win some back."""
    plain = answer().value
    assert answer(act_ckpt="True").value < plain
    assert answer(tp="8").value < plain
    piped = answer(pp="8", global_batch_seqs="128").value
    assert answer(pp="8", vp="4", global_batch_seqs="128").value > piped


def test_the_first_of_two_variants_counts() -> None:
    """`1 (2)` is 1: what stands in brackets belongs to another run."""
    assert answer(tp="1 (2)", pp="1 (4)", vp="1 (5)", fsdp="64 (0)").value == answer(fsdp="64").value


def test_a_blank_precision_is_the_released_one() -> None:
    """DeepSeek-V3 was released in fp8, and the note says so; `nan` is a blank."""
    found = answer(model="DeepSeek-V3", precision="nan", n_chips="1024")
    assert "weights taken as released, in fp8" in found.note
    assert found.value == answer(model="DeepSeek-V3", precision="FP8 (e4m3)", n_chips="1024").value


def test_other_models_are_drawn_from_their_parameters() -> None:
    """A 462B model that no table has: FLOP a token are 6 x its parameters and attention, within a thousandth."""
    found = answer(model="GPT-462B", params="4.62e11", active_params="", n_chips="6144", tp="8", pp="16")
    assert "model drawn from 4.62e+11 parameters" in found.note
    model = drawn(4.62e11, 4.62e11)
    assert weights_of(model).matmul_active == pytest.approx(4.62e11, rel=1e-3)
    assert model.hidden == pytest.approx(128 * model.layers, rel=0.05)


@pytest.mark.parametrize(("total", "active"), [(8e9, 8e9), (1e9, 1e9), (47e9, 13e9), (671e9, 37e9)])
def test_drawn_models_have_the_parameters_asked_for(total: float, active: float) -> None:
    """Active parameters within 1 %, all of them within 5 %: the number of experts is whole."""
    weights = weights_of(drawn(total, active))
    assert weights.matmul_active == pytest.approx(active, rel=0.01)
    assert weights.total - weights.embedding == pytest.approx(total, rel=0.05)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": ""}, "model is blank"),
        ({"chip": ""}, "chip is blank"),
        ({"seq_len": ""}, "seq_len is blank"),
        ({"seq_len": "0"}, "seq_len is less than 1"),
        ({"metric": ""}, "metric is blank"),
        ({"metric": "loss"}, "metric 'loss' is not one of"),
        ({"model": "Mine", "params": ""}, "model 'Mine' is not known and params is blank"),
        ({"model": "Mine", "params": "7"}, "are no language model's"),
        ({"model": "Mine", "params": "1e9", "active_params": "2e9"}, "are no language model's"),
        ({"precision": "fp3"}, "precision 'fp3' is not known"),
        ({"n_chips": "", "tp": "", "pp": "", "cp": ""}, "n_chips is blank"),
        ({"n_chips": "8", "tp": "8", "pp": "2"}, "8 chips cannot hold tp x pp x cp"),
    ],
)
def test_refusals(changes: dict[str, str], reason: str) -> None:
    """What is blank, not known or not possible has a reason."""
    with pytest.raises(CannotPredictError) as error:
        answer(**changes)
    assert reason in str(error.value)
