"""Rows of every kind of machine: figures that stand in order and within physics."""

import math
import random

import pytest
from rowcase import row, training_row

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.serving import MODES
from fleetopt.prediction.rows.table import predicted_rows
from fleetopt.prediction.rows.tables import chip_named, chip_names, model_named, model_names
from fleetopt.prediction.weights import weights_of

OPTIONS = PredictionOptions()
OPEN = {"tp": "", "pp": "", "ep": "", "dp": "", "weight_precision": "", "kv_precision": ""}
RATE = "output_tokens_per_s"


def figure(kind: str = "serving", **changes: str) -> tuple[float | None, str]:
    """The answer to one row; None with the reason where there is none."""
    made = row(**changes) if kind == "serving" else training_row(**changes)
    (found,) = predicted_rows([made], kind, OPTIONS)
    return (float(found["predicted"]) if found["predicted"] else None), found["model_note"]


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_chip_meets_models_of_every_kind(mode: str) -> None:
    """Each chip on 8 with models that take turns: a finite figure above 0, or memory or limits as the reason.

    Over all modes every chip meets ten models and every model thirteen chips.
    """
    models, metric = model_names(), "decode_tokens_per_s_per_chip" if mode == "decode_only" else RATE
    shift = sorted(MODES).index(mode)
    said = {**OPEN, "mode": mode, "metric": metric, "n_chips": "8", "concurrency_or_batch": "16"}
    for number, chip in enumerate(chip_names()):
        name = models[(number * 7 + shift * 5) % len(models)]
        value, note = figure(**said, chip=chip, model=name)
        if value is None:
            known = ("exceed the memory", "cannot be met", "no network link", "no link between")
            assert any(reason in note for reason in known), (chip, name, note)
        else:
            assert 0 < value < math.inf, (chip, name)


@pytest.mark.parametrize("chip", chip_names())
def test_no_chip_beats_its_data_sheet(chip: str) -> None:
    """One request of Llama-2-7B on 8 chips: no token sooner than its weights are read, no prompt than its FLOPs."""
    machine, model = chip_named(chip), model_named("Llama-2-7B")
    assert machine is not None
    assert model is not None
    said = {**OPEN, "chip": chip, "model": "Llama-2-7B", "n_chips": "8", "tp": "8", "weight_precision": "int8"}
    tpot, _ = figure(**said, metric="tpot_ms")
    read_gb = (weights_of(model).total - 2 * weights_of(model).embedding) / 1e9
    assert tpot is not None
    assert tpot / 1e3 >= read_gb / (8 * machine.memory_gb_s)
    prompt, _ = figure(**said, metric="ttft_ms", isl="2000")
    peak = max(machine.dense_tflops.fp8 or 0.0, machine.dense_tflops.bf16)
    assert prompt is not None
    assert prompt / 1e3 >= 2 * read_gb * 1e9 * 2000 / (8 * peak * 1e12)


@pytest.mark.parametrize("model", ["llama-3.1-70b", "deepseek-r1", "gpt-oss-120b", "qwen3.5-397b-a17b"])
@pytest.mark.parametrize("chip", ["H200-SXM", "MI355X", "TPUv7x", "Trainium2", "Gaudi2"])
def test_figures_stand_in_order(chip: str, model: str) -> None:
    """More requests at once never serve less nor faster each; longer prompts, longer contexts never come sooner."""
    said = {**OPEN, "chip": chip, "model": model, "n_chips": "16", "mode": "serving", "weight_precision": "fp8"}
    counts = ("1", "4", "16", "64", "256", "1024")
    rates = [figure(**said, metric=RATE, concurrency_or_batch=count)[0] for count in counts]
    assert rates == sorted(rates, key=lambda rate: rate or 0.0)
    gaps = [figure(**said, metric="tpot_ms", concurrency_or_batch=count)[0] for count in counts]
    assert gaps == sorted(gaps, key=lambda gap: gap or 0.0)
    alone = {**said, "mode": "static_batch"}
    for metric, longer in (("ttft_ms", ("100", "1000", "10000", "100000")), ("tpot_ms", ("100", "10000", "100000"))):
        times = [figure(**alone, metric=metric, isl=length)[0] for length in longer]
        assert None not in times
        assert times == sorted(times, key=lambda each: each or 0.0), metric


@pytest.mark.parametrize(
    "precision", ["NVFP4", "MXFP4 (experts)", "W4A16 (AWQ)", "Q4_K_M", "INT8", "FP8 (e4m3)", "BF16"]
)
def test_formats_of_other_engines(precision: str) -> None:
    """Names in any case with remarks in brackets; the narrower the weights, the sooner a lone token."""
    value, _ = figure(weight_precision=precision, kv_precision="FP16 (paged)", engine="LMDeploy 0.9")
    wide, _ = figure(weight_precision="bf16")
    assert value is not None
    assert wide is not None
    assert value <= wide


def test_models_that_nobody_named_are_trained() -> None:
    """Drawn from parameters: more active ones train slower; a mixture slower than a dense model of its active ones."""
    said = {"model": "MyModel-9000 (SFT)", "n_chips": "256", "tp": "", "pp": "", "fsdp": "", "seq_len": "4096"}
    small, _ = figure("training", **said, params="8e9", active_params="8e9")
    large, _ = figure("training", **said, params="70e9", active_params="70e9")
    mixture, _ = figure("training", **said, params="70e9", active_params="8e9")
    assert small is not None
    assert large is not None
    assert mixture is not None
    assert small > mixture > large
    tuned, _ = figure("training", **{**said, "model": "MyModel-9000 (LoRA)"}, params="8e9", active_params="8e9")
    assert tuned == pytest.approx(1.5 * small, rel=1e-5)


@pytest.mark.parametrize("chip", chip_names())
def test_training_never_beats_its_peak(chip: str) -> None:
    """MFU lies between 0 and 100 % on every chip, in every format, for short and long sequences, layouts open."""
    said = {"chip": chip, "n_chips": "128", "tp": "", "pp": "", "cp": "", "fsdp": "", "metric": "mfu"}
    for precision, length in (("bf16", "2048"), ("fp8", "8192"), ("bf16", "131072")):
        value, note = figure("training", **said, precision=precision, seq_len=length)
        assert value is not None, note
        assert 0 < value < 100, (precision, length)


def test_blank_cells_are_taken_or_refused_in_words() -> None:
    """Any cells of a row may be blank: a figure, or a reason that names a column or what does not fit."""
    chance = random.Random(4)
    for _ in range(300):
        made = row(mode=chance.choice(sorted(MODES)), metric=chance.choice(["ttft_ms", "tpot_ms", RATE]))
        for column in chance.sample(sorted(made), chance.randint(1, 5)):
            made[column] = ""
        (found,) = predicted_rows([made], "serving", OPTIONS)
        if found["predicted"]:
            assert 0 < float(found["predicted"]) < math.inf
        else:
            assert found["model_note"].startswith("not predicted: ")
