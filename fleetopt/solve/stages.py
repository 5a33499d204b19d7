"""A then B: a bound from a MILP in which only what matters is whole, then whole units near it.

Stage A keeps whole only the structural columns (site openings, training teams, power blocks and least builds, orders in
lots or of a least size, discount steps, steps of spares, units and replicas of 1 M$ and more); its bound is valid for
the whole problem. Stage B makes everything whole within a unit of A, then within a few. Where B ends further than the
gap from A's bound, A runs on to a tighter bound, and at last everything runs together from the best plan; a small fleet
has an end of its own (solve/closing.py). No decision depends on the clock unless A takes most of the time limit. A
search that is stopped before it has a plan constructs one (solve/first_plan.py).
"""

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from fleetopt.model.build import Model
from fleetopt.solve import windows
from fleetopt.solve.cbc import solve_cbc
from fleetopt.solve.closing import close
from fleetopt.solve.first_plan import first_plan
from fleetopt.solve.implied import with_whole_limits
from fleetopt.solve.kinds import kinds_of
from fleetopt.solve.matrix import Flags, Floats, Indices, Matrix
from fleetopt.solve.period_cuts import PHASE as CUTS
from fleetopt.solve.period_cuts import Cut, with_period_cuts
from fleetopt.solve.search import CALM, FIRST, Search, Solve
from fleetopt.solve.solver import INTERRUPTED, Limits, Outcome, Progress, contradicts, solve_highs
from fleetopt.solve.tight import is_small, totals

FEW_WHOLE = 60
"""With no more whole columns than this beside the structural ones, everything is solved at once."""
A_GAPS = (0.5, 0.1)
"""Gap of each round of stage A, as a share of the gap asked for."""
REACHES = (((1, 1), (2, 3)), ((4, 6),))
"""How many units down and up stage B may move a whole column from A, try by try: at first, and where A is
as tight as the next round asks for and so stays where it is."""
USED = 1e-6
"""Below this a column is not used."""
NODES_B = 30
"""Nodes a try of stage B may take."""
LARGE = 5000
"""With at least so many columns the first LP is solved by interior point: three times faster on the reference."""


def search(
    model: Model,
    matrix: Matrix,
    limits: Limits,
    *,
    method: str = "auto",
    solver: str = "highs",
    progress: Progress | None = None,
    log_file: str = "",
) -> Outcome:
    """The plan, with bound and gap; `stop_reason` says plainly why it ended.

    A bound above a plan that is there shows that HiGHS was wrong, as its presolve has been
    (docs/decisions/012-wrong-optima-of-highs.md): then the bound is dropped, and all is done again without presolve.
    Once a plan is known no bound is believed beyond it, and what HiGHS prunes wrongly then is not seen.
    """

    def with_cbc(problem: Matrix, its: Limits, *, start: Floats | None, phase: str) -> Outcome:
        return solve_cbc(problem, its, log_file=log_file)

    solve = with_cbc if solver == "cbc" else with_highs(progress, log_file)
    matrix, kinds = with_whole_limits(matrix), kinds_of(model, matrix)
    keep_whole = kinds.whole
    at_once = method == "monolithic" or solver == "cbc" or int((matrix.integer & ~keep_whole).sum()) <= FEW_WHOLE

    def told(phase: str, bound: float | None = None) -> None:
        if progress is not None:
            progress(phase, None, bound, None, 0.0)

    def construct(its: Limits) -> Outcome:
        told(FIRST)
        return first_plan(matrix, keep_whole, kinds.down, its, interior_point=len(matrix.columns) >= LARGE)

    def totals_of(plan: Floats) -> Mapping[str, Indices]:
        return totals(model, matrix) if not at_once and is_small(model, matrix, plan) else {}

    def searched(its: Limits, plan: Outcome | None = None) -> Outcome:
        cut = Cut(matrix)

        def ended(run: Search, point: Floats) -> Outcome | None:
            small = windows.small(model, matrix, keep_whole, point, run.left_s())
            return None if small is None else close(run, small, cut, lambda: told(CUTS))

        run = Search(matrix, its, solve, kinds.roomy, construct, totals_of, ended, plan=plan)
        if at_once:
            return _all_at_once(run)
        if plan is None:
            cut = with_period_cuts(model, matrix, its, lambda: told(CUTS))
            run.matrix = cut.matrix
            if cut.labels is not None:
                run.note_bound(CUTS, cut.bound, time.perf_counter() - run.began)
            told(CUTS, run.bound if np.isfinite(run.bound) else None)
            if cut.interrupted:
                return _stopped(run, INTERRUPTED)
        return _a_then_b(run, keep_whole)

    found = searched(limits)
    if found.objective is None or found.bound is None or not contradicts(found.objective, found.bound):
        return found
    plan = replace(found, status="feasible", bound=None, stop_reason="time limit")
    left_s = limits.time_limit_s - found.seconds
    if solver == "cbc" or not limits.presolve or left_s <= 0:
        return plan
    again = searched(replace(limits, presolve=False, time_limit_s=left_s), plan)
    return replace(again, seconds=found.seconds + again.seconds, phases=(*found.phases, *again.phases))


