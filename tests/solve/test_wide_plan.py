"""Reading with the wide problem is reading with the equations written for the plan's columns."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from widened import sets_of

from fleetopt.instance.load import load
from fleetopt.pipeline.searching import written_out
from fleetopt.plan import Plan
from fleetopt.solve.matrix import Matrix
from fleetopt.solve.read import read_plan
from fleetopt.solve.solver import Limits
from fleetopt.solve.wide import widen
from fleetopt.solve.wide_plan import with_serving
from fleetopt.solve.wide_search import search_wide

ROOT = Path(__file__).parents[2]


def _entries(matrix: Matrix) -> dict[tuple[str, str], float]:
    found = matrix.rows.tocoo()
    at = zip(found.coords[0], found.coords[1], found.data, strict=True)
    return {(matrix.row_names[row], matrix.columns[column]): float(value) for row, column, value in at if value}


def _sides(matrix: Matrix) -> dict[str, tuple[float, float]]:
    return {
        n: (float(a), float(b)) for n, a, b in zip(matrix.row_names, matrix.row_lower, matrix.row_upper, strict=True)
    }


def _bounds(matrix: Matrix) -> dict[str, tuple[float, float, float, bool]]:
    each = zip(matrix.columns, matrix.cost, matrix.lower, matrix.upper, matrix.integer, strict=True)
    return {name: (float(cost), float(low), float(high), bool(whole)) for name, cost, low, high, whole in each}


def bought(plan: Plan) -> list[tuple[str, str, str, float]]:
    return [(p.period, p.site, p.system, p.units) for p in plan.purchases if p.acquisition == "buy"]


@pytest.mark.parametrize("name", ["tutorial/mix", "reference/export_constrained_gulf"])
def test_the_plan_read_is_the_same(name: str) -> None:
    """The same cost, bound and units bought, whichever of the two a search by pricing is read with."""
    instance = load(ROOT / "instances" / f"{name}.yaml").instance
    sets = sets_of(instance)
    wide = widen(instance, sets)
    found = search_wide(instance, sets, wide, Limits(gap=0.01))
    plans = []
    for model, matrix in (with_serving(wide, found.serving), written_out(instance, sets, found.serving)):
        values = np.array([found.point.get(column, 0.0) for column in matrix.columns])
        plans.append(read_plan(model, matrix, replace(found.outcome, values=values), 0.01).plan)
    ours, theirs = plans
    assert ours.objective_usd == pytest.approx(theirs.objective_usd, rel=1e-9)
    assert ours.bound_usd == pytest.approx(theirs.bound_usd, rel=1e-9)
    assert bought(ours) == bought(theirs)


@pytest.mark.parametrize(
    "name", ["tutorial/mix", "tutorial/one_system", "reference/orbit", "reference/export_constrained_gulf"]
)
def test_the_wide_problem_with_some_columns_is_the_equations_with_them(name: str) -> None:
    """Every third serving column: columns, rows and coefficients are equal; rows that only others need ask nothing."""
    instance = load(ROOT / "instances" / f"{name}.yaml").instance
    sets = sets_of(instance)
    wide = widen(instance, sets)
    numbers = np.flatnonzero(wide.serving.exists)[::3]
    keys = [wide.serving.key(int(n), tuple(sets.slices)) for n in numbers]
    model, ours = with_serving(wide, keys)
    _, theirs = written_out(instance, sets, keys)
    assert set(model.context.var.serve) == set(keys)
    assert {c.name for c in model.context.var.serve.values()} <= set(ours.columns)
    assert _bounds(ours) == _bounds(theirs)
    assert ours.offset == theirs.offset
    rows, entries = _sides(theirs), _entries(theirs)
    assert {row: side for row, side in _sides(ours).items() if row in rows} == rows
    assert {at: value for at, value in _entries(ours).items() if at[0] in rows} == entries
    only = {row for row in ours.row_names if row not in rows}
    assert all(low <= 0 <= high for row, (low, high) in _sides(ours).items() if row in only)
