"""Counting rejections."""

from fleetopt.candidates.tally import MAX_SHORTFALL, Tally
from fleetopt.prediction.types import Refusal


def test_rejections_are_counted_by_rule_and_keep_the_nearest_miss() -> None:
    """Three refusals of 40, 10 and 20 %: one row of three with the 10 % and its configuration."""
    tally = Tally()
    for shortfall in (0.4, 0.1, 0.2):
        tally.reject("w", "s", "c", "decode", Refusal("SLO", f"{shortfall}", shortfall), f"try {shortfall}")
    (row,) = tally.rejections()
    assert (row.rule, row.count, row.shortfall, row.detail) == ("SLO", 3, 0.1, "try 0.1: 0.1")


def test_rows_are_sorted_and_infinity_is_a_number() -> None:
    """Rows come by workload, then site; an endless shortfall is written as a finite one."""
    tally = Tally()
    tally.reject("b", "s", "c", "decode", Refusal("M1", "none", float("inf")), count=2)
    tally.reject("a", "s", "c", "decode", Refusal("M1", "none"))
    rows = tally.rejections()
    assert [row.workload for row in rows] == ["a", "b"]
    assert (rows[1].shortfall, rows[1].count) == (MAX_SHORTFALL, 2)
