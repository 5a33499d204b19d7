"""M2, M3, M4: what is kept is held where it may be, fits, and moves no faster than its tier allows.

The base plan (handmade.py): five servers in Virginia serve 15 requests/s by day, 5 by night. Only what each test says
differs from it.
"""

from dataclasses import replace
from typing import Any

import pytest
from builders import tiny_instance
from handmade import failures, ids, plan, vary
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.candidates.prefix import hit_levels
from fleetopt.plan import MemoryPurchase, Parked, Plan
from fleetopt.verify.memory import check_memory
from fleetopt.verify.prefix import check_prefix, corners
from fleetopt.verify.traffic import check_traffic

IDLE = {
    "workloads": {
        "chat": {
            "buckets": {"b1": {"cached_tokens": 500.0}},
            "idle_kv": {"mean_gap_s": 100.0, "tiers": ["flash"]},
        }
    },
    "memory": [{"id": "flash", "kind": "nvme", "unit_gb": 100.0, "price": {"usd_per_gb": 1.0}}],
}
"""10 GB parked for each request/s: 150 GB by day, 50 by night (the plan's own point says so)."""


def _parked(day_gb: float, units: float) -> list[str]:
    base = plan()
    held = vary(base.deployments, points={"b1": {**base.deployments[0].points["b1"], "parked_gb_s": 10.0}})
    sizes = {"day": day_gb, "night": 50.0}
    rows = tuple(Parked("chat", "kv", "virginia", "flash", p.period, p.slice, sizes[p.slice]) for p in base.placements)
    bought = MemoryPurchase("2027q1", "virginia", "flash", "buy", units, units * 100, 100.0, units * 100, "2027q1")
    made = plan(deployments=held, parked=rows, memory_purchases=(bought,))
    return failures(check_memory, made, tiny_instance(**IDLE), {})


def test_m2_what_is_kept_is_held_and_fits() -> None:
    """150 GB fit two units of 100 GB but not one; 151 GB are more than there is to keep."""
    assert _parked(150.0, 2.0) == []
    assert ids(_parked(150.0, 1.0)) == {"M2"}
    assert ids(_parked(151.0, 2.0)) == {"M2.hold"}


@pytest.mark.parametrize(
    ("retention_h", "day_gb", "night_gb"), [(24.0, 864.0, 864.0), (12.0, 648.0, 216.0), (12.0, 432.0, 432.0)]
)
def test_m2_stores_follow_the_mean_rate_from_a_cycle_on(retention_h: float, day_gb: float, night_gb: float) -> None:
    """0.001 GB of 15/s by day and 5/s by night: 10/s x 24 h are 864 GB, kept for 12 h each slice's own rate counts."""
    store = {"id": "logs", "tiers": ["flash"], "gb_per_request": 0.001, "retention_h": retention_h}
    instance = tiny_instance(workloads={"chat": {"stores": [store]}}, memory=IDLE["memory"])
    sizes = {"day": day_gb, "night": night_gb}
    rows = tuple(
        Parked("chat", "store:logs", "virginia", "flash", p.period, p.slice, sizes[p.slice]) for p in plan().placements
    )
    bought = MemoryPurchase("2027q1", "virginia", "flash", "buy", 9.0, 900.0, 100.0, 900.0, "2027q1")
    found = failures(check_memory, plan(parked=rows, memory_purchases=(bought,)), instance, {})
    assert ids(found) == (set() if day_gb != 432.0 else {"M2.hold"})


def test_m2_dram_needs_sockets() -> None:
    """One unit of 100 GB of DRAM fits five servers that take 20 GB each, not 19."""
    bought = MemoryPurchase("2027q1", "virginia", "ram", "buy", 1.0, 100.0, 100.0, 100.0, "2027q1")
    memory = [{"id": "ram", "kind": "dram", "unit_gb": 100.0, "price": {"usd_per_gb": 1.0}}]
    for each, expected in ((20.0, set()), (19.0, {"M2.sockets"})):
        instance = tiny_instance(memory=memory, systems={"gpu8": {"max_added_dram_gb": each}})
        assert ids(failures(check_memory, plan(memory_purchases=(bought,)), instance, {})) == expected


def _moved(tier: dict[str, float], workload: dict[str, Any], holding: str, gb: float) -> set[str]:
    """`gb` of one holding day and night in two units of 100 GB of flash."""
    memory = [{**IDLE["memory"][0], **tier}]
    instance = tiny_instance(**{**IDLE, "memory": memory, "workloads": workload})
    rows = tuple(Parked("chat", holding, "virginia", "flash", p.period, p.slice, gb) for p in plan().placements)
    bought = MemoryPurchase("2027q1", "virginia", "flash", "buy", 2.0, 200.0, 100.0, 200.0, "2027q1")
    return ids(failures(check_traffic, plan(parked=rows, memory_purchases=(bought,)), instance))


