"""From an instance to a verified plan: the whole story."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fleetopt import __version__
from fleetopt.candidates.candidate import CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.schema import Instance
from fleetopt.instance.stressed import stressed
from fleetopt.model.sets import build_sets
from fleetopt.pipeline import folder
from fleetopt.pipeline.clock import Clock
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.searching import Say as Say
from fleetopt.pipeline.searching import limits_of, searched_for, written_out
from fleetopt.plan import Plan, Status
from fleetopt.solve.binding import Binding, binding_at
from fleetopt.solve.diagnose import diagnose
from fleetopt.solve.diagnosis import Diagnosis
from fleetopt.solve.precheck import grouped, precheck
from fleetopt.solve.read import read_plan
from fleetopt.solve.solver import Outcome, Progress
from fleetopt.verify import verify_plan


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
    certificate: Mapping[str, Any] | None = None
    """How the bound was got, where it was got by pricing."""

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
        sets = build_sets(instance, found, offered.offers)
        missing = precheck(instance, sets, found)
    if missing is not None:
        return without_plan(instance, options, "infeasible", None, missing, clock, found)
    searched = searched_for(instance, sets, options, say, clock, log_file, progress)
    outcome, size = searched.outcome, searched.size
    if outcome.status == "infeasible":
        with clock.phase("diagnose"):
            full, written = searched.model, searched.matrix
            if full is None or written is None:
                full, written = written_out(instance, sets)
            ample = replace(limits_of(options), time_limit_s=max(60.0, options.time_limit_s))
            why = diagnose(full, written, ample, method=options.method, solver=options.solver)
        return without_plan(instance, options, "infeasible", outcome, why, clock, found, size)
    if outcome.values is None:
        why = Diagnosis("no_plan", f"the search stopped before it had a plan: {outcome.stop_reason}", advice=_MORE_TIME)
        return without_plan(instance, options, "no_plan", outcome, why, clock, found, size)
    model, matrix = searched.model, searched.matrix
    assert model is not None and matrix is not None, "whoever has a plan has what it is read with"
    with clock.phase("read"):
        read = read_plan(model, matrix, outcome, options.gap, grouped(found.rejections), provenance(instance, options))
        plan, binds = read.plan, binding_at(model, matrix, read.values)
    with clock.phase("verify"):
        plan = replace(
            plan, verification=verify_plan(instance, json.loads(folder.to_json(plan.as_dict())), found=found)
        )
    return Result(plan, outcome, None, (*clock.phases, *outcome.phases), size, binds, searched.certificate)


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
