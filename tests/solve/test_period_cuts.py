"""Cuts of periods: every plan keeps them, they lift the LP, and the optimum stays what it is."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from builders import tiny_instance
from everything import rich_instance
from fleets import TIGHT, fleet
from widened import ask_once, modelled, quiet

from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model
from fleetopt.solve import period_cuts, stages
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.period_cuts import Cut, with_period_cuts
from fleetopt.solve.search import FIRST
from fleetopt.solve.solver import Limits, solve_highs
from fleetopt.solve.stages import search

CHAT = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 40.0}]}}}


def lp_value(matrix: Matrix) -> float:
    """Optimum with nothing whole."""
    found = solve_highs(matrix.relaxed(np.zeros_like(matrix.integer)), Limits(gap=0.0))
    assert found.objective is not None
    return found.objective


def cut_of(instance: Instance, gap: float = 1e-4) -> tuple[Model, Matrix, Cut]:
    """An instance's model and matrix, and the latter with cuts."""
    model, matrix = modelled(instance)
    return model, matrix, with_period_cuts(model, matrix, Limits(gap=gap), quiet)


@pytest.mark.parametrize("instance", [tiny_instance(workloads=CHAT), rich_instance()])
def test_the_bound_is_between_the_lp_and_the_optimum(instance: Instance) -> None:
    """As a bound and as rows: at least the LP, at most what a plan costs; and the plan keeps every cut."""
    _, matrix, cut = cut_of(instance)
    plan = solve_highs(matrix, Limits(gap=1e-4))
    assert plan.objective is not None and plan.values is not None
    assert len(cut.matrix.row_names) > len(matrix.row_names)
    assert cut.matrix.violations(plan.values).max() <= 1e-6
    assert lp_value(matrix) * (1 - 1e-5) <= cut.bound <= plan.objective
    assert cut.bound * (1 - 1e-6) <= lp_value(cut.matrix) <= plan.objective


@pytest.mark.parametrize("instance", [tiny_instance(workloads=CHAT), rich_instance()])
def test_the_optimum_is_the_same_with_cuts(instance: Instance) -> None:
    """Solved to the end with and without."""
    _, matrix, cut = cut_of(instance)
    plain, tight = (solve_highs(m, Limits(gap=1e-7, time_limit_s=120.0)) for m in (matrix, cut.matrix))
    assert plain.objective is not None
    assert tight.objective == pytest.approx(plain.objective, rel=1e-5)


def test_a_tight_fleet_s_lp_is_lifted() -> None:
    """Of a fleet of the benchmark the cuts close 40 % and more of what lies between the LP and a plan of 31.06 M$."""
    model, matrix, cut = cut_of(fleet(TIGHT["own-d"]), 1e-3)
    found = search(model, matrix, Limits(gap=3e-3))
    assert found.objective is not None and found.bound is not None
    assert found.phases[0]["phase"] == period_cuts.PHASE
    assert cut.bound > lp_value(matrix) + 0.03
    assert cut.bound <= lp_value(cut.matrix) * (1 + 1e-6) <= found.objective


def test_large_fleets_and_single_periods_are_left_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """By columns, by units that the LP buys, and by time that is left."""
    model, matrix = modelled(rich_instance())
    assert with_period_cuts(model, matrix, Limits(time_limit_s=0.0), quiet).matrix is matrix
    monkeypatch.setattr(sys.modules["fleetopt.solve.windows"], "MOST_UNITS", 0)
    assert with_period_cuts(model, matrix, Limits(), quiet).matrix is matrix
    monkeypatch.setattr(sys.modules["fleetopt.solve.windows"], "MOST_COLUMNS", 10)
    assert with_period_cuts(model, matrix, Limits(), quiet).matrix is matrix


def test_a_period_without_a_bound_has_no_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the sum says nothing, and the others' cuts stay."""
    model, matrix, cut = cut_of(rich_instance())
    ways = iter([None])

    def one_fails(period: Matrix, limits: Limits, **given: object) -> object:
        found = solve_highs(period, limits)
        return next(ways, found)

    monkeypatch.setattr(period_cuts, "solve_highs", one_fails)
    less = with_period_cuts(model, matrix, Limits(), quiet)
    assert less.bound == -np.inf
    assert len(less.matrix.row_names) == len(cut.matrix.row_names) - 1


def test_a_user_who_stops_has_no_cuts_but_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while periods are searched: nothing is added, and the search ends with its first plan."""
    model, matrix = modelled(rich_instance())
    ask_once(monkeypatch)
    cut = with_period_cuts(model, matrix, Limits(), quiet)
    assert cut.interrupted and cut.matrix is matrix
    monkeypatch.setattr(stages, "with_period_cuts", lambda _, own, *__: replace(cut, matrix=own))
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    found = search(model, matrix, Limits(gap=1e-8))
    assert [phase["phase"] for phase in found.phases] == [FIRST]
    assert found.objective is not None and found.bound is not None and found.gap is not None
