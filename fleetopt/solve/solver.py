"""One solve: arrays in, an `Outcome` out. This is the only module that reads a solver's status.

A time-limited run, a run stopped by the user and a run without an incumbent are told apart here, and values are read
only where there is a solution.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import highspy
import numpy as np

from fleetopt.errors import UsageError
from fleetopt.solve.implied import with_whole_limits
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.money import money_factor, multiplied, times, told_in_m_usd
from fleetopt.solve.threads import run

Status = Literal["optimal", "feasible", "infeasible", "unbounded", "stopped"]
"""`optimal`: proven within the gap asked for; `feasible`: a point, gap above it; `stopped`: no point."""
INTERRUPTED = "interrupted by the user"
"""Why a solve stopped that the user has stopped."""
Progress = Callable[[str, float | None, float | None, float | None, float], None]
"""Called with (phase, incumbent, bound, gap, seconds), objective figures in M$."""


@dataclass(frozen=True)
class Outcome:
    """What one solve, or one search of several, ended with; objective figures include the constant, in M$."""

    status: Status
    objective: float | None
    bound: float | None
    values: Floats | None
    stop_reason: str
    seconds: float
    phases: tuple[Mapping[str, Any], ...] = ()

    @property
    def gap(self) -> float | None:
        """Gap as a fraction, None without a point or a bound."""
        if self.objective is None or self.bound is None:
            return None
        return relative_gap(self.objective, self.bound)


@dataclass(frozen=True)
class Limits:
    """When one solve stops, and how it runs."""

    gap: float = 1e-3
    time_limit_s: float = 600.0
    objective_target: float | None = None
    """Stop at a point at least as good."""
    known: float | None = None
    """What a plan costs that is known: only those are looked for that cost less by `gain`."""
    gain: float | None = None
    """As a share of what is known; the gap where it is None."""
    max_nodes: int | None = None
    threads: int = 1
    seed: int = 0
    presolve: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Further HiGHS options by name; unknown ones are refused."""

    @property
    def cutoff(self) -> float | None:
        """Plans that cost as much are not looked for, and no bound beyond it is believed; None without a known plan."""
        if self.known is None:
            return None
        return self.known - (self.gap if self.gain is None else self.gain) * max(abs(self.known), 1e-6)

    def plan(self, told: float) -> float | None:
        """What the best plan costs, given what HiGHS tells: the known one's where HiGHS has none below the cutoff."""
        if self.known is not None and self.cutoff is not None and told >= self.cutoff - 1e-9 * abs(self.cutoff):
            return self.known
        return told if abs(told) < 1e30 else None

    def believed(self, told: float) -> float | None:
        """A bound that HiGHS tells, up to the cutoff: what lies beyond was pruned unseen. None where it has none."""
        if abs(told) >= 1e30:
            return self.cutoff if told > 0 else None
        return told if self.cutoff is None else min(told, self.cutoff)


MOST_ABOVE = 1e-6
"""A bound may lie above its plan by this share, from rounding; more, and one of the two is wrong."""


def contradicts(objective: float, bound: float) -> bool:
    """Whether a bound lies above a plan that is there: then the solver was wrong about one of them."""
    return bound > objective + MOST_ABOVE * max(abs(objective), 1e-6)


def relative_gap(objective: float, bound: float) -> float:
    """(objective - bound) / max(|objective|, 1 USD), never negative; both in M$."""
    return max(0.0, objective - bound) / max(abs(objective), 1e-6)


def highs_with(options: Mapping[str, Any]) -> highspy.Highs:
    """A HiGHS object with options set and read back; HiGHS itself would ignore a name it does not know."""
    solver = new_highs()
    for name, value in options.items():
        if solver.setOptionValue(name, value) != highspy.HighsStatus.kOk or solver.getOptionValue(name)[1] != value:
            raise UsageError(f"HiGHS {solver.version()} does not take option {name}={value!r}; see its list of options")
    return solver


def new_highs() -> highspy.Highs:
    """A fresh, silent HiGHS object."""
    solver: highspy.Highs = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    return solver


