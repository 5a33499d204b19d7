"""B3, B6 in a plan: five servers come as one order, in lots and above a least order where the vendor says so."""

from typing import Any

import pytest
from builders import tiny_instance
from handmade import failures, ids, plan, purchase

from fleetopt.verify.orders import check_orders


@pytest.mark.parametrize(
    ("sold", "expected"),
    [({}, set()), ({"lot": 5}, set()), ({"lot": 2}, {"B3"}), ({"min_order": 5}, set()), ({"min_order": 6}, {"B3"})],
)
def test_b3_orders_are_in_lots_and_large_enough(sold: dict[str, Any], expected: set[str]) -> None:
    """Five units are one lot of five and no lots of two; a least order of six is too much."""
    assert ids(failures(check_orders, plan(), tiny_instance(systems={"gpu8": sold}))) == expected


def test_b3_sites_share_an_order_and_periods_do_not() -> None:
    """Two and three for two sites in one period are an order of five; for two periods they are two orders."""
    instance = tiny_instance(systems={"gpu8": {"lot": 5}}, sites={"texas": {"jurisdiction": "us"}})
    two = purchase(units=2.0), purchase(units=3.0, site="texas")
    assert failures(check_orders, plan(purchases=two), instance) == []
    later = purchase(units=2.0), purchase(units=3.0, period="2027q2")
    assert ids(failures(check_orders, plan(purchases=later), instance)) == {"B3"}


@pytest.mark.parametrize(("share", "expected"), [(0.75, set()), (0.74, {"B6"})])
def test_b6_vendors_keep_to_their_share(share: float, expected: set[str]) -> None:
    """1.5 M$ with acme and 0.5 M$ of rent with another are shares of 0.75 and 0.25."""
    instance = tiny_instance(supply={"max_vendor_share": {"acme": share}})
    hired = purchase(acquisition="rent", vendor="other", cost_usd=500_000.0)
    assert ids(failures(check_orders, plan(purchases=(purchase(), hired)), instance)) == expected
