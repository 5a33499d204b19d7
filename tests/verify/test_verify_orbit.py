"""O2, O3, O5.link, B2 and the way up in the witness: figures just within and just beyond."""

from dataclasses import replace
from typing import Any

import pytest
from builders import tiny_instance, with_orbit
from handmade import failures, ids, plan, purchase

from fleetopt.verify.compute import check_compute
from fleetopt.verify.finance import check_budget
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.money import LINES, check_money
from fleetopt.verify.sites import check_sites
from fleetopt.verify.supply import check_supply
from fleetopt.verify.worth import Worth


def instance(orbit: dict[str, Any] | None = None, sat: dict[str, Any] | None = None, **changes: Any) -> Any:
    return tiny_instance(**with_orbit(sites={"leo": {"orbit": orbit or {}}}, systems={"sat": sat or {}}, **changes))


MASS_KG = Worth(instance()).launch_kg(instance().system("sat"), instance().site("leo"))


def sats(**fields: Any) -> Any:
    return purchase(system="sat", site="leo", vendor="orbitco", **fields)


@pytest.mark.parametrize(("units", "expected"), [(3.0, set()), (4.0, {"O2"})])
def test_o2_tonnage_by_date_and_what_is_lost(units: float, expected: set[str]) -> None:
    """Tonnage for four satellites from q2, of which a quarter is lost: three in service fit, four do not."""
    later = [{"since": "2027q2", "kg_per_period": 4 * MASS_KG}]
    given = instance({"launch_kg_per_period": 1.0, "tonnage_by_date": later, "launch_loss_share": 0.25})
    bought = sats(period="2027q2", order_period="2027q2", in_service_period="2027q2", units=units)
    assert ids(failures(check_sites, plan(purchases=(bought,)), given)) == expected


def _in_orbit(usable: float) -> Any:
    base = plan()
    up = tuple(replace(p, system="sat", site="leo", vendor="orbitco", chips=20.0) for p in base.purchases)
    rows = tuple(replace(e, system="sat", site="leo", usable_units=usable) for e in base.installed)
    there = tuple(replace(d, system="sat", site="leo") for d in base.deployments)
    flows = tuple(replace(f, site="leo") for f in base.flows)
    return plan(purchases=up, deployments=there, installed=rows, flows=flows)


@pytest.mark.parametrize(("usable", "expected"), [(4.5, set()), (5.0, {"O3"})])
def test_o3_checks_take_work(usable: float, expected: set[str]) -> None:
    """Of five satellites that spend a tenth of their work on checks 4.5 can be in use."""
    given = instance(sat={"satellite": {"check_share": 0.1}})
    assert ids(failures(check_compute, _in_orbit(usable), given)) == expected


@pytest.mark.parametrize(("link_gb_s", "expected"), [(0.18, set()), (0.1799, {"O5.link"})])
def test_o5_link_traffic_fits_the_satellites(link_gb_s: float, expected: set[str]) -> None:
    """15/s x 1,200 tokens of 50,000 bytes are 0.9 GB/s: five satellites of 0.18 GB/s carry it, of less they do not."""
    given = instance(sat={"satellite": {"link_gb_s": link_gb_s}}, network={"bytes_per_token": 50_000.0})
    assert ids(failures(check_sites, _in_orbit(5.0), given)) == expected


@pytest.mark.parametrize(
    ("orbit", "sat", "expected"),
    [
        ({}, {}, set()),
        ({"launch_lead_months": 3}, {}, {"B2"}),
        ({}, {"lead_months": 3}, {"B2"}),
        ({"available_from": "2027q2"}, {}, {"B2"}),
    ],
)
def test_b2_satellites_wait_for_their_launch(orbit: Any, sat: Any, expected: set[str]) -> None:
    """Satellites in service in the first quarter, ordered in it: only where nothing takes time."""
    given = instance(orbit, sat)
    bought = sats(units=1.0, chips=4.0, unit_price_usd=500_000.0, cost_usd=500_000.0)
    assert ids(failures(check_supply, plan(purchases=(bought,)), given)) == expected


WAY_UP = {
    "launch_usd_per_kg": 1000.0,
    "launch_price_by_date": [{"since": "2027q2", "usd_per_kg": 400.0}],
    "deployment_usd_per_kg": 50.0,
    "deorbit_usd_per_kg": 20.0,
    "launch_loss_share": 0.1,
}


@pytest.mark.parametrize(("insured", "share"), [(0.0, 1 / 9), (0.05, 0.05 / 0.9)])
def test_the_way_up_by_hand(insured: float, share: float) -> None:
    """450 $/kg up from q2 and 20 down; a tenth lost costs 1/9 of satellite and launch, insured at 5 % 0.05/0.9."""
    given = instance({**WAY_UP, "insurance_share": insured})
    worth, sat, leo = Worth(given), given.system("sat"), given.site("leo")
    launch = 450.0 * MASS_KG
    assert worth.launch_usd(sat, leo, 0) == pytest.approx(1050.0 * MASS_KG)
    assert worth.launch_usd(sat, leo, 1) == pytest.approx(launch)
    assert worth.launch_risk_usd(sat, leo, 1) == pytest.approx(share * (500_000 + launch))
    assert worth.deorbit_usd(sat, leo) == pytest.approx(20.0 * MASS_KG)
    made = plan(purchases=(sats(period="2027q2", units=2.0),))
    charged = 2.0 * worth.charged(1, 5.0)
    lines = {name: sum(LINES[name](Ledger(given, made))) for name in ("launch", "launch_risk", "deorbit")}
    assert lines == pytest.approx(
        {
            "launch": launch * charged,
            "launch_risk": share * (500_000 + launch) * charged,
            "deorbit": 20.0 * MASS_KG * charged,
        }
    )


def test_lines_that_nothing_prices_are_not_expected() -> None:
    """A plan with the line of the way down is refused where no orbit prices it, and the reverse."""
    for orbit, lines in (({}, {"deorbit": 0.0}), ({"deorbit_usd_per_kg": 1.0}, {})):
        made = replace(plan(), cost_lines={**plan().cost_lines, **lines})
        assert any("cost lines" in f for f in failures(check_money, made, instance(orbit)))


def test_f1_the_way_up_takes_budget() -> None:
    """One satellite takes its price and its way up: that budget does, a dollar less does not."""
    given = instance(WAY_UP)
    each = Worth(given).way_up_usd(given.system("sat"), given.site("leo"), 0)
    bought = sats(units=1.0, cost_usd=500_000.0)
    for spare, expected in ((1.0, set()), (-1.0, {"F1"})):
        tight = instance(WAY_UP, finance={"capital_budget_usd": [500_000.0 + each + spare]})
        assert ids(failures(check_budget, plan(purchases=(bought,)), tight)) == expected
