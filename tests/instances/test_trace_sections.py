"""The workload sections shipped with the package: as the traces say, and ready to be planned with."""

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleetopt.cli.main import app
from fleetopt.instance.load import load
from fleetopt.pipeline import SolveOptions, solve

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "instances" / "traces"
TRACES = ROOT.parent / "shared" / "data" / "traces"
AZURE = (
    "Azure LLM inference trace 2023 (github.com/Azure/AzurePublicDataset; Patel et al., Splitwise, ISCA 2024), licensed"
    " CC-BY-4.0. Figures below are derived from it."
)
MOONCAKE = (
    "Mooncake trace, FAST 2025 release (github.com/kvcache-ai/Mooncake; Qin et al.), licensed Apache-2.0."
    " Figures below are derived from it."
)
MADE = {
    "azure_conversation.yaml": ("AzureLLMInferenceTrace_conv.csv", "--id", "conversation", "--note", AZURE),
    "azure_code.yaml": ("AzureLLMInferenceTrace_code.csv", "--id", "code", "--note", AZURE),
    "mooncake_conversation.yaml": (
        *("mooncake_conversation_trace.jsonl", "--id", "long-chat", "--kv-precision", "fp8"),
        *("--ttft", "15 s", "--note", MOONCAKE),
    ),
}
"""Trace and options of each; `python tests/instances/test_trace_sections.py` writes them anew."""


def made(name: str, out: Path, *more: str) -> None:
    """Write a section from its trace."""
    trace, *options = MADE[name]
    done = CliRunner().invoke(app, ["demand", str(TRACES / trace), *options, *more, "--out", str(out)])
    assert done.exit_code == 0, done.stderr


@pytest.mark.skipif(not TRACES.is_dir(), reason="the traces are not here (../shared/data/traces)")
@pytest.mark.parametrize("name", MADE)
def test_sections_are_those_of_the_traces(name: str, tmp_path: Path) -> None:
    """Made again from the public trace, the section is the same to the byte."""
    made(name, tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8") == (SHIPPED / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MADE)
def test_sections_are_as_they_were_written(name: str) -> None:
    """The digest in the first line is that of the rest, and the licence of the trace is named."""
    first, _, rest = (SHIPPED / name).read_text(encoding="utf-8").partition("\n")
    assert first.rsplit(" ", 1)[1] == hashlib.sha256(rest.encode()).hexdigest()
    assert "CC-BY-4.0" in rest or "Apache-2.0" in rest


def test_long_chats_buy_a_prefix_cache() -> None:
    """The instance that includes a section loads without a warning, and its plan holds prefixes in flash.

    Sixty times the trace's rate: 204 requests a second. Without a cache all prefill is computed, which costs more.
    """
    file = SHIPPED / "long_chat.yaml"
    assert load(file).warnings == ()
    larger = "workloads.long-chat.demand.scale=60"
    result = solve(load(file, [larger]).instance, SolveOptions(gap=0.001))
    assert result.exit_code == 0
    assert {p.tier for p in result.plan.memory_purchases} == {"nvme"}
    bare = solve(load(file, [larger, "memory.*.enabled=false"]).instance, SolveOptions(gap=0.001))
    assert bare.exit_code == 0 and bare.plan.objective_usd > 1.05 * result.plan.objective_usd


if __name__ == "__main__":
    for name in MADE:
        made(name, SHIPPED / name, "--force")
