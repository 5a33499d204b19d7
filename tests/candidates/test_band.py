"""Operating points at the ends of their error bands."""

import pytest
from builders import tiny_instance

from fleetopt.candidates.band import First, at_end
from fleetopt.candidates.candidate import OperatingPoint
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.evaluate import recompute
from fleetopt.prediction.types import Ends, QueuedPoint, ServingPoint, Spreads


def test_only_a_replicas_own_times_are_banded() -> None:
    """TTFT of 1.5 s, 0.5 s of it the replica's: 2 s at twice that. Then 3 gaps of 0.1 s become 0.15 s, in 2 turns:
    a completion of 10 s takes 2 x (0.5 + 3 x 0.05) = 1.3 s more. A rate of 8/s is 5/s at 1.6 times the service."""
    spreads = Spreads(Ends(0.5, 2.0), Ends(1.0, 1.5), Ends(1.0, 1.6))
    point = ServingPoint(8, 0.5, 0.1, 10.0, 0.1, 1.0, 1.0, spreads=spreads)
    found = at_end(1, QueuedPoint(8.0, 1.5, 0.1, 10.0, 0.8), point, First(0.5), 3.0, 2.0)
    expected = (5.0, 2.0, 0.15, 11.3)
    assert (found.rate_per_s, found.ttft_s, found.tpot_s, found.completion_s) == pytest.approx(expected)


def test_a_miss_decides_once_it_is_slower_than_hit_and_restore() -> None:
    """A hit of 1 s after 3 s of restoring, a miss of 3.5 s: the hit counts (1 s); at twice the time the miss (4 s)."""
    first = First(hit_s=1.0, missed_s=3.5, restore_s=3.0)
    assert (first.time_s(), first.time_s(2.0)) == (1.0, 4.0)


@pytest.mark.parametrize(("end", "name"), [("p10", "optimistic"), ("p90", "pessimistic")])
def test_tpot_is_at_its_end_of_the_band_when_planned_there(end: str, name: str) -> None:
    """What the plan at p50 says of an end is what the plan at that end says."""

    def planned(percentile: str) -> OperatingPoint:
        instance = tiny_instance(prediction={"percentile": percentile}, workloads={"chat": {"slo": {"ttft_s": 9.0}}})
        found = recompute(instance, "chat", "virginia", "gpu8", "aggregated", "none", "bf16", 1, 1, 1, "b1", 16)
        assert isinstance(found, OperatingPoint), name
        return found

    plain, at = planned("p50"), planned(end)
    assert at.tpot_s == pytest.approx(getattr(plain, f"tpot_s_{end}"))
    assert at.rate_per_s == pytest.approx(getattr(plain, f"rate_per_s_{end}"))
    assert getattr(at, f"tpot_s_{end}") == at.tpot_s


def test_candidates_have_the_plan_between_their_ends() -> None:
    """At p10 a rate is higher and latency lower than planned; at p90 the other way round."""
    points = [p for c in candidates(tiny_instance()).serving for p in c.points.values()]
    assert points
    for p in points:
        assert p.rate_per_s_p90 <= p.rate_per_s <= p.rate_per_s_p10
        assert p.ttft_s_p10 <= p.ttft_s <= p.ttft_s_p90
        assert p.tpot_s_p10 <= p.tpot_s <= p.tpot_s_p90
        assert p.completion_s_p10 <= p.completion_s <= p.completion_s_p90
        assert p.completion_s_p10 < p.completion_s_p90
