"""Traps a prototype fell into (or nearly): each would make a plan look better than it is."""

import pytest
from builders import tiny_instance, with_orbit
from cases import SOLVERS, candidate, case, infeasible, model, offer, point, solve
from rich_case import rich_model
from test_sites import OPENING, without

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.offers import offers
from fleetopt.instance.checks import check
from fleetopt.model.build import build

HELD = {"id": "old", "system": "gpu8", "site": "virginia", "units": 8, "in_service": "2025q1", "end_of_life": "2029q4"}
"""Eight units of 20 quarters, 12 of them left: exactly what the base demand takes."""
SELLABLE = {"gpu8": {"resale": {"first_share": 1.0}}}
NO_DEMAND = {"chat": {"demand": {"regions": [], "table": []}}}
FREE_LAUNCH = {"orbit": {"launch_usd_per_kg": 0.0, "operations_share_per_year": 0.0}}
UP = candidate("up", site="leo", system="sat", points={"b1": point()})


# Money pumps


@pytest.mark.parametrize("wacc", [0.0, 0.1, 0.5])
def test_selling_a_fleet_to_buy_it_back_never_pays(wacc: float) -> None:
    """Units in use fetch list x 12/20 when sold at once, and new ones cost a list price over 20 quarters: nothing is
    sold though resale loses nothing but age, so the plan costs 0."""
    built = model(case(fleet=[HELD], systems=SELLABLE, finance={"wacc": wacc}))
    assert solve(built, "highs") == pytest.approx(0.0, abs=1.0)


def test_selling_a_short_lived_fleet_to_buy_it_back_never_pays() -> None:
    """Units that serve 4 quarters in all fetch their list price over 4 quarters, 75,000 each, against 15,000 for new
    ones: keeping the 8 in use (0 USD) should still be the best there is."""
    brief = HELD | {"in_service": "2027q1", "end_of_life": "2027q4"}
    built = model(case(fleet=[brief], systems=SELLABLE))
    assert solve(built, "highs") == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize("wacc", [0.0, 0.1, 0.5])
def test_buying_to_sell_never_pays(wacc: float) -> None:
    """Without demand nothing is bought in the first quarter to be sold in the second: 0 USD."""
    built = model(case(workloads=NO_DEMAND, systems=SELLABLE, finance={"wacc": wacc}))
    assert solve(built, "highs") == pytest.approx(0.0, abs=1.0)


def test_a_fleet_is_sold_once() -> None:
    """Without demand all 8 are sold at once and bring 8 x 300,000 x 12/20 = 1.44 M USD over 12 quarters, 240,000 inside
    the horizon; nothing is unbounded."""
    built = model(case(fleet=[HELD], systems=SELLABLE, workloads=NO_DEMAND))
    assert solve(built, "highs") == pytest.approx(-240_000)


def test_a_fleet_past_its_end_of_life_is_not_there_to_sell() -> None:
    """Units that ended before the horizon have no columns; those that end after the first quarter, none after it."""
    gone = case(fleet=[HELD | {"end_of_life": "2026q4"}], systems=SELLABLE)
    assert not any(cohort == "old" for _, _, cohort, _ in model(gone).context.var.retire)
    ending = case(fleet=[HELD | {"end_of_life": "2027q1"}], systems=SELLABLE)
    assert {t for _, _, cohort, t in model(ending).context.var.retire if cohort == "old"} == {0}


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_satellite_that_was_sold_serves_no_more(solver: str) -> None:
    """8 satellites serve both quarters at 25,000 USD each and quarter; selling some after the first would leave demand
    unserved, so resale at full price changes nothing: 400,000 USD."""
    changes = with_orbit(sites={"leo": FREE_LAUNCH}, systems={"sat": {"resale": {"first_share": 1.0}}})
    built = model(case(**changes), (UP,), (offer("sat", "leo", mass_kg=1000.0),))
    assert solve(built, solver) == pytest.approx(400_000)


# Time


def test_an_order_that_arrives_after_the_horizon_does_not_exist() -> None:
    """Two quarters of plan and a lead of 7 months (3 quarters): no purchase column, so hard demand has no plan."""
    instance = case(systems={"gpu8": {"lead_months": 7.0, "resale": {"first_share": 1.0}}})
    built = build(instance, CandidateSet((candidate(),), (), (), 0, 0), offers(instance).offers)
    assert not built.context.var.buy
    assert infeasible(built, "highs")


