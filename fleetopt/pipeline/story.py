"""From an instance to a verified plan: the whole story."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fleetopt import __version__
from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.schema import Instance
from fleetopt.instance.stressed import stressed
from fleetopt.model.build import build
from fleetopt.model.sets import build_sets
from fleetopt.pipeline import folder
from fleetopt.pipeline.clock import Clock
from fleetopt.pipeline.options import SolveOptions
from fleetopt.plan import Plan, Status
from fleetopt.solve.binding import Binding, binding_at
from fleetopt.solve.diagnose import diagnose
from fleetopt.solve.diagnosis import Diagnosis
from fleetopt.solve.matrix import matrix_of
from fleetopt.solve.precheck import grouped, precheck
from fleetopt.solve.read import read_plan
from fleetopt.solve.solver import Limits, Outcome, Progress
from fleetopt.solve.stages import search
from fleetopt.verify import verify_plan

Say = Callable[[str], None]
"""Called with one line of progress."""


@dataclass(frozen=True)
class Result:
    """What a solve ended with: a verified plan, or why there is none."""

    plan: Plan
    outcome: Outcome | None
    diagnosis: Diagnosis | None = None
    phases: tuple[Mapping[str, Any], ...] = ()
    """Seconds and peak memory by phase; wall-clock figures live only here."""
    size: Mapping[str, int] = field(default_factory=dict)
    binding: tuple[Binding, ...] | None = None
    """What binds in the plan; None where nobody asked."""

    @property
    def exit_code(self) -> int:
        """As interfaces.md says."""
        if self.plan.verification is not None and not self.plan.verification.passed:
            return 6
        return {"optimal": 0, "feasible": 5, "infeasible": 3, "no_plan": 4}[self.plan.status]

    @property
    def stop_reason(self) -> str:
        """Why the search ended."""
        return "no candidate for some demand" if self.outcome is None else self.outcome.stop_reason


def solve(
    instance: Instance,
    options: SolveOptions | None = None,
    say: Say | None = None,
    log_file: str = "",
    progress: Progress | None = None,
) -> Result:
    """Candidates, model, search, plan, verification: everything between an instance and a plan that was checked.

    `say` gets a line at most every two seconds, `progress` every event of the search.
    """
    options, say, clock = options or SolveOptions(), say or (lambda _: None), Clock()
    instance, _ = stressed(instance)
    with clock.phase("candidates"):
        offered = offers(instance)
        found = candidates(instance, offered)
    say(f"{found.admissible} candidates, {len(found.serving) + len(found.training)} after dominance")
    with clock.phase("check"):
        missing = precheck(instance, build_sets(instance, found, offered.offers), found)
    if missing is not None:
        return without_plan(instance, options, "infeasible", None, missing, clock, found)
    with clock.phase("build"):
        model = build(instance, found, offered.offers)
        matrix = matrix_of(model.problem, sum(model.constants.values()))
    size = {"columns": len(matrix.columns), "integers": int(matrix.integer.sum()), "rows": len(matrix.row_names)}
    size["terms"] = int(matrix.rows.nnz)
    say(f"{size['columns']:,} columns, {size['integers']:,} of them whole, {size['rows']:,} rows")
    limits = Limits(options.gap, options.time_limit_s, threads=options.threads, seed=options.seed)
    told = _told(say, progress)
    with clock.phase("search"):
        outcome = search(
            model, matrix, limits, method=options.method, solver=options.solver, progress=told, log_file=log_file
        )
    if outcome.status == "infeasible":
        with clock.phase("diagnose"):
            ample = replace(limits, time_limit_s=max(60.0, options.time_limit_s))
            why = diagnose(model, matrix, ample, method=options.method, solver=options.solver)
        return without_plan(instance, options, "infeasible", outcome, why, clock, found, size)
    if outcome.values is None:
        why = Diagnosis("no_plan", f"the search stopped before it had a plan: {outcome.stop_reason}", advice=_MORE_TIME)
        return without_plan(instance, options, "no_plan", outcome, why, clock, found, size)
    with clock.phase("read"):
        read = read_plan(model, matrix, outcome, options.gap, grouped(found.rejections), provenance(instance, options))
        plan, binds = read.plan, binding_at(model, matrix, read.values)
    with clock.phase("verify"):
        plan = replace(
            plan, verification=verify_plan(instance, json.loads(folder.to_json(plan.as_dict())), found=found)
        )
    return Result(plan, outcome, None, (*clock.phases, *outcome.phases), size, binds)


_MORE_TIME = ("more time (--time-limit), a wider gap (--gap), or fewer candidates (`systems` of a workload)",)


def without_plan(
    instance: Instance,
    options: SolveOptions,
    status: Status,
    outcome: Outcome | None,
    why: Diagnosis,
    clock: Clock,
    found: CandidateSet,
    size: Mapping[str, int] | None = None,
) -> Result:
    """A result with a diagnosis in place of a plan."""
    why = why if why.rejections else replace(why, rejections=grouped(found.rejections))
    plan = Plan(instance.name, status, 0.0, 0.0, 0.0, options.gap, {}, instance.time.period_ids)
    phases = (*clock.phases, *(outcome.phases if outcome is not None else ()))
    return Result(plan, outcome, why, phases, size or {})


def provenance(instance: Instance, options: SolveOptions) -> dict[str, Any]:
    """What the plan was made from; nothing here depends on when or where."""
    return {
        "fleetopt": __version__,
        "format": instance.format,
        "instance_sha256": folder.instance_hash(dump_resolved(instance)),
        "gap_target": options.gap,
        "prediction": instance.prediction.model_dump(mode="json"),
    }


def _told(say: Say, every: Progress | None = None) -> Progress:
    """Search progress as plain lines, at most one every two seconds; all of it to `every`."""
    last = [float("-inf")]

    def progress(phase: str, incumbent: float | None, bound: float | None, gap: float | None, seconds: float) -> None:
        if every is not None:
            every(phase, incumbent, bound, gap, seconds)
        now = time.monotonic()
        if now - last[0] >= 2.0:
            last[0] = now
            best = "no plan yet" if incumbent is None else f"{incumbent:,.3f} M$"
            least = "" if bound is None else f", bound {bound:,.3f} M$"
            open_ = "" if gap is None else f", gap {gap:.3%}"
            say(f"{phase}: {best}{least}{open_} after {seconds:.0f} s")

    return progress
