"""F2: what is left at the end of the horizon, in a straight line or by a table, by one rule for all that is bought."""

from typing import Any

import pytest
from builders import CPU_RACK, merge, with_orbit
from cases import SOLVERS, candidate, case, model, offer, solve
from hypothesis import given
from test_properties import Draw, cost, draws, few
from test_sites import OPENING
from test_supply import SECOND
from test_traps import HELD, NO_DEMAND, SELLABLE

from fleetopt.instance.sites import Opening, PowerSource
from fleetopt.model.prices import Prices

LINE: dict[str, Any] = {"finance": {"residual": "straight_line"}}
TABLE: dict[str, Any] = {"finance": {"residual": "table", "residual_table": [[0.1, 0.6], [0.6, 0.1]]}}
"""40 % of the price is gone after a tenth of the life, 90 % after six tenths."""
RULES = pytest.mark.parametrize("rule", [LINE, TABLE], ids=["line", "table"])


def at(rule: dict[str, Any], wacc: float = 0.0, **changes: Any) -> Prices:
    """Prices of the base case under a rule."""
    return Prices(case(**merge(merge(rule, {"finance": {"wacc": wacc}}), changes)))


@pytest.mark.parametrize(
    ("rule", "age", "left"),
    [
        (LINE, 0, 1.0),
        (LINE, 2, 0.9),
        (LINE, 20, 0.0),
        (LINE, 25, 0.0),
        (TABLE, 0, 1.0),
        (TABLE, 1, 0.8),
        (TABLE, 2, 0.6),
        (TABLE, 7, 0.35),
        (TABLE, 16, 0.05),
        (TABLE, 20, 0.0),
    ],
)
def test_f2_share_left_by_age(rule: dict[str, Any], age: int, left: float) -> None:
    """Of 20 quarters: in a straight line 1 - age/20; by the table 1 to 0.6 over 2, to 0.1 over 10 more, to 0 at 20."""
    assert at(rule).left_share(age, 20) == pytest.approx(left)


def test_f2_a_table_may_begin_below_the_price() -> None:
    """A first point of (0, 0.8) takes a fifth off at once: 0.8 when new, 0.4 at half of the life."""
    prices = at({"finance": {"residual": "table", "residual_table": [[0.0, 0.8]]}})
    assert (prices.left_share(0, 20), prices.left_share(10, 20)) == pytest.approx((0.8, 0.4))


def test_f2_paid_in_full_and_left_at_the_end() -> None:
    """300,000 paid at once; at 10 % a quarter's payment is worth 1.1^-0.25, what is left after two 1.1^-0.5: of a unit
    of the first quarter 0.9 x 300,000 x 0.953463 = 257,435 USD; by the table 0.6 of it, 171,623 USD."""
    prices, system = at(LINE, wacc=0.1), case().system("gpu8")
    site, plain = case().site("virginia"), offer()
    assert prices.buy(system, 0) == pytest.approx(300_000)
    assert prices.buy(system, 1) == pytest.approx(300_000 * 1.1**-0.25)
    assert prices.bought_left(system, site, plain, 0) == pytest.approx(0.9 * 300_000 * 1.1**-0.5)
    assert at(TABLE, wacc=0.1).bought_left(system, site, plain, 0) == pytest.approx(0.6 * 300_000 * 1.1**-0.5)


