from collections.abc import Callable

import numpy as np
import pytest
from builders import tiny_instance
from everything import rich_instance

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build
from fleetopt.solve import stages
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.solver import Limits, solve_highs
from fleetopt.solve.stages import search
from fleetopt.solve.tight import is_small, point_with_totals, totals, with_totals

BUSY = {"chat": {"demand": {"regions": [{"region": "east", "rate_per_s": 5000.0, "slice_factors": {"night": 0.5}}]}}}


def modelled(instance: Instance) -> tuple[Model, Matrix]:
    """An instance's model and its arrays."""
    model = build(instance, candidates(instance), offers(instance).offers)
    return model, matrix_of(model.problem, sum(model.constants.values()))


def test_totals_of_the_tiny_instance() -> None:
    """gpu8 can be bought at one site in two quarters: by system and by site the sum has two columns, by period one."""
    model, matrix = modelled(tiny_instance())
    groups = totals(model, matrix)
    assert set(groups) == {"total__buy__gpu8", "total__buy__gpu8__at__virginia"}
    names = [matrix.columns[j] for j in groups["total__buy__gpu8"]]
    assert names == ["buy__gpu8__virginia__0", "buy__gpu8__virginia__1"]


@pytest.mark.parametrize("make", [tiny_instance, rich_instance])
def test_totals_change_no_optimum(make: Callable[[], Instance]) -> None:
    """The optimum stays, the old optimal point satisfies every new row, and the new one every old row."""
    model, matrix = modelled(make())
    groups = totals(model, matrix)
    plain = solve_highs(matrix, Limits(gap=1e-9))
    assert groups and plain.values is not None and plain.objective is not None
    wider = with_totals(matrix, groups)
    point = point_with_totals(plain.values, groups)
    assert wider.violations(point).max() <= 1e-6 and np.all(point <= wider.upper + 1e-9)
    found = solve_highs(wider, Limits(gap=1e-9))
    assert found.values is not None and found.objective == pytest.approx(plain.objective, rel=1e-6)
    assert matrix.violations(found.values[: len(matrix.columns)]).max() <= 1e-6


def test_a_search_ends_with_totals_where_few_units_are_bought(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forced through A and B to a gap of nought, a fleet of some dozens ends there and proves the same optimum."""
    model, matrix = modelled(tiny_instance(workloads=BUSY))
    optimum = search(model, matrix, Limits(gap=0.0), method="monolithic")
    assert optimum.values is not None and is_small(model, matrix, optimum.values)
    monkeypatch.setattr(stages, "FEW_WHOLE", -1)
    found = search(model, matrix, Limits(gap=0.0))
    assert found.phases[-1]["phase"] == "all, with totals for few units"
    assert found.values is not None and len(found.values) == len(matrix.columns)
    assert found.objective == pytest.approx(optimum.objective, rel=1e-7)
