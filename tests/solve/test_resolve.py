"""Solved anew with one more: lumps by hand, and what two searches prove when neither is exact."""

import numpy as np
import pytest
from cases import candidate, case, merge, model, offer
from planned import Planned, planned

from fleetopt.model.build import Model
from fleetopt.plan import Plan
from fleetopt.solve.marginal import held_lp, step_usd
from fleetopt.solve.resolve import Budget, Difference, difference, headlines, with_one_more
from fleetopt.solve.solver import Limits, Outcome

DEAR = {
    "id": "dear8",
    "vendor": "other",
    "kind": "server",
    "chips": 8,
    "power_kw": 1.0,
    "price": {"buy_usd": 600_000.0},
}
"""As good as gpu8 on a tenth of the power at twice the price: 30,000 USD a quarter."""


def both(**changes: object) -> Model:
    """Both servers on offer in both quarters."""
    instance = case(**merge({"systems": {"dear8": DEAR}}, changes))
    return model(instance, (candidate(), candidate("dear", system="dear8")), (offer(), offer("dear8")))


def differences(made: Planned, most: int = 10) -> dict[str, Difference]:
    """What one more of each headline figure changes, by its words."""
    held = held_lp(*made)
    found = with_one_more(*made, headlines(held, most), Limits(gap=0.0), lambda _: None)
    return {r.resource.words: r.difference for r in found}


def lp_usd(made: Planned, words: str) -> float | None:
    """The LP price with the whole numbers held."""
    held = held_lp(*made)
    return step_usd(held.matrix, held.lp, next(r for r in held.resources if r.words == words))


def test_one_more_unit_of_supply_is_worth_a_dear_one_less() -> None:
    """5 gpu8 and 3 dear serve 15/s: the sixth gpu8 saves 60,000 - 30,000 USD; held whole it is worth nothing.

    Two more save twice that, four more what three do: then there is no dear one left.
    """
    made = planned(both(supply={"limits": [{"id": "cap", "vendor": "acme", "units_per_period": [5.0, 0.0]}]}))
    words = "one more unit from cap in 2027q1"
    assert lp_usd(made, words) == pytest.approx(0, abs=1e-3)
    found = differences(made)[words]
    assert found.usd == pytest.approx(-30_000)
    assert found.low_usd == pytest.approx(-30_000) and found.high_usd == pytest.approx(-30_000)
    supply = [r for r in held_lp(*made).resources if r.words == words]
    for times, usd in ((2.0, -60_000), (4.0, -90_000)):
        (many,) = with_one_more(*made, supply, Limits(gap=0.0), lambda _: None, times)
        assert many.difference.usd == pytest.approx(usd)


def test_one_more_megawatt_lets_the_cheap_ones_in() -> None:
    """On 62.5 kW stand 4 gpu8 (50 kW) and 4 dear (5 kW), for a fifth would need 12.5. A MW more is room for 8 gpu8.

    4 x 30,000 USD are saved where it comes in time for the first quarter; later all are bought already. In the first
    quarter alone it is worth nothing either: what is bought stays.
    """
    made = planned(both(sites={"virginia": {"power": {"sources": {"grid": {"existing_kw": 62.5}}}}}))
    assert made[2].objective_usd == pytest.approx(4 * 30_000 + 4 * 60_000)
    found = differences(made)
    assert found["one more MW of power at virginia from 2027q1 on, firm and with its energy"].usd == pytest.approx(
        -120_000
    )
    assert not any("from 2027q2 on" in words for words in found if "power" in words)


def test_demand_costs_the_unit_it_takes() -> None:
    """One request/s more is 16.5 by day: a ninth server, 30,000 USD from the first quarter, 15,000 from the second."""
    found = differences(planned(model(case())))
    words = "one more request/s of chat from east from {} on (mean over its profile)"
    assert found[words.format("2027q1")].usd == pytest.approx(30_000)
    assert found[words.format("2027q2")].usd == pytest.approx(15_000)