def test_f2_one_rule_for_duty_launch_memory_power_and_openings() -> None:
    """Without interest each loses a share of 2/life of its price, whatever it is: 25 % duty on 300,000 of 20 quarters
    7,500; a launch of 1.5 M 150,000; memory of 10,000 1,000; a block of 90,000 of 60 quarters 3,000; an opening of 1 M
    of 80 quarters 25,000."""
    tier = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0}}
    prices = at(LINE, **with_orbit(memory=[tier]))
    gpu, sat, dram = prices.instance.system("gpu8"), prices.instance.system("sat"), prices.instance.tier("dram")
    virginia, leo = prices.instance.site("virginia"), prices.instance.site("leo")
    dutied, lifted = offer(duty_rate={0: 0.25}), offer("sat", "leo", mass_kg=1000.0)
    assert prices.duty(gpu, dutied, 0) == 75_000
    assert 375_000 - prices.bought_left(gpu, virginia, dutied, 0) == pytest.approx(30_000 + 7_500)
    assert prices.launch(sat, leo, lifted, 0) == 1_500_000
    assert 2_000_000 - prices.bought_left(sat, leo, lifted, 0) == pytest.approx(50_000 + 150_000)
    assert prices.memory_buy(dram, 0) - 10_000 * prices.left(0, 5.0) == pytest.approx(1_000)
    gas = PowerSource(id="gas", block_kw=100.0, capex_usd_per_kw=900.0)
    assert prices.block(gas, 0) - 90_000 * prices.left(0, gas.life_years) == pytest.approx(3_000)
    shell = Opening(cost_usd=1e6, life_years=20.0)
    assert sum(prices.opening(shell, t) - prices.opening_left(shell, t) for t in (0, 1)) == pytest.approx(25_000)


@pytest.mark.parametrize(("life_years", "paid"), [(0.25, 4), (0.5, 2), (0.75, 2), (1.0, 1), (5.0, 1)])
def test_f2_an_opening_is_paid_again_when_its_life_is_over(life_years: float, paid: int) -> None:
    """Open for four quarters, 1 M USD is due at the start of each life; what is left of the last is credited: of 3
    quarters 2 thirds, of 20 quarters 16."""
    prices, shell = at(LINE, time={"periods": 4}), Opening(cost_usd=1e6, life_years=life_years)
    assert sum(prices.opening(shell, t) for t in range(4)) == pytest.approx(paid * 1e6)
    left = {0.25: 0.0, 0.5: 0.0, 0.75: 2 / 3, 1.0: 0.0, 5.0: 0.8}[life_years]
    assert sum(prices.opening_left(shell, t) for t in range(4)) == pytest.approx(left * 1e6, abs=1e-6)


@RULES
@pytest.mark.parametrize("wacc", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("life_years", [0.25, 0.5, 1.0, 5.0, 20.0])
def test_f2_nothing_is_earned_by_owning_at_the_end(rule: dict[str, Any], wacc: float, life_years: float) -> None:
    """Whenever it is delivered, the last quarter included, a dollar's worth costs more than is left of it."""
    prices = at(rule, wacc, time={"periods": 6})
    assert all(prices.charged(t, life_years) > prices.left(t, life_years) for t in range(6))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("rule", "cost_usd"), [(LINE, 240_000), (TABLE, 960_000)])
def test_f2_a_plan_under_each_rule(solver: str, rule: dict[str, Any], cost_usd: float) -> None:
    """8 units from the first quarter lose 2/20 of 300,000 each in a straight line, by the table 0.4 of it."""
    built = model(case(**rule))
    assert solve(built, solver) == pytest.approx(cost_usd)
    assert built.lines["systems"].value() == pytest.approx(2.4)
    assert built.lines["residual"].value() == pytest.approx(cost_usd / 1e6 - 2.4)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("rule", "cost_usd"), [(LINE, 240_000), (TABLE, 960_000)])
def test_f2_a_discount_is_no_money_pump(solver: str, rule: dict[str, Any], cost_usd: float) -> None:
    """30 % off a price of which 90 % is left: no more than the 8 units are bought, and 30 % of what they lose is saved;
    the line `residual` goes by the list price all the same."""
    steps = [{"from_usd": 1.5e6, "discount": 0.3}]
    supply = {"discounts": [{"id": "volume", "vendor": "acme", "kind": "all_units", "steps": steps}]}
    built = model(case(**merge(rule, {"supply": supply})))
    assert solve(built, solver) == pytest.approx(0.7 * cost_usd)
    assert built.lines["systems"].value() == pytest.approx(2.4)
    assert built.lines["residual"].value() == pytest.approx(cost_usd / 1e6 - 2.4)
    assert built.lines["discounts"].value() == pytest.approx(-0.3 * cost_usd / 1e6)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("rule", "cost_usd"), [(LINE, 120_000), (TABLE, 480_000)])
