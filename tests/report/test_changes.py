"""The change list between two plans, on hand-made plan.json."""

from typing import Any

import pytest

from fleetopt.report.changes import Change, changes, orders, spend
from fleetopt.report.side_by_side import change_text, comparison_data, comparison_markdown, cost_rows


def bought(units: float, period: str = "2027q1", site: str = "va", system: str = "gpu", how: str = "buy") -> Any:
    """A purchase at 10 USD a unit."""
    return {
        "period": period, "site": site, "system": system, "vendor": "acme", "acquisition": how, "units": units,
        "cost_usd": 10.0 * units, "duty_usd": 0.0,
    }  # fmt: skip


def plan(*purchases: Any, **lists: Any) -> dict[str, Any]:
    """A plan with these purchases."""
    base = {"instance": "t", "status": "optimal", "objective_usd": 0.0, "bound_usd": 0.0, "cost_lines": {}}
    return {**base, "purchases": list(purchases), **lists}


def one(first: Any, second: Any) -> Change:
    """The only change."""
    [change] = changes(first, second)
    return change


def test_rental_classes_are_ordered_apart() -> None:
    """Two units on spot instead of reserved are two changes, though as many are rented."""
    reserved, spot = ({**bought(2, how="rent"), "rental": class_} for class_ in ("reserved", "spot"))
    said = [change_text(change) for change in changes(plan(reserved), plan(spot))]
    assert said == [
        "dropped: 2 x gpu (acme, rent, reserved) for va in 2027q1: -$20",
        "new: 2 x gpu (acme, rent, spot) for va in 2027q1: +$20",
    ]


@pytest.mark.parametrize(
    "first, second, text",
    [
        (plan(), plan(bought(3)), "new: 3 x gpu (acme, buy) for va in 2027q1: +$30"),
        (plan(bought(3)), plan(), "dropped: 3 x gpu (acme, buy) for va in 2027q1: -$30"),
        (plan(bought(3)), plan(bought(5)), "more: 2 x gpu (acme, buy) for va in 2027q1: +$20"),
        (plan(bought(5)), plan(bought(3)), "less: 2 x gpu (acme, buy) for va in 2027q1: -$20"),
        (
            plan(bought(4, "2027q3")),
            plan(bought(4, "2027q1")),
            "earlier: 4 x gpu (acme, buy) for va in 2027q1 instead of 2027q3",
        ),
        (
            plan(bought(4, "2027q1")),
            plan(bought(4, "2027q3")),
            "later: 4 x gpu (acme, buy) for va in 2027q3 instead of 2027q1",
        ),
        (plan(bought(4)), plan(bought(4, site="tx")), "moved: 4 x gpu (acme, buy) to tx instead of va in 2027q1"),
        (
            plan(bought(4)),
            plan(bought(4, "2027q2", "tx")),
            "moved: 4 x gpu (acme, buy) to tx instead of va, 2027q2 instead of 2027q1",
        ),
    ],
)
def test_each_kind_of_change(first: Any, second: Any, text: str) -> None:
    """One order more, fewer, earlier, later, elsewhere, anew or gone is one change, in these words."""
    assert change_text(one(first, second)) == text


def test_time_is_matched_before_place_and_place_before_amount() -> None:
    """va: 5 + 5 becomes 2 + 6, tx: 0 becomes 4: 1 is later at va, 2 moved to tx, and 2 more are bought there."""
    first = plan(bought(5, "2027q1"), bought(5, "2027q2"))
    second = plan(bought(2, "2027q1"), bought(6, "2027q2"), bought(4, "2027q1", "tx"))
    found = [(c.kind, c.amount, c.to_site, c.cost_usd) for c in changes(first, second)]
    assert found == [("later", 1.0, "va", 0.0), ("moved", 2.0, "tx", 0.0), ("more", 2.0, "tx", 20.0)]


