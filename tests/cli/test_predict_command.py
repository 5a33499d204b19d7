"""`predict`: one configuration, and files of rows."""

import csv
import json
from pathlib import Path

import pytest
from rowcase import SERVING, TRAINING, row
from typer.testing import CliRunner

from fleetopt.cli import predict as command
from fleetopt.cli.main import app

runner = CliRunner()
SERVED = ("serving", "--model", "llama-3.1-70b", "--on", "hgx-h100-8", "--tp", "8", "--batch", "64")
TRAINED = ("training", "--model", "llama-3.1-70b", "--on", "h100-sxm", "--chips", "1024", "--tokens", "1e12")


def run(*arguments: str | Path, code: int = 0) -> str:
    """What a prediction prints: stdout where it ends well, else stderr."""
    done = runner.invoke(app, ["predict", *map(str, arguments)], env={"COLUMNS": "120"})
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def write(path: Path, *rows: dict[str, str]) -> Path:
    """A row file."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("part", ["serving", "training"])
def test_help_of_each_part_teaches(part: str) -> None:
    """The help has an example that begins with the command itself."""
    assert f"Example: fleetopt predict {part}" in run(part, "--help")


def test_serving_says_figures_and_where_the_time_goes() -> None:
    """Times, rates, memory (141.1 GB of weights), and the parts of prefill and decode."""
    shown = run(*SERVED)
    for said in ("tp 8", "time to first token", "time per output token", "141.1 GB", "reading weights", "collectives"):
        assert said in shown


def test_serving_as_json_adds_up() -> None:
    """One document; shares are of the step's time, rates of one another, and what limits is the largest part."""
    found = json.loads(run(*SERVED, "--json"))
    assert found["chips"] == 8
    assert found["source"] == "predicted"
    assert found["output_tokens_per_s"] == pytest.approx(300 * found["requests_per_s"])
    assert found["output_tokens_per_s_per_chip"] == pytest.approx(found["output_tokens_per_s"] / 8)
    decode = found["parts_s"]["decode"]
    assert sum(decode.values()) < found["tpot_s"]
    assert found["limited_by"]["decode"] == max(decode, key=decode.__getitem__)
    assert found["weights_gb"] + found["kv_gb"] <= found["usable_gb"] == pytest.approx(8 * 72)


def test_pools_have_their_own_passes() -> None:
    """A decode pool only decodes: its parts are its TPOT; a prefill pool has no TPOT."""
    decode = json.loads(run(*SERVED, "--pool", "decode", "--json"))
    assert set(decode["parts_s"]) == {"decode"}
    assert sum(decode["parts_s"]["decode"].values()) == pytest.approx(decode["tpot_s"])
    prefill = json.loads(run(*SERVED, "--pool", "prefill", "--batch", "1", "--json"))
    assert (set(prefill["parts_s"]), prefill["tpot_s"]) == ({"prefill"}, 0)
    assert sum(prefill["parts_s"]["prefill"].values()) == pytest.approx(prefill["ttft_s"])


def test_the_fewest_chips_are_taken_where_nobody_says() -> None:
    """141.1 GB of weights and one request need two H100; four wafers of 44 GB, in stages."""
    gpu = json.loads(run("serving", "--model", "Llama-3.1-70B", "--on", "h100-sxm", "--json"))
    assert (gpu["layout"]["tensor"], gpu["layout_chosen"]) == (2, True)
    wafer = json.loads(run("serving", "--model", "Llama-3.1-70B", "--on", "cs-3", "--json"))
    assert (wafer["layout"]["tensor"], wafer["layout"]["pipeline"]) == (1, 4)


def test_training_says_figures_and_where_the_time_goes() -> None:
    """MFU, goodput, days and the parts of a step; the JSON's days are tokens over the team's useful rate."""
    shown = run(*TRAINED)
    assert all(
        said in shown for said in ("MFU", "goodput", "days for 1e+12 tokens", "arithmetic", "the fastest that fits")
    )
    found = json.loads(run(*TRAINED, "--json"))
    rate = found["tokens_per_s_per_chip"] * 1024 * found["goodput"]
    assert found["days"] == pytest.approx(1e12 / rate / 86400)
    assert sum(found["parts_s"]["training"].values()) == pytest.approx(1 / found["tokens_per_s_per_chip"])