@pytest.mark.parametrize(
    ("tier", "just", "short"),
    [("read_gb_s_per_tb", 7.5, 7.4), ("write_gb_s_per_tb", 7.5, 7.4), ("drive_writes_per_day", 648.0, 647.0)],
)
def test_m3_idle_kv_moves_once_a_gap(tier: str, just: float, short: float) -> None:
    """150 GB idle for 100 s are read and written at 1.5 GB/s, 129.6 TB a day: 0.2 TB carry 7.5 a TB, 648 a day."""
    id_ = {"read_gb_s_per_tb": "M3.read", "write_gb_s_per_tb": "M3.write", "drive_writes_per_day": "M3.endurance"}[tier]
    assert _moved({tier: just}, IDLE["workloads"], "kv", 150.0) == set()
    assert _moved({tier: short}, IDLE["workloads"], "kv", 150.0) == {id_}


def test_m3_each_kind_of_gap_moves_in_its_own_time() -> None:
    """150 GB held 300 s for each restore move at 0.5 GB/s, written twice as often: 2.5 and 5 GB/s a TB carry it."""
    gap = {"id": "human", "held_s": 300.0, "writes_per_restore": 2.0}
    chat = {**IDLE["workloads"]["chat"], "idle_kv": {"mean_gap_s": 1.0, "gaps": [gap], "tiers": ["flash"]}}
    just, short = {"read_gb_s_per_tb": 2.5, "write_gb_s_per_tb": 5.0}, {"write_gb_s_per_tb": 4.9}
    assert _moved(just, {"chat": chat}, "kv:human", 150.0) == set()
    assert _moved(short, {"chat": chat}, "kv:human", 150.0) == {"M3.write"}
    assert _moved({"read_gb_s_per_tb": 2.4}, {"chat": chat}, "kv:human", 150.0) == {"M3.read"}


@pytest.mark.parametrize(("named", "expected"), [("kv:human", set()), ("kv", {"M2.hold"})])
def test_m2_kv_is_held_under_the_gap_its_bucket_names(named: str, expected: set[str]) -> None:
    """What waits for people is not what waits for tools, even in the same tier."""
    bucket = {"cached_tokens": 500.0, "gap": "human"}
    idle = {"mean_gap_s": 1.0, "gaps": [{"id": "human", "held_s": 100.0}], "tiers": ["flash"]}
    instance = tiny_instance(workloads={"chat": {"buckets": {"b1": bucket}, "idle_kv": idle}}, memory=IDLE["memory"])
    base = plan()
    held = vary(base.deployments, points={"b1": {**base.deployments[0].points["b1"], "parked_gb_s": 10.0}})
    sizes = {"day": 150.0, "night": 50.0}
    rows = tuple(Parked("chat", named, "virginia", "flash", p.period, p.slice, sizes[p.slice]) for p in base.placements)
    bought = MemoryPurchase("2027q1", "virginia", "flash", "buy", 2.0, 200.0, 100.0, 200.0, "2027q1")
    made = plan(deployments=held, parked=rows, memory_purchases=(bought,))
    assert ids(failures(check_memory, made, instance, {})) == expected


def test_m3_stores_move_as_often_as_they_are_written_and_read() -> None:
    """144 GB of logs kept for 10 h are written at 0.004 GB/s and read three times as fast: 0.02 and 0.06 a TB do."""
    store = {"id": "logs", "tiers": ["flash"], "gb_per_request": 0.001, "retention_h": 10.0, "reads_per_write": 3.0}
    chat = {"chat": {"stores": [store]}}
    assert _moved({"read_gb_s_per_tb": 0.06, "write_gb_s_per_tb": 0.02}, chat, "store:logs", 144.0) == set()
    low = {"read_gb_s_per_tb": 0.059, "write_gb_s_per_tb": 0.019}
    assert _moved(low, chat, "store:logs", 144.0) == {"M3.read", "M3.write"}


def test_m3_sandboxes_move_nothing() -> None:
    """Memory that tools work in is not read and written by requests."""
    assert _moved({"read_gb_s_per_tb": 0.0, "write_gb_s_per_tb": 0.0}, {}, "sandbox", 150.0) == set()


