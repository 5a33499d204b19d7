"""What can be had where and when: B2, B7, X1, X3, O1 and the existing fleet."""

from typing import Any

import pytest
from builders import CPU_RACK, tiny_instance, with_orbit

from fleetopt.candidates.offer import Offer
from fleetopt.candidates.offers import OfferSet, offers

CHINA: dict[str, Any] = {
    "jurisdictions": {"cn": {"country": "CN"}},
    "sites": {"virginia": {"jurisdiction": "cn"}},
    "time": {"periods": 4},
}
RULE = {"id": "tpp", "destinations": ["CN"], "tpp_at_least": 4800.0, "since": "2027q2"}
LICENCE = {"id": "permit", "systems": ["gpu8"], "jurisdiction": "cn", "since": "2027q3", "revenue_share": 0.15}


def offered(**changes: Any) -> OfferSet:
    return offers(tiny_instance(**changes))


def only(found: OfferSet) -> Offer:
    (offer,) = found.offers
    return offer


def test_without_lead_or_rules_every_period_is_open() -> None:
    """Two periods, no lead: delivery in both, no duty, no licence, no rent."""
    offer = only(offered())
    assert (offer.buy_periods, offer.rent_periods, offer.owned_periods) == ((0, 1), (), ())
    assert (offer.duty_rate, offer.licence, offer.mass_kg) == ({0: 0.0, 1: 0.0}, {}, 0.0)


@pytest.mark.parametrize(("months", "first"), [(0, 0), (3, 1), (3.1, 2), (9, 3)])
def test_b2_lead_is_rounded_up_to_periods(months: float, first: int) -> None:
    """3 months are one quarter, 3.1 are two; of four quarters 9 months leave the last."""
    offer = only(offered(systems={"gpu8": {"lead_months": months}}, time={"periods": 4}))
    assert offer.buy_periods == tuple(range(first, 4))


def test_b2_a_lead_beyond_the_horizon_is_a_rejection() -> None:
    """Twelve months of four quarters: never in service, and the earliest period is said."""
    found = offered(systems={"gpu8": {"lead_months": 12}}, time={"periods": 4})
    assert found.offers == ()
    assert [(r.rule, r.site, r.system) for r in found.rejections] == [("B2", "virginia", "gpu8")]
    assert "2028q1" in found.rejections[0].detail


def test_the_market_date_holds_for_buying_and_renting() -> None:
    """On sale from 2027q2: neither bought nor rented in the first quarter."""
    gpu8 = {"available_from": "2027q2", "rent": {"usd_per_h": 20.0}}
    offer = only(offered(systems={"gpu8": gpu8}))
    assert (offer.buy_periods, offer.rent_periods) == ((1,), (1,))


def test_renting_needs_no_lead_and_stops_at_the_ground() -> None:
    """A rented server starts at once although a bought one takes half a year; no satellite is rented."""
    offer = only(offered(systems={"gpu8": {"lead_months": 6, "rent": {"usd_per_h": 20.0}}}))
    assert (offer.buy_periods, offer.rent_periods) == ((), (0, 1))
    found = offered(**with_orbit(systems={"sat": {"buyable": False, "rent": {"usd_per_h": 20.0}}}))
    assert [(r.system, r.rule) for r in found.rejections] == [("sat", "B7")]


def test_b7_what_is_neither_sold_nor_rented_is_a_rejection_unless_owned() -> None:
    """No price and no rent: rejected; with a fleet in place it stays as owned, without complaint."""
    unsold = {"systems": {"gpu8": {"price": {"buy_usd": None}}}}
    assert [r.rule for r in offered(**unsold).rejections] == ["B7"]
    fleet = {"id": "old", "system": "gpu8", "site": "virginia", "units": 5}
    held = offered(**unsold, fleet=[{**fleet, "in_service": "2025q1", "end_of_life": "2027q1"}])
    assert (only(held).owned_periods, only(held).buy_periods, held.rejections) == ((0,), (), ())