def test_a_stated_training_layout_is_taken() -> None:
    """With degrees given the layout is as given, and slower than the one chosen."""
    stated = json.loads(run(*TRAINED, "--tp", "8", "--pp", "4", "--recompute", "--json"))
    assert (stated["layout"]["tensor"], stated["layout"]["pipeline"], stated["layout_chosen"]) == (8, 4, False)
    chosen = json.loads(run(*TRAINED, "--json"))
    assert stated["tokens_per_s_per_chip"] <= chosen["tokens_per_s_per_chip"]


def test_options_of_prediction_can_be_set() -> None:
    """Half the memory bandwidth makes reading weights take twice as long, and stderr says what was changed."""
    plain = json.loads(run(*SERVED, "--json"))
    efficiency = 0.25
    done = runner.invoke(
        app, ["predict", *SERVED, "--json", "--set", f"prediction.memory_efficiency={efficiency}"]
    )  # fmt: skip
    changed = json.loads(done.stdout)
    assert "set prediction.memory_efficiency" in done.stderr
    weights = changed["parts_s"]["decode"]["reading weights"], plain["parts_s"]["decode"]["reading weights"]
    assert weights[0] > weights[1]
    warned = runner.invoke(app, ["predict", *SERVED, "--set", "prediction.engine=mine"])
    assert "engine 'mine' has no costs of its own" in warned.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("serving", "--model", "x", "--on", "h100-sxm"), "model 'x' is not known"),
        (("serving", "--model", "llama-3.1-70b", "--on", "h100"), "did you mean"),
        (("serving", "--model", "llama-3.1-70b", "--on", "h100-sxm", "--tp", "1"), "M1: weights 141.1 GB"),
        ((*SERVED, "--batch", "10000"), "requests fit"),
        ((*SERVED, "--cached", "3000"), "--cached 3000 is more than --input 2000"),
        ((*SERVED, "--input", "nan"), "Invalid value for '--input'"),
        ((*SERVED, "--set", "sites.x=1"), "is no option of prediction"),
        ((*SERVED, "--set", "prediction.engin=x"), "did you mean 'engine'"),
        ((*SERVED, "--set", "prediction.usable_memory=3"), "3 is more than 1"),
        ((*TRAINED, "--tp", "3"), "does not divide --chips 1024"),
        (("training", "--model", "llama-3.1-405b", "--on", "h100-sxm", "--chips", "8"), "T2:"),
        (("training", "--model", "llama-3.1-8b", "--on", "cs-3", "--chips", "64"), "T2: SRAM"),
        (("--rows", "x.csv"), "--rows and --out go together"),
        ((), "--rows and --out go together"),
    ],
)
def test_what_cannot_be_done_ends_with_2(arguments: tuple[str, ...], said: str) -> None:
    """One line with the reason, and what to try."""
    assert said in " ".join(run(*arguments, code=2).split())


def test_rows_are_answered_in_their_order(tmp_path: Path) -> None:
    """Columns pass through, two are added, a refused row has its reason, and stderr counts."""
    rows = [{"mine": "kept", **row(id=name)} for name in ("b", "a")] + [{"mine": "", **row(id="c", isl="")}]
    out = tmp_path / "out.csv"
    done = runner.invoke(app, ["predict", "--rows", str(write(tmp_path / "in.csv", *rows)), "--out", str(out)])
    assert (done.exit_code, done.stdout) == (0, "")
    assert "2 of 3 serving rows predicted, 1 not" in done.stderr
    with out.open(encoding="utf-8", newline="") as lines:
        found = list(csv.DictReader(lines))
    assert [one["id"] for one in found] == ["b", "a", "c"]
    assert list(found[0]) == ["mine", *SERVING, "predicted", "model_note"]
    assert float(found[0]["predicted"]) > 0
    assert (found[2]["predicted"], found[2]["model_note"]) == ("", "not predicted: isl is blank")


def test_training_rows_too(tmp_path: Path) -> None:
    """The header tells the kind; `--set` changes the figures."""
    read, figures = write(tmp_path / "in.csv", TRAINING), []
    for change in ("0.5", "0.9"):
        out = tmp_path / f"{change}.csv"
        run("--rows", read, "--out", out, "--set", f"prediction.training.gemm_efficiency={change}")
        figures.append(float(next(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))["predicted"]))
    assert figures[0] < figures[1]


