"""Reading a row: names, formats, numbers, and what is refused."""

import pytest
from rowcase import row

from fleetopt.prediction.rows.fields import CannotPredictError, family, serving_row


def test_names_are_read_without_case_and_brackets() -> None:
    """`h100-sxm (80GB)` is the H100, `LLAMA-3.1-8B (base)` the model, `FP8(assumed)` fp8."""
    read = serving_row(row(chip="h100-sxm (80GB)", model="LLAMA-3.1-8B (base)", weight_precision="FP8(assumed)"))
    assert (read.chip.name, read.model.name, read.precision) == ("H100-SXM", "Llama-3.1-8B", "fp8")


@pytest.mark.parametrize(
    ("name", "precision"),
    [("NVFP4", "fp4"), ("fp16/bf16", "bf16"), ("INT8", "fp8"), ("q4_k_m", "int4"), ("fp32", "fp32"), ("mxfp8", "fp8")],
)
def test_formats_by_their_names(name: str, precision: str) -> None:
    """Each common name stands for one of our formats; int8 counts as fp8, 4-bit integers as int4."""
    assert serving_row(row(weight_precision=name)).precision == precision


@pytest.mark.parametrize("blank", ["", " ", "nan", "(assumed)"])
def test_a_blank_precision_is_the_released_one(blank: str) -> None:
    """DeepSeek-R1 was released in fp8, and the note says that this was taken."""
    read = serving_row(row(model="DeepSeek-R1", weight_precision=blank))
    assert read.precision == "fp8"
    assert read.notes == ("weights taken as released, in fp8",)


def test_blank_degrees_are_open() -> None:
    """Blank parallelism and KV format are None, not 1 or bf16."""
    read = serving_row(row(tp="", pp="nan", ep="", dp="", kv_precision=""))
    assert (read.tensor, read.pipeline, read.expert, read.data, read.kv_precision) == (None,) * 5


def test_blank_chips_are_those_of_the_degrees() -> None:
    """tp 4 x pp 2 are 8 chips, and the note says so; without degrees the row is refused."""
    read = serving_row(row(n_chips="", tp="4", pp="2"))
    assert (read.chips, read.notes) == (8, ("n_chips taken as 8, of the degrees of parallelism",))
    with pytest.raises(CannotPredictError, match="n_chips is blank"):
        serving_row(row(n_chips="", tp="", pp=""))


@pytest.mark.parametrize(
    ("batch", "read"), [("64", 64.0), ("max(in-flight)", None), ("", None), ("128 (a GPU)", 128.0)]
)
def test_batch_is_a_number_or_open(batch: str, read: float | None) -> None:
    """`max` and blank leave it open; brackets are left out."""
    assert serving_row(row(concurrency_or_batch=batch)).batch == read


@pytest.mark.parametrize("metric", ["ttft_ms_mean", "ttft_mean_ms", "TTFT_ms"])
def test_means_are_the_metric_itself(metric: str) -> None:
    """Predictions are means, so `_mean` changes nothing."""
    assert serving_row(row(metric=metric)).metric == "ttft_ms"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("chip", "", "chip is blank"),
        ("model", "", "model is blank"),
        ("isl", "", "isl is blank"),
        ("osl", "nan", "osl is blank"),
        ("isl", "<=1024", "isl '<=1024' is no plain number"),
        ("isl", "-1", "isl '-1' is no plain number"),
        ("osl", "inf", "osl 'inf' is no plain number"),
        ("chip", "H1000", "chip 'H1000' is not known"),
        ("model", "Llama-9", "model 'Llama-9' is not known"),
        ("weight_precision", "fp5", "weight_precision 'fp5' is not known"),
        ("kv_precision", "fp5", "kv_precision 'fp5' is not known"),
        ("tp", "0", "tp '0' is no degree of parallelism"),
        ("tp", "1.5", "tp '1.5' is no degree of parallelism"),
        ("n_chips", "1e11", "n_chips '1e11' is no degree of parallelism"),
        ("concurrency_or_batch", "0", "concurrency_or_batch is less than 1"),
        ("concurrency_or_batch", "16-64", "concurrency_or_batch '16-64' is no plain number"),
        ("mode", "", "mode is blank"),
        ("metric", "", "metric is blank"),
    ],
)
def test_what_cannot_be_told_is_refused(column: str, value: str, reason: str) -> None:
    """Each with the column and what stands in it."""
    with pytest.raises(CannotPredictError) as error:
        serving_row(row(**{column: value}))
    assert str(error.value) == reason


def test_a_row_of_no_tokens_is_refused() -> None:
    """Neither prompt nor output is nothing to predict."""
    with pytest.raises(CannotPredictError, match="both 0"):
        serving_row(row(isl="0", osl="0"))


def test_long_text_is_cut_in_messages() -> None:
    """A name of 10,000 characters makes a message of less than 120, printable whatever it holds."""
    with pytest.raises(CannotPredictError) as error:
        serving_row(row(chip="\x1b" * 10_000))
    assert len(str(error.value)) < 320
    assert str(error.value).isprintable()


def test_engines_belong_to_families() -> None:
    """By what their names contain; one that was not measured is typical."""
    found = [family(name) for name in ("TensorRT-LLM v1.0", "trtllm nan", "vLLM", "sglang 0.5.9", "my engine", "")]
    assert found == ["trtllm", "trtllm", "vllm", "sglang", "typical", "typical"]


def test_sharegpt_has_known_means() -> None:
    """A limit on ShareGPT's lengths stands for the means of that collection, and the note says so; a number stands."""
    read = serving_row(row(isl="<=1024 (ShareGPT)", osl="<=1024 (ShareGPT)"))
    assert (read.input_tokens, read.output_tokens) == (230, 203)
    assert read.notes == ("isl taken as 230, the mean of ShareGPT", "osl taken as 203, the mean of ShareGPT")
    assert serving_row(row(isl="500 (ShareGPT)")).input_tokens == 500
