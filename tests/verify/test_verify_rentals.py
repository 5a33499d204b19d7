"""B7 and P2.term in a plan: classes, terms, what spot may do, and leases that run for several periods.

The base plan (handmade.py): five servers of 10 kW in Virginia serve 15 requests/s by day, 5 by night.
"""

from dataclasses import replace
from typing import Any

import pytest
from builders import tiny_instance
from handmade import failures, ids, plan, purchase

from fleetopt.instance.schema import Instance
from fleetopt.plan import PowerBuild, Purchase
from fleetopt.verify.compute import check_compute
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.memory import capacity_gb
from fleetopt.verify.money import LINES
from fleetopt.verify.power import check_power, firm_kw
from fleetopt.verify.supply import check_supply

QUARTER_H = 8766 / 4
SPOT = {"id": "spot", "usd_per_h": 4.0, "preemption_share": 0.2, "preemptions_per_day": 2.0, "restart_h": 0.6}
"""4 USD/h; away for 0.2 of the time and restarting for 0.05 of it: at work for 0.75."""
RESERVED = {"id": "reserved", "usd_per_h": 6.0, "min_term_months": 6.0, "max_units": 3}


def rented_out(**changes: Any) -> Instance:
    classes = [{**SPOT, **changes}, RESERVED]
    return tiny_instance(systems={"gpu8": {"rental_classes": classes}}, finance={"wacc": 0.0})


def hired(class_: str, units: float, hourly: float, periods: int, **fields: Any) -> Purchase:
    """A contract from the first quarter on."""
    figures = {"unit_price_usd": hourly * QUARTER_H, "cost_usd": units * periods * hourly * QUARTER_H}
    last = "2027q1" if periods == 1 else "2027q2"
    base = {"acquisition": "rent", "rental": class_, "units": units, "chips": units * 8, "last_period": last}
    return purchase(**{**base, **figures, **fields})


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (hired("reserved", 3.0, 6.0, 2), set()),
        (hired("reserved", 4.0, 6.0, 2), {"B7.class"}),
        (hired("reserved", 3.0, 6.0, 1), {"B7"}),
        (hired("spot", 9.0, 3.2, 1), set()),
        (hired("spot", 9.0, 4.0, 1), {"B7"}),
        (hired("", 1.0, 4.0, 1), {"B7"}),
        (hired("other", 1.0, 0.0, 1), {"B7"}),
        (purchase(rental="spot"), {"B7"}),
    ],
)
def test_b7_contracts_are_as_their_class_offers(contract: Purchase, expected: set[str]) -> None:
    """Three reserved for both quarters; spot without limit, its hours away unpaid; no class, no offer."""
    assert ids(failures(check_supply, plan(purchases=(contract,)), rented_out())) == expected


def _on_spot(units: float, kind: str) -> set[str]:
    """The plan with spot units in place of the servers, for answers or for agents."""
    agent = {"kind": "agentic", "agent": {"turns_per_task": 5, "tool_s": 2}, "slo": {"completion_s": 600.0}}
    changes = {"workloads": {"chat": agent}} if kind == "agentic" else {}
    instance = tiny_instance(systems={"gpu8": {"rental_classes": [SPOT]}}, **changes)
    contracts = tuple(hired("spot", units, 3.2, 1, period=t) for t in ("2027q1", "2027q2"))
    there = tuple(replace(e, owned_units=0.0, usable_units=0.0, rented_units=units) for e in plan().installed)
    made = plan(purchases=contracts, installed=there)
    return ids([f for f in failures(check_compute, made, instance) if not f.startswith("R2")])


def test_c1_spot_works_part_of_the_time_and_for_nobody_who_waits() -> None:
    """Agents in use of u units need u / 0.75 of spot: a thousandth less is too few; people's answers get none."""
    used = max(p.replicas for p in plan().placements) / 8
    assert _on_spot(used / 0.75, "agentic") == set()
    assert _on_spot(used / 0.751, "agentic") == {"C1"}
    assert _on_spot(used / 0.75, "answer") == {"C1.steady"}


def test_m2_spot_holds_nothing_and_reserved_does() -> None:
    """500 GB a unit: three reserved hold 1.5 TB, four of spot none."""
    made = plan(purchases=(hired("reserved", 3.0, 6.0, 2), hired("spot", 4.0, 3.2, 1)))
    tier = {"id": "dram", "kind": "dram", "unit_gb": 1000.0, "price": {"usd_per_gb": 1.0}}
    instance = rented_out().model_copy(update={"memory": tiny_instance(memory=[tier]).memory})
    assert capacity_gb(Ledger(instance, made), instance.tier("dram"), "virginia", 0) == pytest.approx(1500.0)


def test_rents_are_paid_for_their_term_and_not_for_time_away() -> None:
    """Three reserved for two quarters at 6 USD/h, four of spot for one at 4 x 0.8."""
    made = plan(purchases=(hired("reserved", 3.0, 6.0, 2), hired("spot", 4.0, 3.2, 1)))
    assert sum(LINES["rent"](Ledger(rented_out(), made))) == pytest.approx((3 * 6 * 2 + 4 * 3.2) * QUARTER_H)


LEASED = PowerBuild("2027q1", "virginia", "lease", 0.0, 60.0, 60.0 * 100 * 3 * 2, "2027q1")


def _lease(**fields: Any) -> Instance:
    power = {"lease": {"usd_per_kw_month": 100.0, "max_kw": 100.0, "min_term_months": 6.0, **fields}}
    return tiny_instance(sites={"virginia": {"power": power}}, finance={"wacc": 0.0})


def test_p2_a_lease_runs_and_is_paid_for_its_term() -> None:
    """60 kW for two quarters at 100 USD a kW and month: 36,000 USD, and firm power in both; by the quarter in one."""
    made, site = plan(power_builds=(LEASED,)), _lease().site("virginia")
    assert failures(check_power, made, _lease()) == []
    assert ids(failures(check_power, made, _lease(min_term_months=3.0))) == {"P2.lease"}
    for months, second in ((6.0, 1060.0), (3.0, 1000.0)):
        ledger = Ledger(_lease(min_term_months=months), made)
        assert [firm_kw(ledger, site, t) for t in (0, 1)] == pytest.approx([1060.0, second])
    assert sum(LINES["power_lease"](Ledger(_lease(), made))) == pytest.approx(36_000.0)


def test_p2_leases_in_their_term_count_against_the_offer() -> None:
    """60 kW from the first quarter and 41 more from the second are more than the 100 on offer; 40 are not."""
    for more, expected in ((40.0, set()), (41.0, {"P2.lease"})):
        second = PowerBuild("2027q2", "virginia", "lease", 0.0, more, more * 300, "2027q2")
        assert ids(failures(check_power, plan(power_builds=(LEASED, second)), _lease())) == expected
