"""B4: stepwise volume discounts, on all units or step by step, by period, year or horizon."""

from typing import Any

import pytest
from cases import SOLVERS, candidate, case, least_cost, model, offer, point, solve
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.instance.schema import Instance

Steps = tuple[tuple[float, float], ...]
GROWING = {
    "regions": [],
    "table": [
        {"period": t, "slice": "day", "region": "east", "rate_per_s": rate}
        for t, rate in (("2027q1", 10.0), ("2027q2", 20.0))
    ],
}
"""5 units from the first quarter, 10 from the second: 1.5 M$ of purchases in each."""
ALL_UNITS, INCREMENTAL = "all_units", "incremental"


def terms(kind: str, steps: Steps, **fields: Any) -> dict[str, Any]:
    """Supply with one discount of acme's; steps are (spend in M$, share off)."""
    rising = [{"from_usd": musd * 1e6, "discount": share} for musd, share in steps]
    return {"discounts": [{"id": "volume", "vendor": "acme", "kind": kind, "steps": rising, **fields}]}


def at_discount(kind: str, *steps: tuple[float, float], window: str = "period", **changes: Any) -> Instance:
    return case(supply=terms(kind, steps, window=window), **changes)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("kind", "steps", "cost"),
    [
        (ALL_UNITS, ((1.5, 0.1), (2.4, 0.2)), 192_000),
        (ALL_UNITS, ((1.5, 0.1), (2.41, 0.11)), 216_000),
        (ALL_UNITS, ((2.7, 0.2),), 216_000),
        (ALL_UNITS, ((0.0, 0.05), (3.0, 0.1)), 228_000),
        (ALL_UNITS, ((3.0, 0.1),), 240_000),
        (INCREMENTAL, ((1.5, 0.1),), 231_000),
        (INCREMENTAL, ((1.5, 0.1), (2.1, 0.4)), 222_000),
        (INCREMENTAL, ((0.0, 0.05), (1.5, 0.1)), 223_500),
        (INCREMENTAL, ((2.4, 0.5),), 240_000),
    ],
)
def test_b4_binding_and_slack(solver: str, kind: str, steps: Steps, cost: float) -> None:
    """8 units are 2.4 M$ of list price and 240,000 USD inside the horizon, a tenth of it. On all units: 20 % at 2.4 M$
    is 192,000; 10 % where the next step is just missed and buys too little, 216,000; 20 % from 2.7 M$ on pays for a
    ninth unit, 9 x 30,000 x 0.8; a step from nought holds at once; 10 % from 3 M$ on does not pay for ten units.
    Step by step: 10 % of the 0.9 M$ above 1.5 are 9,000 less; 10 % of 0.6 and 40 % of the 0.3 above 2.1 are 18,000; 5 %
    of 1.5 and 10 % of 0.9 are 16,500; and at 2.4 M$ nothing lies above."""
    assert solve(model(at_discount(kind, *steps)), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("kind", "window", "cost"),
    [
        (ALL_UNITS, "period", 225_000),
        (ALL_UNITS, "year", 202_500),
        (ALL_UNITS, "horizon", 202_500),
        (INCREMENTAL, "period", 225_000),
        (INCREMENTAL, "year", 220_500),
        (INCREMENTAL, "horizon", 220_500),
    ],
)
def test_b4_windows(solver: str, kind: str, window: str, cost: float) -> None:
    """1.5 M$ in each quarter are charged 150,000 and 75,000 USD; 10 % from 2.1 M$ on is out of reach in a quarter.

    Over the year all of it is 10 % cheaper. Step by step, what came first fills the lower step, so that the 0.9 M$
    above 2.1 are of the second quarter and their 0.09 M$ charged for that one, 4,500 USD, not 9,000.
    """
    built = model(at_discount(kind, (2.1, 0.1), window=window, workloads={"chat": {"demand": GROWING}}))
    assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b4_the_spend_that_counts_is_of_the_vendor_and_the_systems_named(solver: str) -> None:
    """8 units with half of each server: neither 1.2 M$ reaches 2.4, unless both count; another vendor's never do."""
    twin = {"id": "twin8", "vendor": "acme", "kind": "server", "chips": 8, "power_kw": 10.0}
    twin |= {"price": {"buy_usd": 300_000.0}}
    half = {"limits": [{"id": c, "systems": [c], "units_per_period": [4.0]} for c in ("gpu8", "twin8")]}
    for vendor, systems, cost in (("acme", [], 216_000), ("acme", ["gpu8"], 240_000), ("other", [], 240_000)):
        supply = {**half, **terms(ALL_UNITS, ((2.4, 0.1),), systems=systems)}
        instance = case(systems={"twin8": {**twin, "vendor": vendor}}, supply=supply)
        built = model(instance, (candidate(), candidate("t", system="twin8")), (offer(), offer("twin8")))
        assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b4_list_prices_stay_as_they_are(solver: str) -> None:
    """Duty and budget know no discount: 25 % of 240,000 in duty stay, and 2.4 M$ of budget is what 8 units take.

    Network is part of the price a discount counts and cuts: 2.64 M$ with 10 %, 264,000 x 0.9 USD.
    """
    dutied = model(at_discount(ALL_UNITS, (2.4, 0.1)), offers=(offer(duty_rate={0: 0.25, 1: 0.25}),))
    assert solve(dutied, solver) == pytest.approx(216_000 + 60_000)
    short = {"workloads": {"chat": {"shortfall_usd_per_request": 1.0}}}
    for budget, bought in ((2.4e6, 8), (2.3e6, 7)):
        built = model(at_discount(ALL_UNITS, (2.0, 0.5), finance={"capital_budget_usd": [budget]}, **short))
        solve(built, solver)
        assert built.context.var.buy["gpu8", "virginia", 0].value() == pytest.approx(bought)
    wired = model(at_discount(ALL_UNITS, (2.64, 0.1), systems={"gpu8": {"price": {"network_share": 0.1}}}))
    assert solve(wired, solver) == pytest.approx(264_000 * 0.9)


