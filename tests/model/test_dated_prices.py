"""F2 with prices by date: which list price a delivery, a duty, a budget, maintenance and a resale go by.

The base case of cases.py, without interest: 15/s by day takes 8 units of 300,000 USD over 20 quarters, 15,000 a unit
and quarter.
"""

from typing import Any

import pytest
from builders import with_orbit
from cases import SOLVERS, case, infeasible, model, offer, solve

from fleetopt.model.build import Model
from fleetopt.model.prices import Prices
from fleetopt.verify.worth import Worth

FALLING = [{"since": "2027q2", "buy_usd": 200_000.0}]
RISING = [{"since": "2026q4", "buy_usd": 200_000.0}, {"since": "2027q2", "buy_usd": 400_000.0}]


def dated(points: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """Changes that give gpu8 these prices by date."""
    return {"systems": {"gpu8": {"price": {"by_date": points, **fields.pop("price", {})}, **fields}}}


def grown(points: list[dict[str, Any]], **changes: Any) -> Model:
    """Demand of 5/s at first and 15/s after: 3 units, then 8."""
    return model(case(**dated(points), workloads={"chat": {"demand": {"period_factors": [1 / 3, 1.0]}}}, **changes))


@pytest.mark.parametrize(
    ("points", "prices"),
    [
        ([], (300_000, 300_000)),
        (FALLING, (300_000, 200_000)),
        (RISING, (200_000, 400_000)),
        ([{"since": "2027q3", "buy_usd": 1.0}], (300_000, 300_000)),
    ],
)
def test_f2_the_last_date_that_has_begun_holds(points: list[dict[str, Any]], prices: tuple[float, float]) -> None:
    """Before the first date 300,000 USD; a date before the horizon holds from its start, one after it never."""
    instance = case(**dated(points))
    system = instance.system("gpu8")
    assert tuple(Prices(instance).list_price(system, t) for t in (0, 1)) == prices
    assert tuple(Worth(instance).list_usd(system, t) for t in (0, 1)) == prices


def test_f2_scale_and_network_go_with_the_dated_price() -> None:
    """200,000 x 0.5 x 1.1 = 110,000 USD in the second quarter, 165,000 in the first."""
    prices = Prices(case(**dated(FALLING, price={"scale": 0.5, "network_share": 0.1})))
    system = prices.instance.system("gpu8")
    assert (prices.unit_price(system, 0), prices.unit_price(system, 1)) == pytest.approx((165_000, 110_000))


def test_f2_a_quarter_stands_for_its_year_in_a_plan_by_years() -> None:
    """A price from 2027q3 holds for all of 2027 where periods are years."""
    instance = case(
        **dated([{"since": "2027q3", "buy_usd": 100.0}, {"since": "2028q1", "buy_usd": 50.0}]),
        time={"start": "2027", "periods": 2},
    )
    system = instance.system("gpu8")
    assert [Prices(instance).list_price(system, t) for t in (0, 1)] == [100.0, 50.0]
    assert [Worth(instance).list_usd(system, t) for t in (0, 1)] == [100.0, 50.0]


@pytest.mark.parametrize("solver", SOLVERS)
def test_f2_a_price_that_falls_is_paid_at_delivery(solver: str) -> None:
    """3 units at 15,000 for two quarters and 5 more at 200,000 / 20 = 10,000 for one: 90,000 + 50,000 = 140,000 USD.

    At one price the 5 would cost 75,000: 165,000 USD.
    """
    assert solve(grown(FALLING), solver) == pytest.approx(140_000)
    assert solve(grown([]), solver) == pytest.approx(165_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_f2_before_a_rise_it_pays_to_buy_early(solver: str) -> None:
    """At 200,000 then 900,000, 5 units early cost 2 x 5 x 10,000 = 100,000, late 5 x 45,000 = 225,000: all 8 at once,
    160,000 USD. At 400,000 late costs 5 x 20,000 = 100,000 as well: 160,000 either way."""
    steep = [RISING[0], {"since": "2027q2", "buy_usd": 900_000.0}]
    assert solve(grown(steep), solver) == pytest.approx(160_000)
    assert solve(grown(RISING), solver) == pytest.approx(160_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_f1_the_budget_goes_by_the_price_of_the_delivery(solver: str) -> None:
    """Eight units at 300,000 take 2.4 M USD; with 3 of them first and 5 at 200,000, 900,000 and 1 M are just enough."""
    just = {"capital_budget_usd": [900_000.0, 1_000_000.0]}
    assert solve(grown(FALLING, finance=just), solver) == pytest.approx(140_000)
    assert infeasible(grown(FALLING, finance={"capital_budget_usd": [900_000.0, 999_999.0]}), solver)


def test_x3_duty_falls_on_the_dated_price() -> None:
    """25 % of 200,000 USD over 20 quarters, one inside: 2,500; of 300,000 with two inside 7,500."""
    prices = Prices(case(**dated(FALLING)))
    system, dutied = prices.instance.system("gpu8"), offer(duty_rate={0: 0.25, 1: 0.25})
    assert (prices.duty(system, dutied, 0), prices.duty(system, dutied, 1)) == pytest.approx((7_500, 2_500))


@pytest.mark.parametrize(
    ("points", "entered", "expected"), [(FALLING, -9, 50_000), (RISING, 0, 50_000), ([], -9, 75_000)]
)
def test_b5_resale_goes_by_the_lower_price(points: list[dict[str, Any]], entered: int, expected: float) -> None:
    """Half of what a new one costs, 10 of 20 quarters left: 50,000 of 200,000 USD after the fall, and the same for a
    unit bought at 200,000 before the rise; 75,000 at one price of 300,000."""
    instance = case(**dated(points, resale={"first_share": 0.5}))
    system = instance.system("gpu8")
    assert Prices(instance).resale_price(system, 1, entered, 10) == pytest.approx(expected)
    assert Worth(instance).resale_usd(system, 1, entered, 10) == pytest.approx(expected)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b5_no_fleet_is_bought_to_be_sold_dearer(solver: str) -> None:
    """Sold at once for all of its price, a unit bought before the price rose from 200,000 to 900,000 fetches no more
    than it cost: 8 units stay 160,000 USD for the two quarters."""
    steep = [RISING[0], {"since": "2027q2", "buy_usd": 900_000.0}]
    built = model(case(**dated(steep, resale={"first_share": 1.0})))
    assert solve(built, solver) == pytest.approx(160_000)


def test_maintenance_follows_the_price_of_the_period() -> None:
    """5 % a year of 300,000 USD is 3,750 a quarter, of 200,000 then 2,500; the bus of a satellite keeps its price."""
    instance = case(**with_orbit(**dated(FALLING, maintenance_share_per_year=0.05)))
    prices, worth = Prices(instance), Worth(instance)
    system, site = instance.system("gpu8"), instance.site("virginia")
    assert [prices.maintenance(system, site, t) for t in (0, 1)] == pytest.approx([3_750, 2_500])
    assert [worth.upkeep_usd(system, site, t) for t in (0, 1)] == pytest.approx([3_750, 2_500])


MEMORY = {
    "id": "dram",
    "kind": "dram",
    "unit_gb": 1000.0,
    "price": {"usd_per_gb": 10.0, "by_date": [{"since": "2027q2", "usd_per_gb": 20.0}], "scale": 2.0},
    "maintenance_share_per_year": 0.04,
}


def test_memory_goes_by_its_dates_too() -> None:
    """1,000 GB at 10 and 20 USD, twice: 20,000 and 40,000; over 20 quarters 2,000 for two and 2,000 for one;
    maintenance of 1 % a quarter 200 + 400 for a unit of the first quarter, 400 for one of the second."""
    instance = case(memory=[MEMORY])
    prices, worth, tier = Prices(instance), Worth(instance), instance.tier("dram")
    assert [prices.memory_unit(tier, t) for t in (0, 1)] == [20_000, 40_000]
    assert [worth.memory_usd(tier, t) for t in (0, 1)] == [20_000, 40_000]
    assert [prices.memory_buy(tier, t) for t in (0, 1)] == pytest.approx([2_000, 2_000])
    assert [prices.memory_maintenance(tier, t) for t in (0, 1)] == pytest.approx([600, 400])
