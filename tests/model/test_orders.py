"""B3: lots, and orders no smaller than the vendor takes."""

from typing import Any

import pytest
from cases import SOLVERS, candidate, case, least_cost, model, offer, solve
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.model.build import Model

TEXAS = {"jurisdiction": "us", "power": {"sources": [{"id": "grid", "existing_kw": 1000.0}]}}
LINKS = [{"a": "east", "b": site, "rtt_ms": 20.0} for site in ("virginia", "texas")]
RARE = {"regions": [], "table": [{"period": "2027q2", "slice": "day", "region": "east", "rate_per_s": 6.0}]}


def _sold(**system: Any) -> Model:
    """The base case, with its server sold in some way."""
    return model(case(systems={"gpu8": system}))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("lot", "cost"), [(3, 270_000), (5, 300_000), (4, 240_000), (1, 240_000)])
def test_b3_lots_binding_and_slack(solver: str, lot: int, cost: float) -> None:
    """Of the 8 units needed, 3 lots of 3 are 9 and 2 lots of 5 are 10, at 30,000 USD each; 8 are 2 lots of 4."""
    assert solve(_sold(lot=lot), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("least", "lot", "cost"), [(12, None, 360_000), (12, 5, 450_000), (8, None, 240_000)])
def test_b3_least_order_binding_and_slack(solver: str, least: int, lot: int | None, cost: float) -> None:
    """8 are needed and 12 must be ordered, or 15 where they come in fives; a least order of 8 costs nothing."""
    assert solve(_sold(min_order=least, lot=lot), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b3_a_least_order_is_no_duty_to_order(solver: str) -> None:
    """6/s in the second quarter take 3 units; with a least order of 5 those are ordered then, at 15,000 USD each."""
    built = model(case(systems={"gpu8": {"min_order": 5}}, workloads={"chat": {"demand": RARE}}))
    assert solve(built, solver) == pytest.approx(5 * 15_000)
    assert [built.context.var.order["gpu8", t].value() for t in (0, 1)] == pytest.approx([0, 1])


@pytest.mark.parametrize("solver", SOLVERS)
def test_b3_most_order_is_what_can_come(solver: str) -> None:
    """Power for 100 kW carries 8 units: an order of 9 cannot be, so nothing is bought and all is left unserved."""
    grid = {"virginia": {"power": {"sources": {"grid": {"existing_kw": 100.0}}}}}
    short = {"chat": {"shortfall_usd_per_request": 0.01}}
    built = model(case(systems={"gpu8": {"min_order": 9}}, sites=grid, workloads=short))
    assert solve(built, solver) == pytest.approx(0.01 * 10 * 8766 / 2 * 3600)
    for most in (9, 8):
        supply = {"limits": [{"id": "cap", "vendor": "acme", "units_per_period": [float(most)]}]}
        built = model(case(systems={"gpu8": {"min_order": 9}}, supply=supply, workloads=short))
        assert solve(built, solver) == pytest.approx(270_000 if most == 9 else 0.01 * 10 * 8766 / 2 * 3600)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b3_an_order_is_counted_over_all_sites(solver: str) -> None:
    """Two sites of 5 units of power share the 8 that are needed: one order of 8 in two lots, whatever goes where."""
    power = {"virginia": {"power": {"sources": {"grid": {"existing_kw": 62.5}}}}}
    sites = {**power, "texas": {**TEXAS, "power": {"sources": [{"id": "grid", "existing_kw": 62.5}]}}}
    instance = case(systems={"gpu8": {"lot": 4, "min_order": 8}}, sites=sites, network={"links": LINKS})
    built = model(instance, (candidate(), candidate("t", site="texas")), (offer(), offer(site="texas")))
    assert solve(built, solver) == pytest.approx(240_000)
    assert built.context.var.lots["gpu8", 0].value() == pytest.approx(2)


few = settings(max_examples=15, deadline=None, derandomize=True)


@few
@given(st.integers(1, 6), st.integers(2, 4), st.integers(1, 30), st.integers(0, 4))
def test_a_larger_lot_never_costs_less(lot: int, times: int, rate: int, held: int) -> None:
    """What comes in lots of twice the size comes in lots of the size too (3 and 2, say, cannot be compared)."""
    demand = {"regions": [{"region": "east", "rate_per_s": float(rate)}]}
    old = {"id": "old", "system": "gpu8", "site": "virginia", "in_service": "2024q1", "end_of_life": "2027q1"}
    fleet = [{**old, "units": held}]
    costs = [
        least_cost(model(case(systems={"gpu8": {"lot": size}}, workloads={"chat": {"demand": demand}}, fleet=fleet)))
        for size in (lot, lot * times)
    ]
    assert costs[0] <= costs[1] + 1.0


@few
@given(st.integers(1, 10), st.integers(1, 10), st.integers(1, 30))
def test_a_larger_least_order_never_costs_less(least: int, more: int, rate: int) -> None:
    """An order that is large enough for the larger least is so for the smaller."""
    demand = {"regions": [{"region": "east", "rate_per_s": float(rate)}]}
    costs = [
        least_cost(model(case(systems={"gpu8": {"min_order": size}}, workloads={"chat": {"demand": demand}})))
        for size in (least, least + more)
    ]
    assert costs[0] <= costs[1] + 1.0
