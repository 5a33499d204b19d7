"""The agentic reference: it loads clean, and says of sessions and reuse what was published."""

from pathlib import Path

import pytest

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.prefix import hit_levels
from fleetopt.instance.load import Loaded, load
from fleetopt.suite.load import load_suite

ROOT = Path(__file__).parents[2]
FILE = ROOT / "instances" / "reference" / "agentic_memory.yaml"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    """The instance with what its sessions came to."""
    return load(FILE)


def test_it_loads_without_a_warning(loaded: Loaded) -> None:
    """Sessions are worked in, and nothing is doubtful."""
    assert loaded.warnings == ()
    assert [line.split(":")[0] for line in loaded.changes] == [
        "workloads.coding-agents.session",
        "workloads.background-agents.session",
    ]


def test_it_offers_the_whole_hierarchy(loaded: Loaded) -> None:
    """Six tiers of six kinds with bandwidth or wear where KV moves, CPU racks, and servers whose memory is GDDR."""
    instance = loaded.instance
    assert [m.kind for m in instance.memory] == ["dram", "cxl", "rack", "nvme", "hdd", "object"]
    assert instance.tier("nvme-tlc").drive_writes_per_day == 1.0
    assert instance.tier("memory-rack-400g").read_gb_s_per_tb is not None
    assert instance.system("cpu-rack").kind == "cpu"
    gddr = [s.id for s in instance.systems if s.chip is not None and s.chip.memory_kind == "GDDR"]
    assert gddr == ["rtx-pro-6000-8", "rubin-cpx-8"]


def test_memory_is_dated(loaded: Loaded) -> None:
    """DRAM rose 4.8 times from 2025q3 to 2026q4, the first quarter of the plan."""
    dram = {point.since: point.usd_per_gb for point in loaded.instance.tier("dram").price.by_date}
    assert dram["2026q4"] / dram["2025q3"] == pytest.approx(4.84, abs=0.05)
    assert loaded.instance.time.period_ids[0] == "2026q4"


def test_sessions_find_what_was_published(loaded: Loaded) -> None:
    """TraceLab: 95.6 % of the input is cached; with contexts cut to the model's length it is within a point of that."""
    for name in ("coding-agents", "background-agents"):
        buckets = loaded.instance.workload(name).buckets
        tokens = sum(b.share * b.input_tokens for b in buckets)
        assert sum(b.share * b.cached_tokens for b in buckets) / tokens == pytest.approx(0.956, abs=0.01)
        assert max(b.input_tokens + b.output_tokens for b in buckets) <= 131_072
        assert sum(b.share for b in buckets) == pytest.approx(1.0)


def test_the_reuse_curve_is_that_of_the_trace(loaded: Loaded) -> None:
    """Hit rates at 1, 5, 10, 25 and 50 % of the 2,287 s of input that the whole cache holds."""
    curve = loaded.instance.workload("long-chat").reuse_curve
    assert curve is not None
    assert [round(p.held_s / 2287, 2) for p in curve.points] == [0.01, 0.05, 0.1, 0.25, 0.5]
    assert [p.hit_share for p in curve.points] == [0.052, 0.195, 0.278, 0.353, 0.363]
    assert [level.hit_share for level in hit_levels(curve)] == [p.hit_share for p in curve.points], "it is concave"


def test_every_workload_can_be_served(loaded: Loaded) -> None:
    """Candidates park, recompute, and count on every hit level."""
    found = candidates(loaded.instance)
    reuses = {c.workload: {k.reuse for k in found.serving if k.workload == c.workload} for c in found.serving}
    assert reuses["coding-agents"] >= {"parked", "recomputed"}
    assert {f"prefix-{n}" for n in (1, 2, 3)} <= reuses["long-chat"]


def test_its_suite_loads() -> None:
    """Every scenario that takes an idea away merges into a valid instance."""
    suite = load_suite(ROOT / "instances" / "suites" / "agentic_memory.yaml")
    assert len(suite.runs) >= 10
