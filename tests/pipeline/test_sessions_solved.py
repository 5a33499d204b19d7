"""Sessions from file to verified plan: several kinds of gaps in several tiers at once."""

from functools import cache
from typing import Any

import pytest
from builders import CPU_RACK, tiny_raw

from fleetopt.instance.load import load_dict
from fleetopt.instance.schema import Instance
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.plan import Plan
from fleetopt.report.hierarchy import idle_kv

MEMORY = [
    {"id": "dram", "kind": "dram", "unit_gb": 100.0, "price": {"usd_per_gb": 25.0}, "read_gb_s": 400.0},
    {
        "id": "flash",
        "kind": "nvme",
        "unit_gb": 1000.0,
        "price": {"usd_per_gb": 0.9},
        "read_gb_s": 40.0,
        "read_gb_s_per_tb": 0.35,
        "write_gb_s_per_tb": 0.23,
        "drive_writes_per_day": 3.0,
    },
]


def _instance(**session: Any) -> Instance:
    plain = tiny_raw(
        memory=MEMORY,
        systems={"gpu8": {"max_added_dram_gb": 4000.0, "usable_dram_gb": 0.0}, "cpu": CPU_RACK},
        sites={"virginia": {"power": {"sources": {"grid": {"existing_kw": 1e6}}}}},
    )
    chat = plain["workloads"][0]
    del chat["buckets"]
    pauses = [
        {"id": "tool", "share": 0.8, "p50_s": 5.0, "p90_s": 60.0, "ages_s": [60]},
        {"id": "human", "share": 0.2, "p50_s": 900.0, "p90_s": 9000.0, "ages_s": [900, 7200]},
    ]
    tools = {"share": 0.8, "time": {"p50_s": 1.0, "p90_s": 10.0}, "cores": 1, "sandbox_gb": 0.5}
    stated = {
        "turns_per_task": 20,
        "first_tokens": 4000,
        "appended_tokens": 600,
        "output_tokens": 200,
        "sizes": 1,
        "pauses": pauses,
        "tools": tools,
        "tiers": ["dram", "flash"],
        **session,
    }
    chat |= {"kind": "agentic", "slo": {"completion_s": 3600.0}, "max_delay_h": 6.0, "session": stated}
    chat["demand"] = {"regions": [{"region": "east", "rate_per_s": 100.0, "slice_factors": {"day": 1.8, "night": 0.2}}]}
    return load_dict(plain).instance


@cache
def _solved(**session: Any) -> tuple[Plan, Instance]:
    instance = _instance(**session)
    plan = solve(instance, SolveOptions(gap=0.002)).plan
    assert plan.verification is not None and plan.verification.passed, plan.verification
    return plan, instance


def test_kinds_of_gaps_are_held_apart() -> None:
    """Verified: what is parked of each kind of gap is in its own rows, and short gaps lie in DRAM."""
    plan, instance = _solved()
    holdings = {p.holding for p in plan.parked}
    assert "kv:tool-1" in holdings and "sandbox" in holdings
    found = {a.gap: a for a in idle_kv(plan, instance)}
    assert found["tool-1"].tiers[0][0] == "dram" and found["tool-1"].parked > 0.9


def test_older_kv_is_never_kept_more_than_younger() -> None:
    """What is dropped of a pause is what has lain longest: shares parked fall from band to band."""
    plan, instance = _solved()
    parked = [a.parked for a in idle_kv(plan, instance) if a.gap.startswith("human")]
    assert parked == sorted(parked, reverse=True) and len(parked) == 3


@pytest.mark.parametrize(
    "fields", [{"may_park": False}, {"may_recompute": False}, {"may_park": False, "may_stay": True}]
)
def test_ruling_a_way_out_never_costs_less(fields: dict[str, bool]) -> None:
    """Each of these offers less than the session with all three ways, within the gaps."""
    every, _ = _solved(may_stay=True)
    fewer, _ = _solved(**fields)
    assert fewer.objective_usd >= every.bound_usd


def test_kv_may_lie_in_fast_memory_alone() -> None:
    """Neither parked nor recomputed: replicas keep all of it, verified, and nothing is parked but sandboxes."""
    plan, instance = _solved(may_park=False, may_recompute=False, may_stay=True)
    assert {p.holding for p in plan.parked} <= {"sandbox"}
    assert all(a.resident == pytest.approx(1.0) for a in idle_kv(plan, instance))
