"""KV that stays in fast memory between turns: no restore, but idle KV takes the place of requests (M1).

The tiny chip has 80 GB, 0.9 of it usable, so 72 GB; the small model's bf16 weights are 16.06 GB, and its KV is
2 x 8 x 128 x 32 elements of 2 bytes = 131,072 bytes a token: 9,000 cached tokens are 1.1796 GB.
"""

from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.candidates.candidate import OperatingPoint
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.evaluate import recompute
from fleetopt.instance.schema import Instance
from fleetopt.prediction.types import Refusal

CACHED_GB = 9_000 * 131_072 / 1e9
WEIGHTS_GB = 16.059990016


def agents(gap_s: float = 60.0, **fields: Any) -> Instance:
    """Turns of 10,000 tokens, 9,000 of them cached, that come back after a gap."""
    idle = {"mean_gap_s": gap_s, "tiers": ["dram"], "may_stay": True, **fields}
    work = {
        "kind": "agentic",
        "buckets": {"b1": {"input_tokens": 10_000.0, "cached_tokens": 9_000.0}},
        "slo": {"ttft_s": None, "tpot_s": None, "completion_s": 3000.0},
        "agent": {"turns_per_task": 10.0, "tool_s": 5.0},
        "idle_kv": idle,
        "disaggregated": True,
    }
    dram = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0}, "read_gb_s": 50.0}
    return tiny_instance(workloads={"chat": work}, memory=[dram])


def found(instance: Instance, batch: int, reuse: str = "resident") -> OperatingPoint | Refusal:
    return recompute(instance, "chat", "virginia", "gpu8", "aggregated", reuse, "bf16", 1, 1, 1, "b1", batch)


def test_idle_kv_fills_what_active_kv_leaves() -> None:
    """Binding: at batch 4 about 50 GB are left; each request/s holds 1.18 GB x 60 s = 70.8 GB, so the rate is 0.7/s."""
    point = found(agents(), 4)
    assert isinstance(point, OperatingPoint)
    free_gb = 72.0 - WEIGHTS_GB - point.active_kv_gb
    assert point.rate_per_s == pytest.approx(free_gb / (CACHED_GB * 60.0))
    assert point.parked_gb_s == 0.0


def test_a_short_gap_takes_nothing_from_the_rate() -> None:
    """Slack: after 1 s the same replica serves what one does that parks its KV in a tier that is read at once."""
    stays, parks = found(agents(1.0), 4), found(agents(1.0), 4, "parked")
    assert isinstance(stays, OperatingPoint) and isinstance(parks, OperatingPoint)
    assert stays.rate_per_s == pytest.approx(parks.rate_per_s)
    restored_s = CACHED_GB / 50.0
    assert parks.ttft_s - stays.ttft_s == pytest.approx(restored_s)


def test_the_best_batch_leaves_room_for_what_is_idle() -> None:
    """The longer the gap, the smaller the batch, and the fewer requests a second."""
    chosen = []
    for gap_s in (1.0, 60.0, 600.0):
        result = candidates(agents(gap_s, may_park=False, may_recompute=False))
        (stay,) = (c for c in result.serving if c.stage == "aggregated" and c.system == "gpu8")
        chosen.append((stay.points["b1"].batch, stay.points["b1"].rate_per_s * 1 / stay.units))
    assert chosen == sorted(chosen, reverse=True)


def test_a_batch_that_fills_the_memory_leaves_no_place() -> None:
    """M1: 42 requests of 10,100 tokens hold 55.6 of 55.94 GB; a gap without end finds room for no rate worth having."""
    point = found(agents(1e9), 42)
    assert isinstance(point, OperatingPoint) and point.rate_per_s < 1e-6


@pytest.mark.parametrize(
    ("fields", "ways"),
    [
        ({}, {"parked", "recomputed", "resident"}),
        ({"may_park": False}, {"recomputed", "resident"}),
        ({"may_stay": False}, {"parked", "recomputed"}),
        ({"may_recompute": False}, {"parked", "resident"}),
    ],
)
def test_each_way_can_be_ruled_out(fields: dict[str, bool], ways: set[str]) -> None:
    """What the instance rules out is no candidate; pools keep no KV of their own."""
    result = candidates(agents(**fields))
    assert {c.reuse for c in result.serving} <= ways | {"none"}
    assert {c.reuse for c in result.serving if c.stage == "prefill"} <= {"parked", "recomputed"}
    if not fields.get("may_park", True):
        assert any(r.rule == "M2" and "may_park" in r.detail for r in result.rejections)
