"""Column generation: the LP of a wide problem from a small part of its columns, and a bound that holds for all of them.

Each round solves the restricted LP, completes its duals over the rows that no column of it touches yet, prices every
serving column with them in bulk, and takes in those that would pay. At any duals y

    L(y) = y·sides + sum over groups of (least reduced cost, if below 0) x (all that can be served of the group)

is a bound for the whole problem: a group is one bucket of a workload in one slice, and no plan serves more of it than
arrives. At the end nothing pays and the correction is 0 but for rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from fleetopt.solve.bound import DualBound, dual_bound
from fleetopt.solve.completion import Completion
from fleetopt.solve.master import Master
from fleetopt.solve.matrix import Flags, Floats
from fleetopt.solve.solver import Outcome, relative_gap
from fleetopt.solve.wide import Numbers, Wide

Say = Callable[[float | None, float | None], None]
"""Called with the restricted LP's value and the bound after each round, in M$."""
SITES = 2
"""Points of each system that a group has to begin with, the cheapest ones."""
ENTER = 1
"""Columns of each group, period and slice that come in in a round."""
PENALTY = 100.0
"""M$ for each unit by which a row stays unmet, to begin with."""
DEARER, DEAREST = 100.0, 1e7
"""Where rows stay unmet at the end the penalty grows by this, and beyond this the problem has no plan."""
PAYS = 1e-9
"""A column pays whose reduced cost is below minus this."""
USED = 1e-9
"""Columns of the LP below this are not used."""
LP_GAP = 1e-6
"""Gap between restricted LP and bound at which the rounds end."""


@dataclass(frozen=True)
class Built:
    """A plan over some columns of a wide problem."""

    outcome: Outcome
    columns: Numbers


Way = Literal["rounds", "one LP", "merged slices", "periods"]
"""Where duals come from."""