def with_highs(progress: Progress | None, log_file: str, said: str = "") -> Solve:
    """How a search solves with HiGHS; `said` is put before what its phases are called."""

    def solve(problem: Matrix, its: Limits, *, start: Floats | None, phase: str) -> Outcome:
        if len(problem.columns) >= LARGE:
            its = replace(its, extra={"mip_lp_solver": "ipm", **its.extra})
        return solve_highs(problem, its, start=start, phase=said + phase, progress=progress, log_file=log_file)

    return solve


def _stopped(run: Search, stop_reason: str) -> Outcome:
    """The search as it stands; where it has no plan, with a constructed one."""
    if run.plan is None:
        first = run.first_plan()
        if first.status in ("infeasible", "unbounded"):
            return replace(first, phases=tuple(run.phases))
    return run.result(stop_reason)


def _all_at_once(run: Search) -> Outcome:
    outcome = run.prove_all(run.matrix)
    if run.plan is None and outcome.status in ("infeasible", "unbounded"):
        return replace(outcome, phases=tuple(run.phases))
    return _stopped(run, outcome.stop_reason)


def search_part(run: Search, keep_whole: Flags, everything: bool) -> Outcome:
    """The search over some columns of a wide problem, or over all; `run` has the bound of the whole from elsewhere."""
    if int((run.matrix.integer & ~keep_whole).sum()) <= FEW_WHOLE:
        return _all_at_once(run)
    return _a_then_b(run, keep_whole, to_the_end=everything)


def _a_then_b(run: Search, keep_whole: Flags, to_the_end: bool = True) -> Outcome:
    """See the module; each round tightens A, and B looks for whole units near it."""
    relaxed, gap = run.matrix.relaxed(keep_whole), run.limits.gap
    a: Outcome | None = None
    for round_, (share, reaches) in enumerate(zip(A_GAPS, REACHES, strict=True), start=1):
        if a is None or a.gap is None or a.gap > gap * share:
            start = a or run.plan
            a = run.run(f"A{round_}", relaxed, run.limits_a(share), None if start is None else start.values)
            reaches = REACHES[0]
        if a.status in ("infeasible", "unbounded") and run.plan is None:
            return replace(a, phases=tuple(run.phases))
        run.prove(a.bound)
        if run.near_enough():
            return run.result(a.stop_reason)
        if run.over(a) and a.values is None:
            return _stopped(run, a.stop_reason)
        if a.values is None:
            break
        for down, up in reaches:
            b = _units_near(run, a, f"B{round_}", down, up)
            run.take(b)
            if run.near_enough() or run.over(b) or (run.over(a) and run.plan is not None):
                return _stopped(run, a.stop_reason if run.over(a) else b.stop_reason)
        last = run.close(run, a.values) if run.plan is not None else None
        if last is not None:
            return _stopped(run, last.stop_reason)
    if not to_the_end:
        return run.result("node limit")
    return _all_at_once(run)


def _units_near(run: Search, a: Outcome, name: str, down: int, up: int) -> Outcome:
    """Stage B: everything whole, each whole column near its value in A; where A was cut short the first plan will do.

    What A leaves at 0 stays there, but for power, orders, discount steps and spares, which whole servers may need: most
    columns go, and B is small. Holding A's structure outright is far worse: one rack too few leaves demand unserved.
    """
    assert a.values is not None
    whole = run.matrix.integer
    used = (a.values > USED) | run.roomy
    low = np.where(whole, np.floor(a.values + USED) - down, -np.inf)
    high = np.where(whole, np.where(used, np.ceil(a.values - USED) + up, 0.0), np.inf)
    matrix = replace(run.matrix, lower=np.maximum(run.matrix.lower, low), upper=np.minimum(run.matrix.upper, high))
    limits = replace(run.limits, gap=run.limits.gap * 0.3, objective_target=run.target(), max_nodes=NODES_B, extra=CALM)
    if run.over(a):
        limits = replace(limits, extra={**CALM, "mip_max_improving_sols": 1})
    plan = None if run.plan is None else run.plan.values
    limits = run.gaining(limits, windows.GAIN)
    return run.run(name, matrix, limits, plan if plan is not None and matrix.allows(plan) else None)
