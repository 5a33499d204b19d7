"""A plan from merged slices: what ties the periods together is taken from a plan of the merged problem, and each period
is then a problem of its own.

The merged problem (solve/merged.py) has the true cost and nearly the true demand, so that what is bought, built, stored
and trained there is nearly right; what it hides of the peaks is rented, or served elsewhere, period by period. Held so,
periods share no column any more, and are solved side by side.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from fleetopt.solve.bound import DualBound, dual_bound, mended
from fleetopt.solve.copies import Copies
from fleetopt.solve.first_plan import ROWS, first_plan
from fleetopt.solve.kinds import kinds_of
from fleetopt.solve.matrix import Flags, Floats
from fleetopt.solve.merged import MergedLp
from fleetopt.solve.near import near_columns
from fleetopt.solve.periods import copies_in, largest_first, piece_of, workers
from fleetopt.solve.pricing import Built, Priced
from fleetopt.solve.solver import Limits, Outcome
from fleetopt.solve.stages import LARGE
from fleetopt.solve.threads import side_by_side
from fleetopt.solve.wide import Numbers, Wide

MERGED_WINDOW = 0.005
"""Window of the merged problem's serving columns, by its own prices."""
PERIOD_WINDOW = 0.1
"""Window of the periods' serving columns, by the prices of a bound."""
SHARE_MERGED, SHARE = 0.25, 0.5
"""Share of the fractional columns that a step of a construction rounds, of the merged problem and of a period."""


@dataclass(frozen=True)
class Held:
    """Structural columns that stay as they are."""

    which: Flags
    values: Floats
    """0 where not held."""


def merged_plan(
    wide: Wide, merged: MergedLp, bound: DualBound, limits: Limits, tell: Callable[[], None]
) -> tuple[Built | None, bool]:
    """The plan, None where what was taken from the merged problem leaves a period without one; and whether the user
    asked to stop.

    The time limit is for each LP; steps of a construction go on to their end.
    """
    began = time.perf_counter()
    tell()
    copies = copies_in(wide)
    which = wide.structure.integer & ~kinds_of(wide.model, wide.structure).replicas
    which[copies.column[copies.several]] = True
    held, asked = _structure(wide, which, merged, limits)
    if held is None:
        return None, asked
    found = Priced(bound, None, wide.all_columns(), done=True)
    columns = near_columns(wide, found, PERIOD_WINDOW)
    values, stopped = _by_period(wide, copies, held, columns, limits, tell)
    matrix = wide.matrix(columns, named=False)
    if values is None or matrix.violations(values).max(initial=0.0) > ROWS:
        return None, asked or stopped
    seconds = time.perf_counter() - began
    outcome = Outcome("feasible", matrix.objective(values), bound.value, values, "", seconds)
    return Built(outcome, columns), asked or stopped


def _structure(wide: Wide, which: Flags, merged: MergedLp, limits: Limits) -> tuple[Held | None, bool]:
    """What stands in several periods or is counted whole, as a plan of the merged problem has it; and whether the user
    asked to stop. Replicas are left out on both sides: they follow from what is served."""
    problem, own = merged.wide, merged.own
    assert own is not None
    prices = Priced(dual_bound(problem, mended(problem, own)), None, problem.all_columns(), done=True)
    columns = near_columns(problem, prices, MERGED_WINDOW)
    kinds, matrix = kinds_of(problem.model, problem.structure).of(columns), problem.matrix(columns)
    matrix = matrix.relaxed(matrix.integer & ~kinds.replicas)
    large = len(columns) >= LARGE
    plan = first_plan(matrix, kinds.whole, kinds.down, limits, interior_point=large, share=SHARE_MERGED)
    asked = plan.stop_reason.startswith("interrupted")
    if plan.values is None:
        return None, asked
    names = wide.structure.columns
    if any(names[n] not in problem.structure.index for n in np.flatnonzero(which)):
        return None, asked
    known = dict(zip(matrix.columns, plan.values.tolist(), strict=True))
    values = np.array([known.get(name, 0.0) if hold else 0.0 for name, hold in zip(names, which, strict=True)])
    return Held(which, np.where(wide.structure.integer, np.round(values), values)), asked


def _by_period(
    wide: Wide, copies: Copies, held: Held, columns: Numbers, limits: Limits, tell: Callable[[], None]
) -> tuple[Floats | None, bool]:
    """[column] a plan over some columns with the structure held, None where a period has none; and whether it was
    stopped."""
    structure, here = wide.structure, np.zeros(wide.structural, dtype=bool)
    here[columns[columns < wide.structural]] = True
    among = np.zeros(wide.serving.shape, dtype=bool)
    among.reshape(-1)[columns[columns >= wide.structural] - wide.structural] = True
    own, whole = copies.column, structure.integer & ~held.which
    cost = np.where(held.which, 0.0, structure.cost)[own]
    lower, upper = (np.where(held.which, held.values, bound)[own] for bound in (structure.lower, structure.upper))

    def solved(number: int, stop: threading.Event) -> tuple[Numbers, Floats] | None:
        if stop.is_set():
            return None
        piece = piece_of(wide, copies, number, among)
        piece = replace(piece, copies=piece.copies[here[own[piece.copies]]])
        none = np.zeros(len(piece.copies) + len(piece.served), dtype=bool)
        integer = np.concatenate([whole[own[piece.copies]], none[len(piece.copies) :]])
        matrix = piece.matrix(wide, copies, cost, lower, upper).relaxed(integer)
        plan = first_plan(matrix, none, none, limits, interior_point=len(none) >= LARGE, share=SHARE)
        if plan.values is None:
            return None
        return np.concatenate([own[piece.copies], piece.served + wide.structural]), plan.values

    tasks = [partial(solved, number) for number in largest_first(copies.row_label)]
    found, stopped = side_by_side(tasks, workers(), tell)
    values = np.zeros(len(columns))
    values[: int(here.sum())] = held.values[here]
    for each in found:
        if each is None:
            return None, stopped
        values[np.searchsorted(columns, each[0])] = each[1]
    return values, stopped
