"""A then B: a bound from a MILP in which only what matters is whole, then whole units around it.

Stage A keeps whole only the structural columns (site openings, training teams, power blocks, units and replicas of 1 M$
and more); its bound is valid for the whole problem. Stage B fixes those and makes everything whole around them. The
first A is a quick one, so that there is a plan early; then A runs on until its bound is near enough to the plan or a
better structure appears, and at last everything runs together from B's plan. No decision depends on the clock unless
A takes most of the time limit.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.prices import Prices
from fleetopt.solve.cbc import solve_cbc
from fleetopt.solve.matrix import Flags, Floats, Matrix
from fleetopt.solve.solver import Limits, Outcome, Progress, Status, relative_gap, solve_highs

STRUCTURAL_USD = 1e6
"""Units, and replicas counted whole, that cost at least this stay whole in stage A."""
FEW_WHOLE = 60
"""With no more whole columns than this beside the structural ones, everything is solved at once."""
ROUNDS = ((10.0, 3.0), (0.5, 0.5))
"""Gaps of A and of B in each round, as multiples of the gap asked for: a plan soon, then a proof."""
SHARE_A = 0.8
"""Share of the time that A may take as long as there is no plan."""
UNITS_DOWN, UNITS_UP = 2, 3
"""How far stage B may move a column from A."""
NODES_B = 500
"""Nodes stage B may take around one structure before A runs on."""
LARGE = 5000
"""With at least so many columns the first LP is solved by interior point: three times faster on the reference."""

Solve = Callable[..., Outcome]


@dataclass
class Search:
    """One search: the best plan, the best bound, and what each solve did."""

    matrix: Matrix
    limits: Limits
    solve: Solve
    roomy: Flags
    """Columns that stage B may raise from 0: power blocks."""
    began: float = field(default_factory=time.perf_counter)
    plan: Outcome | None = None
    bound: float = -np.inf
    phases: list[Mapping[str, Any]] = field(default_factory=list)

    def left_s(self) -> float:
        """Seconds left of the time limit."""
        return self.limits.time_limit_s - (time.perf_counter() - self.began)

    def run(self, name: str, matrix: Matrix, limits: Limits, start: Floats | None = None) -> Outcome:
        """One solve within what is left of the time."""
        limits = replace(limits, time_limit_s=min(limits.time_limit_s, self.left_s()))
        outcome = self.solve(matrix, limits, start=start, phase=name)
        self.phases.append(
            {
                "phase": name,
                "status": outcome.status,
                "stop_reason": outcome.stop_reason,
                "objective_musd": outcome.objective,
                "bound_musd": outcome.bound,
                "seconds": round(outcome.seconds, 3),
            }
        )
        return outcome

    def take(self, outcome: Outcome) -> None:
        """Keep a plan if it is the best so far."""
        if outcome.objective is not None and (self.plan is None or outcome.objective < (self.plan.objective or 0.0)):
            self.plan = outcome

    def prove(self, bound: float | None) -> None:
        """Keep a bound if it is the best so far."""
        self.bound = max(self.bound, -np.inf if bound is None else bound)

    def near_enough(self) -> bool:
        """Whether the plan is within the gap of the bound."""
        if self.plan is None or self.plan.objective is None:
            return False
        return relative_gap(self.plan.objective, self.bound) <= self.limits.gap + 1e-9

    def over(self, outcome: Outcome) -> bool:
        """Whether the search ends with this solve, whatever it found."""
        return outcome.stop_reason.startswith("interrupted") or self.left_s() <= 0

    def result(self, stop_reason: str) -> Outcome:
        """The search as one outcome."""
        seconds = time.perf_counter() - self.began
        bound = self.bound if np.isfinite(self.bound) else None
        if self.plan is None:
            return Outcome("stopped", None, bound, None, stop_reason, seconds, tuple(self.phases))
        status: Status = "optimal" if self.near_enough() else "feasible"
        reason = "gap reached" if status == "optimal" else stop_reason
        return Outcome(status, self.plan.objective, bound, self.plan.values, reason, seconds, tuple(self.phases))


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
    """The plan, with bound and gap; `stop_reason` says plainly why it ended."""

    def solve(problem: Matrix, its: Limits, *, start: Floats | None, phase: str) -> Outcome:
        if solver == "cbc":
            return solve_cbc(problem, its, log_file=log_file)
        if len(problem.columns) >= LARGE:
            its = replace(its, extra={"mip_lp_solver": "ipm", **its.extra})
        return solve_highs(problem, its, start=start, phase=phase, progress=progress, log_file=log_file)

    run = Search(matrix, limits, solve, _columns(matrix, model.context.var.build))
    keep_whole = structural(model, matrix)
    if method == "monolithic" or solver == "cbc" or int((matrix.integer & ~keep_whole).sum()) <= FEW_WHOLE:
        return _all_at_once(run, None)
    return _a_then_b(run, keep_whole)


def structural(model: Model, matrix: Matrix) -> Flags:
    """Whole columns that stay whole in stage A."""
    flags = np.zeros(len(matrix.columns), dtype=bool)
    var, instance, prices = model.context.var, model.context.instance, Prices(model.context.instance)
    dear = {s.id for s in instance.systems if prices.unit_price(s) >= STRUCTURAL_USD}
    dear |= {m.id for m in instance.memory if prices.memory_unit(m) >= STRUCTURAL_USD}
    for family in (var.open, var.train, var.build):
        for column in family.values():
            flags[matrix.index[column.name]] = True
    for family in (var.buy, var.mem):
        for key, column in family.items():
            flags[matrix.index[column.name]] = key[0] in dear
    for k in model.context.sets.candidates:
        if k.whole and k.units * prices.unit_price(instance.system(k.system)) >= STRUCTURAL_USD:
            for t in model.context.sets.live[k.system, k.site]:
                flags[matrix.index[var.keep[k.id, t].name]] = True
    return flags & matrix.integer


def _columns(matrix: Matrix, columns: Mapping[Any, Any]) -> Flags:
    flags = np.zeros(len(matrix.columns), dtype=bool)
    flags[[matrix.index[column.name] for column in columns.values()]] = True
    return flags


def _all_at_once(run: Search, start: Floats | None) -> Outcome:
    limits = run.limits
    if np.isfinite(run.bound) and run.bound > 0:
        limits = replace(limits, objective_target=run.bound / (1 - limits.gap))
    outcome = run.run("all", run.matrix, limits, start)
    run.take(outcome)
    run.prove(outcome.bound)
    if run.plan is None and outcome.status in ("infeasible", "unbounded"):
        return replace(outcome, phases=tuple(run.phases))
    return run.result(outcome.stop_reason)


def _a_then_b(run: Search, keep_whole: Flags) -> Outcome:
    """See the module; each round tightens A, and B follows wherever A's structure is new."""
    relaxed = run.matrix.relaxed(keep_whole)
    gap, start = run.limits.gap, None
    for round_, (a_multiple, b_multiple) in enumerate(ROUNDS, start=1):
        a_limits = replace(run.limits, gap=gap * a_multiple)
        if run.plan is not None and run.plan.objective is not None and run.plan.objective > 0:
            a_limits = replace(a_limits, bound_target=run.plan.objective * (1 - gap))
        if run.plan is None:
            a_limits = replace(a_limits, time_limit_s=SHARE_A * run.left_s())
        a = run.run(f"A{round_}", relaxed, a_limits, start)
        if a.status in ("infeasible", "unbounded") and run.plan is None:
            return replace(a, phases=tuple(run.phases))
        run.prove(a.bound)
        if run.near_enough() or a.values is None:
            return run.result(a.stop_reason)
        b = _units_around(run, keep_whole, a, f"B{round_}", gap * b_multiple)
        run.take(b)
        if run.near_enough() or run.over(a) or run.over(b):
            return run.result(a.stop_reason if run.over(a) else b.stop_reason)
        start = a.values
    return _all_at_once(run, None if run.plan is None else run.plan.values)


def _units_around(run: Search, keep_whole: Flags, a: Outcome, name: str, gap: float) -> Outcome:
    """Stage B: A's structure held, all the rest whole; where A was cut short the first plan will do."""
    assert a.values is not None
    values = np.where(keep_whole, np.round(a.values), a.values)
    matrix = run.matrix.fixed(keep_whole, values)
    target = run.bound / (1 - run.limits.gap) if run.bound > 0 else None
    limits = replace(run.limits, gap=gap, objective_target=target, max_nodes=NODES_B)
    if run.over(a):
        limits = replace(limits, extra={"mip_max_improving_sols": 1})
    plan, start = run.plan.values if run.plan is not None else None, None
    if plan is not None and np.array_equal(np.round(plan[keep_whole]), values[keep_whole]):
        start = plan
    return run.run(name, matrix, limits, start)
