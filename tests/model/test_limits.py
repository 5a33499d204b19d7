"""G2: the planner's own limits."""

import pytest
from cases import SOLVERS, candidate, case, infeasible, model, offer, solve
from test_supply import DEAR, ON_DEAR

from fleetopt.model.build import Model

HELD = {"id": "old", "system": "gpu8", "site": "virginia", "in_service": "2024q1", "end_of_life": "2027q1"}
"""Units held until the first quarter."""


def _limited(**limit):
    return model(case(policy={"limits": [{"id": "mine", **limit}]}))


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_at_least(solver: str) -> None:
    """At least 10 units binds (300,000 USD); at least 8 does not."""
    assert solve(_limited(at_least=10.0), solver) == pytest.approx(300_000)
    assert solve(_limited(at_least=8.0), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_at_most(solver: str) -> None:
    """At most 63 chips bars the eighth server; 64 do not."""
    assert infeasible(_limited(at_most=63.0, measure="chips"), solver)
    assert solve(_limited(at_most=64.0, measure="chips"), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_share(solver: str) -> None:
    """At most half of one vendor: 4 cheap and 4 dear servers, 4 x 30,000 + 4 x 60,000 USD."""
    half = {"id": "mine", "vendors": ["acme"], "at_most": 0.5, "share": True, "measure": "power_kw"}
    instance = case(systems={"dear8": DEAR}, policy={"limits": [half]})
    built = model(instance, (candidate(), ON_DEAR), (offer(), offer("dear8")))
    assert solve(built, solver) == pytest.approx(360_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_period(solver: str) -> None:
    """At least 10 units in the second quarter only: 8 x 30,000 + 2 x 15,000 USD."""
    assert solve(_limited(at_least=10.0, periods=["2027q2"]), solver) == pytest.approx(270_000)


# What is limited


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_exactly_bought(solver: str) -> None:
    """4 more delivered in the second quarter than needed: 8 x 30,000 + 4 x 15,000 USD; exactly 0 costs nothing."""
    for units, cost in ((4.0, 300_000), (0.0, 240_000)):
        built = _limited(of="bought", exactly=units, periods=["2027q2"])
        assert solve(built, solver) == pytest.approx(cost)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_together(solver: str) -> None:
    """4 units held until q1 leave 4 to buy in q1 and 4 in q2: at most 4 in each, or 8 together, do not bind; at most 7
    together leave no plan."""
    held = {**HELD, "units": 4}

    def built(**limit: object) -> Model:
        return model(case(fleet=[held], policy={"limits": [{"id": "mine", "of": "bought", **limit}]}))

    assert solve(built(at_most=4.0), solver) == pytest.approx(4 * 30_000 + 4 * 15_000)
    assert infeasible(built(at_most=7.0, together=True), solver)
    assert solve(built(at_most=8.0, together=True), solver) == pytest.approx(4 * 30_000 + 4 * 15_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_ordered(solver: str) -> None:
    """8 units for the second quarter are ordered in the first: at most 7 orders then leave no plan, 8 cost 120,000."""
    held = {**HELD, "units": 8}
    for most in (7.0, 8.0):
        limit = {"id": "mine", "of": "ordered", "at_most": most, "periods": ["2027q1"]}
        built = model(
            case(fleet=[held], policy={"limits": [limit]}),
            offers=(offer(buy=(1,), owned_periods=(0,), lead_periods=1),),
        )
        if most == 7.0:
            assert infeasible(built, solver)
        else:
            assert solve(built, solver) == pytest.approx(120_000)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("of", "cost"), [("rented", 180_000 + 3.5 * 21_915), ("owned", 255_000 + 0.5 * 21_915)])
def test_g2_rented_and_owned(solver: str, of: str, cost: float) -> None:
    """A unit rented for a quarter costs 10 x 2,191.5 = 21,915 USD. At least 2 rented in q2: 6 are bought and 1.5 rented
    in q1, 2 in q2. At least 10 owned in q2, where rented ones do not count: 7 and half a unit rented, then 3 more."""
    rent = {"gpu8": {"rent": {"usd_per_h": 10.0}}}
    limit = {"id": "mine", "of": of, "at_least": {"rented": 2.0, "owned": 10.0}[of], "periods": ["2027q2"]}
    built = model(case(systems=rent, policy={"limits": [limit]}), offers=(offer(rent_periods=(0, 1)),))
    assert solve(built, solver) == pytest.approx(cost)


# Frozen periods

EIGHT = {"period": "2027q1", "site": "virginia", "system": "gpu8", "units": 8.0}


def _frozen(*purchases: dict[str, object], until: str = "2027q1", **changes: object) -> Model:
    return model(case(policy={"frozen_until": until, "purchases": purchases}, **changes))


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_frozen_binding(solver: str) -> None:
    """10 units decided on for the first quarter are bought, needed or not: 300,000 USD; with 7, or none, no plan."""
    assert solve(_frozen({**EIGHT, "units": 10.0}), solver) == pytest.approx(300_000)
    assert infeasible(_frozen({**EIGHT, "units": 7.0}), solver)
    assert infeasible(_frozen(), solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_frozen_slack(solver: str) -> None:
    """The 8 units that the plan buys anyway may be decided on: 240,000 USD, as without."""
    assert solve(_frozen(EIGHT), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_frozen_orders_not_deliveries(solver: str) -> None:
    """With a lead of one quarter the orders of the first are the deliveries of the second: 9 decided on, 135,000."""
    held = {**HELD, "units": 8}
    nine = {**EIGHT, "period": "2027q2", "units": 9.0}
    instance = case(fleet=[held], policy={"frozen_until": "2027q1", "purchases": [nine]})
    assert solve(
        model(instance, offers=(offer(buy=(1,), owned_periods=(0,), lead_periods=1),)), solver
    ) == pytest.approx(135_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_frozen_memory_power_and_sites(solver: str) -> None:
    """A unit of memory (10,000 USD over 20 quarters), a block of power (90,000 over 60) and an opening (1 M over 80),
    all idle, decided on for the second quarter: 500 + 1,500 + 12,500 beside the 240,000 USD; none of them else."""
    memory = [{"id": "nvme", "kind": "nvme", "unit_gb": 1000.0, "price": {"usd_per_gb": 10.0}}]
    gas = {"max_new_kw": 1000.0, "block_kw": 100.0, "capex_usd_per_kw": 900.0}
    opening = {"cost_usd": 1e6, "life_years": 20.0}
    sites = {"virginia": {"power": {"sources": {"gas": gas}}}, "texas": {"jurisdiction": "us", "opening": opening}}
    late = {"period": "2027q2", "site": "virginia"}
    decided = (EIGHT, {**late, "tier": "nvme"}, {**late, "source": "gas"}, {**late, "site": "texas"})
    built = _frozen(*decided, until="2027q2", memory=memory, sites=sites)
    assert solve(built, solver) == pytest.approx(240_000 + 500 + 1_500 + 12_500)
    assert solve(_frozen(EIGHT, until="2027q2", memory=memory, sites=sites), solver) == pytest.approx(240_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_g2_frozen_rental_classes(solver: str) -> None:
    """Contracts of every class are orders: 7.5 units on demand at 1 USD/h, decided on, serve both quarters (4,383 h);
    with the class decided on at 2 USD/h instead, its 7.5; with 8 of it, 8; undecided, no plan, however cheap it is."""
    reserved = {"id": "reserved", "usd_per_h": 2.0, "min_term_months": 6.0}
    systems = {"gpu8": {"rent": {"usd_per_h": 1.0, "min_term_months": 6.0}, "rental_classes": [reserved]}}
    rented = {"period": "2027q1", "site": "virginia", "system": "gpu8", "acquisition": "rent", "units": 7.5}
    offers = (offer(buy=(), rent_periods=(0, 1)),)

    def decided(*purchases: dict[str, object]) -> Model:
        return model(
            case(systems=systems, policy={"frozen_until": "2027q1", "purchases": purchases}), (candidate(),), offers
        )

    hours = 8766 / 2
    assert solve(decided(rented), solver) == pytest.approx(7.5 * hours)
    assert solve(decided({**rented, "rental": "reserved"}), solver) == pytest.approx(7.5 * 2 * hours)
    assert solve(decided({**rented, "rental": "reserved", "units": 8.0}), solver) == pytest.approx(8 * 2 * hours)
    assert infeasible(decided(), solver)