def test_x1_by_period_of_delivery_with_and_without_a_licence() -> None:
    """The rule bites from q2, a licence is assumed from q3: delivery in q1, q3 and q4, the last two at 15 %.

    Without the licence only q1 is left.
    """
    found = only(offered(**CHINA, trade={"rules": [RULE], "licences": [LICENCE]}))
    assert found.buy_periods == (0, 2, 3)
    assert found.licence == {2: "permit", 3: "permit"}
    assert found.duty_rate == {0: 0.0, 2: 0.15, 3: 0.15}
    assert only(offered(**CHINA, trade={"rules": [RULE]})).buy_periods == (0,)


def test_x1_barred_is_a_rejection_that_a_licence_does_not_lift() -> None:
    """A bar in force throughout leaves nothing to buy, even with a licence, and names the rule."""
    bar = {**RULE, "since": None, "effect": "barred"}
    found = offered(**CHINA, trade={"rules": [bar], "licences": [{**LICENCE, "since": None}]})
    assert found.offers == ()
    assert [r.rule for r in found.rejections] == ["X1"]
    assert "tpp: barred" in found.rejections[0].detail


def test_x1_leaves_the_existing_fleet_in_service() -> None:
    """Owned units stay usable where nothing more may be delivered; the rejection is still told."""
    fleet = {"id": "old", "system": "gpu8", "site": "virginia", "units": 5}
    found = offered(
        **CHINA,
        trade={"rules": [{**RULE, "since": None}]},
        fleet=[{**fleet, "in_service": "2025q1", "end_of_life": "2029q4"}],
    )
    assert (only(found).owned_periods, only(found).buy_periods) == ((0, 1, 2, 3), ())
    assert [r.rule for r in found.rejections] == ["X1"]


def test_satellites_go_to_orbit_and_all_else_to_the_ground() -> None:
    """Three systems and two sites make three offers; the satellite has a launch mass."""
    found = offered(**with_orbit(systems={"cpu": CPU_RACK})).offers
    assert [(o.system, o.site) for o in found] == [("gpu8", "virginia"), ("sat", "leo"), ("cpu", "virginia")]
    assert [o.mass_kg > 0 for o in found] == [False, True, False]


@pytest.mark.parametrize(("radiator_m2", "rules"), [(5.4, []), (5.2, ["O1"])])
def test_o1_a_radiator_just_large_enough_and_just_too_small(radiator_m2: float, rules: list[str]) -> None:
    """5 kW over 938.9 W/m2 need 5.325 m2."""
    found = offered(**with_orbit(systems={"sat": {"satellite": {"radiator_m2": radiator_m2}}}))
    assert [r.rule for r in found.rejections] == rules


def test_disabled_systems_sites_and_holdings_are_left_out() -> None:
    """Whatever is not enabled makes neither offer nor rejection; a disabled holding is not there."""
    assert offered(systems={"gpu8": {"enabled": False}}) == OfferSet((), ())
    assert offered(sites={"virginia": {"enabled": False}}) == OfferSet((), ())
    fleet = {"id": "old", "enabled": False, "system": "gpu8", "site": "virginia", "units": 5}
    held = offered(fleet=[{**fleet, "in_service": "2025q1", "end_of_life": "2027q1"}])
    assert only(held).owned_periods == ()


def test_o1_an_orbit_site_needs_its_orbit() -> None:
    """Without an orbit there is nothing to size a satellite for."""
    found = offered(**with_orbit(sites={"leo": {"orbit": None}}))
    assert [(r.system, r.rule) for r in found.rejections] == [("sat", "O1")]


def test_a_rental_class_is_an_offer_of_its_own() -> None:
    """A system that is rented out as spot only is on offer; not where the class is off or has no unit."""
    unsold = {"price": {"buy_usd": None}}
    for fields, periods in (({}, (0, 1)), ({"enabled": False}, ()), ({"max_units": 0}, ())):
        spot = {"id": "spot", "usd_per_h": 5.0, "preemption_share": 0.1, **fields}
        found = offered(systems={"gpu8": {**unsold, "rental_classes": [spot]}})
        assert [offer.rent_periods for offer in found.offers] == ([periods] if periods else [])