def test_b4_is_charged_like_the_purchase() -> None:
    """At 10 % interest, 20 % off is 20 % off each instalment: the plan costs 0.8 of the plan without."""
    rate = {"finance": {"wacc": 0.1}}
    full, cheap = least_cost(model(case(**rate))), least_cost(model(at_discount(ALL_UNITS, (2.4, 0.2), **rate)))
    assert cheap == pytest.approx(0.8 * full)


def test_b4_out_of_reach_there_are_no_columns() -> None:
    """Power for 1 MW carries 80 units, 24 M$: a step from 24.1 M$ on needs no column, one from 24 M$ does."""
    for start, levels in ((24.1, 0), (24.0, 4)):
        assert len(model(at_discount(ALL_UNITS, (start, 0.2))).context.var.level) == levels
    over = model(at_discount(INCREMENTAL, (24.1, 0.2), window="horizon")).context.var
    assert set(over.level) == {("volume", 1, 1)}
    assert set(over.spend) == {("volume", "gpu8", 0, 0), ("volume", "gpu8", 1, 0), ("volume", "gpu8", 1, 1)}


@pytest.mark.parametrize("solver", SOLVERS)
def test_b4_two_discounts_add_up(solver: str) -> None:
    """10 % of a quarter's and 5 % of the horizon's purchases: 240,000 x 0.85 USD."""
    both = [
        *terms(ALL_UNITS, ((2.4, 0.1),))["discounts"],
        *terms(ALL_UNITS, ((1.0, 0.05),), id="loyal", window="horizon")["discounts"],
    ]
    assert solve(model(case(supply={"discounts": both})), solver) == pytest.approx(204_000)


