"""The end of a small fleet's search: better plans by windows, proofs below a cutoff, narrower columns."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from builders import tiny_instance
from everything import rich_instance
from fleets import TIGHT, fleet
from widened import modelled

from fleetopt.instance.schema import Instance
from fleetopt.solve import closing, stages, windows
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.period_cuts import PHASE, Cut
from fleetopt.solve.solver import INTERRUPTED, Limits, Outcome, solve_highs
from fleetopt.solve.stages import search

BUSY = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 5000.0, "slice_factors": {"night": 0.5}}]}}}
pytestmark = pytest.mark.usefixtures("every_stage")


@pytest.fixture
def every_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search goes the whole way: through A, B, short windows and a first proof that may take no node."""
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    monkeypatch.setattr(closing, "NODES", 0)
    monkeypatch.setattr(closing, "FIXED", -1.0)
    monkeypatch.setattr(windows, "NODES", 1)
    monkeypatch.setattr(windows, "PASSES", 1)
    monkeypatch.setattr(sys.modules["fleetopt.solve.kinds"], "structural", lambda _, matrix: matrix.integer & False)


def names(found: Outcome) -> list[str]:
    """What its phases are called."""
    return [phase["phase"] for phase in found.phases]


def test_a_tight_fleet_is_proven() -> None:
    """Half of own-d of the benchmark: past a second round of cuts and the first proof."""
    model, matrix = modelled(fleet(replace(TIGHT["own-d"], periods=4)))
    found = search(model, matrix, Limits(gap=3e-4))
    assert names(found).count(PHASE) > 1 and any(name.startswith("all") for name in names(found))
    assert found.status == "optimal" and found.gap is not None and found.gap <= 3e-4
    assert found.objective is not None and found.values is not None
    assert matrix.objective(found.values) == pytest.approx(found.objective, rel=1e-9)
    assert matrix.violations(found.values).max() <= 1e-6


@pytest.mark.parametrize("make", [lambda: tiny_instance(workloads=BUSY), rich_instance])
def test_the_whole_way_keeps_bound_and_optimum(make: Callable[[], Instance]) -> None:
    """To a gap of nought, whatever stage it is that closes it."""
    model, matrix = modelled(make())
    optimum = solve_highs(matrix, Limits(gap=1e-9)).objective
    found = search(model, matrix, Limits(gap=0.0))
    assert optimum is not None and found.objective == pytest.approx(optimum, rel=1e-6)
    assert found.bound is not None and found.bound <= optimum * (1 + 1e-6)


@pytest.mark.parametrize(("share", "anew"), [(1.0, False), (-1.0, True)])
def test_cuts_are_made_anew_where_many_columns_are_held(
    share: float, anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where all of them would have to be held; either way the gap is closed."""
    monkeypatch.setattr(closing, "FIXED", share)
    model, matrix = modelled(fleet(replace(TIGHT["own-d"], periods=4)))
    found = search(model, matrix, Limits(gap=3e-4))
    assert (names(found).count(PHASE) > 1) == anew and found.status == "optimal"


@pytest.mark.parametrize("stage", ["windows", "cuts"])
def test_a_user_who_stops_at_the_end_keeps_plan_and_bound(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while windows are made, or cuts a second time: no proof is tried, and the plan is there with its gap."""
    model, matrix = modelled(tiny_instance(workloads=BUSY))
    solve = stages.solve_highs

    def unproven(problem: Matrix, limits: Limits, **how: Any) -> Outcome:
        found = solve(problem, limits, **how)
        return replace(found, bound=0.9 * (found.bound or 0.0))

    def stopped(cut: Cut, narrow: Matrix, *_: object) -> Cut:
        return replace(cut, matrix=narrow, interrupted=True)

    monkeypatch.setattr(stages, "solve_highs", unproven)
    monkeypatch.setattr(closing, "with_more_cuts", stopped)
    if stage == "windows":
        small = windows.small
        monkeypatch.setattr(windows, "small", lambda *given: replace(small(*given), interrupted=True))
    found = search(model, matrix, Limits(gap=1e-6))
    assert found.stop_reason == INTERRUPTED and found.status == "feasible" and found.values is not None
    assert found.gap is not None and found.gap > 1e-6
    assert not any(name.startswith("all") for name in names(found))
