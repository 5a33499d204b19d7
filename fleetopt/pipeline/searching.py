"""The search for a plan: with every column written out, or by pricing where there are too many."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fleetopt.instance.schema import Instance
from fleetopt.model.build import Model, build_from
from fleetopt.model.bulk import serving_count
from fleetopt.model.sets import Sets
from fleetopt.pipeline.clock import Clock
from fleetopt.pipeline.options import SolveOptions
from fleetopt.solve.matrix import Matrix, matrix_of
from fleetopt.solve.solver import Limits, Outcome, Progress
from fleetopt.solve.stages import search
from fleetopt.solve.wide import widen
from fleetopt.solve.wide_plan import with_serving
from fleetopt.solve.wide_search import search_wide

Say = Callable[[str], None]
"""Called with one line of progress."""
PRICING_FROM = 400_000
"""Potential serving columns above which `auto` prices: below, all can be written out, which is the surer way where
sites are to be opened (docs/decisions/014-pricing.md)."""


@dataclass(frozen=True)
class Searched:
    """What a search ended with, and the model to read its plan with; by pricing there is none without a plan."""

    outcome: Outcome
    size: Mapping[str, int]
    model: Model | None
    matrix: Matrix | None
    certificate: Mapping[str, Any] | None = None
    """How the bound was got, where it was got by pricing."""


def searched_for(
    instance: Instance,
    sets: Sets,
    options: SolveOptions,
    say: Say,
    clock: Clock,
    log_file: str,
    progress: Progress | None = None,
) -> Searched:
    """The search by the method asked for, or by the one for the size; the reason for pricing is said.

    `progress` hears of every step of the search, `say` of one every two seconds.
    """
    reason, told = pricing_reason(sets, options), _told(say, progress)
    if not reason:
        return _written_out(instance, sets, options, say, clock, log_file, told)
    say(reason)
    return _by_pricing(instance, sets, options, say, clock, log_file, told)


def pricing_reason(sets: Sets, options: SolveOptions) -> str:
    """Why the plan is searched for by pricing; empty where it is not."""
    potential = serving_count(sets)
    if options.method == "pricing":
        return f"pricing, as asked for: {potential:,} potential serving columns"
    if options.method == "auto" and options.solver == "highs" and potential > PRICING_FROM:
        return f"pricing: {potential:,} potential serving columns, above {PRICING_FROM:,}"
    return ""


def limits_of(options: SolveOptions) -> Limits:
    """The limits of a search."""
    return Limits(options.gap, options.time_limit_s, threads=options.threads, seed=options.seed)


def written_out(instance: Instance, sets: Sets, serving: Any = None) -> tuple[Model, Matrix]:
    """The model and its matrix with every column, or of those that serve only with the keys given."""
    model = build_from(instance, sets, serving)
    return model, matrix_of(model.problem, sum(model.constants.values()))


def _written_out(
    instance: Instance, sets: Sets, options: SolveOptions, say: Say, clock: Clock, log_file: str, told: Progress
) -> Searched:
    with clock.phase("build"):
        model, matrix = written_out(instance, sets)
    size = {"columns": len(matrix.columns), "integers": int(matrix.integer.sum()), "rows": len(matrix.row_names)}
    size["terms"] = int(matrix.rows.nnz)
    say(_size_line(size))
    with clock.phase("search"):
        outcome = search(
            model,
            matrix,
            limits_of(options),
            method=options.method,
            solver=options.solver,
            progress=told,
            log_file=log_file,
        )
    return Searched(outcome, size, model, matrix)


def _by_pricing(
    instance: Instance, sets: Sets, options: SolveOptions, say: Say, clock: Clock, log_file: str, told: Progress
) -> Searched:
    """The plan is read with a model of the serving columns that it uses."""
    with clock.phase("build"):
        wide = widen(instance, sets)
    size = {"columns": wide.potential, "integers": int(wide.structure.integer.sum()), "rows": wide.rows}
    say(_size_line(size))
    with clock.phase("search"):
        found = search_wide(instance, sets, wide, limits_of(options), progress=told, log_file=log_file)
    if found.outcome.values is None:
        return Searched(found.outcome, size, None, None, found.certificate)
    with clock.phase("read"):
        model, matrix = with_serving(wide, found.serving)
        values = np.array([found.point.get(name, 0.0) for name in matrix.columns])
    return Searched(replace(found.outcome, values=values), size, model, matrix, found.certificate)


def _size_line(size: Mapping[str, int]) -> str:
    return f"{size['columns']:,} columns, {size['integers']:,} of them whole, {size['rows']:,} rows"


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
