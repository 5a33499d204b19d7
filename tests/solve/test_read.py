import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import CPU_RACK, SRAM, tiny_instance, with_orbit

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model.build import Model, build
from fleetopt.plan import Plan
from fleetopt.solve.clean import significant
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.read import ReadError, read_plan
from fleetopt.solve.solver import Limits, Outcome
from fleetopt.solve.stages import search


def solved(**changes: Any) -> tuple[Model, Matrix, Outcome]:
    """A tiny instance, its model, and its optimum."""
    instance = tiny_instance(**changes)
    model = build(instance, candidates(instance), offers(instance).offers)
    matrix = matrix_of(model.problem, sum(model.constants.values()))
    return model, matrix, search(model, matrix, Limits(gap=0.0))


def plan_of(**changes: Any) -> Plan:
    """The plan of a tiny instance."""
    model, matrix, outcome = solved(**changes)
    return read_plan(model, matrix, outcome, 1e-3).plan


def test_a_plan_is_whole_and_adds_up() -> None:
    """One server is bought; cost lines sum to the objective; flows are the demand: 15/s by day and 5/s by night."""
    plan = plan_of()
    assert [(p.system, p.units, p.chips, p.cost_usd) for p in plan.purchases] == [("gpu8", 1, 8, 300_000)]
    assert math.fsum(plan.cost_lines.values()) == pytest.approx(plan.objective_usd, rel=1e-11)
    assert [f.rate_per_s for f in plan.flows] == [15, 5, 15, 5]
    assert plan.status == "optimal" and plan.bound_usd <= plan.objective_usd


def test_objective_and_solver_agree() -> None:
    """The cost lines, summed in plain arithmetic, are the solver's objective in M$."""
    model, matrix, outcome = solved(sites={"virginia": {"fixed_usd_per_year": 1e6}})
    plan = read_plan(model, matrix, outcome, 1e-3).plan
    assert outcome.objective is not None
    assert plan.objective_usd == pytest.approx(outcome.objective * 1e6, rel=1e-9)
    assert plan.cost_lines["site"] == pytest.approx(250_000 * (1 + 1.1**-0.25))


def test_nothing_is_read_without_a_solution() -> None:
    """A stopped outcome has no values, and none are made up."""
    model, matrix, _ = solved()
    with pytest.raises(ReadError, match="no solution"):
        read_plan(model, matrix, Outcome("stopped", None, None, None, "time limit", 0.0), 1e-3)


def test_a_plan_without_a_bound_gets_the_relaxations() -> None:
    """A point whose solver names no bound is measured against the LP relaxation, never against itself."""
    model, matrix, outcome = solved()
    plan = read_plan(model, matrix, replace(outcome, bound=None), 1e-3).plan
    assert plan.bound_usd < plan.objective_usd and plan.status == "feasible"


def test_a_bound_above_the_plan_is_an_error() -> None:
    """A plan cheaper than the bound proves the bound wrong: nothing is reported as proven."""
    model, matrix, outcome = solved()
    assert outcome.objective is not None
    with pytest.raises(ReadError, match="above its own plan"):
        read_plan(model, matrix, replace(outcome, bound=1.5 * outcome.objective), 1e-3)


def test_integers_are_rounded_once_and_the_rest_follows() -> None:
    """A point with 1.0000001 servers and flows off by as much becomes one server and exact flows."""
    model, matrix, outcome = solved()
    assert outcome.values is not None
    plan = read_plan(model, matrix, replace(outcome, values=outcome.values * (1 + 1e-7)), 1e-3).plan
    assert plan.purchases[0].units == 1 and [f.rate_per_s for f in plan.flows] == [15, 5, 15, 5]


def test_whole_numbers_that_fit_no_plan_are_refused() -> None:
    """No server at all cannot serve anybody."""
    model, matrix, outcome = solved()
    assert outcome.values is not None
    with pytest.raises(ReadError, match="no plan with the whole numbers found"):
        read_plan(model, matrix, replace(outcome, values=np.zeros_like(outcome.values)), 1e-3)


def test_deferred_work_is_all_done_within_the_cycle() -> None:
    """Agents may wait 12 h: done work adds up to the arrivals, and the backlog is never negative and once nought."""
    agents = {"chat": {"kind": "agentic", "max_delay_h": 12.0, "slo": {"ttft_s": None, "tpot_s": 0.05}}}
    plan = plan_of(workloads=agents)
    first = [d for d in plan.deferrals if d.period == "2027q1"]
    assert sum(12 * d.done_per_s for d in first) == pytest.approx(12 * 15 + 12 * 5, rel=1e-11)
    assert min(d.backlog_requests for d in first) == 0


