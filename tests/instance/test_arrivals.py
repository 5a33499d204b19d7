"""Arrivals: mean rate x slice factor x growth x scale, or the table."""

import pytest
from builders import tiny_instance

from fleetopt.instance.arrivals import (
    arrivals_per_s,
    peak_arrivals_per_s,
    region_ids,
    requests_in_period,
    total_arrivals,
)
from fleetopt.instance.schema import Instance


def demand(**changes: object) -> Instance:
    """The tiny instance (10/s; 1.5 by day, 0.5 by night; two quarters) with its demand changed."""
    return tiny_instance(workloads={"chat": {"demand": changes}})


def rate(instance: Instance, period: int, part: str) -> float:
    """Arrivals from the east."""
    return arrivals_per_s(instance, instance.workloads[0], "east", period, part)


def test_slices_and_growth_multiply_the_mean() -> None:
    """10/s x 1.5 by day is 15/s; with 20 % growth and scale 2 the second quarter has 15 x 1.2 x 2 = 36/s."""
    assert rate(demand(), 0, "day") == 15
    assert rate(demand(growth_per_period=0.2, scale=2), 1, "day") == pytest.approx(36)


def test_factors_take_the_place_of_growth() -> None:
    """10/s x 0.5 by night x 3 in the second quarter is 15/s."""
    assert rate(demand(period_factors=[1, 3]), 1, "night") == 15


def test_a_table_is_the_rate_itself() -> None:
    """7/s by night in the second quarter, nothing else; scale 2 makes it 14."""
    row = {"period": "2027q2", "slice": "night", "region": "east", "rate_per_s": 7}
    instance = demand(regions=[], table=[row], scale=2)
    assert (rate(instance, 1, "night"), rate(instance, 0, "night"), rate(instance, 1, "day")) == (14, 0, 0)
    assert region_ids(instance.workloads[0]) == ("east",)


def test_unknown_regions_ask_for_nothing() -> None:
    """A region without demand has none."""
    instance = demand()
    assert arrivals_per_s(instance, instance.workloads[0], "west", 0, "day") == 0


def test_totals_weigh_slices_by_their_hours() -> None:
    """Half of a quarter at 15/s and half at 5/s: 10/s x 8766/4 h x 3600 s = 78,894,000 requests, twice in all."""
    instance = demand()
    workload = instance.workloads[0]
    assert requests_in_period(instance, workload, 0) == pytest.approx(78_894_000)
    assert total_arrivals(instance, workload) == pytest.approx(2 * 78_894_000)
    assert peak_arrivals_per_s(instance, workload, 0) == 15
