"""A planner's own plan: purchases held as given, operation optimised, checked, and set beside the optimum."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.errors import UsageError
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load_resolved
from fleetopt.instance.schema import Instance
from fleetopt.instance.stressed import stressed
from fleetopt.model.build import build
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.model.sets import build_sets
from fleetopt.pipeline import folder
from fleetopt.pipeline.clock import Clock
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import Result, Say, provenance, solve, without_plan
from fleetopt.plan import Plan, Status
from fleetopt.solve.clean import significant
from fleetopt.solve.diagnose_own import diagnose_own
from fleetopt.solve.diagnosis import Diagnosis
from fleetopt.solve.hold import hold
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.own_plan import OwnPlan, read_own_plan
from fleetopt.solve.precheck import grouped, precheck
from fleetopt.solve.read import read_plan
from fleetopt.solve.solver import Limits, Outcome, solve_highs
from fleetopt.solve.stages import search
from fleetopt.verify import verify_plan


@dataclass(frozen=True)
class Evaluation:
    """A planner's own plan beside the optimum."""

    result: Result
    """The own plan; its bound and gap are those of the whole instance, so that the gap says what it gives away."""
    own: OwnPlan
    optimum: Mapping[str, Any]
    """plan.json of the optimum; empty where the own plan does not do, or no optimum was found in time."""
    operation_gap: float
    """How near the cheapest operation of these purchases the search came."""

    @property
    def exit_code(self) -> int:
        """0 verified and operated within the gap, 3 it does not do, 4 and 5 the time did not, 6 not verified."""
        plan = self.result.plan
        if plan.status in ("infeasible", "no_plan") or not (plan.verification and plan.verification.passed):
            return self.result.exit_code
        return 0 if self.operation_gap <= plan.gap_target + 1e-9 else 5


def evaluate(
    instance: Instance,
    plans: Sequence[Path],
    options: SolveOptions | None = None,
    say: Say | None = None,
    log_file: str = "",
    optimum: Path | None = None,
) -> Evaluation:
    """Hold the purchases in the CSV files (or run folders) `plans`, optimise the rest, and compare with the optimum.

    `optimum` is the run folder of an earlier solve of the same instance, to compare with in place of solving again.
    Raises InputError with every row that says nothing, or asks for what cannot be had.
    """
    options, say, clock = options or SolveOptions(), say or (lambda _: None), Clock()
    instance, _ = stressed(instance)
    own = read_own_plan(plans, instance)
    known: Mapping[str, Any] | None = None if optimum is None else read_optimum(optimum, instance)
    with clock.phase("candidates"):
        offered = offers(instance)
        found = candidates(instance, offered)
    with clock.phase("check"):
        missing = precheck(instance, build_sets(instance, found, offered.offers), found)
    if missing is not None:
        return _without(instance, own, options, None, missing, clock, found)
    with clock.phase("build"):
        model = build(instance, found, offered.offers)
        matrix = matrix_of(model.problem, sum(model.constants.values()))
        held = hold(model, own, offered.rejections)
        fixed = held.fixed(model, matrix)
    say(f"{len(held.amounts):,} columns held as given, {len(matrix.columns):,} in all")
    limits = Limits(options.gap, options.time_limit_s, threads=options.threads, seed=options.seed)
    with clock.phase("operate"):
        outcome = search(model, fixed, limits, method=options.method, solver=options.solver, log_file=log_file)
    if outcome.status == "infeasible":
        with clock.phase("diagnose"):
            why = diagnose_own(model, matrix, held, limits, method=options.method, solver=options.solver)
        return _without(instance, own, options, outcome, why, clock, found)
    if outcome.values is None:
        why = Diagnosis("no_plan", f"the search stopped before it had a plan: {outcome.stop_reason}")
        return _without(instance, own, options, outcome, why, clock, found)
    with clock.phase("read"):
        rejected = grouped(found.rejections)
        plan = read_plan(model, fixed, outcome, options.gap, rejected, provenance(instance, options)).plan
    operation_gap = plan.gap
    if known is None:
        say(f"your plan costs {plan.objective_usd:,.0f} USD; now the optimum")
        with clock.phase("optimum"):
            known = _solved(instance, options, say)
    plan = _against(plan, _bound_usd(known, matrix))
    with clock.phase("verify"):
        data = json.loads(folder.to_json(plan.as_dict()))
        plan = replace(plan, verification=verify_plan(instance, data, found=found))
    size = {"columns": len(matrix.columns), "integers": int(fixed.integer.sum()), "rows": len(matrix.row_names)}
    result = Result(plan, outcome, None, (*clock.phases, *outcome.phases), size)
    return Evaluation(result, own, known, operation_gap)


def read_optimum(path: Path, instance: Instance) -> dict[str, Any]:
    """plan.json of an earlier run of the same instance. Raises UsageError where it is of another, or has no plan."""
    try:
        plan: dict[str, Any] = json.loads((path / "plan.json").read_text(encoding="utf-8"))
        theirs = dump_resolved(load_resolved(path / "resolved.yaml"))
    except (OSError, ValueError):
        raise UsageError(f"--optimum {path}: no run folder; try one that `fleetopt solve` wrote") from None
    if theirs != dump_resolved(instance):
        raise UsageError(f"--optimum {path}: solved another instance ({_first_difference(theirs, instance)})")
    if plan.get("status") not in ("optimal", "feasible"):
        raise UsageError(f"--optimum {path}: the run ended without a plan; try leaving --optimum out")
    return plan


def _first_difference(theirs: str, instance: Instance) -> str:
    ours = dump_resolved(instance).splitlines()
    pairs = zip(theirs.splitlines(), ours, strict=False)
    one, two = next(((a.strip(), b.strip()) for a, b in pairs if a != b), ("", "one of the two says more"))
    return f"there `{one[:60]}`, here `{two[:60]}`"


def _solved(instance: Instance, options: SolveOptions, say: Say) -> Mapping[str, Any]:
    """The optimum as plan.json; empty where the time did not do."""
    result = solve(instance, options, say)
    data: Mapping[str, Any] = json.loads(folder.to_json(result.plan.as_dict()))
    return data if result.plan.status in ("optimal", "feasible") else {}


def _bound_usd(known: Mapping[str, Any], matrix: Matrix) -> float | None:
    """What no plan of the instance costs less than: the optimum's bound, else that of the LP relaxation."""
    if known:
        return float(known["bound_usd"])
    bound = solve_highs(matrix.relaxed(np.zeros_like(matrix.integer)), Limits(), phase="bound").bound
    return None if bound is None else bound * USD_PER_MUSD


def _against(plan: Plan, bound_usd: float | None) -> Plan:
    """The plan with the instance's bound in place of that of its own operation."""
    if bound_usd is None:
        return plan
    bound = significant(min(bound_usd, plan.objective_usd))
    gap = (plan.objective_usd - bound) / max(abs(plan.objective_usd), 1.0)
    status: Status = "optimal" if gap <= plan.gap_target + 1e-9 else "feasible"
    return replace(plan, bound_usd=bound, gap=gap, status=status)


def _without(
    instance: Instance,
    own: OwnPlan,
    options: SolveOptions,
    outcome: Outcome | None,
    why: Diagnosis,
    clock: Clock,
    found: CandidateSet,
) -> Evaluation:
    """An evaluation that ends with a diagnosis."""
    status: Status = "no_plan" if why.status == "no_plan" else "infeasible"
    return Evaluation(without_plan(instance, options, status, outcome, why, clock, found), own, {}, 0.0)
