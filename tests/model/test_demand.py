"""D1 to D4: demand is met, now or later, where it may go."""

from typing import Any

import pytest
from cases import SOLVERS, candidate, case, infeasible, merge, model, offer, point, solve

SITE = {"jurisdiction": "us", "power": {"sources": [{"id": "grid", "existing_kw": 1000.0}]}}
TWO_SITES = {"sites": {"texas": SITE}}


def _two_sites(capacity_gb_s: float | None):
    """Texas serves 4/s a unit, Virginia 2/s; the link to Texas may be limited."""
    links = [
        {"a": "east", "b": "virginia", "rtt_ms": 20.0},
        {"a": "east", "b": "texas", "rtt_ms": 40.0, "capacity_gb_s": capacity_gb_s},
    ]
    return _texas(network={"links": links})


def _texas(**changes: Any):
    """Texas with a candidate twice as fast as Virginia's, and the changes of a test."""
    fast = candidate("fast", site="texas", points={"b1": point(rate=4.0)})
    return model(case(**merge(TWO_SITES, changes)), (candidate(), fast), (offer(), offer(site="texas")))


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_binding(solver: str) -> None:
    """Demand has no price for going unserved, so 15/s must be served: 8 units, 240,000 USD; without supply: none."""
    assert solve(model(case()), solver) == pytest.approx(240_000)
    assert infeasible(model(case(), (), ()), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_slack(solver: str) -> None:
    """At 0.0001 USD a request nothing is served: 10/s on average x 7,889,400 s x 2 quarters = 15,778.80 USD."""
    instance = case(workloads={"chat": {"shortfall_usd_per_request": 1e-4}})
    assert solve(model(instance), solver) == pytest.approx(15_778.8)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_site_binding(solver: str) -> None:
    """Requests sent to Texas are served there at 4/s a unit: 15/4 is 4 units, 120,000 USD."""
    assert solve(_two_sites(None), solver) == pytest.approx(120_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d1_site_slack(solver: str) -> None:
    """Without a route to Texas its faster candidate is out of reach: 8 units in Virginia, 240,000 USD."""
    fast = candidate("fast", site="texas", points={"b1": point(rate=4.0)})
    built = model(case(**TWO_SITES), (candidate(), fast), (offer(), offer(site="texas")))
    assert solve(built, solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d2_binding(solver: str) -> None:
    """With 12 h of delay the mean of 10/s is served all day: 5 units, 150,000 USD."""
    assert solve(model(case(workloads={"chat": {"max_delay_h": 12.0}})), solver) == pytest.approx(150_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d2_slack(solver: str) -> None:
    """Flat demand leaves nothing to shift: 10/s is 5 units whatever the delay, 150,000 USD."""
    flat = [{"region": "east", "rate_per_s": 10.0}]
    for delay in (0.0, 12.0):
        instance = case(workloads={"chat": {"max_delay_h": delay, "demand": {"regions": flat}}})
        assert solve(model(instance), solver) == pytest.approx(150_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d2_window_binding(solver: str) -> None:
    """With 2 h, at most 2 x 15 waits at dusk: the day does (180 - 30)/12 = 12.5/s, 7 units, 210,000 USD."""
    assert solve(model(case(workloads={"chat": {"max_delay_h": 2.0}})), solver) == pytest.approx(210_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d2_window_slack(solver: str) -> None:
    """With 4 h, 60 may wait, which is all that levelling to 10/s needs: 5 units, 150,000 USD."""
    assert solve(model(case(workloads={"chat": {"max_delay_h": 4.0}})), solver) == pytest.approx(150_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d3_binding(solver: str) -> None:
    """A request is 6 B x 1,000 tokens = 6e-6 GB on its way there; 6e-5 GB/s carry 10/s to Texas, so x <= 10 there.

    ceil(x/4) + ceil((15 - x)/2) is least at 6 (x = 10: 3 + 3): 180,000 USD.
    """
    assert solve(_two_sites(6e-5), solver) == pytest.approx(180_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d3_slack(solver: str) -> None:
    """A link for 100/s does not bind: 4 units in Texas, 120,000 USD."""
    assert solve(_two_sites(7.2e-4), solver) == pytest.approx(120_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("capacity", "cost"), [(1.2e-4, 210_000), (2.4e-4, 180_000)])
@pytest.mark.parametrize("ends", [("east", "texas"), ("texas", "east")])
def test_d3_answers_take_the_other_way(solver: str, capacity: float, cost: float, ends: tuple[str, str]) -> None:
    """Answers of 4,000 tokens are 2.4e-5 GB: 1.2e-4 GB/s bring 5/s back from Texas, ceil(5/4) + ceil(10/2) = 7 units,
    210,000 USD; 2.4e-4 bring 10/s back, 3 + 3 units, 180,000 USD. Either end may be written first."""
    a, b = ends
    links = [
        {"a": "east", "b": "virginia", "rtt_ms": 20.0},
        {"a": a, "b": b, "rtt_ms": 40.0, "capacity_gb_s": capacity},
    ]
    long = {"chat": {"buckets": {"b1": {"output_tokens": 4000.0}}}}
    assert solve(_texas(network={"links": links}, workloads=long), solver) == pytest.approx(cost)


RELAY = [
    {"a": "east", "b": "hub", "rtt_ms": 10.0},
    {"a": "west", "b": "hub", "rtt_ms": 10.0},
    {"a": "hub", "b": "texas", "rtt_ms": 20.0, "capacity_gb_s": 7.2e-5},
    {"a": "east", "b": "virginia", "rtt_ms": 20.0},
    {"a": "west", "b": "virginia", "rtt_ms": 30.0},
]
"""Both regions reach Texas by a relay, and share the one link from there on."""


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("scale", "cost"), [(1.0, 240_000), (3.0, 180_000)])
def test_d3_a_relayed_link_is_shared_by_regions(solver: str, scale: float, cost: float) -> None:
    """15/s from the east and 6/s from the west by day; 7.2e-5 GB/s carry 12/s of both together to Texas: 3 units there
    and ceil(9/2) = 5 here, 240,000 USD; three times as much carries all 21 there, on 6 units, 180,000 USD."""
    links = [{**link, "capacity_gb_s": scale * 7.2e-5} if link["b"] == "texas" else link for link in RELAY]
    regions = [{"id": "east", "jurisdiction": "us"}, {"id": "west", "jurisdiction": "us"}]
    demand = [
        {"region": "east", "rate_per_s": 10.0, "slice_factors": {"day": 1.5, "night": 0.5}},
        {"region": "west", "rate_per_s": 6.0},
    ]
    built = _texas(
        network={"links": links, "regions": regions},
        sites={"hub": {"jurisdiction": "us"}},
        workloads={"chat": {"demand": {"regions": demand}}},
    )
    assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d4_binding(solver: str) -> None:
    """Prefill at 10/s and decode at 3/s a unit: 15/10 + 15/3 = 6.5, so 7 units, 210,000 USD."""
    prefill = candidate("p", stage="prefill", points={"b1": point(rate=10.0)})
    decode = candidate("d", stage="decode", points={"b1": point(rate=3.0)})
    assert solve(model(case(), (prefill, decode)), solver) == pytest.approx(210_000)
    assert infeasible(model(case(), (prefill,)), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_d4_slack(solver: str) -> None:
    """A decode pool too slow to pay is left alone, and so is its prefill pool: 8 aggregated units, 240,000 USD."""
    prefill = candidate("p", stage="prefill", points={"b1": point(rate=10.0)})
    decode = candidate("d", stage="decode", points={"b1": point(rate=1.0)})
    assert solve(model(case(), (candidate(), prefill, decode)), solver) == pytest.approx(240_000)
