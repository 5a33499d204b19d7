"""LP prices: by hand, and each printed value against a solve of its own with the side moved."""

import math
from typing import Any

import pytest
from cases import candidate, case, model, offer
from planned import Planned, everything, planned, tutorial
from rich_case import rich_model

from fleetopt.solve.held import hold
from fleetopt.solve.marginal import Price, held_lp, prices
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.solver import Limits, solve_highs

RENTED = {"gpu8": {"rent": {"usd_per_h": 10.0, "max_units": 100}, "price": {"buy_usd": 9e6}}}


def priced(made: Planned, most: int = 50) -> dict[str, Price]:
    """Prices by their words."""
    return {p.resource.words: p for p in prices(held_lp(*made), most)}


def moved(held: Matrix, price: Price, size: float) -> float | None:
    """Change of the LP's optimum in USD for one more, from a cold solve with `size` more; None where infeasible."""
    exact = Limits(gap=0.0, extra={"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9})
    before = solve_highs(held, exact).objective
    after = solve_highs(price.resource.step.applied(held, size), exact).objective
    assert before is not None
    return None if after is None else (after - before) / size * 1e6


@pytest.mark.parametrize(
    "made",
    [
        everything,
        lambda: tutorial("mix"),
        lambda: tutorial("one_system"),
        lambda: tutorial("training"),
        lambda: planned(rich_model()),
        lambda: planned(leased()),
        lambda: planned(rented()),
    ],
)
def test_every_price_agrees_with_a_solve_of_its_own(made: Any) -> None:
    """Sign and size: each printed value is what the LP's cost does, solved cold with the side moved a little."""
    model_, matrix, plan = made()
    fixed = hold(model_, matrix, plan)
    found = prices(held_lp(model_, matrix, plan), 50)
    assert found
    for price in found:
        sizes = (1e-2, 1e-3, 1e-4)
        real = [moved(fixed, price, size) for size in sizes]
        if price.usd is None:
            assert real[1] is None
            continue
        near = [x for x in real if x is not None and math.isclose(x, price.usd, rel_tol=0.01, abs_tol=0.05)]
        assert near, (price.resource.words, price.usd, real)
        assert price.usd < 0 or not price.resource.looser


def leased() -> Any:
    """8 servers of 12.5 kW on 50 kW of grid and a lease at 10 USD/kW-month."""
    power = {
        "sources": {"grid": {"existing_kw": 50.0}},
        "lease": {"usd_per_kw_month": 10.0, "max_kw": 1000.0, "energy_usd_per_mwh": 0.0},
    }
    return model(case(sites={"virginia": {"power": power}}))


def rented() -> Any:
    """Machines rented by the hour, for buying is far dearer; 15/s by day and 5/s by night, 2/s a unit."""
    return model(case(systems=RENTED), offers=(offer(rent_periods=(0, 1)),))


def test_firm_power_is_worth_the_lease_it_saves() -> None:
    """A MW more in a quarter saves 1,000 kW x 10 USD x 3 months = 30,000 USD of lease; the lease itself has room."""
    found = priced(planned(leased()))
    for period in ("2027q1", "2027q2"):
        price = found[f"one more MW of firm power at virginia in {period}"]
        assert price.usd == pytest.approx(-30_000) and price.resource.equation == "P1"
    assert not any(p.resource.equation == "P2.lease" for p in found.values())


def test_a_request_costs_the_rent_of_its_machines() -> None:
    """A request/s more (1.5 by day) takes 0.75 units, rented at 10 USD an hour: 0.75 x 10 x 2,191.5 h a quarter."""
    found = priced(planned(rented()))
    for period in ("2027q1", "2027q2"):
        price = found[f"one more request/s of chat from east in {period} (mean over its profile)"]
        assert price.usd == pytest.approx(0.75 * 10 * 2191.5)


def test_a_full_fleet_has_no_price_for_one_request_more() -> None:
    """7 servers that may be rented serve 14 a second and no more: 14/s by day leaves none to spare."""
    demand = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 14.0}]}}}
    limited = {"gpu8": {"rent": {"usd_per_h": 10.0, "max_units": 7}, "price": {"buy_usd": 9e6}}}
    built = model(case(systems=limited, workloads=demand), offers=(offer(buy=(), rent_periods=(0, 1)),))
    found = priced(planned(built))
    price = found["one more request/s of chat from east in 2027q1 (mean over its profile)"]
    assert price.usd is None


def test_degenerate_duals_are_not_taken_at_their_word() -> None:
    """A processor rack more saves nothing where the duals say 50,000 USD: it costs the energy that it draws.

    The price told is what a step shows; some dual of the same instance is wrong in sign.
    """
    found = prices(held_lp(*everything()), 50)
    wrong = [p for p in found if p.usd is not None and p.usd > 1 and p.dual_usd < -1]
    assert wrong, "the instance no longer has a degenerate dual: take another"


def test_most_limits_what_is_told_of_each_equation() -> None:
    """With `most` 1 every equation is told once, by its dearest resource."""
    all_, one = prices(held_lp(*everything()), 50), prices(held_lp(*everything()), 1)
    assert {p.resource.equation for p in one} == {p.resource.equation for p in all_}
    assert len(one) == len({p.resource.equation for p in one})


def test_candidates_of_one_unit_leave_no_price_for_slack() -> None:
    """8 servers for 7.5: one request/s more changes nothing, and what changes nothing is not told but for demand."""
    found = priced(planned(model(case(), (candidate(),))))
    assert {p.resource.equation for p in found.values()} <= {"D1"}
