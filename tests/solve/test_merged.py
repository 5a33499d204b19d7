"""Slices merged by their means: a bound below the LP of the whole, near it, and equal to it where slices are alike."""

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from everything import rich_instance
from fleets import SIZES, fleet
from widened import ample, sets_of

from fleetopt.instance.load import load
from fleetopt.instance.schema import Instance
from fleetopt.model.sets import Sets
from fleetopt.solve.bound import dual_bound, mended
from fleetopt.solve.interior import Inside, interior
from fleetopt.solve.merged import Groups, groups_of, merged_lp, merged_sets, with_backlogs
from fleetopt.solve.wide import Wide, widen

ROOT = Path(__file__).parents[2]
NAMES = ("tutorial/mix", "reference/orbit", "reference/export_constrained_gulf")


def _bound(instance: Instance, sets: Sets, wide: Wide, groups: Groups) -> float:
    found = merged_lp(instance, sets, wide, groups, 0, ample, lambda: None, 1e-6)
    assert found.duals is not None
    return dual_bound(wide, mended(wide, found.duals)).value


def _value(wide: Wide) -> float:
    return interior(wide.matrix(wide.all_columns(), named=False), 0, ample, tolerance=1e-6).value


@pytest.mark.parametrize("name", NAMES)
def test_any_groups_bound_the_lp_and_slices_of_their_own_give_it(name: str) -> None:
    """One group or two: below the LP. As many as there are slices: the LP itself."""
    instance = load(ROOT / "instances" / f"{name}.yaml").instance
    sets = sets_of(instance)
    wide = widen(instance, sets)
    lp = _value(wide)
    for count in (1, 2):
        assert _bound(instance, sets, wide, groups_of(sets, count)) <= lp * (1 + 1e-6)
    assert _bound(instance, sets, wide, tuple((h,) for h in sets.slices)) == pytest.approx(lp, rel=1e-4)


def _mirrored() -> tuple[Instance, Sets]:
    """One region whose day is the same before and after its peak, and nothing that may wait."""
    shape = replace(SIZES["tiny"], performance="measured", workloads=1, slices=6, regions=1, trainings=0)
    instance = fleet(shape)
    return instance, sets_of(instance)


def test_slices_that_are_alike_come_together_and_lose_nothing() -> None:
    """Six slices in mirrored pairs make three groups, whose LP is that of all six."""
    instance, sets = _mirrored()
    groups = groups_of(sets, 3)
    assert groups == (("h00", "h12"), ("h04", "h08"), ("h16", "h20"))
    wide = widen(instance, sets)
    assert _bound(instance, sets, wide, groups) == pytest.approx(_value(wide), rel=1e-5)


def test_the_busiest_stay_apart_longest() -> None:
    """With two groups left, the pair at the peak is one of them."""
    _, sets = _mirrored()
    assert groups_of(sets, 2) == (("h00", "h04", "h08", "h12"), ("h16", "h20"))
    assert groups_of(sets, 1) == (tuple(sets.slices),) and groups_of(sets, 99) == tuple((h,) for h in sets.slices)


def test_as_many_requests_arrive_in_as_many_hours() -> None:
    """Of an instance with something of everything."""
    sets = sets_of(rich_instance())
    merged = merged_sets(sets, groups_of(sets, 1))
    assert sum(merged.hours(h) for h in merged.slices) == pytest.approx(sum(sets.hours(h) for h in sets.slices))
    for w, u, t, _ in sets.arrivals:
        requests = [sum(s.arrivals.get((w, u, t, h), 0.0) * s.hours(h) for h in s.slices) for s in (sets, merged)]
        assert requests[1] == pytest.approx(requests[0])


@pytest.mark.parametrize(
    "groups",
    [(("h00", "h08", "h16"), ("h04", "h12", "h20")), (("h00", "h04", "h08", "h12"), ("h16", "h20"))],
    ids=("in pieces", "in one piece"),
)
def test_what_waits_may_wait_as_long_as_before(groups: Groups) -> None:
    """Of a group in several pieces too: the merged problem costs no more, and its duals bound the whole as well."""
    instance = fleet(replace(SIZES["tiny"], performance="measured", slices=6, regions=1, trainings=0))
    sets = sets_of(instance)
    assert any(0 < w.max_delay_h < 24 for w in sets.serving.values())
    wide = widen(instance, sets)
    merged = _value(with_backlogs(wide, widen(instance, merged_sets(sets, groups)), groups))
    assert merged <= _value(wide) * (1 + 1e-6)
    assert _bound(instance, sets, wide, groups) == pytest.approx(merged, rel=1e-4)


def test_columns_without_limit_that_pay_a_little_are_mended() -> None:
    """Duals a little too high for one bound nothing; mended, they bound nearly what they did."""
    instance = fleet(replace(SIZES["tiny"], performance="measured"))
    wide = widen(instance, sets_of(instance))
    inside = interior(wide.matrix(wide.all_columns(), named=False), 0, ample, tolerance=1e-6)
    assert inside.duals is not None
    good = dual_bound(wide, mended(wide, inside.duals))
    assert np.isfinite(good.value) and good.value <= inside.value * (1 + 1e-6)
    endless, by_column = np.flatnonzero(np.isinf(wide.limits)), wide.structure.rows.tocsc()
    tightest = endless[np.argsort(good.reduced_structural[endless])][:5]
    assert len(tightest) == 5
    for column in tightest:
        terms = by_column[:, [int(column)]].tocoo()
        most = int(np.argmax(terms.data * good.duals[terms.row]))
        wrong = good.duals.copy()
        wrong[terms.row[most]] += (good.reduced_structural[column] + 1e-6) / terms.data[most]
        assert dual_bound(wide, wrong).value == -np.inf
        again = dual_bound(wide, mended(wide, wrong))
        assert again.value == pytest.approx(good.value, rel=1e-3)


def test_where_duals_are_lost_the_lp_is_solved_without_presolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Duals that are not worth the point are not taken."""
    instance = load(ROOT / "instances" / "tutorial" / "mix.yaml").instance
    wide = widen(instance, sets_of(instance))
    matrix = wide.matrix(wide.all_columns(), named=False)
    honest, asked = interior(matrix, 0, ample, tolerance=1e-6), []
    room: ModuleType = sys.modules["fleetopt.solve.interior"]
    solved = room._solved

    def losing(problem: object, options: dict[str, object], *rest: object) -> Inside:
        asked.append(options.get("presolve"))
        found: Inside = solved(problem, options, *rest)
        assert found.duals is not None
        return found if len(asked) > 1 else replace(found, duals=found.duals * 0.9)

    monkeypatch.setattr(room, "_solved", losing)
    found = interior(matrix, 0, ample, tolerance=1e-6)
    assert asked == [None, "off"]
    assert found.value == pytest.approx(honest.value, rel=1e-5)
