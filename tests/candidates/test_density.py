"""P3 as a screen: what a rack position of a site can cool."""

from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.candidates.attainable import attainable
from fleetopt.candidates.candidate import Rejection
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers

HELD = {"id": "old", "system": "gpu8", "site": "virginia", "units": 5, "in_service": "2025q1", "end_of_life": "2027q1"}


def dense(limit_kw: float, slots: float = 1.0, **changes: Any) -> Any:
    """The 10 kW server in `slots` rack positions of a site that cools `limit_kw` in each."""
    site = {"cooling": {"max_kw": 1000.0, "max_kw_per_slot": limit_kw}}
    gpu8 = {"slots": slots, **changes.pop("gpu8", {})}
    return tiny_instance(sites={"virginia": site}, systems={"gpu8": gpu8}, **changes)


@pytest.mark.parametrize(
    ("limit_kw", "slots", "passes"),
    [
        (10.0, 1.0, True),
        (9.99, 1.0, False),
        (5.0, 2.0, True),
        (4.99, 2.0, False),
        (10.0, 0.25, True),
        (9.9, 0.25, False),
    ],
)
def test_p3_just_passes_and_just_fails(limit_kw: float, slots: float, passes: bool) -> None:
    """10 kW over the positions it takes, at least one: a quarter of a position may have one to itself, not more."""
    found = offers(dense(limit_kw, slots))
    assert [o.buy_periods for o in found.offers] == ([(0, 1)] if passes else [])
    assert [r.rule for r in found.rejections] == ([] if passes else ["P3"])


def test_p3_says_how_far_off() -> None:
    """10 kW where 8 can be cooled: a quarter too many, told with every workload's rejections."""
    instance = dense(8.0)
    said = Rejection(
        "*", "virginia", "gpu8", "*", "P3", "10 kW in a rack position, 8 kW can be cooled", pytest.approx(0.25)
    )
    assert offers(instance).rejections == (said,)
    assert said in candidates(instance).rejections


def test_p3_leaves_what_stands_there_and_what_is_rented() -> None:
    """The fleet in place and rented units stay on offer; only buying is rejected, and that is said."""
    found = offers(dense(8.0, fleet=[HELD], gpu8={"rent": {"usd_per_h": 20.0}}))
    (offer,) = found.offers
    assert (offer.buy_periods, offer.rent_periods, offer.owned_periods) == ((), (0, 1), (0,))
    assert [r.rule for r in found.rejections] == ["P3"]


def test_p3_takes_no_position_takes_no_density() -> None:
    """What needs no rack position is not bound by one."""
    assert offers(dense(1.0, slots=0.0)).rejections == ()


def test_p3_bounds_what_a_site_could_hold() -> None:
    """1,000 kW of grid carry 80 units; cooling for 300 kW, of which half stands still, carries 60: 300 / (10 x 0.5)."""
    site = {"cooling": {"max_kw": 600.0, "scale": 0.5}, "power": {"diversity": 0.5}}
    instance = tiny_instance(sites={"virginia": site})
    found = attainable(instance, instance.system("gpu8"), offers(instance).offers[0], 0)
    assert (found.units, found.rule) == (pytest.approx(60.0), "P3")
