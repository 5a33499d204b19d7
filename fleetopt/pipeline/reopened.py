"""A written run, opened again: its instance, its plan, checked, and the programme the plan is a point of."""

from dataclasses import dataclass
from pathlib import Path

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.errors import VerificationError
from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build
from fleetopt.plan import Plan
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.verify import read_run, verify_plan
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness


@dataclass(frozen=True)
class Reopened:
    """A run that holds."""

    instance: Instance
    plan: Plan
    found: CandidateSet
    model: Model
    matrix: Matrix


def reopen(folder: str | Path) -> Reopened:
    """The run in a folder, from resolved.yaml and plan.json alone.

    Raises UsageError where there is no plan, VerificationError where the plan does not hold: nothing is said about a
    plan that is not one.
    """
    instance, data = read_run(folder)
    offered = offers(instance)
    found = candidates(instance, offered)
    verified = verify_plan(instance, data, found=found, sealed=True)
    plan = read_plan(data, Witness())
    if not verified.passed or plan is None:
        summary = f"{folder}: {len(verified.failures)} of {verified.checks} checks failed; solve the instance again"
        raise VerificationError("\n".join([*verified.failures[:10], summary]))
    model = build(instance, found, offered.offers)
    return Reopened(instance, plan, found, model, matrix_of(model.problem, sum(model.constants.values())))
