"""The plain formulation, every column at once, given to PuLP's own solver interfaces as a user of PuLP would."""

import re
import tempfile
import time
from pathlib import Path
from typing import Any

import pulp
from highspy import cb
from running.clock import Watch, peak_mb

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.load import load
from fleetopt.model.build import build
from fleetopt.pipeline.clock import cpu_s
from fleetopt.solve.cbc import cbc_path

WATCHED = (
    cb.HighsCallbackType.kCallbackMipLogging,
    cb.HighsCallbackType.kCallbackMipImprovingSolution,
    cb.HighsCallbackType.kCallbackMipInterrupt,
    cb.HighsCallbackType.kCallbackSimplexInterrupt,
    cb.HighsCallbackType.kCallbackIpmInterrupt,
)


def plain_run(file: Path, solver: str, gap: float, limit_cpu_s: float) -> dict[str, Any]:
    """Read, predict and build as fleetopt does; then PuLP with HiGHS (`pulp-highs`) or CBC (`pulp-cbc`)."""
    began = time.perf_counter()
    instance = load(file).instance
    offered = offers(instance)
    model = build(instance, candidates(instance, offered), offered.offers)
    built_s = cpu_s()
    watch = Watch()
    run = through_highs if solver == "pulp-highs" else through_cbc
    run(model.problem, sum(model.constants.values()), gap, limit_cpu_s, watch)
    return report(model.problem, watch, gap, built_s, time.perf_counter() - began)


def report(problem: Any, watch: Watch, gap: float, built_s: float, wall_s: float) -> dict[str, Any]:
    """What a run ended with, as fleetopt's own are told."""
    last = watch.steps[-1] if watch.steps else None
    reached = watch.within(gap)
    ended = cpu_s()
    return {
        "status": "optimal" if reached is not None else "feasible" if watch.plan is not None else "no_plan",
        "objective_musd": watch.plan,
        "bound_musd": watch.bound,
        "gap": None if last is None else last.gap,
        "cpu_s": round(ended, 3),
        "wall_s": round(wall_s, 3),
        "peak_mb": round(peak_mb(), 1),
        "first_plan_cpu_s": watch.first_plan(),
        "to_1_percent_cpu_s": watch.within(0.01),
        "to_gap_cpu_s": reached,
        "size": size_of(problem),
        "outside_cpu_s": round(built_s, 3),
        "steps": watch.as_list(),
    }


def size_of(problem: Any) -> dict[str, int]:
    """Columns, rows, terms and whole columns of a PuLP problem."""
    columns = problem.variables()
    rows = list(_rows(problem))
    return {
        "columns": len(columns),
        "integers": sum(v.cat != "Continuous" for v in columns),
        "rows": len(rows),
        "terms": sum(len(row) for row in rows),
    }


def _rows(problem: Any) -> Any:
    rows = problem.constraints() if callable(problem.constraints) else problem.constraints
    return rows.values() if hasattr(rows, "values") else rows


def through_highs(problem: Any, constant: float, gap: float, limit_cpu_s: float, watch: Watch) -> None:
    """PuLP's HiGHS interface, on one thread, watched through its callbacks."""

    def event(kind: Any, message: str, out: Any, into: Any, data: Any) -> None:
        if kind in WATCHED[:2]:
            plan, bound = out.mip_primal_bound, out.mip_dual_bound
            known = (None if abs(value) > 1e30 else value + constant for value in (plan, bound))
            watch.take("all", *known, cpu_s())
        elif cpu_s() > limit_cpu_s and into is not None:
            into.user_interrupt = True

    solver = pulp.HiGHS(
        msg=False, gapRel=gap, threads=1, callbackTuple=(event, None), callbacksToActivate=list(WATCHED)
    )
    problem.solve(solver)
    info = problem.solverModel.getInfo()
    plan = info.objective_function_value if info.primal_solution_status == 2 else None
    bound = info.mip_dual_bound if abs(info.mip_dual_bound) < 1e30 else None
    watch.take("end", None if plan is None else plan + constant, None if bound is None else bound + constant, cpu_s())


def through_cbc(problem: Any, constant: float, gap: float, limit_cpu_s: float, watch: Watch) -> None:
    """PuLP's CBC interface; its log says when it had what, in processor seconds."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "cbc.log"
        left_s = max(1.0, limit_cpu_s - cpu_s())
        options = {"path": cbc_path(), "timeMode": "cpu", "gapRel": gap, "logPath": str(log), "msg": False}
        before = cpu_s()
        problem.solve(pulp.COIN_CMD(timeLimit=left_s, **options))
        follow(log.read_text(encoding="utf-8"), constant, before, watch)


NUMBER = r"([-+0-9.eE]+)"
PLAN = re.compile(rf"Integer solution of {NUMBER} found .*\({NUMBER} seconds\)")
NODES = re.compile(rf"best solution, best possible {NUMBER} \({NUMBER} seconds\)")
SEARCHED = re.compile(rf"Partial search - best objective {NUMBER} \(best possible {NUMBER}\).*\({NUMBER} seconds\)")
DONE = re.compile(rf"Search completed - best objective {NUMBER}.*\({NUMBER} seconds\)")


def follow(log: str, constant: float, before_s: float, watch: Watch) -> None:
    """Take plans and bounds from CBC's log; `before_s` had passed when it began."""
    for line in log.splitlines():
        if found := PLAN.search(line):
            watch.take("all", float(found[1]) + constant, None, before_s + float(found[2]))
        elif found := NODES.search(line):
            watch.take("all", None, float(found[1]) + constant, before_s + float(found[2]))
        elif found := SEARCHED.search(line):
            best, possible = float(found[1]), float(found[2])
            plan = best + constant if best < 1e40 else None
            watch.take("all", plan, possible + constant, before_s + float(found[3]))
        elif found := DONE.search(line):
            plan = float(found[1]) + constant
            watch.take("all", plan, plan, before_s + float(found[2]))