@dataclass(frozen=True)
class Priced:
    """What pricing every column ended with."""

    bound: DualBound | None
    """The best bound, with its duals; None where there was no time for one."""
    value: float | None
    """Value of the LP, M$."""
    columns: Numbers
    """The columns that the LP had."""
    used: Numbers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Of these, those above 0 at a vertex; none where the LP ended inside."""
    rounds: int = 0
    feasible: bool = True
    done: bool = False
    """Whether the LP was solved to its end."""
    stopped: bool = False
    """Whether the user stopped it."""
    guide: DualBound | None = None
    """Prices of an LP over `columns` alone, which bound nothing and say better which of them a plan wants."""
    way: Way = "rounds"
    plan: Built | None = None
    """A plan that was found on the way."""


@dataclass
class Generated:
    """A restricted problem good enough for the LP of the whole."""

    master: Master
    completion: Completion
    bound: DualBound | None
    """The best bound so far, with its duals; None before the first round ended."""
    rounds: int = 0
    feasible: bool = True
    """Whether the LP has a point at all (only told at the end of the rounds)."""
    done: bool = False
    """Whether the rounds ended by themselves."""

    def priced(self) -> Priced:
        """What the rounds ended with."""
        master, value = self.master, self.master.objective
        used = master.columns[: len(master.values)][master.values > USED]
        known = value if np.isfinite(value) else None
        return Priced(self.bound, known, master.columns, used, self.rounds, self.feasible, self.done)


def generate(wide: Wide, start: Flags | None, seed: int, left_s: Callable[[], float], say: Say) -> Generated:
    """Column generation from some points [point, period] on, or from cheap ones, until nothing pays or time is over."""
    chosen = cheap_points(wide) if start is None else start
    state = Generated(Master(wide, PENALTY, columns_of(wide, chosen), seed), Completion(wide), None)
    while True:
        rounds(state, left_s, say)
        if not state.done or state.master.unmet <= 1e-7 or state.master.penalty >= DEAREST:
            state.feasible = not state.done or state.master.unmet <= 1e-7
            return state
        state.master.raise_penalty(state.master.penalty * DEARER)
        state.bound, state.done = None, False


def rounds(state: Generated, left_s: Callable[[], float], say: Say) -> None:
    """Rounds until nothing pays: `state` is carried on."""
    master, wide = state.master, state.master.wide
    while left_s() > 0:
        if master.solve(left_s()) != "optimal":
            return
        duals = state.completion.of(master.duals, master.active_rows)
        found = dual_bound(wide, duals)
        state.rounds += 1
        if state.bound is None or found.value > state.bound.value:
            state.bound = found
        gap = relative_gap(master.objective, state.bound.value)
        entering = _entering(wide, found, master)
        say(master.objective, state.bound.value)
        if gap <= LP_GAP or not len(entering):
            state.done = True
            return
        master.add(entering)


def columns_of(wide: Wide, points: Flags) -> Numbers:
    """Structural columns but for the lazy ones, and all of some points [point, period] with what they need."""
    chosen = points[:, :, None] & wide.serving.exists
    return np.concatenate([np.flatnonzero(~wide.lazy), with_lazy(wide, np.flatnonzero(chosen))])


def cheap_points(wide: Wide) -> Flags:
    """[point, period] the cheapest of each system for each group, by a rough price."""
    serving, estimate = wide.serving, _estimate(wide)
    chosen = np.zeros(serving.shape[:2], dtype=bool)
    system = np.array([p.candidate.system for p in serving.points])
    for members in _members(wide):
        for c in np.unique(system[members]):
            mine = members[system[members] == c]
            cost = np.where(serving.exists[mine].any(axis=2), estimate[mine], np.inf)
            best = np.argsort(cost, axis=0, kind="stable")[:SITES]
            for t in range(serving.shape[1]):
                chosen[mine[best[:, t]], t] = True
    return chosen


def with_lazy(wide: Wide, served: Numbers) -> Numbers:
    """Serving columns, numbered among the serving ones, as columns of the whole with the lazy ones they need."""
    rows = np.unique(wide.serving.columns(served, wide.rows).indices)
    structure = wide.structure.rows
    beside = np.unique(structure[rows].indices)
    return np.concatenate([beside[wide.lazy[beside]], served + wide.structural])


def _members(wide: Wide) -> list[Numbers]:
    order = np.argsort(wide.groups, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(wide.groups[order])) + 1)


def _estimate(wide: Wide) -> Floats:
    """[point, period] rough cost of a request/s: the units that it takes, at what one more would cost a period."""
    m, periods = wide.model.context, wide.serving.shape[1]
    price: dict[tuple[str, str], Floats] = {}
    for (c, s), offer in m.sets.offers.items():
        by_period = np.full(periods, np.inf)
        system = m.sets.systems[c]
        for t in offer.buy_periods:
            a_period = (m.prices.buy(system, t) + m.prices.duty(system, offer, t)) / (periods - t)
            by_period[t:] = np.minimum(by_period[t:], a_period)
        for t in offer.rent_periods:
            for a in system.rentals:
                by_period[t] = min(by_period[t], m.prices.rent(system, t, a))
        price[c, s] = by_period
    units = np.array([p.candidate.units / p.candidate.points[p.bucket].rate_per_s for p in wide.serving.points])
    by_point = np.array([price[p.candidate.system, p.candidate.site] for p in wide.serving.points])
    known: Floats = np.where(np.isinf(by_point), 0.0, by_point).reshape(-1, periods)
    estimate: Floats = known * units[:, None]
    return estimate


def _entering(wide: Wide, found: DualBound, master: Master) -> Numbers:
    """The columns of each group that pay best, with what comes with them; and structural ones that pay."""
    serving = wide.serving
    reduced = np.where(serving.exists, found.reduced, np.inf)
    chosen = np.zeros(serving.shape, dtype=bool)
    for members in _members(wide):
        cost = reduced[members]
        best = np.argsort(cost, axis=0, kind="stable")[:ENTER]
        mine = np.zeros(cost.shape, dtype=bool)
        np.put_along_axis(mine, best, np.take_along_axis(cost, best, axis=0) < -PAYS, axis=0)
        chosen[members] = mine
    entering = with_lazy(wide, np.flatnonzero(chosen)) if chosen.any() else np.zeros(0, dtype=np.int64)
    structural = np.flatnonzero(found.reduced_structural < -PAYS)
    entering = np.concatenate([structural, entering])
    return np.unique(entering[~master.here[entering]])
