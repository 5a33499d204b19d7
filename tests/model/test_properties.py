"""What must hold of every instance, tried on many small ones; and the optimum against trying everything."""

from itertools import product
from random import Random
from typing import Any

import pytest
from builders import GPU, merge
from cases import Candidate, candidate, case, least_cost, model, offer, point
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model

few = settings(max_examples=20, deadline=None, derandomize=True)
TOLERANCE_USD = 5.0
"""HiGHS stops at an absolute gap of 1e-6 M$, and holds rows to 1e-6."""
SECONDS = 12 / 24 * 8766 / 4 * 3600
"""A slice of 12 hours a day, in one quarter."""
SYSTEMS = ("gpu8", "big-8")
SITES = ("virginia", "texas")
LINKS = [{"a": "east", "b": "virginia", "rtt_ms": 20.0}, {"a": "east", "b": "texas", "rtt_ms": 30.0}]
Draw = dict[str, Any]

draws = st.fixed_dictionaries(
    {
        "day": st.integers(0, 40),
        "night": st.integers(0, 20),
        "growth": st.sampled_from([-0.5, 0.0, 0.5]),
        "delay_h": st.sampled_from([0.0, 6.0]),
        "priced": st.booleans(),
        "rates": st.tuples(*[st.sampled_from([1.0, 2.5, 4.0])] * 2),
        "prices": st.tuples(*[st.sampled_from([1e5, 3e5, 5e5])] * 2),
        "whole": st.booleans(),
        "power_kw": st.sampled_from([50.0, 100.0, 1000.0]),
        "lease": st.booleans(),
        "opening_usd": st.sampled_from([None, 1e5, 1e6]),
        "held": st.integers(0, 5),
        "rent": st.booleans(),
        "supply": st.sampled_from([None, 2.0, 6.0]),
        "most_chips": st.sampled_from([None, 40.0, 100.0]),
        "budget_usd": st.sampled_from([None, 1e6, 3e6]),
        "wacc": st.sampled_from([0.0, 0.1]),
    }
)
"""Two systems, two sites (one maybe still to open), two quarters of day and night, with limits that bind or not."""


def changes_of(d: Draw, money: float = 1.0) -> Draw:
    """The sections of the instance a draw stands for, with every price multiplied by `money`."""
    workload: Draw = {
        "demand": {
            "regions": [
                {"region": "east", "rate_per_s": 1.0, "slice_factors": {"day": d["day"], "night": d["night"]}},
            ],
            "growth_per_period": d["growth"],
        },
        "max_delay_h": d["delay_h"],
        "shortfall_usd_per_request": 0.002 * money if d["priced"] else None,
    }
    body = {key: value for key, value in GPU.items() if key != "id"}
    rent = {"rent": {"usd_per_h": 12.0 * money, "max_units": 3}} if d["rent"] else {}
    lease = {"usd_per_kw_month": 100.0 * money, "max_kw": 60.0, "energy_usd_per_mwh": 80.0 * money}
    texas: Draw = {"jurisdiction": "us", "power": {"sources": [{"id": "grid", "existing_kw": 100.0}]}}
    if d["opening_usd"] is not None:
        texas["opening"] = {"cost_usd": d["opening_usd"] * money}
    grid = {"existing_kw": d["power_kw"], "energy_usd_per_mwh": 60.0 * money}
    virginia = {"power": {"sources": {"grid": grid}, "lease": lease if d["lease"] else None}}
    held = {"id": "old", "system": "gpu8", "site": "virginia", "in_service": "2024q1", "end_of_life": "2027q1"}
    limits = [{"id": "most", "measure": "chips", "at_most": d["most_chips"]}] if d["most_chips"] else []
    supply = [{"id": "acme", "vendor": "acme", "units_per_period": [d["supply"]]}] if d["supply"] is not None else []
    return {
        "workloads": {"chat": workload},
        "systems": {
            "gpu8": {"price": {"buy_usd": d["prices"][0] * money}, "resale": {"first_share": 0.4}, **rent},
            "big-8": {**body, "price": {"buy_usd": d["prices"][1] * money}},
        },
        "sites": {"virginia": virginia, "texas": texas},
        "network": {"links": LINKS},
        "fleet": [{**held, "units": d["held"]}],
        "supply": {"limits": supply},
        "policy": {"limits": limits},
        "finance": {
            "wacc": d["wacc"],
            "capital_budget_usd": [d["budget_usd"] * money] if d["budget_usd"] is not None else [],
        },
    }


