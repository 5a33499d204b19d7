from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builders import tiny_instance
from widened import without_cuts

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model.build import Model, build
from fleetopt.solve import stages
from fleetopt.solve.kinds import structural
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.search import Search
from fleetopt.solve.solver import Limits, Outcome
from fleetopt.solve.stages import search

BUSY = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 5000.0, "slice_factors": {"night": 0.5}}]}}}
BLOCKS = {
    "virginia": {
        "power": {
            "sources": [
                {"id": "grid", "existing_kw": 100.0, "energy_usd_per_mwh": 60.0},
                {"id": "gas", "max_new_kw": 1000.0, "block_kw": 100.0, "capex_usd_per_kw": 2000.0},
            ]
        }
    }
}


def modelled(**changes: Any) -> tuple[Model, Matrix]:
    """A tiny instance's model and its arrays."""
    instance = tiny_instance(**changes)
    model = build(instance, candidates(instance), offers(instance).offers)
    return model, matrix_of(model.problem, sum(model.constants.values()))


def test_structural_columns_are_the_dear_and_the_lasting() -> None:
    """Power blocks stay whole in stage A, servers of 0.3 M$ do not; at 1.2 M$ a server they do."""
    model, matrix = modelled(sites=BLOCKS)
    names = {matrix.columns[i] for i in np.flatnonzero(structural(model, matrix))}
    assert names == {"build__gas__virginia__0", "build__gas__virginia__1"}
    model, matrix = modelled(systems={"gpu8": {"price": {"buy_usd": 1.2e6}}})
    names = {matrix.columns[i] for i in np.flatnonzero(structural(model, matrix))}
    assert names == {"buy__gpu8__virginia__0", "buy__gpu8__virginia__1"}


FAILING: dict[str, Any] = {
    "systems": {"gpu8": {"failures_per_year": 0.5, "repair_days": 36.525}},
    "policy": {"spares": [{"id": "sure", "confidence": 0.99}]},
}


def test_spares_and_counting_sites_are_structural() -> None:
    """Steps of spares, and which sites count for a critical workload, stay whole in stage A."""
    critical = {"chat": {**BUSY["chat"], "min_sites": 1}}
    model, matrix = modelled(workloads=critical, **FAILING)
    names = {matrix.columns[i] for i in np.flatnonzero(structural(model, matrix))}
    assert {name.split("__")[0] for name in names} == {"spare", "counts"}
    assert len(names) == len(model.context.var.spare) + len(model.context.var.counts)


