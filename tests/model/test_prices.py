"""F2, X3, P2, B7: prices by hand."""

from typing import Any

import pytest
from builders import ORBIT_SITE, tiny_instance, with_orbit
from cases import case, offer

from fleetopt.instance.sites import Opening, PowerSource
from fleetopt.model.prices import Prices

YEARS = {"time": {"start": "2027", "periods": 3}}
"""Three periods of a year: at 10 % the discounts are 1, 1/1.1, 1/1.21."""
QUARTER_H = 8766 / 4


def at(wacc: float, **changes: Any) -> Prices:
    """Prices of the base instance at a cost of capital."""
    return Prices(tiny_instance(finance={"wacc": wacc}, **changes))


def test_periods_are_paid_at_their_start() -> None:
    """Years at 10 %: 1, 1/1.1, 1/1.21. Quarters: the fourth root, so that four make a year, 1.1^(-1/4) = 0.976454."""
    assert at(0.1, **YEARS).discount == pytest.approx((1.0, 1 / 1.1, 1 / 1.21))
    assert at(0.1).discount == pytest.approx((1.0, 1.1**-0.25))
    assert at(0.0).discount == (1.0, 1.0)


@pytest.mark.parametrize(
    ("wacc", "life_years", "charge"),
    [(0.0, 4.0, 0.25), (0.0, 1.0, 1.0), (0.1, 1.0, 1.0), (0.1, 2.0, 1 / (1 + 1 / 1.1)), (0.1, 0.1, 1.0)],
)
def test_f2_annuity_is_paid_in_advance(wacc: float, life_years: float, charge: float) -> None:
    """A dollar over 4 years without interest: 0.25 a year. Over two at 10 %: x + x/1.1 = 1, x = 0.523810, the first
    at once. A life under one period is one period."""
    assert at(wacc, **YEARS).annuity(life_years) == pytest.approx(charge)


@pytest.mark.parametrize("wacc", [0.0, 0.1])
@pytest.mark.parametrize(("t", "life_years"), [(0, 1.0), (0, 2.0), (0, 3.0), (1, 2.0), (2, 1.0)])
def test_f2_a_life_inside_the_horizon_is_paid_in_full(wacc: float, t: int, life_years: float) -> None:
    """A dollar spent in t whose life ends inside the horizon costs the dollar, discounted to the first period."""
    assert at(wacc, **YEARS).charged(t, life_years) == pytest.approx((1 + wacc) ** -t)


def test_f2_a_life_beyond_the_horizon_is_paid_in_part() -> None:
    """5 years, 3 of them inside: 3/5 without interest. At 10 % the charge is x = 1/(1 + 1/1.1 + ... + 1/1.1^4) =
    0.239816, and 3 of them are worth x (1 + 0.909091 + 0.826446) = 0.656026; from the third year on, one x/1.21."""
    assert at(0.0, **YEARS).charged(0, 5.0) == pytest.approx(0.6)
    assert at(0.1, **YEARS).charged(0, 5.0) == pytest.approx(0.656026, abs=1e-6)
    assert at(0.1, **YEARS).charged(2, 5.0) == pytest.approx(0.239816 / 1.21, abs=1e-6)


def test_f2_a_unit_costs_its_list_price_scaled_with_its_network() -> None:
    """300,000 x 0.5 x (1 + 10 %) = 165,000 USD over 20 quarters, 8,250 a quarter without interest, for two."""
    prices = at(0.0, systems={"gpu8": {"price": {"scale": 0.5, "network_share": 0.1}}})
    system = prices.instance.system("gpu8")
    assert prices.unit_price(system, 0) == pytest.approx(165_000)
    assert prices.buy(system, 0) == pytest.approx(16_500)


def test_x3_duty_falls_on_the_list_price_alone() -> None:
    """25 % of 300,000 without its 10 % network: 75,000 USD over 20 quarters, two inside; none in a free period."""
    prices = at(0.0, systems={"gpu8": {"price": {"network_share": 0.1}}})
    dutied = offer(duty_rate={0: 0.25})
    assert prices.duty(prices.instance.system("gpu8"), dutied, 0) == pytest.approx(7_500)
    assert prices.duty(prices.instance.system("gpu8"), dutied, 1) == 0.0


def test_p2_energy_by_the_hour() -> None:
    """1 MW through half of each day of a quarter: 1,095.75 h x 60 USD/MWh x 2 (scale) = 131,490 USD."""
    prices = at(0.1)
    day = prices.instance.time.slices[0]
    assert prices.energy(60.0, 2.0, day, 0) == pytest.approx(131_490)
    assert prices.energy(60.0, 2.0, day, 1) == pytest.approx(131_490 * 1.1**-0.25)


