"""Every chip and model that row files may name is accepted."""

import csv
from pathlib import Path

import pytest
from rowcase import row, training_row

from fleetopt.instance.prediction_options import PredictionOptions
from fleetopt.prediction.rows.table import kind_of, predicted_rows
from fleetopt.prediction.rows.tables import chip_named, chip_names, model_named, model_names

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "perf"
absent = pytest.mark.skipif(not (DATA / "chips.csv").exists(), reason="../shared/data/perf is absent")


def table(name: str) -> list[dict[str, str]]:
    """A table of the collected measurements."""
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@absent
def test_chips_are_those_of_the_collection() -> None:
    """Every chip by its name in any case, with the figures it was collected with."""
    for line in table("chips.csv"):
        chip = chip_named(line["chip"].upper())
        assert chip is not None, line["chip"]
        rates = [chip.dense_tflops.bf16, chip.dense_tflops.fp8, chip.dense_tflops.fp4 or ""]
        said = [line[f"{name}_dense_tflops"] for name in ("bf16", "fp8_or_int8", "fp4")]
        assert rates == [float(value) if value else "" for value in said], line["chip"]
        assert chip.memory_gb_s == pytest.approx(1e3 * float(line["memory_bandwidth_tb_s"])), line["chip"]
        assert (chip.memory_gb, chip.scale_up_gb_s) == (
            float(line["memory_gb"]),
            float(line["scale_up_gb_s_one_way"]),
        )


@absent
def test_models_are_those_of_the_collection() -> None:
    """Every model by its name in any case, with the shape it was collected with."""
    for line in table("models.csv"):
        model = model_named(line["model"].lower() + " (mine)")
        assert model is not None, line["model"]
        for field in ("layers", "hidden", "heads", "kv_heads", "head_dim", "dense_ffn", "ffn_matrices", "vocab"):
            assert getattr(model, field) == int(line[field]), (line["model"], field)
        assert (model.experts.routed if model.experts else 0) == int(line["moe_experts"] or 0)
        assert (model.mla.kv_lora if model.mla else 0) == int(line["mla_kv_lora"] or 0)
        assert model.sliding_layers == int(line["sliding_layers"] or 0)


@pytest.mark.parametrize("name", chip_names())
def test_every_chip_serves_and_trains(name: str) -> None:
    """A small model on 8 of each: a figure for serving, for training, and for a layout left open."""
    changes = {"chip": name, "n_chips": "8", "tp": "", "pp": "", "dp": "", "ep": "", "mode": "offline_max"}
    served = row(**changes, metric="output_tokens_per_s", concurrency_or_batch="")
    (serving,) = predicted_rows([served], "serving", PredictionOptions())
    (trained,) = predicted_rows([training_row(chip=name)], "training", PredictionOptions())
    assert float(serving["predicted"]) > 0, serving["model_note"]
    assert float(trained["predicted"]) > 0, trained["model_note"]


@pytest.mark.parametrize("name", model_names())
def test_every_model_is_served_and_trained(name: str) -> None:
    """Each on 16 chips of 279 GB, in the format it was released in, with the parallelism left open."""
    changes = {"model": name, "chip": "GB300", "n_chips": "16", "tp": "", "pp": "", "dp": "", "ep": ""}
    served = row(**changes, weight_precision="", kv_precision="")
    (serving,) = predicted_rows([served], "serving", PredictionOptions())
    changed = training_row(model=name, n_chips="1024", chip="GB300")
    (trained,) = predicted_rows([changed], "training", PredictionOptions())
    assert float(serving["predicted"]) > 0, serving["model_note"]
    assert float(trained["predicted"]) > 0, trained["model_note"]


@absent
@pytest.mark.parametrize("kind", ["serving", "training"])
def test_every_row_has_a_figure_or_a_reason(kind: str) -> None:
    """In the order of the file, with all its columns; at most 1 % of rows have no figure, and they say why."""
    rows = table(f"{kind}_calibration.csv")
    assert kind_of(rows[0]) == kind
    found = list(predicted_rows(rows, kind, PredictionOptions()))
    assert [{k: v for k, v in row.items() if k not in ("predicted", "model_note")} for row in found] == rows
    refused = [row for row in found if not row["predicted"]]
    assert all(row["model_note"].startswith("not predicted: ") for row in refused)
    assert len(refused) < 0.01 * len(rows)
    assert all(float(row["predicted"]) > 0 for row in found if row["predicted"])
