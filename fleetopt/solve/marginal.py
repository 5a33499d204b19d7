"""What one more is worth: LP prices with the plan's whole numbers held, each confirmed by a small step."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from fleetopt.errors import FleetoptError, UsageError
from fleetopt.model.build import Model
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.plan import Plan
from fleetopt.solve.held import hold
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.steps import Resource, resources
from fleetopt.solve.warm_lp import WarmLp

STEP = 1e-3
"""Size of the confirming step, as a share of one more, or of the row's side where that is smaller."""
LEAST_SIDE = 1e-2
WORTH_SAYING_USD = 0.005
"""Prices below half a cent are the solver's noise."""
TRIES = 4
"""How many resources are tried for each that is told: duals of degenerate rows may come to nothing."""


@dataclass(frozen=True)
class Price:
    """What one more of a resource changes, at the rate of a small step."""

    resource: Resource
    usd: float | None
    """Change of the plan's cost in USD; negative is a saving. None: what is bought does not carry one more."""
    dual_usd: float
    """The same from the solver's duals: it may overstate a saving where the row is degenerate."""


@dataclass(frozen=True)
class Held:
    """A plan's LP at its optimum, and everything that could have a price."""

    model: Model
    matrix: Matrix
    lp: WarmLp
    resources: tuple[Resource, ...]


def held_lp(model: Model, matrix: Matrix, plan: Plan) -> Held:
    """The LP of a plan with its whole numbers held. Raises UsageError where they do not fit the model."""
    held = hold(model, matrix, plan)
    try:
        lp = WarmLp(held)
    except FleetoptError as problem:
        raise UsageError(f"the plan's whole numbers do not fit the model ({problem}); try `fleetopt verify`") from None
    return Held(model, matrix, lp, tuple(resources(model, matrix)))


def dual_usd(resource: Resource, row_dual: Floats, values: Floats) -> float:
    """What the duals say one more changes, in USD."""
    moves = resource.step.with_held(values, 1.0)
    return USD_PER_MUSD * sum(float(row_dual[row]) * amount for row, amount in moves.items())


def step_usd(matrix: Matrix, lp: WarmLp, resource: Resource) -> float | None:
    """What a small step of the resource really changes, in USD for one more; None where it cannot be taken."""
    sides = [abs(x) for x in _sides(matrix, resource) if x]
    size = STEP * min(1.0, max(min(sides, default=1.0), LEAST_SIDE))
    change = lp.moved(resource.step.with_held(lp.values, size))
    return None if change is None else change / size * USD_PER_MUSD


def _sides(matrix: Matrix, resource: Resource) -> list[float]:
    """Sides of the resource's rows in units of one more."""
    rows = resource.step.sides
    return [
        float(side) / amount
        for row, amount in rows.items()
        for side in (matrix.row_lower[row], matrix.row_upper[row])
        if amount and np.isfinite(side)
    ]


def prices(held: Held, most: int) -> tuple[Price, ...]:
    """The dearest `most` of each equation, by what the duals say; what a step shows to be worth nothing is left out.

    For a limit the dual is the most that one more can be worth; so nothing is missed where it is nought.
    """
    by_equation: dict[str, list[tuple[float, Resource]]] = defaultdict(list)
    for resource in (r for r in held.resources if not r.lasting):
        by_equation[resource.equation].append((dual_usd(resource, held.lp.row_dual, held.lp.values), resource))
    found: list[Price] = []
    for id_, entries in by_equation.items():
        told: list[Price] = []
        for usd, resource in sorted(entries, key=lambda entry: -abs(entry[0]))[: TRIES * most]:
            if abs(usd) < WORTH_SAYING_USD and id_ != "D1":
                break
            real = step_usd(held.matrix, held.lp, resource)
            if (id_ == "D1" and real is None) or (real is not None and abs(real) >= WORTH_SAYING_USD):
                told.append(Price(resource, real, usd))
            if len(told) == most:
                break
        found += sorted(told, key=lambda p: -abs(p.usd if p.usd is not None else np.inf))
    return tuple(found)