CURVE = {
    "workloads": {
        "chat": {
            "reuse_curve": {
                "tiers": ["flash", "spare"],
                "points": [{"held_s": 100.0, "hit_share": 0.4}],
                "shared_tokens": 1e6,
                "shared_hit_share": 0.1,
            }
        }
    },
    "memory": [IDLE["memory"][0], {"id": "spare", "kind": "nvme", "price": {"usd_per_gb": 1.0}}],
}
LEVEL_GB_S = 1000 * 131_072e-9 * 100
"""KV of 1,000 tokens for 100 s: 13.1072 GB for each request/s."""
SHARED_GB = 131.072


def _cached(reuse: str = "prefix-1", held: float = LEVEL_GB_S, shared: Any = None, tier: Any = None) -> Plan:
    """15/s by day and 5/s by night at a hit level, with the shared prompts in flash."""
    base = plan()
    d = vary(base.deployments, reuse=reuse, points={"b1": {**base.deployments[0].points["b1"], "parked_gb_s": held}})
    rates = {"day": 15.0, "night": 5.0}
    rows = [Parked("chat", "prefix-1", "virginia", "flash", p.period, p.slice, LEVEL_GB_S * rates[p.slice])
            for p in base.placements]  # fmt: skip
    sizes = shared or (lambda h: SHARED_GB)
    where = tier or (lambda h: "flash")
    rows += [Parked("chat", "shared", "virginia", where(p.slice), p.period, p.slice, sizes(p.slice))
             for p in base.placements if sizes(p.slice)]  # fmt: skip
    bought = MemoryPurchase("2027q1", "virginia", "flash", "buy", 4.0, 400.0, 100.0, 400.0, "2027q1")
    return plan(deployments=d, parked=tuple(rows), memory_purchases=(bought,))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (_cached(), set()),
        (_cached(reuse="prefix-2"), {"M4"}),
        (_cached(held=LEVEL_GB_S * 1.000001), {"M4"}),
        (_cached(shared=lambda h: 131.0), {"M4.stock"}),
        (_cached(shared=lambda h: SHARED_GB if h == "day" else 0.0), {"M4.stock"}),
        (_cached(tier=lambda h: "flash" if h == "day" else "spare"), {"M4.one"}),
        (_cached(shared=lambda h: 0.0), {"M4"}),
        (_cached(reuse="none"), {"M4"}),
    ],
    ids=["right", "no such level", "cache", "size", "one slice", "two tiers", "missing", "needless"],
)
def test_m4_levels_and_shared_prompts(made: Plan, expected: set[str]) -> None:
    """Level 1 holds 100 s of input, and shared prompts lie whole in one tier, day and night, if anyone reads them."""
    assert ids(failures(check_prefix, made, tiny_instance(**CURVE))) == expected


def test_m2_holds_a_prefix_cache_by_level() -> None:
    """196.608 GB by day and 65.536 by night are level 1's, beside 131.072 GB of shared prompts: 400 GB do."""
    assert failures(check_memory, _cached(), tiny_instance(**CURVE), {}) == []
    few = replace(_cached().memory_purchases[0], units=3.0, gb=300.0, cost_usd=300.0)
    made = replace(_cached(), memory_purchases=(few,))
    assert ids(failures(check_memory, made, tiny_instance(**CURVE), {})) == {"M2"}
    assert ids(failures(check_memory, _cached(reuse="none"), tiny_instance(**CURVE), {})) == {"M2.hold"}


@pytest.mark.parametrize(("field", "id_"), [("read_gb_s_per_tb", "M3.read"), ("write_gb_s_per_tb", "M3.write")])
def test_m3_counts_hits_misses_and_shared_prompts(field: str, id_: str) -> None:
    """Of 1.96608 GB/s of KV by day 0.4 is found in the cache and 0.1 in shared prompts: half is read, half is written.

    0.98304 GB/s on 0.4 TB are 2.4576 a TB.
    """
    for per_tb, expected in ((2.45761, set()), (2.45759, {id_})):
        memory = [{**IDLE["memory"][0], field: per_tb}, CURVE["memory"][1]]
        assert ids(failures(check_traffic, _cached(), tiny_instance(**{**CURVE, "memory": memory}))) == expected


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 100)), min_size=1, max_size=9, unique_by=lambda p: p[0]))
def test_m4_two_ways_to_the_same_corners(points: list[tuple[int, int]]) -> None:
    """What no split between two others reaches is what a walk along the envelope finds."""
    measured = [{"held_s": float(size), "hit_share": share / 100} for size, share in sorted(points)]
    chat = tiny_instance(
        workloads={"chat": {"reuse_curve": {"tiers": ["flash"], "points": measured}}}, memory=IDLE["memory"]
    ).workload("chat")
    assert chat.reuse_curve is not None
    walked = {level.reuse: (level.held_s, level.hit_share) for level in hit_levels(chat.reuse_curve)}
    assert corners(chat) == walked
