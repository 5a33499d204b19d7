"""Dominance: what goes, what stays, and why that is safe."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from builders import unbanded
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.candidates.candidate import Candidate, OperatingPoint
from fleetopt.candidates.dominance import undominated
from fleetopt.prediction.types import Layout


def point(bucket: str, rate: float, parked: float = 0.0) -> OperatingPoint:
    return OperatingPoint(bucket, 1, rate, 0.1, 0.01, 1.0, 1.0, 0.0, parked, *unbanded(rate, 0.1, 0.01, 1.0))


def candidate(name: str, units: float, whole: bool = False, parked: float = 0.0, **rates: float) -> Candidate:
    points = {bucket: point(bucket, rate, parked) for bucket, rate in rates.items()}
    fixed: dict[str, Any] = {"workload": "w", "site": "s", "system": "c", "stage": "aggregated", "reuse": "none"}
    return Candidate(
        id=name, precision="bf16", kv_precision="bf16", layout=Layout(), units=units, whole=whole, weights_gb=1.0,
        points=points, **fixed,
    )  # fmt: skip


def kept(*options: Candidate) -> dict[str, list[str]]:
    return {c.id: sorted(c.points) for c in undominated(options)}


def test_each_bucket_keeps_its_cheapest_option_by_unit() -> None:
    """A serves x at 8 a unit and y at 4, B serves x at 6 and y at 6: x stays with A, y with B."""
    a, b = candidate("a", 0.125, x=1.0, y=0.5), candidate("b", 0.25, x=1.5, y=1.5)
    assert kept(a, b) == {"a": ["x"], "b": ["y"]}


def test_of_equals_the_first_is_kept() -> None:
    """Two options at the same rate a unit: one column, not two."""
    a, b = candidate("a", 0.5, x=1.0), candidate("b", 0.25, x=0.5)
    assert kept(a, b) == {"a": ["x"]}
    assert kept(b, a) == {"b": ["x"]}


def test_parking_less_keeps_a_slower_option() -> None:
    """Slower without parked KV is not dominated; slower and with it is."""
    fast = candidate("fast", 1.0, parked=5.0, x=2.0)
    assert kept(fast, candidate("lean", 1.0, x=1.0)) == {"fast": ["x"], "lean": ["x"]}
    assert kept(fast, candidate("worse", 1.0, parked=6.0, x=1.0)) == {"fast": ["x"]}


def test_only_what_holds_alike_or_nothing_makes_a_level_needless() -> None:
    """A smaller hit level that is faster writes more, so a larger one stays; one without a cache may replace it."""
    small = replace(candidate("small", 1.0, parked=1.0, x=2.0), reuse="prefix-1")
    large = replace(candidate("large", 1.0, parked=2.0, x=1.0), reuse="prefix-2")
    assert kept(small, large) == {"small": ["x"], "large": ["x"]}
    assert kept(small, replace(large, reuse="prefix-1")) == {"small": ["x"]}
    assert kept(candidate("bare", 1.0, x=2.0), small) == {"bare": ["x"]}
    whole = replace(large, whole=True)
    assert kept(small, whole) == {"small": ["x"], "large": ["x"]}


@pytest.mark.parametrize(("units", "stays"), [(2.0, False), (3.0, True), (1.0, False)])
def test_a_whole_replica_goes_only_if_the_others_size_divides_its_own(units: float, stays: bool) -> None:
    """Four units against better replicas of 1, 2 or 3: three do not divide four, so rounding may cost more."""
    large = candidate("large", 4.0, whole=True, x=4.0)
    other = candidate("other", units, whole=True, x=1.1 * units)
    assert ("large" in kept(large, other)) is stays


def test_whole_replicas_are_dropped_only_for_all_their_buckets() -> None:
    """Better for x alone does not make it needless: one replica serves x and y with what rounding leaves."""
    both = candidate("both", 2.0, whole=True, x=2.0, y=2.0)
    assert kept(both, candidate("other", 2.0, whole=True, x=3.0)) == {"both": ["x", "y"], "other": ["x"]}
    assert kept(both, candidate("other", 2.0, whole=True, x=3.0, y=2.0)) == {"other": ["x", "y"]}


def test_a_replica_that_shares_units_can_replace_a_whole_one_and_not_the_reverse() -> None:
    """No rounding at all beats rounding at the same rate a unit."""
    shared, whole = candidate("shared", 0.5, x=0.5), candidate("whole", 2.0, whole=True, x=2.0)
    assert kept(shared, whole) == {"shared": ["x"]}
    assert kept(replace(shared, points={"x": point("x", 0.4)}), whole) == {"shared": ["x"], "whole": ["x"]}


@pytest.mark.parametrize("field", ["workload", "site", "system", "stage"])
def test_only_like_is_compared_with_like(field: str) -> None:
    """Another workload, site, system or stage is another thing."""
    a, b = candidate("a", 1.0, x=2.0), candidate("b", 1.0, x=1.0)
    change: Any = {field: "decode" if field == "stage" else "other"}
    assert len(undominated([a, replace(b, **change)])) == 2


def cost(options: tuple[Candidate, ...], load: dict[str, float]) -> float:
    """Fewest units for a load on replicas that share units: each bucket on its cheapest option."""
    return sum(
        rate * min(c.units / c.points[b].rate_per_s for c in options if b in c.points) for b, rate in load.items()
    )


rates = st.floats(0.1, 10.0)
shared = st.builds(
    lambda n, x, y: candidate("k", 1.0 / n, x=x, y=y), st.integers(1, 8), rates, rates
)  # fmt: skip


@given(st.lists(shared, min_size=1, max_size=6), rates, rates)
def test_a_dominated_candidate_changes_nothing(options: list[Candidate], x: float, y: float) -> None:
    """The cheapest way to carry any load is the same before and after, with at most one option a bucket left."""
    named = tuple(replace(c, id=f"k{n}") for n, c in enumerate(options))
    left = undominated(named)
    assert cost(left, {"x": x, "y": y}) == pytest.approx(cost(named, {"x": x, "y": y}))
    assert sum(len(c.points) for c in left) == 2


def test_the_order_of_options_does_not_matter_without_ties() -> None:
    """Six orders of three options leave the same points."""
    options = [candidate("a", 0.5, x=1.0, y=3.0), candidate("b", 1.0, x=3.0), candidate("c", 2.0, whole=True, x=7.0)]
    results = [sorted(kept(*order).items()) for order in permutations(options)]
    assert all(result == results[0] for result in results)