def test_unserved_demand_is_counted_in_requests() -> None:
    """At 1e-9 USD a request nobody is served: 15/s x 12/24 of 2,191.5 h x 3,600 s = 59.2 million requests by day."""
    plan = plan_of(workloads={"chat": {"shortfall_usd_per_request": 1e-9}})
    assert not plan.purchases and plan.unserved[0].requests == pytest.approx(15 * 0.5 * 2191.5 * 3600)
    assert plan.unserved[0].cost_usd == pytest.approx(plan.unserved[0].requests * 1e-9)


def test_a_lease_covers_what_is_drawn_on_it() -> None:
    """Without a source, one 10 kW server at peak PUE 1.25 needs a lease of 12.5 kW."""
    power = {"sources": [], "lease": {"usd_per_kw_month": 150.0, "max_kw": 1000.0, "energy_usd_per_mwh": 60.0}}
    plan = plan_of(sites={"virginia": {"power": power}})
    assert [b.power_kw for b in plan.power_builds] == pytest.approx([12.5, 12.5])
    assert max(e.draw_kw for e in plan.energy) <= 12.5


def test_satellites_age_and_are_never_repaired() -> None:
    """With 10 % failures a year, a satellite after one quarter counts 0.9^0.25 usable units."""
    only = with_orbit(
        systems={"gpu8": {"enabled": False}, "sat": {"failures_per_year": 0.1}},
        workloads={"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 1.0}]}}},
    )
    plan = plan_of(**only)
    usable = {i.period: i.usable_units / i.owned_units for i in plan.installed}
    assert usable["2027q1"] == pytest.approx(1) and usable["2027q2"] == pytest.approx(0.9**0.25)


def test_whole_replicas_are_counted_whole() -> None:
    """A workload that asks for whole replicas loads one, busy for the share of its rate that arrives."""
    plan = plan_of(workloads={"chat": {"whole_replicas": True}})
    deployment = plan.deployments[0]
    assert {p.replicas for p in plan.placements} == {1.0}
    rate = deployment.points["b1"]["rate_per_s"]
    assert plan.placements[0].utilisation == pytest.approx(15 / rate, rel=1e-11)


def test_tools_rent_and_memory_are_read() -> None:
    """Agents whose tools need cores and sandboxes: the CPU rack they need is bought, sandboxes are parked in DRAM."""
    agent = {"turns_per_task": 5, "tool_s": 10.0, "tool_core_s": 20.0, "sandbox_gb": 1.0, "sandbox_s": 30.0}
    chat = {"kind": "agentic", "agent": agent, "slo": {"ttft_s": None, "tpot_s": 0.05}}
    dram = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 5.0}}
    plan = plan_of(workloads={"chat": chat}, systems={"cpu": CPU_RACK}, memory=[dram])
    assert {p.system for p in plan.purchases} == {"gpu8", "cpu"}
    assert plan.parked[0].gb == pytest.approx(15 * 30.0) and plan.parked[0].holding == "sandbox"


@pytest.mark.parametrize(
    ("limit", "gb"),
    [({}, 3600.0), ({"write_gb_s_per_tb": 0.001}, 10_000.0), ({"drive_writes_per_day": 0.0864}, 10_000.0)],
)
def test_rented_memory_is_as_much_as_moves_ask_for(limit: dict[str, float], gb: float) -> None:
    """10/s x 0.001 GB x 100 h of logs are 3.6 TB; 0.01 GB/s, 0.864 TB a day, take 10 TB."""
    store = {"id": "logs", "tiers": ["object"], "gb_per_request": 0.001, "retention_h": 100.0}
    tier = {"id": "object", "kind": "object", "price": {"usd_per_gb_month": 0.02}, **limit}
    plan = plan_of(workloads={"chat": {"stores": [store]}}, memory=[tier])
    assert [m.gb for m in plan.memory_purchases] == pytest.approx([gb, gb])


def test_written_numbers_have_twelve_digits() -> None:
    """1/3 keeps twelve digits; noise below nought never shows as -0."""
    assert significant(1 / 3) == 0.333333333333
    assert str(significant(-0.0)) == "0.0"


def test_two_runs_give_the_same_plan() -> None:
    """Everything in the plan is a function of the instance."""
    assert plan_of(systems={"wafer": SRAM}).as_dict() == plan_of(systems={"wafer": SRAM}).as_dict()