def candidates_of(d: Draw) -> tuple[Candidate, ...]:
    """One candidate a system and site."""
    return tuple(
        candidate(f"{c}.{s}", system=c, site=s, whole=d["whole"] and c == "big-8", points={"b1": point(rate=rate)})
        for c, rate in zip(SYSTEMS, d["rates"], strict=True)
        for s in SITES
    )


OFFERS = tuple(
    offer(c, s, rent_periods=(0, 1) if (c, s) == ("gpu8", "virginia") else (), owned_periods=(0,))
    for c in SYSTEMS
    for s in SITES
)


def built(instance: Instance, d: Draw, offers: tuple[Any, ...] = OFFERS, extra: tuple[Candidate, ...] = ()) -> Model:
    """The programme of a draw; rent only where the system has it."""
    return model(instance, candidates_of(d) + extra, offers)


def cost(d: Draw, more: Draw | None = None, money: float = 1.0) -> float:
    """Least cost of a draw, with `more` changes merged in; infinite where there is no plan."""
    return least_cost(built(case(**merge(changes_of(d, money), more or {})), d))


@few
@given(draws, st.sampled_from([1.1, 1.5, 3.0]))
def test_more_demand_never_costs_less(d: Draw, factor: float) -> None:
    """A plan for the greater demand serves the smaller one too."""
    more = {"workloads": {"chat": {"demand": {"scale": factor}}}}
    assert cost(d, more) >= cost(d) - TOLERANCE_USD


@few
@given(draws, st.sampled_from([0.0, 0.5, 0.9]))
def test_less_power_never_costs_less(d: Draw, factor: float) -> None:
    """A plan with less power holds with more."""
    less = {"sites": {site: {"power": {"scale": factor}} for site in SITES}}
    assert cost(d, less) >= cost(d) - TOLERANCE_USD


@few
@given(draws, st.sampled_from([1.2, 3.0]), st.sampled_from(SYSTEMS))
def test_dearer_chips_never_cost_less(d: Draw, factor: float, system: str) -> None:
    """The plan with dearer systems would cost no more at the old price, were nothing resold."""
    fresh = {"systems": {"gpu8": {"resale": None}}}
    dearer = merge(fresh, {"systems": {system: {"price": {"scale": factor}}}})
    assert cost(d, dearer) >= cost(d, fresh) - TOLERANCE_USD


@few
@given(draws)
def test_doubling_all_prices_doubles_the_cost(d: Draw) -> None:
    """Every cost line is linear in prices; the budget grows with them."""
    assert cost(d, money=2.0) == pytest.approx(2 * cost(d), abs=TOLERANCE_USD, rel=1e-6)


@few
@given(draws, st.integers(0, 1000))
def test_the_order_of_the_input_is_irrelevant(d: Draw, seed: int) -> None:
    """Systems, sites, links, candidates and offers in another order have the same optimum."""
    shuffle = Random(seed)
    instance = case(**changes_of(d))
    mixed = {name: tuple(shuffle.sample(getattr(instance, name), 2)) for name in ("systems", "sites")}
    mixed["network"] = instance.network.model_copy(update={"links": instance.network.links[::-1]})
    columns = shuffle.sample(candidates_of(d), 4)
    other = model(instance.model_copy(update=mixed), tuple(columns), tuple(shuffle.sample(OFFERS, 4)))
    assert least_cost(other) == pytest.approx(cost(d), abs=TOLERANCE_USD, rel=1e-6)


@few
@given(draws, st.sampled_from(SYSTEMS), st.sampled_from(SITES), st.sampled_from([0.5, 1.0]))
def test_a_dominated_candidate_changes_nothing(d: Draw, system: str, site: str, share: float) -> None:
    """One more candidate that serves no more on the same units of the same system at the same site is never missed."""
    best = next(c for c in candidates_of(d) if (c.system, c.site) == (system, site))
    slower = {"b1": point(rate=share * best.points["b1"].rate_per_s)}
    worse = candidate("worse", system=system, site=site, whole=best.whole, points=slower)
    with_it = least_cost(built(case(**changes_of(d)), d, extra=(worse,)))
    assert with_it == pytest.approx(cost(d), abs=TOLERANCE_USD, rel=1e-6)


