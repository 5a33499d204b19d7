"""Hit levels are the corners of a measured curve's concave envelope."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from builders import tiny_instance
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.candidates.candidate import OperatingPoint
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.evaluate import recompute
from fleetopt.candidates.prefix import envelope, hit_levels, level_of
from fleetopt.instance.schema import Instance

MOONCAKE = (0.5, 4.35), (1, 5.23), (2, 7.87), (5, 19.5), (10, 27.8), (20, 34.5), (50, 36.3), (100, 36.6)
"""LRU hit rate of the conversation trace in % by cache size in % of its unique blocks."""
FLASH = {"id": "flash", "kind": "nvme", "price": {"usd_per_gb": 0.5}, "read_gb_s": 10.0, "latency_s": 0.001}


def cached(points: list[dict[str, float]], stages: bool = False, **curve: Any) -> Instance:
    """The tiny instance with a prefix cache in flash and 8,000 tokens of input."""
    chat = {
        "reuse_curve": {"tiers": ["flash"], "points": points, **curve},
        "buckets": {"b1": {"input_tokens": 8000.0}},
        "slo": {"ttft_s": 4.0},
        "disaggregated": stages,
    }
    return tiny_instance(workloads={"chat": chat}, memory=[FLASH])


POINTS = [{"held_s": 100.0, "hit_share": 0.5}]


def point(instance: Instance, reuse: str, batch: int = 8) -> OperatingPoint:
    found = recompute(instance, "chat", "virginia", "gpu8", "aggregated", reuse, "bf16", 1, 1, 1, "b1", batch)
    assert isinstance(found, OperatingPoint), found
    return found


def test_the_envelope_of_a_measured_curve() -> None:
    """Mooncake: from 0.5 to 5 % the line rises 3.37 a %, at 1 and 2 % to 6.03 and 9.40, above 5.23 and 7.87."""
    assert envelope(MOONCAKE) == ((0.5, 4.35), (5, 19.5), (10, 27.8), (20, 34.5), (50, 36.3), (100, 36.6))


@pytest.mark.parametrize(
    ("points", "corners"),
    [
        ([(1.0, 0.1), (2.0, 0.2)], [(2.0, 0.2)]),
        ([(1.0, 0.3), (2.0, 0.2)], [(1.0, 0.3)]),
        ([(1.0, 0.3), (2.0, 0.3)], [(1.0, 0.3)]),
        ([(1.0, 0.0)], []),
    ],
    ids=["on a line", "falling", "flat", "nothing found"],
)
def test_what_adds_nothing_is_no_corner(points: Any, corners: Any) -> None:
    """Points on the line from no cache, and sizes that find no more than smaller ones, are left out."""
    assert list(envelope(points)) == corners


@given(st.lists(st.tuples(st.floats(0.1, 100), st.floats(0, 1)), min_size=1, max_size=12, unique_by=lambda p: p[0]))
def test_the_envelope_lies_above_every_point_and_is_concave(points: list[tuple[float, float]]) -> None:
    """Every measured share is within reach of a split between corners, and each corner gains less than the last."""
    corners = [(0.0, 0.0), *envelope(points)]
    for size, share in points:
        below = [c for c in corners if c[0] <= size]
        above = [c for c in corners if c[0] >= size] or corners[-1:]
        (low, less), (high, more) = below[-1], above[0]
        reach = less + (more - less) * (size - low) / (high - low) if high > low else max(less, more)
        assert reach >= share - 1e-7
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(corners)]
    assert all(later < earlier + 1e-7 for earlier, later in pairwise(slopes))


def test_shared_prompts_are_a_level_of_their_own_and_part_of_every_other() -> None:
    """With 10 % of the input in shared prompts, level 0 finds those 10 % and level 1 finds 60 %."""
    curve = cached(POINTS, shared_tokens=1e6, shared_hit_share=0.1).workload("chat").reuse_curve
    assert curve is not None
    assert [(x.reuse, x.held_s, x.cached_share) for x in hit_levels(curve)] == [
        ("prefix-0", 0.0, 0.1),
        ("prefix-1", 100.0, 0.6),
    ]


def test_only_a_level_of_the_curve_is_one() -> None:
    """A name that no corner has, or another use of the cache, is no level."""
    chat = cached(POINTS).workload("chat")
    assert [level_of(chat, name) is not None for name in ("prefix-1", "prefix-2", "none", "parked")] == [
        True, False, False, False,
    ]  # fmt: skip


def test_m4_every_level_is_offered_where_requests_enter() -> None:
    """Aggregated replicas and prefill pools come without a cache and at each level, decode pools without."""
    found = Counter((c.stage, c.reuse) for c in candidates(cached(POINTS, stages=True)).serving)
    assert set(found) == {
        ("aggregated", "none"), ("aggregated", "prefix-1"), ("prefill", "none"), ("prefill", "prefix-1"),
        ("decode", "none"),
    }  # fmt: skip


def test_m4_without_a_tier_there_are_no_levels() -> None:
    """Where no tier that may hold the cache is enabled every token is prefilled, and M4 says so."""
    instance = cached(POINTS)
    off = instance.model_copy(update={"memory": (instance.memory[0].model_copy(update={"enabled": False}),)})
    found = candidates(off)
    assert {c.reuse for c in found.serving} == {"none"}
    assert "M4" in {r.rule for r in found.rejections}


def test_m4_a_level_holds_seconds_of_input() -> None:
    """8,000 tokens of 131,072 bytes for 100 s: 104.8576 GB for each request/s."""
    assert point(cached(POINTS), "prefix-1").parked_gb_s == pytest.approx(8000 * 131_072e-9 * 100)
    assert point(cached(POINTS), "none").parked_gb_s == 0.0


def test_m4_hits_raise_the_rate() -> None:
    """Half the prefill saved serves more at the same batch, aggregated or in a prefill pool."""
    instance = cached(POINTS, stages=True)

    def pool(reuse: str) -> OperatingPoint:
        found = recompute(instance, "chat", "virginia", "gpu8", "prefill", reuse, "bf16", 1, 1, 1, "b1", 1)
        assert isinstance(found, OperatingPoint), found
        return found

    assert point(instance, "prefix-1").rate_per_s > 1.2 * point(instance, "none").rate_per_s
    assert pool("prefix-1").rate_per_s > 1.2 * pool("none").rate_per_s


def test_m4_the_first_token_is_that_of_a_miss() -> None:
    """At next to no load TTFT without a cache and at a hit level are the same: one miss in two is no rare event."""
    instance = cached(POINTS)
    options = instance.prediction.model_copy(update={"max_utilisation": 1e-6})
    idle = instance.model_copy(update={"prediction": options})
    assert point(idle, "prefix-1").ttft_s == pytest.approx(point(idle, "none").ttft_s, rel=1e-4)


def test_m4_restoring_from_a_slow_tier_counts() -> None:
    """4,000 tokens are 0.524 GB: at 0.05 GB/s they take 10 s, more than any target here, so there is no such point."""
    slow = cached(POINTS)
    tier = slow.memory[0].model_copy(update={"read_gb_s": 0.05})
    found = recompute(
        slow.model_copy(update={"memory": (tier,)}),
        "chat", "virginia", "gpu8", "aggregated", "prefix-1", "bf16", 1, 1, 1, "b1", 1,
    )  # fmt: skip
    assert not isinstance(found, OperatingPoint) and "TTFT" in found.detail