def test_a_bad_file_ends_with_2_and_its_line(tmp_path: Path) -> None:
    """Nothing is written."""
    path = tmp_path / "bad.csv"
    path.write_text("mode,id\nserving,1,2\n", encoding="utf-8")
    said = run("--rows", path, "--out", tmp_path / "out.csv", code=2)
    assert said.startswith(f"{path}:2: has 3 fields")
    assert not (tmp_path / "out.csv").exists()


def test_rows_and_a_part_do_not_mix(tmp_path: Path) -> None:
    """`predict --rows x serving` is a usage error."""
    assert "stand before no command" in run("--rows", "x.csv", "--out", "y.csv", *SERVED, code=2)


def test_long_files_say_how_far_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file takes longer than a moment, progress is on stderr."""
    monkeypatch.setattr(command, "QUIET_S", -1.0)
    out = tmp_path / "out.csv"
    done = runner.invoke(app, ["predict", "--rows", str(write(tmp_path / "in.csv", row(), row())), "--out", str(out)])
    assert "2 of 2 rows" in done.stderr


def test_figures_stand_with_their_error_band() -> None:
    """p10 and p90 of each figure, with the kind and number of measurements behind them; a rate turns them round."""
    found = json.loads(run(*SERVED, "--json"))
    for name in ("ttft_s", "tpot_s", "requests_per_s"):
        band = found["bands"][name]
        assert band["least"] < found[name] < band["most"]
        assert band["rows"] > 0 < band["sources"]
    shown = " ".join(run(*SERVED).split())
    assert "Figures are calibrated; p10-p90 from" in shown
    assert f"tpot_ms, serving, NVIDIA: {found['bands']['tpot_s']['rows']} rows of" in shown
    trained = json.loads(run(*TRAINED, "--json"))
    band = trained["bands"]["tokens_per_s_per_chip"]
    assert band["least"] < trained["tokens_per_s_per_chip"] < band["most"]
    assert f"training, NVIDIA: {band['rows']} rows of {band['sources']} sources" in " ".join(run(*TRAINED).split())


@pytest.mark.parametrize("arguments", [SERVED, TRAINED])
def test_the_pessimistic_end_is_the_lower_end_of_the_band(arguments: tuple[str, ...]) -> None:
    """At p90 a rate stands where the band of the prediction as it is ended, and it says so; days grow as much."""
    name = "requests_per_s" if arguments is SERVED else "tokens_per_s_per_chip"
    plain = json.loads(run(*arguments, "--json"))
    late = json.loads(run(*arguments, "--json", "--set", "prediction.percentile=p90"))
    assert late[name] == pytest.approx(plain["bands"][name]["least"])
    assert late["bands"][name]["least"] == pytest.approx(late[name])
    if arguments is TRAINED:
        assert late["days"] / plain["days"] == pytest.approx(plain[name] / late[name])
    assert "pessimistic end" in run(*arguments, "--set", "prediction.percentile=p90")


def test_speculative_decoding_is_an_option() -> None:
    """2.4 tokens a pass of 3 drafted halve a small batch's TPOT; off by default, and never taken for calibrated."""
    flags = (*SERVED[:-1], "4", "--draft-tokens", "3", "--tokens-per-pass", "2.4")
    plain, drafted = json.loads(run(*SERVED[:-1], "4", "--json")), json.loads(run(*flags, "--json"))
    assert (plain["tokens_per_pass"], drafted["tokens_per_pass"]) == (1.0, 2.4)
    assert drafted["tpot_s"] < 0.6 * plain["tpot_s"]
    assert drafted["basis"] == "modelled"
    assert "2.4 tokens a pass, 3 drafted" in run(*flags)
    small = json.loads(run(*flags, "--draft-model", "llama-3.1-8b", "--json"))
    assert small["weights_gb"] > drafted["weights_gb"] + 10


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--draft-tokens", "3"), "go together"),
        (("--draft-tokens", "3", "--tokens-per-pass", "4.5"), "try at most 4"),
        (("--draft-tokens", "3", "--tokens-per-pass", "2", "--draft-layers", "1", "--draft-model", "x"), "one of them"),
    ],
)
def test_half_said_drafts_are_refused(flags: tuple[str, ...], said: str) -> None:
    """Drafts need both figures, of one drafter."""
    assert said in " ".join(run(*SERVED, *flags, code=2).split())
