"""Better plans for small fleets: all held as in the plan but one window of periods or sites, window after window.

Where tens of racks decide, a search over all whole columns at once ends with a poor plan: they hang together, and the
solver's own sub-MIPs cut through what belongs together (a machine bought here serves there, and later). A window opens
what does: three periods at every site, two sites in every period, or what is not as A says. Each is a small MILP that
starts from the plan, so that plans only get better. Serving columns that an LP round A leaves idle are mostly left out,
which makes a window several times faster. What a window proves is no bound of the whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fleetopt.model.build import Model
from fleetopt.solve.dive import Dive
from fleetopt.solve.matrix import Flags, Floats, Matrix
from fleetopt.solve.search import CALM, Search
from fleetopt.solve.solver import Outcome

Counts = NDArray[np.int_]
MOST_COLUMNS, MOST_WHOLE, MOST_UNITS = 20_000, 800, 500
"""A fleet is small with no more columns and whole columns than this where A buys no more units."""
PERIODS = 3
"""Periods that a window opens; the next one begins with its last."""
PASSES = 3
"""Times that all windows are gone through at most; no more once none of them gains."""
GAIN = 0.05
"""A window gains that betters the plan by this share of the gap asked for."""
WINDOW_GAP = 0.2
"""Gap of a window, as a share of the gap asked for."""
NODES = 20
"""Nodes a window may take."""
DEARER = 0.1
"""An idle serving column is left out that costs more than the LP pays for it, by this share of its cost."""
USED = 1e-9
"""Below this a column of an LP is idle."""
ELSEWHERE = 0.5
"""A whole column so far from A is not what A says."""


@dataclass(frozen=True)
class Window:
    """Whole columns that are searched together."""

    name: str
    open: Flags


@dataclass(frozen=True)
class Small:
    """A small fleet's problem without most idle serving columns, and its windows."""

    matrix: Matrix
    """As the whole problem, but most idle serving columns are held at 0."""
    upper: Floats
    """Upper bounds in the whole problem."""
    of_periods: tuple[Window, ...]
    of_sites: tuple[Window, ...]
    relaxed: Floats
    """A's point."""
    interrupted: bool = False
    """Whether the user has asked to stop while this was made."""

    def elsewhere(self, plan: Floats) -> Window:
        """The window of what is not as A says."""
        return Window("where A differs", np.abs(plan - self.relaxed) >= ELSEWHERE)


def small(model: Model, matrix: Matrix, keep_whole: Flags, relaxed: Floats, time_limit_s: float) -> Small | None:
    """The windows of a small fleet; None for a larger one. `relaxed` is A's point, whose `keep_whole` is whole."""
    if not few_columns(matrix) or not few_units(model, matrix, relaxed):
        return None
    families = model.context.var.families()
    serving = [matrix.index[c.name] for family in ("serve", "flow") for c in families[family].values()]
    lp = Dive(matrix.fixed(keep_whole, np.round(relaxed)), {"threads": 1, "time_limit": float(max(time_limit_s, 0.0))})
    thin = without_idle(matrix, lp, np.array(serving, dtype=int))
    return Small(thin, matrix.upper, *windows(model, matrix), relaxed, lp.interrupted)


def few_columns(matrix: Matrix) -> bool:
    """Whether a problem is a small fleet's by its columns."""
    return len(matrix.columns) <= MOST_COLUMNS and int(matrix.integer.sum()) <= MOST_WHOLE


def few_units(model: Model, matrix: Matrix, point: Floats) -> bool:
    """Whether it is by the units that a point buys."""
    bought = [matrix.index[column.name] for column in model.context.var.buy.values()]
    return float(point[bought].sum()) <= MOST_UNITS


def without_idle(matrix: Matrix, lp: Dive, serving: Counts) -> Matrix:
    """The problem with most serving columns held at 0 that an LP leaves there; all stay where the LP has no optimum."""
    if lp.outcome.values is None:
        return matrix
    reduced, worth = lp.reduced_costs, lp.worth
    idle = serving[(lp.values[serving] < USED) & (matrix.lower[serving] == 0.0)]
    upper = matrix.upper.copy()
    upper[idle[reduced[idle] > DEARER * (reduced[idle] + worth[idle])]] = 0.0
    return replace(matrix, upper=upper)


def windows(model: Model, matrix: Matrix) -> tuple[tuple[Window, ...], tuple[Window, ...]]:
    """Runs of periods, and pairs of sites. What belongs to no one period, or site, is open in every such window."""
    period, site = _periods_and_sites(model, matrix)
    periods, sites = model.context.sets.periods, tuple(model.context.sets.sites)
    of_periods, of_sites = [], []
    for first in range(0, max(len(periods) - 1, 1), PERIODS - 1):
        last = min(first + PERIODS, len(periods)) - 1
        inside = (period < 0) | ((period >= first) & (period <= last))
        of_periods.append(Window(f"{periods[first]} to {periods[last]}", inside))
    for pair in combinations(range(len(sites)), 2):
        inside = (site < 0) | np.isin(site, pair)
        of_sites.append(Window(" and ".join(sites[n] for n in pair), inside))
    return tuple(of_periods), tuple(of_sites)


def _periods_and_sites(model: Model, matrix: Matrix) -> tuple[Counts, Counts]:
    """By column, numbers of its period and site; -1 where it has none."""
    number = {id_: n for n, id_ in enumerate(model.context.sets.sites)}
    home = {k.id: number[k.site] for k in model.context.sets.candidates if k.site in number}
    period, site = (np.full(len(matrix.columns), -1) for _ in range(2))
    for family in model.context.var.families().values():
        for key, column in family.items():
            at = matrix.index[column.name]
            period[at] = next((part for part in key if isinstance(part, int)), -1)
            site[at] = next((_site(part, number, home) for part in key if _site(part, number, home) >= 0), -1)
    return period, site


def _site(part: Any, number: Mapping[str, int], home: Mapping[str, int]) -> int:
    return number.get(part, home.get(part, -1))


def opened(of: Small, window: Window, plan: Floats) -> Matrix:
    """The problem with every whole column outside a window held as in the plan, and all that the plan uses."""
    matrix, values = of.matrix, np.round(plan)
    held, upper = matrix.integer & ~window.open, np.where(plan > 0.0, of.upper, of.matrix.upper)
    return replace(matrix, lower=np.where(held, values, matrix.lower), upper=np.where(held, values, upper))


def improve(run: Search, of: Small, among: Sequence[Window | None], near: float) -> Outcome:
    """Go through windows until the plan is within so many gaps of the bound, or none gains; the last solve's outcome.

    None is the window of what is not as A says.
    """
    assert run.plan is not None
    last, in_vain = run.plan, 0
    for number in range(PASSES * len(among)):
        if not run.far(near) or in_vain == len(among) or run.over(last):
            break
        before = run.plan.objective or 0.0
        last = _searched(run, of, among[number % len(among)])
        gained = before - (run.plan.objective or 0.0) >= GAIN * run.limits.gap * abs(before)
        in_vain = 0 if gained else in_vain + 1
    return last


def _searched(run: Search, of: Small, window: Window | None) -> Outcome:
    """One window, for a plan that gains."""
    assert run.plan is not None and run.plan.values is not None
    plan, gap = run.plan.values, run.limits.gap * WINDOW_GAP
    limits = replace(run.limits, gap=gap, objective_target=run.target(), max_nodes=NODES, extra=CALM)
    chosen = window or of.elsewhere(plan)
    found = run.run(f"B1, {chosen.name}", opened(of, chosen, plan), run.gaining(limits, GAIN), plan)
    run.take(found)
    return found
