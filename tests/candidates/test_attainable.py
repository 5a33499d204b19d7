"""The most units a site could ever hold."""

from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.candidates.attainable import Attainable, attainable
from fleetopt.candidates.offers import offers


def most(period: int, **changes: Any) -> Attainable:
    instance = tiny_instance(**{"time": {"periods": 4}, **changes})
    return attainable(instance, instance.system("gpu8"), offers(instance).offers[0], period)


def test_power_bounds_where_nothing_else_does() -> None:
    """1,000 kW / (10 kW x 1.25) = 80 units."""
    assert (most(0).units, most(0).rule) == (80.0, "P1")


def test_a_lease_and_blocks_to_build_count_as_power() -> None:
    """(1,000 + 500) kW of grid at 80 % firm and 300 kW of lease make 1,500 kW: 120 units."""
    grid = {"max_new_kw": 500.0, "firm_share": 0.8}
    lease = {"usd_per_kw_month": 100.0, "max_kw": 300.0}
    sites = {"virginia": {"power": {"sources": {"grid": grid}, "lease": lease}}}
    assert most(0, sites=sites).units == pytest.approx(120.0)


def test_a_lease_keeps_its_own_scale() -> None:
    """Half of 1,000 kW of sources and all of 300 kW of lease make 800 kW: 64 units."""
    lease = {"usd_per_kw_month": 100.0, "max_kw": 300.0}
    assert most(0, sites={"virginia": {"power": {"scale": 0.5, "lease": lease}}}).units == pytest.approx(64.0)


def test_sources_that_are_off_give_no_power() -> None:
    """Of 1,000 kW of grid and 500 kW of gas that is off, existing or not, 1,000 kW remain: 80 units."""
    gas = {"enabled": False, "existing_kw": 250.0, "max_new_kw": 250.0}
    assert most(0, sites={"virginia": {"power": {"sources": {"gas": gas}}}}).units == pytest.approx(80.0)


def test_space_bounds_where_it_is_short() -> None:
    """20 rack positions, half a position a server: 40 units."""
    found = most(0, systems={"gpu8": {"slots": 0.5}}, sites={"virginia": {"space": {"slots": 20.0}}})
    assert (found.units, found.rule) == (40.0, "S1")


def test_deliveries_add_up_on_the_fleet_in_place() -> None:
    """Ten owned until q2 and 2, 3, 3, ... delivered: 12, 15, then 8 without the fleet, 11."""
    fleet = {"id": "old", "system": "gpu8", "site": "virginia", "units": 10}
    limit = {"id": "l", "vendor": "acme", "units_per_period": [2.0, 3.0]}
    changes = {
        "fleet": [{**fleet, "in_service": "2025q1", "end_of_life": "2027q2"}],
        "supply": {"limits": [limit]},
    }
    assert [most(t, **changes).units for t in range(4)] == [12.0, 15.0, 8.0, 11.0]


def test_a_licence_caps_what_is_delivered_under_it() -> None:
    """Every delivery needs the licence, whose cap is 7 units."""
    changes = {
        "trade": {
            "rules": [{"id": "r", "destinations": ["US"], "tpp_at_least": 1.0}],
            "licences": [{"id": "l", "systems": ["gpu8"], "jurisdiction": "us", "max_units": 7.0}],
        }
    }
    assert most(3, **changes).units == 7.0


@pytest.mark.parametrize(
    "limit",
    [
        {"systems": ["other"]},
        {"vendor": "other"},
        {"jurisdictions": ["eu"]},
        {"enabled": False},
    ],
)
def test_limits_on_other_things_do_not_count(limit: dict[str, Any]) -> None:
    """Other systems, vendors and destinations, and limits that are off, leave power as the bound."""
    assert most(0, supply={"limits": [{"id": "l", "units_per_period": [1.0], **limit}]}).rule == "P1"