def test_nothing_is_there_before_its_lead_time() -> None:
    """With a lead of one quarter servers, memory, power and a site exist from the second quarter on."""
    site = {
        "opening": {"cost_usd": 1.0, "lead_months": 3.0},
        "power": {
            "sources": {"grid": {"max_new_kw": 1000.0, "lead_months": 3.0}},
            "lease": {"usd_per_kw_month": 1.0, "max_kw": 1.0, "lead_months": 3.0},
        },
    }
    dram = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 1.0}, "lead_months": 3.0}
    instance = case(systems={"gpu8": {"lead_months": 3.0}}, memory=[dram], sites={"virginia": site})
    var = build(instance, CandidateSet((candidate(),), (), (), 0, 0), offers(instance).offers).context.var
    for columns in (var.buy, var.mem, var.build, var.lease, var.open):
        assert {key[-1] for key in columns} == {1}
    assert {key[-2] for key in var.serve} == {1}


@pytest.mark.parametrize(("start", "deadline"), [("2027q1", "2027q3"), ("2026q4", "2027q2"), ("2027q2", "2027q1")])
def test_a_training_window_outside_the_horizon_is_an_error(start: str, deadline: str) -> None:
    """The plan runs over 2027q1 and q2; a window that leaves it or ends before it starts is found and said."""
    run = {"tokens": 1e9, "start": start, "deadline": deadline}
    instance = tiny_instance(workloads={"pretrain": {"kind": "training", "model": "small", "training": run}})
    found = [f for f in check(instance) if f.path[:3] == ("workloads", 1, "training") and not f.warning]
    assert found


# Orbit


def test_satellites_are_charged_by_the_rule_of_all_systems() -> None:
    """At the same price and life a satellite costs in the objective what a server costs, in both quarters."""
    changes = with_orbit(sites={"leo": FREE_LAUNCH}, systems={"sat": {"price": {"buy_usd": 300_000.0}}})
    built = model(case(**changes, finance={"wacc": 0.1}), (candidate(), UP), (offer(), offer("sat", "leo")))
    cost = {column.name: value for column, value in built.lines["systems"].items()}
    for t in (0, 1):
        assert cost[f"buy__sat__leo__{t}"] == cost[f"buy__gpu8__virginia__{t}"] > 0


def _agents_in_orbit(dram_gb: float, cores: float):
    """15 turns/s in orbit, each with 1 core-second of tools, 1 GB of sandbox for 10 s and 10 GB of idle KV."""
    agent = {"turns_per_task": 1.0, "tool_s": 1.0, "tool_core_s": 1.0, "sandbox_gb": 1.0, "sandbox_s": 10.0}
    chat = {"kind": "agentic", "agent": agent, "idle_kv": {"mean_gap_s": 10.0, "tiers": ["dram", "nvme"]}}
    memory = [
        {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 0.0}},
        {"id": "nvme", "kind": "nvme", "price": {"usd_per_gb": 0.0}},
    ]
    satellite = {"sat": {"usable_dram_gb": dram_gb, "usable_cpu_cores": cores}}
    changes = with_orbit(sites={"leo": FREE_LAUNCH}, systems=satellite)
    instance = case(**changes, memory=memory, workloads={"chat": chat})
    parked = candidate("up", site="leo", system="sat", reuse="parked", points={"b1": point(parked_gb_s=10.0)})
    return model(instance, (parked,), (offer("sat", "leo", mass_kg=1000.0),))


def test_host_memory_and_cores_do_not_ride_free_in_orbit() -> None:
    """8 satellites must bring 15 cores and 15 x (10 + 10) = 300 GB: with 2 and 40 each they do (400,000 USD), with
    20 GB each it takes 15 of them (750,000 USD), with no cores or no memory there is no plan: memory bought apart
    stays on Earth."""
    assert solve(_agents_in_orbit(40.0, 2.0), "highs") == pytest.approx(400_000)
    assert solve(_agents_in_orbit(20.0, 2.0), "highs") == pytest.approx(750_000)
    assert infeasible(_agents_in_orbit(0.0, 2.0), "highs")
    assert infeasible(_agents_in_orbit(40.0, 0.0), "highs")


