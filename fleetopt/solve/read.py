"""From a solver's outcome to a `Plan`: integers rounded once, the rest solved around them, figures by arithmetic."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fleetopt.errors import FleetoptError
from fleetopt.model.build import Model
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.model.objective import LINES, lines_of
from fleetopt.model.prices import Prices
from fleetopt.plan import Plan
from fleetopt.solve import purchases, service
from fleetopt.solve.clean import Decisions, Values, clean, significant
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.solver import Limits, Outcome, contradicts, solve_highs

ROW_TOLERANCE = 1e-6
"""Rows may be outside by this share of their largest term (at least 1), in the model's units."""


class ReadError(FleetoptError):
    """The solver's point cannot be turned into a plan that holds."""


@dataclass(frozen=True)
class Read:
    """A plan, and the decisions it was read from."""

    plan: Plan
    decisions: Decisions
    values: Floats


def read_plan(
    model: Model,
    matrix: Matrix,
    outcome: Outcome,
    gap_target: float,
    rejections: tuple[Mapping[str, Any], ...] = (),
    provenance: Mapping[str, Any] | None = None,
) -> Read:
    """The plan of an outcome that has a point.

    Raises ReadError where no plan with the solver's whole numbers satisfies every row, or where the cost lines do not
    add up to the solver's objective.
    """
    if outcome.values is None or outcome.objective is None:
        raise ReadError("there is no solution to read")
    values = _settled(matrix, outcome.values)
    decisions = clean(model.context, _by_family(model, matrix, values))
    final = _as_vector(model, matrix, decisions)
    _check(matrix, final, values)
    lines = cost_lines(decisions)
    objective = significant(math.fsum(lines.values()))
    bound_usd = significant(min(_bound_usd(matrix, outcome, objective), objective))
    gap = (objective - bound_usd) / max(abs(objective), 1.0)
    instance = model.context.instance
    plan = Plan(
        instance=instance.name,
        status="optimal" if gap <= gap_target + 1e-9 else "feasible",
        objective_usd=objective,
        bound_usd=bound_usd,
        gap=gap,
        gap_target=gap_target,
        cost_lines=lines,
        periods=instance.time.period_ids,
        rejections=rejections,
        provenance=provenance or {},
        **purchases.lines(decisions),
        **service.lines(decisions),
    )
    return Read(plan, decisions, final)


def _bound_usd(matrix: Matrix, outcome: Outcome, objective_usd: float) -> float:
    """The outcome's bound in USD, or that of the LP relaxation where it has none.

    Raises ReadError where the bound lies above the plan: then one of them is wrong, and nothing is proven.
    """
    bound = outcome.bound
    if bound is None:
        bound = solve_highs(matrix.relaxed(np.zeros_like(matrix.integer)), Limits(), phase="bound").bound
    if bound is None:
        raise ReadError("the solver gave a plan but no bound, and the LP relaxation gave none either; try --solver cbc")
    if contradicts(objective_usd / USD_PER_MUSD, bound):
        raise ReadError(
            f"the solver's bound of {bound * USD_PER_MUSD:,.0f} USD lies above its own plan of "
            f"{objective_usd:,.0f} USD, so one of the two is wrong; try another --solver"
        )
    return bound * USD_PER_MUSD


def cost_lines(decisions: Decisions) -> dict[str, float]:
    """Present values in USD by line: the objective's own terms, on plain numbers."""
    m = decisions.context
    prices = Prices(m.instance)
    return {
        name: significant(math.fsum(usd * float(value) for usd, value in LINES[name](m, prices)))
        for name in lines_of(m.instance)
    }


def _settled(matrix: Matrix, values: Floats) -> Floats:
    """Whole columns rounded once, and the best of the rest around them."""
    if not matrix.integer.any():
        return values
    held = matrix.fixed(matrix.integer, np.round(values))
    tight = {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
    for extra in (tight, {}):
        outcome = solve_highs(held, Limits(gap=0.0, time_limit_s=math.inf, extra=extra), phase="read")
        if outcome.values is not None:
            return outcome.values
    raise ReadError(f"no plan with the whole numbers found: {outcome.stop_reason}; try --solver cbc or another --gap")


def _by_family(model: Model, matrix: Matrix, values: Floats) -> dict[str, Values]:
    index = matrix.index
    return {
        family: type(columns)((key, float(values[index[column.name]])) for key, column in columns.items())
        for family, columns in model.context.var.families().items()
    }


def _as_vector(model: Model, matrix: Matrix, decisions: Decisions) -> Floats:
    index, vector = matrix.index, np.zeros(len(matrix.columns))
    cleaned = decisions.context.var.families()
    for family, columns in model.context.var.families().items():
        for key, column in columns.items():
            vector[index[column.name]] = cleaned[family][key]
    return vector


def _check(matrix: Matrix, final: Floats, solved: Floats) -> None:
    outside = matrix.violations(final)
    worst = int(np.argmax(outside)) if len(outside) else -1
    if worst >= 0 and outside[worst] > ROW_TOLERANCE:
        raise ReadError(f"row {matrix.row_names[worst]} is outside by {outside[worst]:.3g} of its size after rounding")
    ours, theirs = matrix.objective(final), matrix.objective(solved)
    if abs(ours - theirs) > 1e-6 * max(abs(theirs), 1e-6):
        raise ReadError(f"the plan costs {ours!r} M$, the solver's point {theirs!r} M$")