def test_buying_and_renting_are_different_orders() -> None:
    """Ten units rented in place of bought are an order dropped and a new one."""
    kinds = [(c.kind, c.how) for c in changes(plan(bought(10)), plan(bought(10, how="rent")))]
    assert kinds == [("dropped", "buy"), ("new", "rent")]


def test_the_same_plan_has_no_changes_and_rounding_is_none() -> None:
    """Figures that agree to a millionth are the same order."""
    assert changes(plan(bought(3)), plan(bought(3 * (1 + 1e-9)))) == ()
    assert "Both order the same" in comparison_markdown({"a": plan(bought(3)), "b": plan(bought(3))})


def test_changes_balance() -> None:
    """First plan plus changes is the second plan, by item, site and period."""
    first = plan(bought(5, "2027q1"), bought(5, "2027q2", "tx"), bought(7, system="cpu"))
    second = plan(bought(2, "2027q2"), bought(9, "2027q1", "tx"), bought(1, system="new"))
    sums: dict[Any, float] = {}
    for sign, of in ((1, first), (-1, second)):
        for item, sites in orders(of).items():
            for site, periods in sites.items():
                for period, (amount, _) in periods.items():
                    sums[item.item, site, period] = sums.get((item.item, site, period), 0) + sign * amount
    for c in changes(first, second):
        if c.kind not in ("new", "more"):
            sums[c.item, c.site, c.period] -= c.amount
        if c.kind not in ("dropped", "less"):
            key = (c.item, c.to_site, c.to_period)
            sums[key] = sums.get(key, 0) + c.amount
    assert all(abs(value) < 1e-9 for value in sums.values())


def test_memory_power_sites_and_retirements_are_compared_too() -> None:
    """Each list of a plan has its changes, in units a planner reads."""
    first = plan(
        memory_purchases=[
            {"acquisition": "buy", "tier": "nvme", "site": "va", "period": "1", "gb": 2e3, "cost_usd": 9}
        ],
        power_builds=[{"source": "lease", "site": "va", "period": "1", "power_kw": 1500.0, "cost_usd": 5.0}],
        sites_opened=[{"site": "tx", "period": "1", "cost_usd": 1e6}],
    )
    second = plan(
        power_builds=[{"source": "gas", "site": "va", "period": "1", "power_kw": 1500.0, "cost_usd": 7.0}],
        sites_opened=[{"site": "tx", "period": "2", "cost_usd": 1e6}],
        retirements=[{"system": "gpu", "site": "va", "period": "1", "cohort": "old", "units": 3.0}],
    )
    assert [change_text(c) for c in changes(first, second)] == [
        "dropped: 2.00 TB of nvme (buy) for va in 1: -$9",
        "new: 1.50 MW of gas (build) for va in 1: +$7",
        "dropped: 1.50 MW of lease (lease) for va in 1: -$5",
        "later: open tx in 2 instead of 1",
        "new: 3 x gpu (retire) for va in 1",
    ]


def test_cost_rows_and_spend() -> None:
    """Lines of either plan are there, with the second less the first; spend counts each order once."""
    first = plan(bought(3), cost_lines={"systems": 5.0, "energy": 2.0}, objective_usd=7.0)
    second = plan(bought(4), cost_lines={"systems": 6.0, "rent": 3.0}, objective_usd=9.0)
    rows = {row["line"]: row["difference_usd"]["b"] for row in cost_rows({"a": first, "b": second})}
    assert rows == {"systems": 1.0, "energy": -2.0, "rent": 3.0, "total": 2.0}
    assert spend(second, "vendor") == {"acme": 40.0} and spend(second, "site") == {"va": 40.0}
    data = comparison_data({"a": first, "b": second})
    assert data["spend_usd"]["what"] == {"system": {"a": 30.0, "b": 40.0}}
    assert [c["kind"] for c in data["changes"]["b"]] == ["more"]


def test_names_cannot_break_the_page() -> None:
    """Text of an instance is shown as it stands."""
    page = comparison_markdown({"a": plan(), "b": plan(bought(1, system="<b>|x"))})
    assert "&lt;b&gt;\\|x" in page and "<b>" not in page
