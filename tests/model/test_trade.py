"""X2: licensed deliveries follow the seller's home shipments (X1's caps stand in test_supply)."""

from typing import Any

import pytest
from builders import merge
from cases import SOLVERS, candidate, case, model, offer, solve
from test_supply import DEAR

from fleetopt.model.build import Model

GRID = [{"id": "grid", "existing_kw": 1000.0, "energy_usd_per_mwh": 0.0}]
DAYS = {"day": 1.5, "night": 0.5}
CHINA: dict[str, Any] = {
    "jurisdictions": {"china": {"country": "CN"}},
    "network": {
        "regions": {"far": {"jurisdiction": "china"}},
        "links": [{"a": "east", "b": "virginia", "rtt_ms": 20.0}, {"a": "far", "b": "guian", "rtt_ms": 20.0}],
    },
    "systems": {"dear8": DEAR},
    "sites": {"guian": {"jurisdiction": "china", "power": {"sources": GRID}}},
    "workloads": {"chat": {"demand": {"regions": [{"region": "far", "rate_per_s": 10.0, "slice_factors": DAYS}]}}},
}
"""15/s by day in China, for 8 servers: of gpu8 under a licence, or of another maker's at twice the price."""
RULES = [{"id": "rule", "destinations": ["CN"], "tpp_at_least": 4800.0}]
HELD = {"id": "old", "system": "gpu8", "in_service": "2027q1", "end_of_life": "2030q4"}


def capped(expected: float, changes: dict[str, Any] | None = None, **seller: Any) -> Model:
    """The seller ships 100 accelerators a quarter to others at home, of which a share is expected to count here."""
    product = {"id": "gpus", "systems": ["gpu8"], "chips_per_period": [100.0], "expected_share": expected}
    trade = {"trade": {"rules": RULES, "seller_shipments": [{**product, **seller}]}}
    licensed = {0: "deal", 1: "deal"}
    hired = "rent" in (changes or {}).get("systems", {}).get("gpu8", {})
    offers = (
        offer(),
        offer(site="guian", licence=licensed, rent_periods=(0, 1) if hired else (), owned_periods=(0, 1)),
        offer("dear8", "guian"),
    )
    candidates = (
        candidate("home"),
        candidate("abroad", site="guian"),
        candidate("local", site="guian", system="dear8"),
    )
    return model(case(**merge(merge(CHINA, trade), changes or {})), candidates, offers)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("expected", "seller", "cost"),
    [
        (0.4, {}, 420_000),
        (1.0, {}, 300_000),
        (1.0, {"chips_per_period": [128.0]}, 240_000),
        (0.4, {"scale": 4.0}, 240_000),
        (0.4, {"cap_share": 1.0}, 330_000),
        (0.0, {}, 480_000),
        (0.0, {"enabled": False}, 240_000),
        (0.0, {"destinations": ["MO"]}, 240_000),
        (0.0, {"since": "2027q2"}, 240_000),
    ],
)
def test_x2_binding_and_slack(solver: str, expected: float, seller: dict[str, Any], cost: float) -> None:
    """Half of 0.4 x 100 is 20 accelerators in the first quarter, 2 servers of 8 at 30,000 USD; the other 6 cost 60,000.
    Half of 100 is 6 servers, of 128 or of 0.4 x 400 all 8, the whole of 0.4 x 100 is 5, and of nothing none. A cap that
    is off, for Macau alone, or only from the second quarter on leaves all 8 to be bought in the first."""
    assert solve(capped(expected, **seller), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_x2_shipments_add_up_over_time(solver: str) -> None:
    """Demand in the second quarter alone: 2 x 20 accelerators by then are 5 servers at 15,000, 3 others at 30,000."""
    table = [{"period": "2027q2", "slice": "day", "region": "far", "rate_per_s": 15.0}]
    second = {"workloads": {"chat": {"demand": {"regions": [], "table": table}}}}
    assert solve(capped(0.4, second), solver) == pytest.approx(5 * 15_000 + 3 * 30_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_x2_own_deliveries_at_home_make_room(solver: str) -> None:
    """8 servers bought for users at home are 64 accelerators, which allow 32 more abroad: 52, 6 servers of 8."""
    regions = [{"region": r, "rate_per_s": 10.0, "slice_factors": DAYS} for r in ("east", "far")]
    both = {"workloads": {"chat": {"demand": {"regions": regions}}}}
    assert solve(capped(0.4, both), solver) == pytest.approx(14 * 30_000 + 2 * 60_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("site", "units", "cost"), [("virginia", 10, 270_000), ("guian", 2, 360_000)])
def test_x2_orders_on_their_way_count(solver: str, site: str, units: int, cost: float) -> None:
    """10 servers that arrive at home make room for 40 accelerators more: 60, 7 servers and one other. 2 that arrive in
    China take 16 of the 20: none more, and 6 others."""
    assert solve(capped(0.4, {"fleet": [{**HELD, "site": site, "units": units}]}), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_x2_rented_units_count_where_they_enter(solver: str) -> None:
    """Servers rented in both quarters for 1 USD/h, one contract each of half a year, 4,383 USD: 20 accelerators are 2.5
    of them, and 5 of the other maker's are bought; without the cap all 7.5 are rented."""
    rent = {"systems": {"gpu8": {"rent": {"usd_per_h": 1.0, "min_term_months": 6.0}}}}
    assert solve(capped(0.4, rent), solver) == pytest.approx(2.5 * 4_383 + 5 * 60_000)
    assert solve(capped(0.4, rent, enabled=False), solver) == pytest.approx(7.5 * 4_383)
