"""M4: memory buys prefix hits where it is the cheaper of the two, and shared prompts are held once.

Without a cache 15 requests/s take 8 units at 2/s, 240,000 USD. At hit level 1 a unit serves 3.75/s: 4 units, 120,000,
and 400 GB are held for each request/s: 6,000 GB by day.
"""

from typing import Any

import pytest
from cases import SOLVERS, candidate, case, model, point, solve

GB_PER_TOKEN = 131_072e-9
"""KV of the small model: 32 layers x 2 x 8 heads x 128 x 2 bytes."""


def _flash(usd_per_gb: float, **fields: Any) -> dict[str, Any]:
    return {"id": "flash", "kind": "nvme", "unit_gb": 1000.0, "price": {"usd_per_gb": usd_per_gb}, **fields}


NONE = candidate("none")
HITS = candidate("hits", reuse="prefix-1", points={"b1": point(rate=3.75, parked_gb_s=400.0)})


def _cached(tier: dict[str, Any], rate_per_s: float = 10.0, candidates: Any = (NONE, HITS), **curve: Any):
    points = [{"held_s": 100.0, "hit_share": 0.4}]
    slices = {"day": 1.5, "night": 0.5}
    chat = {
        "reuse_curve": {"tiers": [tier["id"]], "points": points, **curve},
        "demand": {"regions": [{"region": "east", "rate_per_s": rate_per_s, "slice_factors": slices}]},
    }
    return model(case(memory=[tier], workloads={"chat": chat}), candidates)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m4_cheap_memory_is_bought(solver: str) -> None:
    """6 units of 1 TB at 1 USD a GB cost 600 USD in two quarters and save 4 servers: 120,600."""
    assert solve(_cached(_flash(1.0)), solver) == pytest.approx(120_600)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m4_dear_memory_is_not(solver: str) -> None:
    """At 300 USD a GB the 6 TB cost 180,000 USD, and the servers they save 120,000: prefill is computed, 240,000."""
    assert solve(_cached(_flash(300.0)), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m4_mixing_two_levels_is_the_hull(solver: str) -> None:
    """500 GB come with each server and none can be bought: 6 servers hold 3,000 GB, so 7.5/s find their prefix.

    7.5 / 3.75 + 7.5 / 2 = 5.75 units, 180,000 USD. All without a cache takes 8; all with it takes 12, to hold 6,000 GB;
    5 servers hold 2,500 GB, 6.25 / 3.75 + 8.75 / 2 = 6.04 units.
    """
    dram = {"id": "dram", "kind": "dram", "price": {}}
    assert solve(_cached(dram), solver) == pytest.approx(180_000)
    assert solve(_cached(dram, candidates=(HITS,)), solver) == pytest.approx(360_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("limit", "units"),
    [
        ({"read_gb_s_per_tb": 2.0}, 12),
        ({"write_gb_s_per_tb": 4.0}, 9),
        ({"drive_writes_per_day": 172.8}, 9),
        ({"read_gb_s_per_tb": 4.0, "write_gb_s_per_tb": 6.0}, 6),
    ],
    ids=["read", "write", "endurance", "slack"],
)
def test_m4_hits_are_read_and_misses_written(solver: str, limit: dict[str, float], units: int) -> None:
    """6,000 GB by day are 100 s of input, of which 40 % are found, 24 GB/s read, and 60 % missed, 36 GB/s written.

    At 2 GB/s a TB reads take 12 TB, at 4 GB/s a TB writes take 9. By night the 4 servers do without a cache, so 18 GB/s
    are written on the mean, 1,555.2 TB a day: 9 TB 172.8 times. A unit of 1 TB is 100 USD.
    """
    assert solve(_cached(_flash(1.0, **limit)), solver) == pytest.approx(120_000 + 100 * units)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m4_a_block_kept_on_its_second_use_is_written_less(solver: str) -> None:
    """With half of the misses written, 18 GB/s at 4 GB/s a TB take 4.5 TB: the 6 that hold the cache are enough."""
    assert solve(_cached(_flash(1.0, write_gb_s_per_tb=4.0), written_share=0.5), solver) == pytest.approx(120_600)


SHARED = {"shared_tokens": 1e7, "shared_hit_share": 0.5}
"""10 million tokens, 1,310.72 GB: 2 units; 500 of each 1,000 tokens of input, 0.065536 GB, are among them."""
COMMON = candidate("common", reuse="prefix-0", points={"b1": point(rate=4.0)})


def _common(usd_per_gb: float, rate_per_s: float = 10.0, **tier: Any):
    return _cached(_flash(usd_per_gb, **tier), rate_per_s, (NONE, COMMON), **SHARED)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("rate_per_s", "servers"), [(10.0, 4), (20.0, 8)])
def test_m4_shared_prompts_do_not_grow_with_load(solver: str, rate_per_s: float, servers: int) -> None:
    """15 or 30 requests/s at 4/s a unit take 4 or 8 servers, and either way 2 TB of flash: 200 USD."""
    assert solve(_common(1.0, rate_per_s), solver) == pytest.approx(servers * 30_000 + 200)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m4_shared_prompts_pay_only_where_enough_is_served(solver: str) -> None:
    """At 800 USD a GB the two units cost 160,000 USD: more than the 4 servers they save, less than 7 at twice the load.

    So at 10/s 240,000 without them, at 20/s 8 x 30,000 + 160,000 = 400,000 instead of 15 x 30,000 = 450,000.
    """
    assert solve(_common(800.0), solver) == pytest.approx(240_000)
    assert solve(_common(800.0, 20.0), solver) == pytest.approx(400_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("per_tb", "units"), [(0.25, 4), (0.5, 2)])
def test_m4_shared_prompts_are_read(solver: str, per_tb: float, units: int) -> None:
    """15 requests/s read 0.98304 GB/s: at 0.25 GB/s a TB that takes 3.9 TB, at 0.5 the 2 TB they lie in do."""
    assert solve(_common(1.0, read_gb_s_per_tb=per_tb), solver) == pytest.approx(120_000 + 100 * units)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m4_shared_prompts_lie_in_one_tier(solver: str) -> None:
    """With 1 TB free in DRAM and flash at 1 USD a GB they lie in flash whole: 2 units, not 0.3 TB in one.

    The servers bring 4 x 250 GB, 310.72 GB too few; a fifth would cost 30,000 USD, a TB more of flash 100.
    """
    points = [{"held_s": 100.0, "hit_share": 0.4}]
    curve = {"tiers": ["dram", "flash"], "points": points, **SHARED}
    instance = case(
        memory=[{"id": "dram", "kind": "dram", "price": {}}, _flash(1.0)],
        systems={"gpu8": {"usable_dram_gb": 250.0}},
        workloads={"chat": {"reuse_curve": curve}},
    )
    assert solve(model(instance, (NONE, COMMON)), solver) == pytest.approx(120_200)
