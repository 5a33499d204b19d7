"""The way through the rooms: `solve` from an instance to a verified plan, `solve_file` from a file to a run folder."""

from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.own import Evaluation, evaluate
from fleetopt.pipeline.own_run import evaluate_file
from fleetopt.pipeline.run import RunResult, solve_file
from fleetopt.pipeline.story import Result, provenance, solve

__all__ = [
    "Evaluation",
    "Result",
    "RunResult",
    "SolveOptions",
    "evaluate",
    "evaluate_file",
    "provenance",
    "solve",
    "solve_file",
]
