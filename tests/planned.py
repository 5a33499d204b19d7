"""Models with their plans, for tests that ask why: by hand (cases.py) or with something of everything."""

from functools import cache
from pathlib import Path

from everything import rich_instance, rich_plan, rich_text

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load
from fleetopt.model.build import Model, build
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.plan import Plan
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.read import read_plan
from fleetopt.solve.solver import Limits
from fleetopt.solve.stages import search
from fleetopt.verify.reading import read_plan as parsed
from fleetopt.verify.witness import Witness

Planned = tuple[Model, Matrix, Plan]


def planned(model: Model) -> Planned:
    """A model, its arrays, and its proven optimum as a plan."""
    matrix = matrix_of(model.problem, sum(model.constants.values()))
    outcome = search(model, matrix, Limits(gap=0.0))
    return model, matrix, read_plan(model, matrix, outcome, 0.0).plan


@cache
def everything() -> Planned:
    """The instance with something of everything, and its plan as read back from plan.json."""
    instance = rich_instance()
    offered = offers(instance)
    model = build(instance, candidates(instance, offered), offered.offers)
    plan = parsed(rich_plan(), Witness())
    assert plan is not None
    return model, matrix_of(model.problem, sum(model.constants.values())), plan


@cache
def tutorial(name: str) -> Planned:
    """A tutorial instance and its plan."""
    path = Path(__file__).parents[1] / "instances" / "tutorial" / f"{name}.yaml"
    instance = load(path).instance
    offered = offers(instance)
    model = build(instance, candidates(instance, offered), offered.offers)
    plan = solve(instance, SolveOptions(gap=0.0)).plan
    return model, matrix_of(model.problem, sum(model.constants.values())), plan


def write_everything(folder: Path) -> Path:
    """The run folder of `everything`, as far as `explain` and `verify` read it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "resolved.yaml").write_text(dump_resolved(rich_instance()), encoding="utf-8")
    (folder / "plan.json").write_text(rich_text(), encoding="utf-8")
    return folder
