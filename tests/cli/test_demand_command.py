"""`demand`: traces in, a section out, and what is said on the way."""

import json
from pathlib import Path

import pytest
from traces import csv_trace, jsonl_trace
from typer.testing import CliRunner

from fleetopt.cli.main import app

runner = CliRunner()


def run(*arguments: str | Path, code: int = 0) -> tuple[str, str]:
    """stdout and stderr of the command."""
    done = runner.invoke(app, ["demand", *map(str, arguments)], env={"COLUMNS": "120"})
    assert done.exit_code == code, done.output
    return done.stdout, done.stderr


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """A hundred requests in 99 s, one bad row."""
    return csv_trace(tmp_path / "t.csv", [*(f"{n},100,10" for n in range(100)), "x,1,1"])


def test_help_teaches() -> None:
    """The help has an example, and says how the section is used."""
    shown, _ = run("--help")
    assert "Example: fleetopt demand conversations.csv" in " ".join(shown.replace("│", " ").split())
    assert "include: [WORKLOAD.yaml]" in shown


def test_tables_to_stdout_and_the_rest_to_stderr(trace: Path, tmp_path: Path) -> None:
    """Sizes and arrivals are results; where it was written, bad rows and what was guessed are not."""
    out, err = run(trace, "--out", tmp_path / "w.yaml", "--max-bad", "0.05")
    assert "101 rows, 100 requests in 99 s: 1.01 a second" in out and "Request sizes" in out
    assert "1 rows have no readable time (first t.csv:102)" in err
    assert "timestamps taken as s" in err and "include: [w.yaml]" in err
    assert (tmp_path / "w.yaml").read_text(encoding="utf-8").count("workloads:") == 1


def test_without_out_the_section_is_printed(trace: Path) -> None:
    """What is printed is the section, comments and all."""
    out, _ = run(trace, "--max-bad", "1", "--id", "chat", "--rate", "250", "--ttft", "500 ms")
    assert out.startswith("# A workload from request traces")
    assert "  - id: chat\n" in out and "rate_per_s: 250}" in out and "ttft_s: 0.5," in out
    assert "ASSUMED here: model, precision, kv-precision, region, tpot;" in out


def test_json_is_one_document(tmp_path: Path) -> None:
    """Everything as figures, and nothing else on stdout."""
    trace = jsonl_trace(tmp_path / "t", [[0, 1], [0, 2], [0, 1], [0, 3]] * 10)
    out, _ = run(trace, "--json")
    found = json.loads(out)
    assert found["requests"] == 40 and found["files"][0]["good"] == 40 and found["files"][0]["bad"] == {}
    assert sum(bucket["requests"] for bucket in found["buckets"]) == 40
    assert found["reuse"]["lower_bound"] and found["reuse"]["shared_tokens"] > 0
    assert [(s["sites"], s["routing"]) for s in found["sites"]][:3] == [(1, "prefix"), (2, "prefix"), (2, "random")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--id", "Chat"), "not an id"),
        (("--ttft", "2 GB"), "--ttft"),
        (("--ttft", "0"), "not a time above 0"),
        (("--rate", "nan"), "--rate"),
        (("--shared", "nan"), "--shared"),
        (("--utc-offset", "nan"), "--utc-offset"),
        (("--where", "Model"), "--where COLUMN=VALUE"),
        (("--reuse-as", "nobody"), "try one of coding-agents"),
        (("--note", "a\nworkloads: []"), "one printable line"),
        (("--instance", "no.yaml"), "no such file"),
    ],
)
def test_bad_usage(trace: Path, options: tuple[str, ...], said: str) -> None:
    """Options that cannot be are refused with what to try, and nothing is written."""
    assert said in run(trace, *options, code=2)[1]


def test_names_in_a_trace_stay_in_comments(tmp_path: Path) -> None:
    """What a file says, however it is called, cannot break out of a comment."""
    header = "Timestamp,Request tokens,Response tokens,kind"
    trace = csv_trace(tmp_path / "t\nworkloads: [].csv", [f"{n},1,1,a" for n in range(9)], header)
    out, _ = run(trace, "--where", "kind=a")
    assert all(line.startswith(("#", " ", "workloads:")) for line in out.splitlines())
    assert out.count("\nworkloads:") == 1 and "\nworkloads: [" not in out


def test_a_file_that_is_not_ours_stays(trace: Path, tmp_path: Path) -> None:
    """Another file of that name is left alone before any work is done; --force replaces it."""
    other = tmp_path / "fleet.yaml"
    other.write_text("name: mine\n", encoding="utf-8")
    assert "--force" in run(trace, "--max-bad", "1", "--out", other, code=2)[1]
    assert other.read_text(encoding="utf-8") == "name: mine\n"
    run(trace, "--max-bad", "1", "--out", other, "--force")
    assert "workloads:" in other.read_text(encoding="utf-8")


def test_published_sessions_are_listed() -> None:
    """`--reuse-as list` says what there is, with sources, without a trace."""
    out, _ = run("--reuse-as", "list")
    assert "coding-agents" in out and "arXiv:2606.30560" in out and "workloads" not in out