@pytest.mark.parametrize("id_", ["D1.site", "C1", "C3", "M2", "M2.hold", "B5", "S2.flow"])
def test_rows_are_written_over_all_sites(id_: str) -> None:
    """In the rich instance each has rows for the ground and for orbit (C1 under the name of T3 where teams train)."""
    ids = {"C1", "T3"} if id_ == "C1" else {id_}
    sites = {part for known, index in rich_model().rows.values() if known in ids for part in index}
    assert {"virginia", "leo"} <= sites or {"texas", "leo"} <= sites


# Load


@pytest.mark.parametrize("solver", SOLVERS)
def test_utilisation_is_counted_once(solver: str) -> None:
    """The rate already leaves headroom (R2), so 16/s at 2/s a unit are 8 units to the last request: 240,000 USD."""
    exact = {"regions": [{"region": "east", "rate_per_s": 16.0}]}
    assert solve(model(case(workloads={"chat": {"demand": exact}})), solver) == pytest.approx(240_000)


def test_nothing_else_derates_a_unit() -> None:
    """C1 holds a request at units/rate = 1/2 of a unit, and R1 without failures holds a unit at 1."""
    built = model(case())
    rows = {row.name: {c.name: v for c, v in row.items()} for row in built.problem.constraints()}
    assert rows["C1__gpu8__virginia__2027q1__day"]["serve__k__b1__0__day"] == 0.5
    assert rows["R1__gpu8__virginia__2027q1__day"] == {
        "busy__gpu8__virginia__0__day": 1.0,
        "installed__gpu8__virginia__0": -1.0,
    }


def test_bundled_memory_counts_only_where_it_is_said() -> None:
    """A server whose free host memory is not stated has none: 15 x 100 = 1,500 GB of idle KV are bought, 2 units of
    1,000 GB at 500 USD a quarter; with 500 GB stated, 8 servers hold it."""
    dram = {"id": "dram", "kind": "dram", "unit_gb": 1000.0, "price": {"usd_per_gb": 10.0}}
    for stated, extra in ((0.0, 2_000), (500.0, 0)):
        instance = case(
            memory=[dram],
            systems={"gpu8": {"usable_dram_gb": stated, "max_added_dram_gb": 1000.0}},
            workloads={"chat": {"idle_kv": {"mean_gap_s": 10.0, "tiers": ["dram"]}}},
        )
        parked = candidate(reuse="parked", points={"b1": point(parked_gb_s=100.0)})
        assert solve(model(instance, (parked,)), "highs") == pytest.approx(240_000 + extra)
    assert type(instance.systems[0]).model_fields["usable_dram_gb"].default == 0.0


# Tight bounds


def test_the_relaxation_pays_for_an_opening() -> None:
    """Relaxed, 7.5 units serve (225,000 USD). S2.flow makes the site open in full for all its demand (25,000 USD); the
    looser S2.power alone only by 7.5 x 12.5 / 1,000 kW."""
    opening = case(sites=OPENING)
    assert solve(model(opening), "highs", relaxed=True) == pytest.approx(250_000)
    loose = without(model(opening), "S2.flow")
    assert solve(loose, "highs", relaxed=True) == pytest.approx(225_000 + 25_000 * 0.09375)


def test_the_relaxation_pays_by_the_share_of_demand_served() -> None:
    """Texas, to be opened for 12,500 USD a quarter, serves 4/s a unit over a link for 5/s; by night Virginia, idle, is
    as cheap. By flow 5 x 12 of 15 x 12 + 5 x 12, a quarter of the opening, is paid, and no less."""
    power = {"sources": [{"id": "grid", "existing_kw": 1000.0}]}
    texas = {"jurisdiction": "us", "opening": {"cost_usd": 1e6}, "power": power}
    links = [
        {"a": "east", "b": "virginia", "rtt_ms": 20.0},
        {"a": "east", "b": "texas", "rtt_ms": 40.0, "capacity_gb_s": 5 * 6e-6},
    ]
    instance = case(sites={"texas": texas}, network={"links": links})
    fast = candidate("fast", site="texas", points={"b1": point(rate=4.0)})
    built = without(model(instance, (candidate(), fast), (offer(), offer(site="texas"))), "S2.power")
    solve(built, "highs", relaxed=True)
    var = built.context.var
    assert var.flow["chat", "b1", "east", "texas", 0, "day"].varValue == pytest.approx(5.0)
    assert var.open["texas", 0].varValue == pytest.approx(0.25)