def test_f2_a_late_delivery_under_each_rule(solver: str, rule: dict[str, Any], cost_usd: float) -> None:
    """8 units for the second quarter alone lose 1/20, by the table half of 0.4: bought no sooner than needed."""
    instance = case(**merge(rule, {"workloads": {"chat": {"demand": SECOND}}}))
    assert solve(model(instance), solver) == pytest.approx(cost_usd)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("rule", "cost_usd"), [(LINE, 240_000 + 25_000), (TABLE, 960_000 + 100_000)])
def test_f2_an_opening_under_each_rule(solver: str, rule: dict[str, Any], cost_usd: float) -> None:
    """1 M USD over 80 quarters loses 2/80 of its price in a straight line, a quarter of 0.4 by the table."""
    assert solve(model(case(**merge(rule, {"sites": OPENING}))), solver) == pytest.approx(cost_usd)


# Money pumps


@RULES
@pytest.mark.parametrize("wacc", [0.0, 0.1, 0.5])
def test_f2_buying_to_sell_never_pays(rule: dict[str, Any], wacc: float) -> None:
    """Without demand nothing is bought to be sold in the second quarter, or to be left over at the end: 0 USD."""
    changes = {"workloads": NO_DEMAND, "systems": SELLABLE, "finance": {"wacc": wacc}}
    assert solve(model(case(**merge(rule, changes))), "highs") == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize("wacc", [0.0, 0.1, 0.5])
def test_f2_selling_a_fleet_to_buy_it_back_never_pays(wacc: float) -> None:
    """A unit sold now brings 12/20 of its price and gives up the 10/20 left at the end; a new one loses 2/20 and the
    interest on all of it: the 8 units in use are kept, 0 USD."""
    changes = {"fleet": [HELD], "systems": SELLABLE, "finance": {"wacc": wacc}}
    assert solve(model(case(**merge(LINE, changes))), "highs") == pytest.approx(0.0, abs=1.0)


def test_f2_a_fleet_sold_gives_up_what_would_be_left() -> None:
    """8 idle units bring 12/20 of 300,000 each at once and would have had 10/20 left: 8 x 30,000 USD gained."""
    changes = {"fleet": [HELD], "systems": SELLABLE, "workloads": NO_DEMAND}
    assert solve(model(case(**merge(LINE, changes))), "highs") == pytest.approx(-240_000)


def test_f2_what_is_sold_is_not_left_over_too() -> None:
    """8 units for the first quarter alone, resold at 95 % of list x 19/20 in the second: each costs 300,000 - 270,750,
    and nothing is left of it at the end; kept it would cost 30,000."""
    first = {"regions": [], "table": [{"period": "2027q1", "slice": "day", "region": "east", "rate_per_s": 15.0}]}
    selling = {"gpu8": {"resale": {"first_share": 0.95}}}
    instance = case(**merge(LINE, {"systems": selling, "workloads": {"chat": {"demand": first}}}))
    assert solve(model(instance), "highs") == pytest.approx(8 * (300_000 - 0.95 * 300_000 * 19 / 20))


@RULES
def test_f2_satellites_are_charged_by_the_rule_of_all_systems(rule: dict[str, Any]) -> None:
    """At the same price, life and no launch a satellite costs what a server costs, net of what is left."""
    free = {"leo": {"orbit": {"launch_usd_per_kg": 0.0, "operations_share_per_year": 0.0}}}
    changes = with_orbit(sites=free, systems={"sat": {"price": {"buy_usd": 300_000.0}}, "cpu": CPU_RACK})
    up = candidate("up", site="leo", system="sat")
    built = model(case(**merge(rule, changes)), (candidate(), up), (offer(), offer("sat", "leo")))
    for line in ("systems", "residual"):
        cost_of = {column.name: value for column, value in built.lines[line].items()}
        for t in (0, 1):
            assert cost_of[f"buy__sat__leo__{t}"] == cost_of[f"buy__gpu8__virginia__{t}"] != 0


@RULES
@few
@given(d=draws)
def test_f2_doubling_all_prices_doubles_the_cost(rule: dict[str, Any], d: Draw) -> None:
    """Every cost line, what is left at the end included, is linear in prices."""
    assert cost(d, rule, money=2.0) == pytest.approx(2 * cost(d, rule), abs=5.0, rel=1e-6)
