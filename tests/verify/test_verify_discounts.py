"""B4 in a plan: five servers of 300,000 USD, 1.5 M$ of list price, and what the vendor's steps take off that."""

from typing import Any

import pytest
from builders import tiny_instance
from handmade import failures, ids, plan, purchase

from fleetopt.instance.schema import Instance
from fleetopt.plan import Discount, Plan
from fleetopt.verify.discounts import check_discounts
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.money import LINES

Q1, Q2 = "2027q1", "2027q2"


def at_discount(kind: str, *steps: tuple[float, float], **fields: Any) -> Instance:
    """One discount of acme's; steps are (spend in M$, share off)."""
    rising = [{"from_usd": musd * 1e6, "discount": share} for musd, share in steps]
    supply = {"discounts": [{"id": "volume", "vendor": "acme", "kind": kind, "steps": rising, **fields}]}
    return tiny_instance(supply=supply, finance={"wacc": 0.0})


def saved(from_musd: float, share: float, spend_musd: float, period: str = Q1, **fields: Any) -> Discount:
    usd = spend_musd * 1e6
    base = {"discount": "volume", "period": period, "system": "gpu8", "from_usd": from_musd * 1e6}
    return Discount(**{**base, "share": share, "spend_usd": usd, "saving_usd": share * usd, **fields})


def said(instance: Instance, *entries: Discount, made: Plan | None = None) -> set[str]:
    """Equations that fail for a plan with these savings."""
    purchases = (made or plan()).purchases
    return ids(failures(check_discounts, plan(purchases=purchases, discounts=entries), instance))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((saved(1.4, 0.2, 1.5),), set()),
        ((saved(1.0, 0.1, 1.5),), {"B4.to"}),
        ((saved(1.6, 0.3, 1.5),), {"B4.from"}),
        ((saved(1.0, 0.1, 0.5), saved(1.4, 0.2, 1.0)), {"B4", "B4.one"}),
        ((saved(1.4, 0.2, 1.4),), {"B4"}),
        ((saved(1.4, 0.2, 1.5), saved(1.4, 0.2, 1.5, Q2)), {"B4", "B4.from"}),
        ((saved(1.4, 0.21, 1.5),), {"B4"}),
        ((saved(1.4, 0.2, 1.5, saving_usd=1.0),), {"B4"}),
        ((), {"B4.to"}),
    ],
)
def test_b4_all_units_take_the_deepest_step_reached(entries: tuple[Discount, ...], expected: set[str]) -> None:
    """1.5 M$ reach the second of three steps (1.0, 1.4, 1.6 M$): that one, for all of it, and in that quarter only."""
    assert said(at_discount("all_units", (1.0, 0.1), (1.4, 0.2), (1.6, 0.3)), *entries) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((saved(0.5, 0.1, 0.5), saved(1.0, 0.2, 0.5)), set()),
        ((saved(1.0, 0.2, 0.5),), {"B4.to"}),
        ((saved(0.5, 0.1, 0.4), saved(1.0, 0.2, 0.6)), {"B4.to"}),
        ((saved(0.5, 0.1, 0.5), saved(1.0, 0.2, 0.5), saved(0.5, 0.1, 0.5, Q2)), {"B4", "B4.to"}),
        ((), {"B4.to"}),
    ],
)
def test_b4_incremental_steps_fill_one_after_the_other(entries: tuple[Discount, ...], expected: set[str]) -> None:
    """Of 1.5 M$ half a million lies below the first step, half in it, and half above 1 M$, in the second."""
    assert said(at_discount("incremental", (0.5, 0.1), (1.0, 0.2)), *entries) == expected


def test_b4_the_horizon_counts_from_its_beginning() -> None:
    """1.5 M$ in each quarter against 2 M$: the second quarter's last million is above, and nothing of the first's."""
    both = plan(purchases=(purchase(), purchase(period=Q2, in_service_period=Q2, order_period=Q2)))
    instance = at_discount("incremental", (2.0, 0.1), window="horizon")
    assert said(instance, saved(2.0, 0.1, 1.0, Q2), made=both) == set()
    assert said(instance, saved(2.0, 0.1, 0.5, Q1), saved(2.0, 0.1, 0.5, Q2), made=both) == {"B4.to"}
    year = at_discount("all_units", (2.0, 0.1), window="year")
    assert said(year, saved(2.0, 0.1, 1.5, Q1), saved(2.0, 0.1, 1.5, Q2), made=both) == set()
    assert said(year, saved(2.0, 0.1, 1.5, Q2), made=both) == {"B4"}
    quarter = at_discount("all_units", (2.0, 0.1))
    assert said(quarter, saved(2.0, 0.1, 1.5, Q1), made=both) == {"B4.from"}


def test_b4_only_what_it_covers_counts() -> None:
    """Rented units, other systems and other vendors reach no step."""
    instance = at_discount("all_units", (1.6, 0.1))
    for other in (purchase(acquisition="rent"), purchase(system="wafer", vendor="waferco")):
        assert said(instance, made=plan(purchases=(purchase(), other))) == set()
    named = at_discount("all_units", (1.6, 0.1), systems=["gpu8"])
    assert said(named, made=plan(purchases=(purchase(), purchase(system="twin8")))) == set()


def test_a_saving_is_charged_like_the_purchase() -> None:
    """0.3 M$ off servers of 20 quarters, one period late: a twentieth without interest, 15,000 USD; two, 30,000."""
    instance = at_discount("all_units", (1.5, 0.2))
    for period, usd in ((Q1, -30_000.0), (Q2, -15_000.0)):
        made = plan(discounts=(saved(1.5, 0.2, 1.5, period),))
        assert sum(LINES["discounts"](Ledger(instance, made))) == pytest.approx(usd)