def test_p2_lease_by_the_month() -> None:
    """10 USD a kW and month is 30 a quarter."""
    lease = {"usd_per_kw_month": 10.0, "max_kw": 1.0}
    prices = Prices(case(sites={"virginia": {"power": {"lease": lease}}}))
    assert prices.lease_period(prices.instance.site("virginia")) == pytest.approx(30.0)


def test_p2_carbon_by_the_tonne() -> None:
    """1 MW for 1,095.75 h at 400 g/kWh is 438.3 t, at 50 USD a tonne 21,915 USD."""
    prices = Prices(case(finance={"carbon_usd_per_t": 50.0}))
    assert prices.carbon(400.0, prices.instance.time.slices[0], 0) == pytest.approx(21_915)


def test_p2_blocks_and_running_costs() -> None:
    """A block of 100 kW at 900 USD over 60 quarters: 1,500 a quarter, for two; 40 USD a kW and year is 10 a quarter."""
    source = PowerSource(id="gas", block_kw=100.0, capex_usd_per_kw=900.0, fixed_usd_per_kw_year=40.0)
    assert at(0.0).block(source, 0) == pytest.approx(3_000)
    assert at(0.0).power_fixed(source, 0) == pytest.approx(10)


def test_f2_openings_are_paid_by_the_period_open() -> None:
    """1 M USD over 20 years without interest is 12,500 USD a quarter."""
    assert at(0.0).opening(Opening(cost_usd=1e6, life_years=20.0), 1) == pytest.approx(12_500)


@pytest.mark.parametrize(("months", "t", "periods"), [(0.0, 0, 1), (3.0, 0, 1), (4.0, 0, 2), (12.0, 0, 2), (6.0, 1, 1)])
def test_b7_a_contract_is_paid_for_its_periods_inside_the_horizon(months: float, t: int, periods: int) -> None:
    """10 USD/h x 2,191.5 h a quarter, for the term rounded up to whole quarters, cut at the horizon."""
    prices = Prices(case(systems={"gpu8": {"rent": {"usd_per_h": 10.0, "min_term_months": months}}}))
    assert prices.rent(prices.instance.system("gpu8"), t) == pytest.approx(periods * 10 * QUARTER_H)


def test_b5_resale_falls_in_a_straight_line() -> None:
    """Of 300,000 USD half is got when new, a quarter with 10 of 20 quarters left, nothing after the last."""
    prices = at(0.0, systems={"gpu8": {"resale": {"first_share": 0.5}}})
    system = prices.instance.system("gpu8")
    assert prices.resale_price(system, 0, 0, 19) == pytest.approx(150_000)
    assert prices.resale_price(system, 0, -10, 9) == pytest.approx(75_000)
    assert prices.resale_price(system, 0, -20, -1) == 0.0
    assert prices.resale(system, 0, -10, 9) == pytest.approx(75_000 * 2 / 10)


def test_memory_by_the_unit_and_the_month() -> None:
    """A 1,000 GB unit at 10 USD: 10,000 over 20 quarters, 500 a quarter; rent of 0.02 a GB and month is 0.06 a quarter;
    maintenance of 4 % a year is 100 a quarter, for two."""
    tier = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0, "usd_per_gb_month": 0.02}}
    prices = Prices(case(memory=[{**tier, "maintenance_share_per_year": 0.04}]))
    bought = prices.instance.tier("dram")
    assert prices.memory_buy(bought, 0) == pytest.approx(1_000)
    assert prices.memory_rent(bought, 0) == pytest.approx(0.06)
    assert prices.memory_maintenance(bought, 0) == pytest.approx(200)


def test_maintenance_on_the_ground_and_operations_in_orbit() -> None:
    """5 % of 300,000 a year is 3,750 USD a quarter; a satellite of 500,000 at 1 % takes 1,250."""
    prices = Prices(case(**with_orbit(systems={"gpu8": {"maintenance_share_per_year": 0.05}})))
    sites, system = prices.instance.site, prices.instance.system
    assert prices.maintenance(system("gpu8"), sites("virginia"), 0) == pytest.approx(3_750)
    assert prices.maintenance(system("sat"), sites("leo"), 0) == pytest.approx(1_250)
    assert ORBIT_SITE["orbit"]["launch_usd_per_kg"] == 1500.0
    assert prices.launch(system("sat"), sites("leo"), offer("sat", "leo", mass_kg=1000.0), 0) == pytest.approx(150_000)
