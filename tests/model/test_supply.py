"""B1, B5, B7, X1, F1, R1: what can be had, what is there, and what it takes."""

import pytest
from cases import SOLVERS, candidate, case, infeasible, merge, model, offer, point, solve

DEAR = {
    "id": "dear8",
    "vendor": "other",
    "kind": "server",
    "chips": 8,
    "power_kw": 10.0,
    "price": {"buy_usd": 600_000.0},
}
"""A server as good as gpu8 at twice the price: 30,000 USD a quarter."""
ON_DEAR = candidate("dear", system="dear8")
SECOND = {"regions": [], "table": [{"period": "2027q2", "slice": "day", "region": "east", "rate_per_s": 15.0}]}
FIRST = {"regions": [], "table": [{"period": "2027q1", "slice": "day", "region": "east", "rate_per_s": 15.0}]}


def _both(**changes):
    licence = changes.pop("offer", offer())
    return model(
        case(**merge({"systems": {"dear8": DEAR}}, changes)), (candidate(), ON_DEAR), (licence, offer("dear8"))
    )


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("units", "cost"), [(5.0, 330_000), (100.0, 240_000)])
def test_b1_binding_and_slack(solver: str, units: float, cost: float) -> None:
    """5 delivered a quarter leave 3 to the dear server: 5 x 30,000 + 3 x 60,000 USD; 100 do not bind."""
    built = _both(supply={"limits": [{"id": "cap", "vendor": "acme", "units_per_period": [units]}]})
    assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("units", "cost"), [(5.0, 330_000), (100.0, 240_000)])
def test_x1_binding_and_slack(solver: str, units: float, cost: float) -> None:
    """A licence for 5 units over the horizon leaves 3 to the dear server; one for 100 does not bind."""
    licence = {"id": "deal", "systems": ["gpu8"], "jurisdiction": "us", "max_units": units}
    built = _both(trade={"licences": [licence]}, offer=offer(licence={0: "deal", 1: "deal"}))
    assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("end", "cost"), [("2027q1", 150_000), ("2028q4", 60_000)])
def test_b5_binding_and_slack(solver: str, end: str, cost: float) -> None:
    """6 units are there: 2 are bought at once (60,000 USD), and 6 more (90,000 USD) if the old ones end after q1."""
    held = {
        "id": "old",
        "system": "gpu8",
        "site": "virginia",
        "units": 6,
        "in_service": "2024q1",
        "end_of_life": end,
    }
    assert solve(model(case(fleet=[held])), solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("resale", "cost"), [({"first_share": 0.5}, -180_000), (None, 0.0)])
def test_b5_cohort_binding_and_slack(solver: str, resale: dict | None, cost: float) -> None:
    """Of 20 held, 12 are not needed: each sells at once for 300,000 x 0.5 x 16/20 = 120,000 USD, 7,500 a quarter of
    its 16 left, for two; selling all and buying back (15,000 a quarter) does not pay. Unsold they cost nothing."""
    held = {
        "id": "old",
        "system": "gpu8",
        "site": "virginia",
        "units": 20,
        "in_service": "2026q1",
        "end_of_life": "2030q4",
    }
    built = model(case(fleet=[held], systems={"gpu8": {"resale": resale}}))
    assert solve(built, solver) == pytest.approx(cost)


def _rented(max_units: int | None = None, term_months: float = 0.0, **changes):
    rent = {"usd_per_h": 10.0, "max_units": max_units, "min_term_months": term_months}
    instance = case(systems={"gpu8": {"rent": rent}}, **changes)
    return model(instance, (candidate(),), (offer(buy=(), rent_periods=(0, 1)),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_b7_binding(solver: str) -> None:
    """7.5 units must be rented and only 7 are on offer; a two-quarter term is paid whole for one quarter's demand."""
    assert infeasible(_rented(max_units=7), solver)
    year = _rented(term_months=6.0, workloads={"chat": {"demand": FIRST}})
    assert solve(year, solver) == pytest.approx(7.5 * 10 * 2191.5 * 2)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b7_slack(solver: str) -> None:
    """7.5 units at 10 USD/h x 2,191.5 h in each of two quarters; with demand in one quarter only, one is paid."""
    assert solve(_rented(max_units=8), solver) == pytest.approx(7.5 * 10 * 2191.5 * 2)
    assert solve(_rented(workloads={"chat": {"demand": FIRST}}), solver) == pytest.approx(7.5 * 10 * 2191.5)


def _rented_under_licence(units: float):
    licence = {"id": "deal", "systems": ["gpu8"], "jurisdiction": "us", "max_units": units}
    rent = {"usd_per_h": 10.0, "min_term_months": 6.0}
    instance = case(systems={"gpu8": {"rent": rent}}, trade={"licences": [licence]})
    under = {0: "deal", 1: "deal"}
    return model(instance, (candidate(),), (offer(buy=(0,), rent_periods=(0,), licence=under),))


@pytest.mark.parametrize("solver", SOLVERS)
def test_x1_rented_units_count(solver: str) -> None:
    """7.5 units must come under the licence, bought or rented, so one for 7 will not do and one for 7.5 just does.

    7 are bought for 30,000 USD and half a unit is rented for 10 USD/h x 2 x 2,191.5 h.
    """
    assert infeasible(_rented_under_licence(7.0), solver)
    assert solve(_rented_under_licence(7.5), solver) == pytest.approx(7 * 30_000 + 0.5 * 10 * 2 * 2191.5)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("budget", "cost"), [(1.5e6, 165_000), (2.4e6, 120_000)])
def test_f1_binding_and_slack(solver: str, budget: float, cost: float) -> None:
    """8 units are needed in q2; 1.5 M$ a quarter buy 5, so 3 come in q1: 3 x 30,000 + 5 x 15,000; 2.4 M$ buy all 8."""
    built = model(case(finance={"capital_budget_usd": [budget]}, workloads={"chat": {"demand": SECOND}}))
    assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("failures", "units"), [(0.5, 9), (0.1, 8)])
def test_r1_binding_and_slack(solver: str, failures: float, units: int) -> None:
    """Failing half the time a year for 73.05 days puts 10 % under repair: 7.5/0.9 = 8.3, 9 units; 2 % is nothing."""
    built = model(case(systems={"gpu8": {"failures_per_year": failures, "repair_days": 73.05}}))
    assert solve(built, solver) == pytest.approx(units * 30_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_x3_duty_is_charged_with_the_unit(solver: str) -> None:
    """A duty of 25 % on the list price adds 25 % of each annuity: 240,000 x 1.25 USD."""
    assert solve(model(case(), offers=(offer(duty_rate={0: 0.25, 1: 0.25}),)), solver) == pytest.approx(300_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_faster_dear_server_wins_when_it_is_worth_its_price(solver: str) -> None:
    """At 5/s the dear server needs 3 units (180,000 USD) where the cheap one needs 8 (240,000 USD)."""
    built = model(
        case(systems={"dear8": DEAR}),
        (candidate(), candidate("dear", system="dear8", points={"b1": point(rate=5.0)})),
        (offer(), offer("dear8")),
    )
    assert solve(built, solver) == pytest.approx(180_000)
