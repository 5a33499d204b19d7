"""Random instances, whatever their rules: the first plan keeps every row, and totals of units change no optimum."""

import numpy as np
import pytest
from draw import drawn

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.load import load_dict
from fleetopt.model.build import build
from fleetopt.solve.first_plan import first_plan
from fleetopt.solve.kinds import structural
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.solver import Limits, solve_highs
from fleetopt.solve.tight import point_with_totals, totals, with_totals


@pytest.mark.parametrize("seed", range(40))
def test_a_first_plan_holds(seed: int) -> None:
    """Where the instance has a plan, the construction finds one that keeps every row; bound ≤ optimum ≤ its cost."""
    instance = load_dict(drawn(seed)[0]).instance
    model = build(instance, candidates(instance), offers(instance).offers)
    matrix = matrix_of(model.problem, sum(model.constants.values()))
    optimum = solve_highs(matrix, Limits(gap=1e-9))
    down = np.array([name.startswith("retire__") for name in matrix.columns])
    found = first_plan(matrix, structural(model, matrix), down, Limits())
    if optimum.objective is None:
        assert optimum.status == "infeasible" and found.values is None
        return
    assert found.values is not None and found.objective is not None and found.bound is not None
    assert matrix.violations(found.values).max() <= 1e-6
    assert np.abs(found.values - np.round(found.values))[matrix.integer].max(initial=0.0) <= 1e-9
    slack = max(3e-6, 1e-6 * abs(optimum.objective))
    assert found.bound - slack <= optimum.objective <= found.objective + slack


@pytest.mark.parametrize("seed", [0, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 17, 19, 21, 22])
def test_totals_change_no_optimum(seed: int) -> None:
    """On these seeds, which have totals and a plan, the optimum stays, and its point satisfies every new row."""
    instance = load_dict(drawn(seed)[0]).instance
    model = build(instance, candidates(instance), offers(instance).offers)
    matrix = matrix_of(model.problem, sum(model.constants.values()))
    groups = totals(model, matrix)
    plain = solve_highs(matrix, Limits(gap=1e-9))
    assert groups and plain.values is not None and plain.objective is not None
    wider = with_totals(matrix, groups)
    assert wider.violations(point_with_totals(plain.values, groups)).max() <= 1e-6
    found = solve_highs(wider, Limits(gap=1e-9)).objective
    assert found == pytest.approx(plain.objective, rel=1e-6, abs=3e-6)
