"""A step of one more is the change that the model itself would show."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from planned import Planned, everything
from rich_case import CANDIDATES, OFFERS, TEAMS, rich_instance

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model import build as room
from fleetopt.model.build import Model, build
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.steps import Resource, resources


def by_hand() -> tuple[Any, ...]:
    return rich_instance(), CandidateSet(CANDIDATES, TEAMS, (), 0, 0), OFFERS


def enumerated() -> tuple[Any, ...]:
    instance = everything()[0].context.instance
    offered = offers(instance)
    return instance, candidates(instance, offered), offered.offers


def built(made: tuple[Any, ...]) -> tuple[Model, Matrix]:
    model = build(*made)
    return model, matrix_of(model.problem, sum(model.constants.values()))


@pytest.mark.parametrize("made", [by_hand, enumerated])
def test_demand_moves_every_row_that_the_model_would_move(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built anew with one more request/s, the programme is the old one with the step applied: no equation is missed."""
    model, matrix = built(made())
    build_sets = room.build_sets
    for resource in (r for r in resources(model, matrix) if r.equation == "D1"):
        w, u, period = resource.index

        def more(*arguments: Any, _w: str = w, _u: str = u, _from: str = period, _on: bool = resource.lasting) -> Any:
            sets = build_sets(*arguments)
            first, grown = sets.periods.index(_from), dict(sets.arrivals)
            for t in range(first, len(sets.periods) if _on else first + 1):
                slices = {h: sets.arrivals[_w, _u, t, h] for h in sets.slices}
                mean = sum(sets.hours(h) * rate for h, rate in slices.items()) / sum(map(sets.hours, slices))
                grown |= {(_w, _u, t, h): rate * (1 + 1 / mean) for h, rate in slices.items()}
            return replace(sets, arrivals=grown)

        monkeypatch.setattr(room, "build_sets", more)
        _, theirs = built(made())
        monkeypatch.setattr(room, "build_sets", build_sets)
        same(resource, resource.step.applied(matrix), theirs)


def same(resource: Resource, ours: Matrix, theirs: Matrix) -> None:
    """Two problems with equal sides and coefficients."""
    assert ours.row_names == theirs.row_names and ours.columns == theirs.columns
    assert np.allclose(ours.row_lower, theirs.row_lower, rtol=1e-9, atol=1e-9), resource.words
    assert np.allclose(ours.row_upper, theirs.row_upper, rtol=1e-9, atol=1e-9), resource.words
    difference = ours.rows - theirs.rows
    assert difference.nnz == 0 or float(np.abs(difference.data).max()) < 1e-9, resource.words


def test_coefficients_become_sides_where_their_columns_are_held() -> None:
    """With a column held at 1, a coefficient that falls by 24 is a side that rises by 24."""
    planned: Planned = everything()
    model, matrix, _ = planned
    demand = next(r for r in resources(model, matrix) if r.step.terms)
    ((row, column), amount) = next(iter(demand.step.terms.items()))
    values = np.zeros(len(matrix.columns))
    assert row not in demand.step.with_held(values, 1.0)
    values[column] = 1.0
    assert demand.step.with_held(values, 2.0)[row] == pytest.approx(-2 * amount)


def test_limits_are_loosened_whichever_way_they_point() -> None:
    """One fewer under "at least" lowers its side; one more under "at most" raises it; both can only help."""
    model, matrix = built(by_hand())
    found = {r.words: r for r in resources(model, matrix) if r.equation == "G2"}
    least = found["one unit fewer under the limit home in 2027q2"]
    most = found["one kW more under the limit acme-share in 2027q1"]
    assert list(least.step.sides.values()) == [-1.0] and least.looser
    assert list(most.step.sides.values()) == [1.0] and most.looser