def solve_highs(
    matrix: Matrix,
    limits: Limits,
    *,
    start: Floats | None = None,
    phase: str = "solve",
    progress: Progress | None = None,
    log_file: str = "",
) -> Outcome:
    """Solve with HiGHS. Ctrl-C stops it at its best point; a second one goes through.

    `start` may hold NaN where it says nothing.
    """
    factor = money_factor(matrix)
    if factor != 1.0:
        told = told_in_m_usd(progress, factor)
        larger, within = multiplied(matrix, factor), scaled_limits(limits, factor)
        found = solve_highs(larger, within, start=start, phase=phase, progress=told, log_file=log_file)
        return in_m_usd(found, limits, factor)
    began = time.perf_counter()
    if matrix.rows.nnz == 0:
        return _without_terms(matrix, time.perf_counter() - began)
    matrix = with_whole_limits(matrix)
    solver = highs_with(_options(limits, log_file))
    highspy.Highs.resetGlobalScheduler(True)
    if solver.passModel(highs_lp(matrix)) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS refused the model")
    if start is not None:
        _set_start(solver, start)
    _watch(solver, limits, phase, progress)
    interrupted = run(solver)
    outcome = _read(solver, matrix, limits, time.perf_counter() - began, interrupted)
    if outcome.stop_reason == "infeasible or unbounded" and limits.presolve:
        left_s = max(limits.time_limit_s - (time.perf_counter() - began), 0.0)
        plain = replace(limits, time_limit_s=left_s, presolve=False)
        return solve_highs(matrix, plain, phase=phase, progress=progress, log_file=log_file)
    return outcome


def scaled_limits(limits: Limits, factor: float) -> Limits:
    """Limits of a problem whose objective was multiplied."""
    return replace(limits, objective_target=times(limits.objective_target, factor), known=times(limits.known, factor))


def in_m_usd(outcome: Outcome, limits: Limits, factor: float) -> Outcome:
    """The outcome of a problem whose objective was multiplied, in M$."""
    found = replace(outcome, objective=times(outcome.objective, 1 / factor), bound=times(outcome.bound, 1 / factor))
    proven = found.status == "feasible" and found.gap is not None and found.gap <= limits.gap + 1e-9
    return replace(found, status="optimal") if proven else found


def _without_terms(matrix: Matrix, seconds: float) -> Outcome:
    """HiGHS calls a model without a term empty, whatever its rows and costs say: each column goes to its best end."""
    best = np.where(matrix.cost > 0, matrix.lower, np.where(matrix.cost < 0, matrix.upper, 0.0))
    values = np.clip(best, matrix.lower, matrix.upper)
    if (matrix.violations(np.zeros(len(matrix.columns))) > 0).any():
        return Outcome("infeasible", None, None, None, "infeasible", seconds)
    if not np.isfinite(values).all():
        return Outcome("unbounded", None, None, None, "unbounded", seconds)
    objective = matrix.objective(values)
    return Outcome("optimal", objective, objective, values, "gap reached", seconds)


def _options(limits: Limits, log_file: str) -> dict[str, Any]:
    options: dict[str, Any] = {
        "mip_rel_gap": float(limits.gap),
        "time_limit": float(max(limits.time_limit_s, 0.0)),
        "threads": limits.threads,
        "random_seed": limits.seed,
        "mip_feasibility_tolerance": 1e-7,
    }
    if limits.objective_target is not None:
        options["objective_target"] = float(limits.objective_target)
    if limits.cutoff is not None:
        options["objective_bound"] = float(limits.cutoff)
    if limits.max_nodes is not None:
        options["mip_max_nodes"] = limits.max_nodes
    if not limits.presolve:
        options["presolve"] = "off"
    if log_file:
        options |= {"output_flag": True, "log_to_console": False, "log_file": log_file}
    return options | dict(limits.extra)


