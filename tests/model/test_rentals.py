"""B7: rental classes (reserved, spot) beside the plain offer; P2.term: leases of powered space with a term."""

from typing import Any

import pytest
from cases import SOLVERS, candidate, case, infeasible, model, offer, solve, team

from fleetopt.model.build import Model
from fleetopt.model.prices import Prices

QUARTER_H = 8766 / 4
SPOT = {"id": "spot", "usd_per_h": 4.0, "preemption_share": 0.2, "preemptions_per_day": 2.0, "restart_h": 0.6}
"""4 USD/h; away a fifth of the time and restarting for 2 x 0.6 h of 24, a twentieth: at work for 0.75."""
AGENTIC = {"agent": {"turns_per_task": 5.0, "tool_s": 2.0}, "slo": {"completion_s": 600.0}, "kind": "agentic"}
FIRST = {"regions": [], "table": [{"period": "2027q1", "slice": "day", "region": "east", "rate_per_s": 15.0}]}


def _rented(*classes: dict[str, Any], plain: float | None = 10.0, **changes: Any) -> Model:
    """Rented units only: the plain offer at a price an hour, and classes."""
    rent = {} if plain is None else {"rent": {"usd_per_h": plain}}
    instance = case(systems={"gpu8": {**rent, "rental_classes": list(classes)}}, **changes)
    return model(instance, (candidate(),), (offer(buy=(), rent_periods=(0, 1)),))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("most", "price", "cost"),
    [(None, 6.0, 7.5 * 6 * 2), (5, 6.0, (5 * 6 + 2.5 * 10) * 2), (None, 11.0, 7.5 * 10 * 2), (0, 6.0, 7.5 * 10 * 2)],
)
def test_b7_class_binding_and_slack(solver: str, most: int | None, price: float, cost: float) -> None:
    """7.5 units for two quarters: all reserved at 6 USD/h, or 5 where no more are on offer; at 11 USD/h none."""
    reserved = {"id": "reserved", "usd_per_h": price, "min_term_months": 6.0, "max_units": most}
    assert solve(_rented(reserved), solver) == pytest.approx(cost * QUARTER_H)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b7_a_term_is_paid_whole(solver: str) -> None:
    """Demand in one quarter: reserved for two at 6 USD/h costs 12, more than one on demand at 10; at 4 USD/h less."""
    demand = {"chat": {"demand": FIRST}}
    for price, cost in ((6.0, 10.0), (4.0, 8.0)):
        reserved = {"id": "reserved", "usd_per_h": price, "min_term_months": 6.0}
        assert solve(_rented(reserved, workloads=demand), solver) == pytest.approx(7.5 * cost * QUARTER_H)


@pytest.mark.parametrize("solver", SOLVERS)
def test_b7_a_class_that_is_not_enabled_is_not_there(solver: str) -> None:
    """Reserved at 6 USD/h but switched off: on demand at 10."""
    reserved = {"id": "reserved", "usd_per_h": 6.0, "enabled": False}
    assert solve(_rented(reserved), solver) == pytest.approx(7.5 * 10 * 2 * QUARTER_H)
    assert infeasible(_rented(reserved, plain=None), solver)


def test_b7_spot_by_hand() -> None:
    """Away for 0.2 of the time, which is not paid: 4 x 0.8 USD/h; at work for 1 - 0.2 - 2 x 0.6/24 = 0.75 of it."""
    prices = Prices(case(systems={"gpu8": {"rental_classes": [SPOT]}}))
    system = prices.instance.system("gpu8")
    assert prices.rent_period(system, "spot") == pytest.approx(3.2 * QUARTER_H)
    assert prices.working_share(system.rentals["spot"]) == pytest.approx(0.75)
    assert prices.interruptible(system.rentals["spot"])


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_spot_works_part_of_the_time(solver: str) -> None:
    """Agents that need 7.5 working units take 7.5 / 0.75 = 10 spot units at 3.2 USD/h: 32 against 75 on demand."""
    built = _rented(SPOT, workloads={"chat": AGENTIC})
    assert solve(built, solver) == pytest.approx(32.0 * 2 * QUARTER_H)
    few = _rented({**SPOT, "max_units": 4}, workloads={"chat": AGENTIC})
    assert solve(few, solver) == pytest.approx((4 * 3.2 + 4.5 * 10) * 2 * QUARTER_H)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_steady_binding(solver: str) -> None:
    """People wait for the same answers: spot does not serve them, so all 7.5 units are rented on demand."""
    assert solve(_rented(SPOT), solver) == pytest.approx(7.5 * 10 * 2 * QUARTER_H)
    assert infeasible(_rented(SPOT, plain=None), solver)
    plain_spot = {key: value for key, value in SPOT.items() if key != "id"}
    only = model(case(systems={"gpu8": {"rent": plain_spot}}), offers=(offer(buy=(), rent_periods=(0, 1)),))
    assert infeasible(only, solver)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c1_steady_slack(solver: str) -> None:
    """Chat takes 7.5 steady units and agents as many of spot's working ones, at night as well as by day."""
    agents = {"id": "agents", "model": "small", "buckets": [{"id": "b1", "share": 1.0, **TOKENS}], **AGENTIC}
    demand = {"regions": [{"region": "east", "rate_per_s": 10.0, "slice_factors": {"day": 1.5, "night": 0.5}}]}
    instance = case(
        workloads={"agents": {**agents, "demand": demand}},
        systems={"gpu8": {"rent": {"usd_per_h": 10.0}, "rental_classes": [SPOT]}},
    )
    pair = candidate(), candidate("a", workload="agents")
    built = model(instance, pair, (offer(buy=(), rent_periods=(0, 1)),))
    assert solve(built, solver) == pytest.approx((7.5 * 10 + 10 * 3.2) * 2 * QUARTER_H)


