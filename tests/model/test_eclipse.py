"""O4, O5: what works in the dark, and what finds a way down."""

from typing import Any

import pytest
from builders import with_orbit
from cases import SOLVERS, candidate, case, infeasible, model, offer, point, solve

from fleetopt.model.build import Model

UP = candidate("up", site="leo", system="sat", points={"b1": point()})
"""2/s a satellite, so 15/s take 7.5; one costs 500,000 USD over 20 quarters: 25,000 a quarter."""
DOWN_GB_S = 15 * 1200 * 6 / 1e9
"""15 requests/s of 1,000 + 200 tokens of 6 bytes."""


def _orbit(eclipse: str = "storage", sun: float = 1.0, failures: float = 0.0, **orbit: Any) -> Model:
    free = {"launch_usd_per_kg": 0.0, "launch_kg_per_period": 1e6, "operations_share_per_year": 0.0}
    site = {"orbit": {**free, "sun_fraction": sun, **orbit}}
    sat = {"failures_per_year": failures, "satellite": {"eclipse": eclipse}}
    instance = case(**with_orbit(sites={"leo": site}, systems={"sat": sat}))
    return model(instance, (UP,), (offer("sat", "leo", mass_kg=1000.0),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_o4_binding(solver: str) -> None:
    """In sun 60 % of the time 7.5 at work take 12.5, so 13 satellites: 13 x 50,000 USD."""
    assert solve(_orbit("duty", sun=0.6), solver) == pytest.approx(650_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_o4_slack(solver: str) -> None:
    """In sun 94 % of the time 8 satellites give 7.52: 400,000 USD. With storage the sun makes no difference to them."""
    assert solve(_orbit("duty", sun=0.94), solver) == pytest.approx(400_000)
    assert solve(_orbit("storage", sun=0.6), solver) == pytest.approx(400_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_o4_counts_those_that_survive(solver: str) -> None:
    """13 x 0.6 = 7.8 at first; half fail a year, so 0.841 are left: 6.56, and 2 more give 7.76: (26 + 2) x 25,000."""
    assert solve(_orbit("duty", sun=0.6, failures=0.5), solver) == pytest.approx(700_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    "orbit",
    [
        {"downlink_gb_s": DOWN_GB_S * 0.999},
        {"downlink_gb_s": 4 * DOWN_GB_S, "contact_share": 0.2},
        {"downlink_gb_s": 0.0, "relay_gb_s": DOWN_GB_S * 0.999},
    ],
)
def test_o5_binding(solver: str, orbit: dict[str, float]) -> None:
    """A downlink a thousandth too small, four times enough for a fifth of the time, relays a thousandth too small."""
    assert infeasible(_orbit(**orbit), solver)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    "orbit",
    [
        {},
        {"downlink_gb_s": DOWN_GB_S * 1.001},
        {"downlink_gb_s": 4 * DOWN_GB_S, "contact_share": 0.2, "relay_gb_s": 0.21 * DOWN_GB_S},
    ],
)
def test_o5_slack(solver: str, orbit: dict[str, float]) -> None:
    """No limit, one just above the traffic, and 0.8 of it by contact with 0.21 by relay: 8 satellites, 400,000 USD."""
    assert solve(_orbit(**orbit), solver) == pytest.approx(400_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_o5_sends_the_rest_to_the_ground(solver: str) -> None:
    """Down go 2 of 15 requests/s, from one satellite; 13/s by day take 7 servers: 10,000 + 7 x 30,000 USD.

    Satellites at 100,000 USD would serve all for 8 x 10,000, were there a way down.
    """
    orbit = {"launch_usd_per_kg": 0.0, "operations_share_per_year": 0.0, "downlink_gb_s": DOWN_GB_S * 2 / 15}
    sat = {"price": {"buy_usd": 100_000.0}}
    instance = case(**with_orbit(sites={"leo": {"orbit": orbit}}, systems={"sat": sat}))
    built = model(instance, (candidate(), UP), (offer(), offer("sat", "leo", mass_kg=1000.0)))
    assert solve(built, solver) == pytest.approx(10_000 + 7 * 30_000)
