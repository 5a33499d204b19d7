"""Choice: one layout of each kind among replicas that span several units."""

from builders import tiny_instance, unbanded

from fleetopt.candidates.candidate import Candidate, OperatingPoint
from fleetopt.candidates.choice import one_whole_layout
from fleetopt.candidates.rules import WORDS
from fleetopt.candidates.tally import Tally
from fleetopt.prediction.types import Layout


def candidate(name: str, units: float, rate: float) -> Candidate:
    """A layout of `units` units that serves the tiny instance's only bucket at `rate`."""
    figures = (rate, 0.1, 0.01, 1.0)
    points = {"b1": OperatingPoint("b1", 1, *figures, 1.0, 0.0, 0.0, *unbanded(*figures))}
    return Candidate(
        name, "chat", "virginia", "gpu8", "aggregated", "none", "bf16", "bf16", Layout(), units, True, 1.0, points
    )


def test_the_layout_of_the_fewest_units_stays_and_the_others_are_counted_as_a_choice() -> None:
    """Four units at 10/s take 0.4 a request/s, two at 4/s take 0.5; what shares a unit is left alone.

    The one left out is counted under LAYOUT, not under a rule that it would break.
    """
    (workload,), tally = tiny_instance().workloads, Tally()
    best, other, shared = candidate("best", 4.0, 10.0), candidate("other", 2.0, 4.0), candidate("shared", 0.5, 0.1)
    assert one_whole_layout(workload, [other, shared, best], tally) == [shared, best]
    (left_out,) = tally.rejections()
    assert (left_out.rule, left_out.system, left_out.count) == ("LAYOUT", "gpu8", 1)
    assert "offered instead: 4 units (best)" in left_out.detail
    assert WORDS["LAYOUT"] == "another layout of the system is offered"


def test_within_5_percent_the_smaller_replica_stays() -> None:
    """0.4 units a request/s with four, 0.412 with two: 3 % more for half the size."""
    (workload,) = tiny_instance().workloads
    small = candidate("small", 2.0, 2.0 / 0.412)
    assert one_whole_layout(workload, [candidate("large", 4.0, 10.0), small], Tally()) == [small]