def test_asking_for_one_fewer_saves_it() -> None:
    """10 at least in the second quarter are 2 more than needed: one fewer saves 15,000 USD."""
    limits = {"limits": [{"id": "home", "at_least": 10.0, "periods": ["2027q2"]}]}
    found = differences(planned(model(case(policy=limits))))
    assert found["one unit fewer under the limit home in 2027q2"].usd == pytest.approx(-15_000)


def test_what_cannot_be_served_is_said() -> None:
    """8 servers are all there is: 16.5 a second cannot be served."""
    limit = {"limits": [{"id": "cap", "vendor": "acme", "units_per_period": [8.0, 0.0]}]}
    found = differences(planned(model(case(supply=limit))))
    demand = found["one more request/s of chat from east from 2027q1 on (mean over its profile)"]
    assert demand.usd is None and demand.stop_reason == "infeasible"


def test_the_dearest_of_each_equation_comes_first() -> None:
    """With one to ask, it is the dearest of all; with two, the second equation comes before the first one's next."""
    made = planned(both(supply={"limits": [{"id": "cap", "vendor": "acme", "units_per_period": [5.0, 0.0]}]}))
    held = held_lp(*made)
    assert [r.equation for r in headlines(held, 1)] == [headlines(held, 9)[0].equation]
    assert {r.equation for r in headlines(held, 2)} == {"B1", "D1"}


def plan(objective_usd: float, bound_usd: float) -> Plan:
    return Plan("tiny", "feasible", objective_usd, bound_usd, 0.0, 0.0, {}, ("2027q1",))


def outcome(objective: float | None, bound: float | None) -> Outcome:
    values = None if objective is None else np.zeros(1)
    return Outcome("stopped" if objective is None else "feasible", objective, bound, values, "time limit", 2.0)


def test_the_band_is_what_both_gaps_allow() -> None:
    """A plan between 90 and 100 and a looser one between 80 and 85: the saving is between 5 and 20, 15 as found."""
    found = difference(plan(100e6, 90e6), outcome(85.0, 80.0), "never dearer")
    assert (found.usd, found.low_usd, found.high_usd) == (-15e6, -20e6, -5e6)


def test_what_cannot_help_does_not() -> None:
    """A looser limit found 3 dearer, and more demand found 3 cheaper: nought, and the plan was beaten by 3."""
    looser = difference(plan(100e6, 99e6), outcome(103.0, 98.0), "never dearer")
    assert (looser.usd, looser.low_usd, looser.high_usd) == (0.0, -2e6, 0.0)
    tighter = difference(plan(100e6, 90e6), outcome(97.0, 95.0), "never cheaper")
    assert (tighter.usd, tighter.low_usd, tighter.high_usd) == (0.0, 0.0, 7e6)
    assert tighter.cheaper_usd == pytest.approx(3e6)


def test_without_a_plan_only_the_bound_speaks() -> None:
    """A search that stopped with nothing but a bound says how little the change can cost.

    Under a looser limit the old plan still holds: nothing is saved for certain, and at most the distance to the bound.
    """
    found = difference(plan(100e6, 99e6), outcome(None, 101.0), "never cheaper")
    assert (found.usd, found.low_usd, found.high_usd) == (None, 1e6, None)
    looser = difference(plan(100e6, 99e6), outcome(None, 98.0), "never dearer")
    assert (looser.usd, looser.low_usd, looser.high_usd) == (0.0, -2e6, 0.0)


def test_time_is_shared_by_what_is_still_to_come() -> None:
    """Of 30 s for three solves the first gets 10; it took 2, so the second gets 14."""
    budget = Budget(30.0, 3)
    assert budget.share(Limits()).time_limit_s == 10
    budget.spend(outcome(1.0, 1.0))
    assert budget.share(Limits()).time_limit_s == 14