TOKENS = {"input_tokens": 1000.0, "output_tokens": 200.0}


@pytest.mark.parametrize("solver", SOLVERS)
def test_t3_runs_train_on_spot(solver: str) -> None:
    """A team of 4 for one quarter is 4 / 0.75 = 5.33 spot units at 3.2 USD/h."""
    training = {"tokens": 1e9, "start": "2027q1", "deadline": "2027q2"}
    run = {"pretrain": {"kind": "training", "model": "small", "training": training}, "chat": None}
    instance = case(workloads=run, systems={"gpu8": {"rent": {"usd_per_h": 10.0}, "rental_classes": [SPOT]}})
    built = model(instance, (), (offer(buy=(), rent_periods=(0, 1)),), (team(),))
    assert solve(built, solver) == pytest.approx(4 / 0.75 * 3.2 * QUARTER_H)


@pytest.mark.parametrize("solver", SOLVERS)
def test_m2_spot_holds_nothing(solver: str) -> None:
    """Agents whose sandboxes take 1.5 TB find them on steady units of 0.5 TB, so 3 of those are rented beside spot.

    15/s by day with 50 GB for 2 s each are 1.5 TB; the other 4.5 working units are 6 of spot.
    """
    agent = {**AGENTIC, "agent": {**AGENTIC["agent"], "sandbox_gb": 50.0, "sandbox_s": 2.0}}
    tier = [{"id": "dram", "kind": "dram", "unit_gb": 1000.0, "price": {"usd_per_gb": 1e6}}]
    built = _rented(SPOT, workloads={"chat": agent}, memory=tier)
    assert solve(built, solver) == pytest.approx((3 * 10 + 6 * 3.2) * 2 * QUARTER_H)


@pytest.mark.parametrize("solver", SOLVERS)
def test_c3_spot_has_cores_while_it_works(solver: str) -> None:
    """Tools need 15 x 64 = 960 cores by day, 64 a unit: 15 working units, 20 of spot."""
    agent = {**AGENTIC, "agent": {**AGENTIC["agent"], "tool_core_s": 64.0}}
    built = _rented(SPOT, workloads={"chat": agent})
    assert solve(built, solver) == pytest.approx(20 * 3.2 * 2 * QUARTER_H)


LEASE = {"usd_per_kw_month": 100.0, "max_kw": 200.0}


def _leased(term_months: float, **lease: Any) -> Model:
    """8 servers in the first quarter, which the lease alone can power: 8 x 10 kW x 1.25 = 100 kW, then nothing."""
    power = {"sources": {"grid": {"existing_kw": 0.0}}, "lease": {**LEASE, "min_term_months": term_months, **lease}}
    held = {"id": "old", "system": "gpu8", "site": "virginia", "units": 8, "in_service": "2025q1"}
    return model(
        case(
            sites={"virginia": {"power": power}},
            fleet=[{**held, "end_of_life": "2027q1"}],
            workloads={"chat": {"demand": FIRST}},
        ),
        (candidate(),),
        (offer(buy=(), owned_periods=(0,)),),
    )


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("months", "periods"), [(0.0, 1), (3.0, 1), (4.0, 2), (6.0, 2), (36.0, 2)])
def test_p2_term_binding_and_slack(solver: str, months: float, periods: int) -> None:
    """100 kW for a quarter are 100 x 3 x 100 = 30,000 USD; a term of more than a quarter is paid for the second too."""
    assert solve(_leased(months), solver) == pytest.approx(periods * 30_000)


@pytest.mark.parametrize("solver", SOLVERS)
def test_p2_term_leases_add_up_within_the_offer(solver: str) -> None:
    """A lease of 100 kW in its second quarter still counts against the offer of 150: 51 more are not to be had."""
    grown = {"regions": [], "table": [{"period": t, "slice": "day", "region": "east", "rate_per_s": rate}
             for t, rate in (("2027q1", 16.0), ("2027q2", 24.0))]}  # fmt: skip
    power = {"sources": {"grid": {"existing_kw": 0.0}}, "lease": {**LEASE, "min_term_months": 6.0}}
    for most, cost in ((150.0, 30_000 + 45_000 + 8 * 30_000 + 4 * 15_000), (149.0, None)):
        sites = {"virginia": {"power": {**power, "lease": {**power["lease"], "max_kw": most}}}}
        built = model(case(sites=sites, workloads={"chat": {"demand": grown}}))
        assert infeasible(built, solver) if cost is None else solve(built, solver) == pytest.approx(cost)


def test_a_term_of_one_period_needs_no_columns() -> None:
    """Leases by the quarter are as before; from two quarters on each has a column for its start."""
    assert _leased(3.0).context.var.sign == {}
    assert set(_leased(6.0).context.var.sign) == {("virginia", 0), ("virginia", 1)}