few = settings(max_examples=20, deadline=None, derandomize=True)
KINDS, WINDOWS = st.sampled_from([ALL_UNITS, INCREMENTAL]), st.sampled_from(["period", "horizon"])
SHARES = st.tuples(st.floats(0.01, 0.4), st.floats(0.01, 0.4))


@few
@given(KINDS, WINDOWS, SHARES, st.floats(0.01, 0.2), st.sampled_from([0.5, 1.0, 2.0]), st.integers(1, 20))
def test_a_deeper_discount_never_costs_more(
    kind: str, window: str, shares: tuple[float, float], more: float, start: float, rate: int
) -> None:
    """The same purchases cost no more where each step takes more off."""
    demand = {"workloads": {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": float(rate)}]}}}}
    first, second = shares[0], shares[0] + shares[1]
    costs = [
        least_cost(model(at_discount(kind, (start, first + x), (2 * start, second + x), window=window, **demand)))
        for x in (0.0, more)
    ]
    none = least_cost(model(case(**demand)))
    assert costs[1] <= costs[0] + 1.0 <= none + 2.0


@few
@given(KINDS, WINDOWS, SHARES, st.sampled_from([0.5, 1.0, 2.0]), st.integers(1, 20))
def test_doubling_prices_and_steps_doubles_the_cost(
    kind: str, window: str, shares: tuple[float, float], start: float, rate: int
) -> None:
    """A step holds from a spend on, so it moves with the prices, and a discount is linear in both."""
    demand = {"workloads": {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": float(rate)}]}}}}
    costs = []
    for money in (1.0, 2.0):
        steps = (money * start, shares[0]), (2 * money * start, sum(shares))
        systems = {"gpu8": {"price": {"scale": money}}}
        costs.append(least_cost(model(at_discount(kind, *steps, window=window, systems=systems, **demand))))
    assert costs[1] == pytest.approx(2 * costs[0], abs=5.0)


@few
@given(KINDS, st.floats(0.05, 0.4), st.floats(0.1, 3.0), st.floats(0.1, 2.0), st.integers(1, 20))
def test_an_earlier_step_never_costs_more(kind: str, share: float, start: float, later: float, rate: int) -> None:
    """Whatever reaches the later step reaches the earlier one."""
    demand = {"workloads": {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": float(rate)}]}}}}
    costs = [least_cost(model(at_discount(kind, (x, share), **demand))) for x in (start, start + later)]
    assert costs[0] <= costs[1] + 1.0


@few
@given(
    KINDS, st.tuples(st.floats(0.3, 2.0), st.floats(0.1, 2.0)), SHARES, st.integers(1, 24), st.sampled_from([1e5, 3e5])
)
def test_the_optimum_is_that_of_trying_every_number(
    kind: str, starts: tuple[float, float], shares: tuple[float, float], rate: int, price: float
) -> None:
    """From the units needed up to forty, each number at its price by plain arithmetic: the cheapest is the optimum."""
    steps = ((starts[0], shares[0]), (sum(starts), sum(shares)))
    demand = {"regions": [{"region": "east", "rate_per_s": float(rate)}]}
    instance = at_discount(
        kind, *steps, workloads={"chat": {"demand": demand}}, systems={"gpu8": {"price": {"buy_usd": price}}}
    )
    built = model(instance, (candidate(points={"b1": point(rate=1.0)}),), (offer(buy=(0,)),))
    paid = (_paid(kind, steps, units * price) * 2 / 20 for units in range(rate, 81))
    assert least_cost(built) == pytest.approx(min(paid), abs=5.0)


def _paid(kind: str, steps: Steps, usd: float) -> float:
    """What a purchase of so much list price costs with its discount."""
    if kind == ALL_UNITS:
        return usd * (1 - max((share for start, share in steps if usd >= start * 1e6), default=0.0))
    ends = [start for start, _ in steps[1:]] + [float("inf")]
    return usd - sum(
        share * max(0.0, min(usd, end * 1e6) - start * 1e6) for (start, share), end in zip(steps, ends, strict=True)
    )
