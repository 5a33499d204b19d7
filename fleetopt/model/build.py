"""From instance and candidates to a PuLP problem whose rows lead back to equations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulp import LpMinimize, LpProblem, lpSum

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.offer import Offer
from fleetopt.instance.schema import Instance
from fleetopt.model import equations  # noqa: F401 - registers every equation
from fleetopt.model.context import Context
from fleetopt.model.equation import Index, row_name, rows_of
from fleetopt.model.objective import objective_lines
from fleetopt.model.sets import Sets, build_sets
from fleetopt.model.variables import build_variables


@dataclass(frozen=True)
class Model:
    """The MILP: its problem, what each row is, and the objective by cost line."""

    context: Context
    problem: LpProblem
    rows: Mapping[str, tuple[str, Index]]
    """(equation id, index) by row name."""
    lines: Mapping[str, Any]
    """Expressions by cost line, in M$."""
    constants: Mapping[str, float]
    """Constants by cost line, in M$."""


def build(instance: Instance, candidates: CandidateSet, offers: tuple[Offer, ...]) -> Model:
    """Build every column and row; `rows` names the equation and index of each."""
    return build_from(instance, build_sets(instance, candidates, offers))


def build_from(instance: Instance, sets: Sets, serving: Iterable[tuple[Any, ...]] | None = None) -> Model:
    """The same from its sets; of the columns that serve only those with the keys given, if any are given."""
    problem = LpProblem("fleetopt", LpMinimize)
    context = Context(instance, sets, build_variables(instance, sets, problem, serving), problem)
    lines, constants = objective_lines(context)
    problem += lpSum(lines.values())
    rows: dict[str, tuple[str, Index]] = {}
    for id_, index, row in rows_of(context):
        name = base = row_name(id_, index)
        number = 2
        while name in rows:
            name, number = f"{base}__n{number}", number + 1
        rows[name] = (id_, index)
        problem.addConstraint(row, name)
    return Model(context, problem, rows, lines, constants)
