"""O2, O3 and O5.link with launches by date, losses, upsets and the satellites' own links; what a launch costs (F2)."""

from typing import Any

import pytest
from builders import tiny_instance, with_orbit
from cases import SOLVERS, candidate, case, infeasible, least_cost, model, offer, point, solve
from hypothesis import given, settings
from hypothesis import strategies as st

from fleetopt.candidates.offers import offers
from fleetopt.model.build import Model
from fleetopt.model.objective import lines_of
from fleetopt.model.prices import Prices

SECOND_QUARTER = [{"period": "2027q2", "slice": "day", "region": "east", "rate_per_s": 15.0}]
UP = candidate("up", site="leo", system="sat", points={"b1": point()})
"""2/s a satellite, so 15/s take 8; one costs 500,000 USD over 20 quarters: 25,000 a quarter."""
FREE = {"launch_usd_per_kg": 0.0, "launch_kg_per_period": 1e6, "operations_share_per_year": 0.0}


def _orbit(sat: Any = None, table: Any = (), **orbit: Any) -> Model:
    demand = {"demand": {"regions": [], "table": list(table)}} if table else {}
    changes = with_orbit(sites={"leo": {"orbit": {**FREE, **orbit}}}, systems={"sat": sat or {}})
    return model(case(**changes, workloads={"chat": demand}), (UP,), (offer("sat", "leo", mass_kg=1000.0),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_o2_by_date_binding(solver: str) -> None:
    """Demand comes in q2, when tonnage falls from 8 t to 4 t: 4 satellites go up in each: (4 x 2 + 4) x 25,000 USD."""
    fewer = [{"since": "2027q2", "kg_per_period": 4000.0}]
    built = _orbit(table=SECOND_QUARTER, launch_kg_per_period=8000.0, tonnage_by_date=fewer)
    assert solve(built, solver) == pytest.approx(300_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_o2_by_date_slack(solver: str) -> None:
    """Tonnage rises from 4 t to 8 t in q2: all go up when needed, 8 x 25,000 USD; scaled by 3/4 two go up in q1."""
    more = [{"since": "2027q2", "kg_per_period": 8000.0}]
    terms: dict[str, Any] = {"launch_kg_per_period": 4000.0, "tonnage_by_date": more}
    assert solve(_orbit(table=SECOND_QUARTER, **terms), solver) == pytest.approx(200_000)
    assert solve(_orbit(table=SECOND_QUARTER, **terms, tonnage_scale=0.75), solver) == pytest.approx(250_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("loss", "fits"), [(0.2, True), (0.21, False)])
def test_o2_lifts_what_is_lost(solver: str, loss: float, fits: bool) -> None:
    """8 satellites of 1 t in service are 10 t launched where a fifth is lost, and 10 t go up; 21 % is too much.

    The lost fifth costs 0.25 x 25,000 USD for each satellite and quarter: 16 x 31,250 USD.
    """
    built = _orbit(launch_kg_per_period=10_000.0, launch_loss_share=loss)
    if fits:
        assert solve(built, solver) == pytest.approx(500_000)
    else:
        assert infeasible(built, solver)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("share", "cost"), [(0.06, 400_000), (0.07, 450_000)])
def test_o3_upsets_take_work(solver: str, share: float, cost: float) -> None:
    """8 x 0.94 = 7.52 carry 7.5, so 8 satellites; 8 x 0.93 = 7.44 do not, so 9: 18 x 25,000 USD."""
    assert solve(_orbit({"satellite": {"check_share": share}}), solver) == pytest.approx(cost)


DOWN_GB_S = 15 * 1200 * 6 / 1e9
"""15 requests/s of 1,000 + 200 tokens of 6 bytes."""


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("units", "cost"), [(8, 400_000), (9, 450_000)])
def test_o5_link_slack_and_binding(solver: str, units: int, cost: float) -> None:
    """Links that carry all traffic over 7.99 satellites leave 8 enough; over 8.99 they ask for a ninth."""
    link = DOWN_GB_S / (units - 0.01)
    assert solve(_orbit({"satellite": {"link_gb_s": link}}), solver) == pytest.approx(cost)


def test_costs_of_the_way_up_by_hand() -> None:
    """1 t at 1,000 $/kg, from q2 400 $/kg, and 50 to deploy: 1.05 M and 0.45 M; de-orbit 20 $/kg: 20,000 USD.

    Uninsured a tenth is lost: 1/9 of satellite (0.5 M) and launch. Insured at 5 %: 0.05 / 0.9 of them.
    """
    terms: dict[str, Any] = {
        "launch_usd_per_kg": 1000.0,
        "launch_price_by_date": [{"since": "2027q2", "usd_per_kg": 400.0}],
        "deployment_usd_per_kg": 50.0,
        "deorbit_usd_per_kg": 20.0,
        "launch_loss_share": 0.1,
    }
    for insured, share in ((0.0, 1 / 9), (0.05, 0.05 / 0.9)):
        instance = tiny_instance(**with_orbit(sites={"leo": {"orbit": {**terms, "insurance_share": insured}}}))
        site, sat, up = instance.site("leo"), instance.system("sat"), offer("sat", "leo", mass_kg=1000.0)
        prices = Prices(instance)
        for t, launch in ((0, 1.05e6), (1, 0.45e6)):
            assert prices.launch_price(site, up, t) == pytest.approx(launch)
            assert prices.risk_price(sat, site, up, t) == pytest.approx(share * (0.5e6 + launch))
            assert prices.way_up(sat, site, up, t) == pytest.approx(launch + share * (0.5e6 + launch) + 20_000)
            assert prices.launch_risk(sat, site, up, t) == prices.risk_price(sat, site, up, t) * prices.charged(t, 5.0)
        assert prices.way_up(sat, instance.site("virginia"), up, 0) == 0.0


def test_a_plan_has_only_the_lines_that_an_orbit_prices() -> None:
    """Launch losses and the way down are lines of their own where they cost something, and no lines elsewhere."""
    plain = tiny_instance(**with_orbit())
    risky = tiny_instance(**with_orbit(sites={"leo": {"orbit": {"launch_loss_share": 0.1}}}))
    clean = tiny_instance(**with_orbit(sites={"leo": {"orbit": {"deorbit_usd_per_kg": 1.0}}}))
    assert not {"launch_risk", "deorbit"} & set(lines_of(plain))
    assert set(lines_of(risky)) - set(lines_of(plain)) == {"launch_risk"}
    assert set(lines_of(clean)) - set(lines_of(plain)) == {"deorbit"}


@pytest.mark.parametrize(
    ("sat", "orbit", "first"),
    [
        ({}, {}, 0),
        ({"lead_months": 3}, {}, 1),
        ({}, {"launch_lead_months": 3}, 1),
        ({"lead_months": 1}, {"launch_lead_months": 2}, 1),
        ({}, {"available_from": "2027q2"}, 1),
    ],
)
def test_b2_a_satellite_waits_for_itself_its_launch_and_the_first_launch(sat: Any, orbit: Any, first: int) -> None:
    """Leads add up before they are rounded to periods; nothing is delivered before launches begin."""
    instance = tiny_instance(**with_orbit(sites={"leo": {"orbit": orbit}}, systems={"sat": sat}))
    up = next(o for o in offers(instance).offers if o.system == "sat")
    assert up.buy_periods == tuple(range(first, 2))


def test_b2_a_first_launch_after_the_horizon_is_said() -> None:
    """Launches that begin after the last period refuse the satellite, with the date."""
    instance = tiny_instance(**with_orbit(sites={"leo": {"orbit": {"available_from": "2028q1"}}}))
    refused = next(r for r in offers(instance).rejections if r.system == "sat")
    assert refused.rule == "B2" and "launches from 2028q1" in refused.detail


money, shares = st.floats(0.0, 3000.0), st.floats(0.0, 0.6)


@settings(max_examples=10)
@given(money, money, shares, shares, shares, shares)
def test_cheaper_launch_and_fewer_failures_never_cost_more(
    price: float, dearer: float, fails: float, oftener: float, loss: float, riskier: float
) -> None:
    """Satellites against servers on the ground: each of launch price, failures and losses only ever costs."""

    def cost(usd_per_kg: float, failures: float, lost: float) -> float:
        orbit = {**FREE, "launch_usd_per_kg": usd_per_kg, "launch_loss_share": lost}
        changes = with_orbit(
            sites={"leo": {"orbit": orbit}},
            systems={"sat": {"failures_per_year": failures, "price": {"buy_usd": 100_000.0}}},
        )
        return least_cost(model(case(**changes), (candidate(), UP), (offer(), offer("sat", "leo", mass_kg=100.0))))

    best, slack = cost(min(price, dearer), min(fails, oftener), min(loss, riskier)), 1e-6
    assert best <= cost(max(price, dearer), min(fails, oftener), min(loss, riskier)) * (1 + slack)
    assert best <= cost(min(price, dearer), max(fails, oftener), min(loss, riskier)) * (1 + slack)
    assert best <= cost(min(price, dearer), min(fails, oftener), max(loss, riskier)) * (1 + slack)


@pytest.mark.parametrize("residual", ["annuity", "straight_line"])
def test_what_is_left_of_a_satellite_counts_as_of_a_server(residual: str) -> None:
    """Under either rule two quarters of twenty are charged: price, launch, losses and the way down alike.

    20 quarters, no interest: 2/20 of 0.5 M + 1 M + (1/9) 1.5 M + 20,000 USD, for a unit of the first quarter.
    """
    terms = {**FREE, "launch_usd_per_kg": 1000.0, "launch_loss_share": 0.1, "deorbit_usd_per_kg": 20.0}
    changes = with_orbit(sites={"leo": {"orbit": terms}})
    instance = case(**{**changes, "finance": {"wacc": 0.0, "residual": residual}})
    built = model(instance, (UP,), (offer("sat", "leo", buy=(0,), mass_kg=1000.0),))
    each = (0.5e6 + 1e6 + 1.5e6 / 9 + 20_000) * 2 / 20
    assert solve(built, "highs") == pytest.approx(8 * each, rel=1e-6)