def test_a_then_b_finds_the_plan_with_spares(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole servers need steps that A's fractions do not: B may take them, and ends within the gap of the optimum."""
    model, matrix = modelled(workloads=BUSY, **FAILING)
    optimum = search(model, matrix, Limits(gap=0.0), method="monolithic").objective
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    outcome = search(model, matrix, Limits(gap=1e-3))
    assert outcome.status == "optimal" and outcome.objective is not None and optimum is not None
    assert optimum * (1 - 1e-9) <= outcome.objective <= optimum * (1 + 2e-3)


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_both_solvers_agree_on_the_whole_model(solver: str) -> None:
    """The proven optimum of one model is one number."""
    model, matrix = modelled(workloads=BUSY, sites=BLOCKS)
    reference = search(model, matrix, Limits(gap=0.0), method="monolithic")
    outcome = search(model, matrix, Limits(gap=0.0), solver=solver)
    assert outcome.status == "optimal" and outcome.objective == pytest.approx(reference.objective, rel=1e-7)


def test_a_then_b_agrees_with_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forced through A and B, the plan is within the gap of the optimum and the bound is below it."""
    without_cuts(monkeypatch)
    model, matrix = modelled(workloads=BUSY, sites=BLOCKS)
    optimum = search(model, matrix, Limits(gap=0.0), method="monolithic").objective
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    outcome = search(model, matrix, Limits(gap=1e-3))
    assert [phase["phase"] for phase in outcome.phases][:2] == ["A1", "B1"]
    assert optimum is not None and outcome.objective is not None and outcome.bound is not None
    assert outcome.status == "optimal" and outcome.bound <= optimum * (1 + 1e-9)
    assert optimum * (1 - 1e-9) <= outcome.objective <= optimum / (1 - 1e-3)
    assert outcome.values is not None
    assert np.allclose(outcome.values[matrix.integer], np.round(outcome.values[matrix.integer]), atol=1e-6)


def test_a_gap_of_nought_is_proven_by_the_last_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A's bound lies below any plan with whole servers: only everything at once proves the optimum."""
    model, matrix = modelled(workloads=BUSY, sites=BLOCKS)
    optimum = search(model, matrix, Limits(gap=0.0), method="monolithic").objective
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    outcome = search(model, matrix, Limits(gap=0.0))
    assert outcome.status == "optimal" and outcome.objective == pytest.approx(optimum, rel=1e-7)
    assert outcome.phases[-1]["phase"] == "all, with totals for few units"


def test_stage_a_knows_what_is_infeasible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten servers cannot serve 5,000 requests/s, whole or not."""
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    limit = {"limits": [{"id": "few", "systems": ["gpu8"], "units_per_period": [10.0]}]}
    model, matrix = modelled(workloads=BUSY, supply=limit)
    outcome = search(model, matrix, Limits())
    assert outcome.status == "infeasible" and [phase["phase"] for phase in outcome.phases] == ["A1"]


def test_an_interrupted_search_stops_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped by the user in stage A, the search does not go on to prove more; B makes A's point whole first."""
    without_cuts(monkeypatch)
    model, matrix = modelled(workloads=BUSY, sites=BLOCKS)
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    solve = stages.solve_highs

    def interrupted(problem: Matrix, limits: Limits, **how: Any) -> Outcome:
        outcome = solve(problem, limits, **how)
        if how["phase"] != "A1":
            return outcome
        reason = "interrupted by the user"
        return Outcome("feasible", outcome.objective, 0.5 * (outcome.bound or 0), outcome.values, reason, 0.0)

    monkeypatch.setattr(stages, "solve_highs", interrupted)
    outcome = search(model, matrix, Limits(gap=1e-3))
    assert [phase["phase"] for phase in outcome.phases] == ["A1", "B1"]
    assert outcome.status == "feasible" and outcome.values is not None
    assert outcome.stop_reason == "interrupted by the user"


def test_a_search_that_runs_out_of_time_says_so() -> None:
    """With no time left and a gap of 10 %, the reason is the time, whatever the last solve ended with."""
    _, matrix = modelled()
    limits = Limits(gap=0.001, time_limit_s=0.0)
    never = lambda _: pytest.fail("there is a plan")  # noqa: E731
    run = Search(matrix, limits, stages.solve_highs, matrix.integer, never, never)
    run.take(Outcome("optimal", 10.0, 9.99, np.zeros(len(matrix.columns)), "gap reached", 1.0))
    run.prove(9.0)
    assert (run.result("gap reached").status, run.result("gap reached").stop_reason) == ("feasible", "time limit")
    assert run.result("interrupted by the user").stop_reason == "interrupted by the user"


def test_a_bound_above_the_plan_is_dropped_and_all_is_done_without_presolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """A presolve that claims half as much again for a bound is not believed; without it the optimum is proven."""
    model, matrix = modelled(workloads=BUSY, sites=BLOCKS)
    optimum = search(model, matrix, Limits(gap=0.0), method="monolithic").objective
    assert optimum is not None
    real = stages.solve_highs

    def wrong(problem: Matrix, limits: Limits, **rest: Any) -> Outcome:
        outcome = real(problem, limits, **rest)
        return replace(outcome, bound=1.5 * optimum) if limits.presolve else outcome

    monkeypatch.setattr(stages, "solve_highs", wrong)
    outcome = search(model, matrix, Limits(gap=1e-6), method="monolithic")
    assert outcome.status == "optimal" and outcome.objective == pytest.approx(optimum)
    assert outcome.bound is not None and outcome.bound <= optimum * (1 + 1e-9)
    assert [phase["phase"] for phase in outcome.phases] == ["all", "all without presolve"]


def test_a_bound_above_the_plan_proves_nothing_where_no_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan stays, without the bound that contradicts it."""
    model, matrix = modelled(workloads=BUSY, sites=BLOCKS)
    real = stages.solve_highs

    def wrong(problem: Matrix, limits: Limits, **rest: Any) -> Outcome:
        outcome = real(problem, replace(limits, time_limit_s=60.0), **rest)
        return replace(outcome, bound=1e9, seconds=1e9)

    monkeypatch.setattr(stages, "solve_highs", wrong)
    clock = iter([0.0, 0.0, *([1e9] * 50)])
    monkeypatch.setattr(stages.time, "perf_counter", lambda: next(clock))
    outcome = search(model, matrix, Limits(gap=1e-6, time_limit_s=1e8), method="monolithic")
    assert (outcome.status, outcome.bound) == ("feasible", None) and outcome.values is not None
