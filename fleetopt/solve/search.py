"""One search as it stands: its best plan, its best bound, and the solves it has made."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fleetopt.solve.matrix import Flags, Floats, Indices, Matrix
from fleetopt.solve.solver import Limits, Outcome, Status, relative_gap
from fleetopt.solve.tight import point_with_totals, with_totals

SHARE_A = 0.8
"""Share of the time that A may take as long as there is no plan."""
CALM: Mapping[str, Any] = {"mip_allow_restart": False}
"""A restart drops the basis: on the reference each costs a cold LP."""
PROOF: Mapping[str, Any] = {
    **CALM,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
}
"""Stage A wants the bound, and B finds the plan: on the reference sub-MIPs took 49 of A's 65 s."""
ROUNDED = 0.999
"""A gap is closed to this share, so that a plan rounded to the last dollar is still within it."""
GRACE_S = 30.0
"""How long the first plan's LP may outlast the time limit: a plan a little late is worth more than none."""
FIRST = "first plan"
"""How the phase of a construction is called."""
Solve = Callable[..., Outcome]


@dataclass
class Search:
    """One search: the best plan, the best bound, and what each solve did."""

    matrix: Matrix
    limits: Limits
    solve: Solve
    roomy: Flags
    """Columns that stage B may raise from 0."""
    construct: Callable[[Limits], Outcome]
    """Makes a first plan."""
    totals_of: Callable[[Floats], Mapping[str, Indices]]
    """Totals to branch on, given a plan; none where they would not pay."""
    close: Callable[["Search", Floats], Outcome | None] = lambda _, __: None
    """Ends the search of a small fleet, given A's point; None where the fleet is not small."""
    began: float = field(default_factory=time.perf_counter)
    plan: Outcome | None = None
    bound: float = -np.inf
    phases: list[Mapping[str, Any]] = field(default_factory=list)

    def left_s(self) -> float:
        """Seconds left of the time limit."""
        return self.limits.time_limit_s - (time.perf_counter() - self.began)

    def run(self, name: str, matrix: Matrix, limits: Limits, start: Floats | None = None) -> Outcome:
        """One solve within what is left of the time."""
        name = name if limits.presolve else f"{name} without presolve"
        limits = replace(limits, time_limit_s=min(limits.time_limit_s, self.left_s()))
        outcome = self.solve(matrix, limits, start=start, phase=name)
        self._note(name, outcome)
        return outcome

    def _note(self, name: str, outcome: Outcome) -> None:
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

    def first_plan(self) -> Outcome:
        """A plan by construction, which may outlast the time limit by `GRACE_S`."""
        outcome = self.construct(replace(self.limits, time_limit_s=max(0.0, self.left_s()) + GRACE_S))
        self._note(FIRST, outcome)
        self.take(outcome)
        self.prove(outcome.bound)
        return outcome

    def note_bound(self, name: str, bound: float, seconds: float) -> None:
        """A phase that ended with a bound only, -inf where it has none."""
        known = bound if np.isfinite(bound) else None
        self._note(name, Outcome("stopped", None, known, None, "", seconds))
        self.prove(known)

    def run_all(self, matrix: Matrix, limits: Limits, start: Floats | None) -> Outcome:
        """Everything whole at once; with totals to branch on where the plan so far buys few units (solve/tight.py)."""
        limits, groups = self.better(limits), self.totals_of(start) if start is not None else {}
        start = start if start is not None and matrix.allows(start) else None
        if not groups:
            return self.run("all", matrix, limits, start)
        wider = with_totals(matrix, groups)
        start = None if start is None else point_with_totals(start, groups)
        found = self.run("all, with totals for few units", wider, limits, start)
        return found if found.values is None else replace(found, values=found.values[: len(matrix.columns)])

    def prove_all(self, matrix: Matrix, nodes: int | None = None) -> Outcome:
        """Everything whole at once, from the plan if there is one; its plan and its bound are kept."""
        limits = replace(self.limits, max_nodes=nodes, objective_target=self.target())
        outcome = self.run_all(matrix, limits, None if self.plan is None else self.plan.values)
        self.take(outcome)
        self.prove(outcome.bound)
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

    def target(self) -> float | None:
        """What a plan may cost to be within the gap of the bound, None where that says nothing."""
        return self.bound / (1 - self.limits.gap) if np.isfinite(self.bound) and self.bound > 0 else None

    def better(self, limits: Limits) -> Limits:
        """Limits of a search for plans that are better by the gap asked for: where there is none, the gap is closed."""
        return self.gaining(limits, ROUNDED)

    def gaining(self, limits: Limits, share: float) -> Limits:
        """Limits of a search for plans that are better by a share of the gap; as they are where there is no plan."""
        if self.plan is None:
            return limits
        return replace(limits, known=self.plan.objective, gain=self.limits.gap * share)

    def limits_a(self, share: float) -> Limits:
        """Limits of stage A, to a share of the gap asked for."""
        limits = self.better(replace(self.limits, gap=self.limits.gap * share, extra=PROOF))
        return limits if self.plan is not None else replace(limits, time_limit_s=SHARE_A * self.left_s())

    def far(self, times: float) -> bool:
        """Whether there is a plan that is further from the bound than so many times the gap asked for."""
        if self.plan is None or self.plan.objective is None:
            return False
        return relative_gap(self.plan.objective, self.bound) > times * self.limits.gap

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
        if status == "optimal":
            stop_reason = "gap reached"
        elif self.left_s() <= 0 and not stop_reason.startswith("interrupted"):
            stop_reason = "time limit"
        return Outcome(status, self.plan.objective, bound, self.plan.values, stop_reason, seconds, tuple(self.phases))
