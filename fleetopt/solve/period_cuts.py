"""Cuts of periods: what each costs at least, at a price for what ties it to the others, with its whole columns whole.

Where tens of racks decide, most of what lies between the LP and the cheapest plan is replicas counted whole, in every
period anew; and a search over all periods at once must branch in each of them for every branch of the others. Held
together only by prices, periods are searched one by one (solve/copies.py). With x_t a period's own columns and y those
that tie periods together, shared out by the LP's duals, the least that a period can cost

    L_t = min { cost·x_t + share_t·y : rows of t, whole columns whole }

is a row that every plan keeps, cost·x_t + share_t·y >= L_t. Their sum bounds every plan from below, as in a Lagrangian
decomposition, and as rows they lift the LP at once to that sum; what is bought whole lifts it further. Where columns
have become narrower since (solve/narrow.py), periods cost more, and a second row for each lifts it again.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from fleetopt.model.build import Model
from fleetopt.model.bulk import Numbers
from fleetopt.solve.copies import Copies, bounds_of, copies_of, labels_of, shares_of
from fleetopt.solve.implied import implied_limits
from fleetopt.solve.interior import Inside, interior
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.money import money_factor
from fleetopt.solve.periods import largest_first, workers
from fleetopt.solve.solver import Limits, Outcome, contradicts, solve_highs
from fleetopt.solve.threads import side_by_side
from fleetopt.solve.windows import few_columns, few_units

NODES = 3000
"""Nodes that the search of a period may take: with fewer some of the smallest stop just short of their end."""
TIME_SHARE = 0.25
"""Share of the time limit that the cuts may take: a plan is wanted as well."""
SHARE = 0.3
"""Gap of all periods' searches together, as a share of the gap asked for."""
EXACT = 1e-8
"""Tolerance of the LP whose duals share out the cost."""
MARGIN = 5e-5
"""How far below what all searches prove the cuts stay together, as a share of the LP's value: where tolerances end, no
plan must be lost (one of an instance with something of everything was outside by 6e-6)."""
PHASE = "period cuts"
"""How the phase is called."""


@dataclass(frozen=True)
class Cut:
    """A problem with more rows, one or several for each period, or as it was."""

    matrix: Matrix
    bound: float = -math.inf
    """What every plan of that problem costs at least."""
    labels: Numbers | None = None
    """[row] its period, numbered as in solve/copies.py; None where nothing was cut."""
    interrupted: bool = False
    """Whether the user has asked to stop."""


def with_period_cuts(model: Model, matrix: Matrix, limits: Limits, tell: Callable[[], None]) -> Cut:
    """The problem of a small fleet with a cut for every period whose search has a bound; any other as it is.

    Periods are searched side by side, one a core, which the cuts do not depend on.
    """
    left_s = _clock(limits)
    if not few_columns(matrix) or len(model.context.sets.periods) < 2 or left_s() <= 0:
        return Cut(matrix)
    prices = interior(matrix, limits.seed, left_s, tell, tolerance=EXACT)
    if prices.duals is None or prices.values is None or not few_units(model, matrix, prices.values):
        return Cut(matrix, interrupted=prices.stopped)
    rows = {reference: matrix.row_index[name] for name, reference in model.rows.items()}
    return _cut(matrix, labels_of(rows, model.context.sets.periods), prices, limits, left_s, tell)


def with_more_cuts(before: Cut, narrow: Matrix, limits: Limits, tell: Callable[[], None]) -> Cut:
    """One more row for each period, given the same problem with narrower columns."""
    left_s = _clock(limits)
    prices = interior(narrow, limits.seed, left_s, tell, tolerance=EXACT)
    if prices.duals is None or before.labels is None:
        return replace(before, matrix=narrow, interrupted=prices.stopped)
    return _cut(narrow, before.labels, prices, limits, left_s, tell)


def _clock(limits: Limits) -> Callable[[], float]:
    """Seconds left of the share of the time limit."""
    until = time.perf_counter() + TIME_SHARE * limits.time_limit_s
    return lambda: max(until - time.perf_counter(), 0.0)


def _cut(
    matrix: Matrix,
    row_label: Numbers,
    prices: Inside,
    limits: Limits,
    left_s: Callable[[], float],
    tell: Callable[[], None],
) -> Cut:
    """The problem with a row more for each label, by the prices of its LP."""
    assert prices.duals is not None
    copies = copies_of(matrix, row_label)
    shares, bounds = shares_of(matrix.cost, copies, prices.duals), bounds_of(matrix, implied_limits(matrix), copies)
    labels = largest_first(row_label)
    each = abs(prices.value) / len(labels)

    def searched(label: int, stop: threading.Event) -> Outcome | None:
        if stop.is_set():
            return None
        period = _period(matrix, copies, label, shares, *bounds)
        extra = {"mip_abs_gap": SHARE * limits.gap * each * money_factor(period), "mip_allow_restart": False}
        its = Limits(gap=0.0, time_limit_s=left_s(), max_nodes=NODES, seed=limits.seed, extra=extra)
        return solve_highs(period, its, phase=PHASE)

    found, stopped = side_by_side([partial(searched, label) for label in labels], workers(), tell)
    least = {label: _least(outcome, MARGIN * each) for label, outcome in zip(labels, found, strict=True)}
    if stopped:
        return Cut(matrix, interrupted=True)
    return _with_rows(matrix, copies, shares, least)


def _period(matrix: Matrix, copies: Copies, label: int, shares: Floats, lower: Floats, upper: Floats) -> Matrix:
    """The rows of a label, and the copies in them at their shares of the cost."""
    rows, own = np.flatnonzero(copies.row_label == label), np.flatnonzero(copies.label == label)
    column = copies.column[own]
    return Matrix(
        columns=tuple(matrix.columns[n] for n in column),
        row_names=tuple(matrix.row_names[n] for n in rows),
        cost=shares[own],
        lower=lower[own],
        upper=upper[own],
        integer=matrix.integer[column],
        rows=csr_array(copies.rows[:, own][rows]),
        row_lower=matrix.row_lower[rows],
        row_upper=matrix.row_upper[rows],
    )


def _least(outcome: Outcome | None, margin: float) -> float:
    """What a search proves but for a margin, -inf where it proves nothing or contradicts itself."""
    if outcome is None or outcome.bound is None:
        return -math.inf
    if outcome.objective is not None and contradicts(outcome.objective, outcome.bound):
        return -math.inf
    return outcome.bound - margin


def _with_rows(matrix: Matrix, copies: Copies, shares: Floats, least: dict[int, float]) -> Cut:
    """The problem with share·x >= least for each label that has a finite one."""
    labels, count = sorted(label for label, value in least.items() if math.isfinite(value)), len(matrix.row_names)
    which = np.isin(copies.label, labels) & (shares != 0.0)
    at = np.searchsorted(labels, copies.label[which])
    added = coo_array((shares[which], (at, copies.column[which])), shape=(len(labels), len(matrix.columns)))
    cut = replace(
        matrix,
        row_names=(*matrix.row_names, *(f"period_cut__{count + n}" for n in range(len(labels)))),
        rows=csr_array(vstack([matrix.rows, csr_array(added)])),
        row_lower=np.append(matrix.row_lower, [least[label] for label in labels]),
        row_upper=np.append(matrix.row_upper, np.full(len(labels), math.inf)),
    )
    bound, row_label = sum(least.values()) + matrix.offset, np.append(copies.row_label, labels)
    return Cut(cut, bound, row_label.astype(np.int64))
