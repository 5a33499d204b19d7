"""Plans from merged slices: whole, within every row, near the bound; and none where the structure leaves none."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from fleets import SIZES, fleet
from widened import ample, ask_once, quiet, sets_of

from fleetopt.instance.schema import Instance
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.solve import whole
from fleetopt.solve.bound import DualBound, dual_bound, mended
from fleetopt.solve.merged import MergedLp, groups_of, merged_lp
from fleetopt.solve.merged_plan import merged_plan
from fleetopt.solve.solver import Limits
from fleetopt.solve.wide import Wide, widen


def _fleet() -> Instance:
    shape = replace(SIZES["tiny"], performance="measured", periods=4, slices=6, trainings=1, servers=20_000)
    return fleet(shape)


def _merged(groups: int) -> tuple[Wide, MergedLp, DualBound]:
    instance = _fleet()
    sets = sets_of(instance)
    wide = widen(instance, sets)
    found = merged_lp(instance, sets, wide, groups_of(sets, groups), 0, ample, quiet, 1e-6)
    assert found.duals is not None
    return wide, found, dual_bound(wide, mended(wide, found.duals))


@pytest.mark.parametrize(("groups", "gap"), ((3, 2e-3), (6, 5e-4)))
def test_the_plan_is_whole_keeps_every_row_and_is_near_the_bound(groups: int, gap: float) -> None:
    """Three groups of six slices, the two busiest by themselves, do nearly as well as each slice by itself."""
    wide, found, bound = _merged(groups)
    built, stopped = merged_plan(wide, found, bound, Limits(), quiet)
    assert (
        not stopped and built is not None and built.outcome.values is not None and built.outcome.objective is not None
    )
    matrix, values = wide.matrix(built.columns), built.outcome.values
    assert matrix.integer.any()
    assert values[matrix.integer] == pytest.approx(np.round(values[matrix.integer]), abs=1e-6)
    assert matrix.violations(values).max() <= 1e-6
    assert (values >= matrix.lower - 1e-6).all() and (values <= matrix.upper + 1e-6).all()
    assert built.outcome.objective == pytest.approx(matrix.objective(values))
    assert bound.value <= built.outcome.objective <= bound.value * (1 + gap)


def test_a_plan_near_enough_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole story: bound and plan from merged slices, no LP of a period for the bound, and the witness accepts."""
    monkeypatch.setattr(whole, "BY_PERIODS", 0)
    monkeypatch.setattr(whole, "by_periods", lambda *_: pytest.fail("not wanted"))
    found = solve(_fleet(), SolveOptions(method="pricing", gap=0.08))
    assert (found.exit_code, found.stop_reason) == (0, "gap reached")
    assert found.plan.gap is not None and found.plan.gap <= 0.08
    assert found.plan.verification is not None and found.plan.verification.passed


def test_a_plan_not_near_enough_is_improved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search goes on from it, and ends with one that is no dearer."""
    monkeypatch.setattr(whole, "BY_PERIODS", 0)
    honest, made = whole.merged_plan, []

    def noted(*given: object) -> object:
        made.append(honest(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(whole, "merged_plan", noted)
    monkeypatch.setattr(whole.WholeLp, "_near_enough", lambda *_: False)
    found = solve(_fleet(), SolveOptions(method="pricing", gap=1e-3))
    assert found.exit_code == 0
    ((built, stopped),) = made
    assert built is not None and not stopped and built.outcome.objective is not None
    assert found.plan.objective_usd <= built.outcome.objective * 1e6 * (1 + 1e-9)


def test_a_structure_that_leaves_a_period_without_a_plan_gives_none() -> None:
    """Held at a plan that buys, builds and rents nothing, the demand of a period cannot be met."""
    wide, found, bound = _merged(3)
    nothing = replace(wide, structure=replace(wide.structure, upper=np.zeros_like(wide.structure.upper)))
    assert merged_plan(nothing, found, bound, Limits(), quiet) == (None, False)


def test_ctrl_c_leaves_no_half_a_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked to stop while periods are solved: those not begun do not begin, and there is no plan."""
    wide, found, bound = _merged(3)
    ask_once(monkeypatch)
    monkeypatch.setattr(sys.modules["fleetopt.solve.merged_plan"], "workers", lambda: 1)
    assert merged_plan(wide, found, bound, Limits(), quiet) == (None, True)