def highs_lp(matrix: Matrix) -> highspy.HighsLp:
    """The problem as HiGHS takes it."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(matrix.columns), len(matrix.row_names)
    lp.col_cost_, lp.offset_ = matrix.cost, matrix.offset
    lp.col_lower_, lp.col_upper_ = matrix.lower, matrix.upper
    lp.row_lower_, lp.row_upper_ = matrix.row_lower, matrix.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.rows.indptr
    lp.a_matrix_.index_ = matrix.rows.indices
    lp.a_matrix_.value_ = matrix.rows.data
    if matrix.integer.any():
        whole, any_ = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole if flag else any_ for flag in matrix.integer]
    return lp


def _set_start(solver: highspy.Highs, start: Floats) -> None:
    known = np.flatnonzero(~np.isnan(start)).astype(np.int32)
    solver.setSolution(len(known), known, start[known])


def _watch(solver: highspy.Highs, limits: Limits, phase: str, progress: Progress | None) -> None:
    """Report progress."""

    def log(event: Any) -> None:
        out = event.data_out
        if progress is not None:
            incumbent = limits.plan(out.mip_primal_bound)
            bound = limits.believed(out.mip_dual_bound)
            gap = None if incumbent is None or bound is None else relative_gap(incumbent, bound)
            progress(phase, incumbent, bound, gap, out.running_time)

    solver.HandleUserInterrupt = True
    solver.cbMipLogging += log
    solver.cbMipImprovingSolution += log


def outcome_of(solver: highspy.Highs, matrix: Matrix) -> Outcome:
    """The outcome of an LP that has just run on `solver`, outside `solve_highs` (WarmLp)."""
    return _read(solver, matrix, Limits(gap=0.0), 0.0, interrupted=False)


def lp_status(solver: highspy.Highs) -> Status:
    """How an LP that has just run on `solver` ended (Master)."""
    if solver.getModelStatus() == _STATUS.kOptimal:
        return "optimal"
    return "infeasible" if solver.getModelStatus() == _STATUS.kInfeasible else "stopped"


_STATUS = highspy.HighsModelStatus
_REASONS = {
    _STATUS.kOptimal: "gap reached",
    _STATUS.kObjectiveTarget: "objective target reached",
    _STATUS.kObjectiveBound: "no plan below the cutoff",
    _STATUS.kTimeLimit: "time limit",
    _STATUS.kInterrupt: "interrupted",
    _STATUS.kSolutionLimit: "node limit",
    _STATUS.kIterationLimit: "iteration limit",
    _STATUS.kMemoryLimit: "memory limit",
    _STATUS.kInfeasible: "infeasible",
    _STATUS.kUnbounded: "unbounded",
    _STATUS.kUnboundedOrInfeasible: "infeasible or unbounded",
}


def _read(solver: highspy.Highs, matrix: Matrix, limits: Limits, seconds: float, interrupted: bool) -> Outcome:
    status, info = solver.getModelStatus(), solver.getInfo()
    reason = _REASONS.get(status, f"solver failure ({solver.modelStatusToString(status)})")
    if interrupted:
        reason = INTERRUPTED
    cutoff = limits.cutoff
    if status == _STATUS.kInfeasible and cutoff is not None:
        return Outcome("stopped", None, cutoff, None, "no plan below the cutoff", seconds)
    if status == _STATUS.kInfeasible:
        return Outcome("infeasible", None, None, None, reason, seconds)
    if status in (_STATUS.kUnbounded, _STATUS.kUnboundedOrInfeasible):
        return Outcome("unbounded", None, None, None, reason, seconds)
    whole = bool(matrix.integer.any())
    bound = info.mip_dual_bound if whole else info.objective_function_value if status == _STATUS.kOptimal else None
    bound = None if bound is None else limits.believed(bound)
    has_point = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if not has_point or (not whole and status != _STATUS.kOptimal):
        return Outcome("stopped", None, bound, None, reason, seconds)
    values = np.array(solver.getSolution().col_value, dtype=float)
    objective = matrix.objective(values)
    if bound is None and status == _STATUS.kOptimal and cutoff is not None and objective >= cutoff:
        bound = cutoff  # presolve has found that there is nothing below, and then HiGHS tells no bound
    proven = bound is not None and relative_gap(objective, bound) <= limits.gap + 1e-9
    return Outcome("optimal" if proven else "feasible", objective, bound, values, reason, seconds)