LOOSER: tuple[tuple[str, Draw], ...] = (
    ("supply", {"supply": {"limits": {"acme": {"scale": 2.0}}}}),
    ("most_chips", {"policy": {"limits": {"most": {"at_most": 1e6}}}}),
    ("budget_usd", {"finance": {"capital_budget_usd": [1e9]}}),
    ("lease", {"sites": {"virginia": {"power": {"lease": {"scale": 3.0}}}}}),
    ("rent", {"systems": {"gpu8": {"rent": {"max_units": 50}}}}),
    ("delay_h", {"workloads": {"chat": {"max_delay_h": 12.0}}}),
)


@pytest.mark.parametrize(("given_as", "looser"), LOOSER, ids=[name for name, _ in LOOSER])
@settings(few, max_examples=10)
@given(d=draws)
def test_looser_limits_never_cost_more(given_as: str, looser: Draw, d: Draw) -> None:
    """What a tighter limit allows a looser one allows too: supply, counts, budget, lease, rent, delay."""
    fallback = {"supply": 2.0, "most_chips": 40.0, "budget_usd": 1e6, "lease": True, "rent": True, "delay_h": 6.0}
    bound = d | {given_as: d[given_as] or fallback[given_as]}
    assert cost(bound, looser) <= cost(bound) + TOLERANCE_USD


tiny = st.fixed_dictionaries(
    {
        "demand": st.lists(st.integers(0, 5), min_size=4, max_size=4),
        "rates": st.tuples(*[st.sampled_from([1.0, 1.5, 2.0])] * 2),
        "prices": st.tuples(*[st.sampled_from([1e5, 1.5e5, 2.5e5])] * 2),
        "power_kw": st.sampled_from([25.0, 50.0, 200.0]),
        "wacc": st.sampled_from([0.0, 0.2]),
        "short_usd": st.sampled_from([0.001, 0.01]),
    }
)
"""Two systems, two quarters of two slices, at most 5 requests/s, so at most 5 units of anything."""


@settings(few, max_examples=25)
@given(tiny)
def test_the_optimum_is_that_of_trying_everything(d: Draw) -> None:
    """Every purchase of up to 5 units a system and quarter, priced by plain arithmetic: the cheapest is the optimum."""
    slots = [("2027q1", "day"), ("2027q1", "night"), ("2027q2", "day"), ("2027q2", "night")]
    table = [
        {"period": t, "slice": h, "region": "east", "rate_per_s": float(rate)}
        for (t, h), rate in zip(slots, d["demand"], strict=True)
        if rate
    ]
    body = {key: value for key, value in GPU.items() if key != "id"}
    instance = case(
        finance={"wacc": d["wacc"]},
        workloads={"chat": {"demand": {"regions": [], "table": table}, "shortfall_usd_per_request": d["short_usd"]}},
        systems={
            "gpu8": {"price": {"buy_usd": d["prices"][0]}},
            "big-8": {**body, "price": {"buy_usd": d["prices"][1]}},
        },
        sites={"virginia": {"power": {"sources": {"grid": {"existing_kw": d["power_kw"]}}}}},
    )
    pair = tuple(
        candidate(c, system=c, points={"b1": point(rate=rate)}) for c, rate in zip(SYSTEMS, d["rates"], strict=True)
    )
    optimum = least_cost(model(instance, pair, (offer(), offer("big-8"))))
    assert optimum == pytest.approx(cheapest_by_trying(d), abs=TOLERANCE_USD)


def cheapest_by_trying(d: Draw) -> float:
    """Units a1, b1 in the first quarter and a2, b2 in the second: instalments of 20 quarters, paid in advance from
    delivery on; 10 kW x PUE 1.25 a unit; requests beyond the rates at the price of a shortfall."""
    second = (1 + d["wacc"]) ** -0.25
    instalment = 1 / sum(second**n for n in range(20))
    (price_a, price_b), (rate_a, rate_b) = d["prices"], d["rates"]
    best = float("inf")
    for a1, b1, a2, b2 in product(range(6), repeat=4):
        if (a1 + b1 + a2 + b2) * 12.5 > d["power_kw"] + 1e-9:
            continue
        first_usd, second_usd = a1 * price_a + b1 * price_b, a2 * price_a + b2 * price_b
        total = instalment * (first_usd * (1 + second) + second_usd * second)
        for demand, a, b, discount in zip(
            d["demand"], (a1, a1, a1 + a2, a1 + a2), (b1, b1, b1 + b2, b1 + b2), (1, 1, second, second), strict=True
        ):
            short = max(0.0, demand - a * rate_a - b * rate_b)
            total += short * SECONDS * d["short_usd"] * discount
        best = min(best, total)
    return best
