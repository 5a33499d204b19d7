"""The bound by periods: below the LP of the whole, and not by much; equal to it where nothing ties periods together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from everything import rich_instance
from fleets import SIZES, fleet
from widened import ample, ask_once, quiet, sets_of

from fleetopt.instance.load import load
from fleetopt.instance.schema import Instance
from fleetopt.model.sets import Sets
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from fleetopt.solve import periods, whole, wide_part
from fleetopt.solve.central import central
from fleetopt.solve.copies import shares_of
from fleetopt.solve.merged import groups_of, merged_lp
from fleetopt.solve.near import refuge
from fleetopt.solve.periods import by_periods, copies_in
from fleetopt.solve.wide import Wide, widen

ROOT = Path(__file__).parents[2]
NAMES = ("tutorial/mix", "reference/orbit", "reference/export_constrained_gulf")


def _wide(instance: Instance) -> tuple[Sets, Wide]:
    sets = sets_of(instance)
    return sets, widen(instance, sets)


@pytest.mark.parametrize("name", NAMES)
def test_the_bound_is_below_the_lp_and_near_it(name: str) -> None:
    """With prices of merged slices no more than 3 % are lost, and nothing is claimed beyond the LP."""
    instance = load(ROOT / "instances" / f"{name}.yaml").instance
    sets, wide = _wide(instance)
    at_once = central(wide, 0, ample, quiet)
    found = merged_lp(instance, sets, wide, groups_of(sets, 2), 0, ample, quiet, 1e-5)
    assert at_once is not None and at_once.value is not None and found.duals is not None and not found.stopped
    bound, _ = by_periods(wide, found.duals, 0, ample, quiet)
    assert bound is not None
    assert 0.97 * at_once.value <= bound.value <= at_once.value * (1 + 1e-6)


def test_at_the_lp_s_own_duals_nothing_is_lost() -> None:
    """Shares by the duals of the whole LP give its value again: the parts agree at the right prices."""
    _, wide = _wide(load(ROOT / "instances" / "reference" / "export_constrained_gulf.yaml").instance)
    at_once = central(wide, 0, ample, quiet)
    assert at_once is not None and at_once.bound is not None and at_once.value is not None
    bound, _ = by_periods(wide, at_once.bound.duals, 0, ample, quiet)
    assert bound is not None
    assert bound.value == pytest.approx(at_once.value, rel=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_any_prices_give_a_bound(seed: int) -> None:
    """Shares by prices that were drawn still bound the LP from below."""
    _, wide = _wide(load(ROOT / "instances" / "tutorial" / "mix.yaml").instance)
    at_once = central(wide, 0, ample, quiet)
    assert at_once is not None and at_once.bound is not None and at_once.value is not None
    wrong = at_once.bound.duals * np.random.default_rng(seed).uniform(0.0, 2.0, size=wide.rows)
    bound, _ = by_periods(wide, wrong, 0, ample, quiet)
    assert bound is None or bound.value <= at_once.value * (1 + 1e-6)


def test_shares_add_up_to_the_cost_and_copies_to_the_column() -> None:
    """Of an instance with something of everything every column's cost and coefficients are all given out, once."""
    _, wide = _wide(rich_instance())
    copies = copies_in(wide)
    label = copies.row_label
    draw = np.random.default_rng(1).normal(size=wide.rows)
    shares = np.bincount(copies.column, weights=shares_of(wide.structure.cost, copies, draw), minlength=wide.structural)
    assert shares == pytest.approx(wide.structure.cost, abs=1e-9)
    assert set(copies.column) == set(range(wide.structural)) and copies.several.any()
    terms = copies.rows.tocoo()
    assert (label[terms.row] == copies.label[terms.col]).all()
    assert len(terms.data) == wide.structure.rows.nnz


def test_a_plan_by_periods_is_proven_and_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room in the gap the whole story goes by periods, and ends with a plan that the witness accepts."""
    monkeypatch.setattr(whole, "BY_PERIODS", 0)
    monkeypatch.setattr(wide_part, "FIRST_FROM", 0)
    instance = load(ROOT / "instances" / "reference" / "export_constrained_gulf.yaml").instance
    found = solve(instance, SolveOptions(method="pricing", gap=0.03))
    assert (found.exit_code, found.stop_reason) == (0, "gap reached")
    assert found.plan.gap is not None and found.plan.gap <= 0.03
    assert found.plan.verification is not None and found.plan.verification.passed
    assert found.certificate is not None and found.certificate["lp_musd"] is None


def test_ctrl_c_in_a_period_ends_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked to stop, the periods not begun yet do not begin, and no bound is claimed."""
    _, wide = _wide(load(ROOT / "instances" / "tutorial" / "mix.yaml").instance)
    ask_once(monkeypatch)
    monkeypatch.setattr(periods, "workers", lambda: 1)
    assert by_periods(wide, np.zeros(wide.rows), 0, ample, quiet) == (None, True)


def test_every_request_has_a_refuge_where_rent_knows_no_limit() -> None:
    """One column for each group, period and slice that rented machines can serve, and it is the one that pays best."""
    sets, wide = _wide(fleet(replace(SIZES["tiny"], performance="measured")))
    serving = wide.serving
    reduced = np.random.default_rng(2).uniform(size=serving.shape)
    best: dict[tuple[int, int, int], float] = {}
    for n, point in enumerate(serving.points):
        rentals = sets.systems[point.candidate.system].rentals.values()
        if all(rent.max_units is not None for rent in rentals):
            continue
        for t in sets.offers[point.candidate.system, point.candidate.site].rent_periods:
            for h in np.flatnonzero(serving.exists[n, t]):
                cell = int(wide.groups[n]), t, int(h)
                best[cell] = min(best.get(cell, np.inf), float(reduced[n, t, h]))
    found = refuge(wide, reduced)
    points, periods_, slices = np.unravel_index(found, serving.shape)
    cells = [(int(g), int(t), int(h)) for g, t, h in zip(wide.groups[points], periods_, slices, strict=True)]
    assert best and dict(zip(cells, reduced.reshape(-1)[found].tolist(), strict=True)) == best
    assert len(cells) == len(best)
