"""Present values by hand, and against the model's own formulas."""

from typing import Any

import pytest
from builders import CPU_RACK, merge, tiny_instance

from fleetopt.model.prices import Prices
from fleetopt.verify.worth import Worth

QUARTERLY: dict[str, Any] = {"finance": {"wacc": 0.1}}


def test_without_interest_a_purchase_costs_its_share_of_life() -> None:
    """Five years are 20 quarters: two quarters of the horizon bear 2/20, the last one alone 1/20."""
    worth = Worth(tiny_instance(finance={"wacc": 0.0}))
    assert worth.charged(0, 5.0) == pytest.approx(2 / 20)
    assert worth.charged(1, 5.0) == pytest.approx(1 / 20)


def test_instalments_over_the_whole_life_are_worth_the_price() -> None:
    """A life of half a year lies inside the horizon of two quarters, so the whole price is charged: 1.0."""
    assert Worth(tiny_instance(**QUARTERLY)).charged(0, 0.5) == pytest.approx(1.0)


def test_a_quarter_is_discounted_by_a_quarter_of_the_yearly_rate() -> None:
    """10 % a year: a dollar in a quarter is worth 1.1^-0.25 = 0.97645."""
    assert Worth(tiny_instance(**QUARTERLY)).now(1) == pytest.approx(1.1**-0.25)


def test_resale_falls_in_a_straight_line() -> None:
    """300,000 USD at 50 % when new; after 10 of 20 quarters half of that is left: 75,000; after the last, nothing."""
    instance = tiny_instance(systems={"gpu8": {"resale": {"first_share": 0.5}}})
    worth, system = Worth(instance), instance.system("gpu8")
    assert worth.resale_usd(system, 1, -9, 10) == pytest.approx(75_000.0)
    assert worth.resale_usd(system, 11, -9, 10) == 0.0


@pytest.mark.parametrize("wacc", [0.0, 0.09, 0.3])
@pytest.mark.parametrize("t", [0, 1])
def test_two_ways_to_the_same_price(wacc: float, t: int) -> None:
    """The model's closed annuity and the sum of instalments here agree for every kind of purchase."""
    instance = tiny_instance(**merge({"systems": {"cpu": CPU_RACK, "gpu8": {"price": {"network_share": 0.2}}}},
                                     {"finance": {"wacc": wacc}}))  # fmt: skip
    model, worth = Prices(instance), Worth(instance)
    for system in instance.systems:
        ours = worth.unit_usd(system, t) * worth.charged(t, system.life_years)
        assert model.buy(system, t) == pytest.approx(ours, rel=1e-13)
