"""Brute force: every combination of whole numbers, each with the rest of the plan as a linear programme of its own.

No branching and no solver of whole numbers: combinations are listed, those that break a row of whole numbers alone are
struck out, and the others are priced by scipy's `linprog`, the cheapest first. The dual values of a programme bound the
cost of every other combination from below, or show it to be infeasible (weak duality, checked here in plain
arithmetic), so that most need no programme of their own; `cuts=False` does without.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from programme import SMALL, Name, Programme
from scipy.optimize import linprog

MOST_COMBINATIONS = 300_000
CENT_USD = 0.01
"""A combination that could save less than this is not worth a programme."""


class TooManyError(Exception):
    """More combinations than are worth trying."""


@dataclass(frozen=True)
class Answer:
    """The least cost by trying everything, and the whole numbers that reach it; None where nothing is feasible."""

    cost_usd: float | None
    whole: dict[str, int]
    combinations: int
    programmes: int
    """Linear programmes solved."""


def brute_force(p: Programme, cuts: bool = True) -> Answer:
    """Try every combination; raises TooManyError where there are too many."""
    names = list(p.whole)
    count = int(np.prod([high - low + 1 for low, high in p.whole.values()], dtype=float))
    if count > MOST_COMBINATIONS:
        raise TooManyError(f"{count:,} combinations")
    ranges = [np.arange(low, high + 1, dtype=np.int16) for low, high in p.whole.values()]
    points = np.stack([axis.ravel() for axis in np.meshgrid(*ranges, indexing="ij")], axis=1).astype(float)
    points = points[_kept(p, names, points)]
    rest = _Rest(p, names)
    whole_usd = points @ np.array([p.cost[name] for name in names])
    least = whole_usd + rest.least() if len(points) else whole_usd
    best, at, solved = np.inf, None, 0
    while len(least) and (n := int(np.argmin(least))) >= 0 and least[n] < best - CENT_USD:
        value, duals = rest.solve(points[n])
        solved += 1
        if value is not None and whole_usd[n] + value < best:
            best, at = whole_usd[n] + value, points[n]
        if cuts and duals is not None:
            bound = rest.bound(duals, points)
            least = np.maximum(
                least, whole_usd + bound if value is not None else np.where(bound > SMALL, np.inf, -np.inf)
            )
        least[n] = np.inf
    if at is None:
        return Answer(None, {}, count, solved)
    whole = {" ".join(map(str, name)): int(x) for name, x in zip(names, at, strict=True) if x and len(name) > 1}
    return Answer(float(best + p.constant), whole, count, solved)


def _kept(p: Programme, names: list[Name], points: Any) -> Any:
    """Which combinations keep the rows that have whole numbers only."""
    position = {name: n for n, name in enumerate(names)}
    kept = np.ones(len(points), dtype=bool)
    for terms, sense, side in p.rows:
        if all(name in position for name in terms):
            left = sum((value * points[:, position[name]] for name, value in terms.items()), np.zeros(len(points)))
            slack = SMALL * max(1.0, abs(side))
            kept &= (left <= side + slack) if sense == "<=" else (abs(left - side) <= slack)
    return kept


class _Rest:
    """The linear programme of everything that is not a whole number: free @ y (<= or ==) side - whole @ x."""

    def __init__(self, p: Programme, names: list[Name]) -> None:
        columns = list(p.free)
        self.cost = np.array([p.cost[name] for name in columns])
        self.most = np.array(list(p.free.values()))
        self.ranges = np.array(list(p.whole.values()), dtype=float).reshape(-1, 2)
        position = {name: n for n, name in enumerate([*columns, *names])}
        rows = [row for row in p.rows if any(name in p.free for name in row[0])]
        matrix = np.zeros((len(rows), len(position)))
        for r, (terms, _, _) in enumerate(rows):
            for name, value in terms.items():
                matrix[r, position[name]] += value
        scale = np.maximum(np.abs(matrix).max(axis=1, initial=0.0), 1e-12)
        self.free, self.whole = np.split(matrix / scale[:, None], [len(columns)], axis=1)
        self.side = np.array([side for _, _, side in rows]) / scale
        self.equal = np.array([sense == "==" for _, sense, _ in rows], dtype=bool)

    def least(self) -> float:
        """What the rest costs at least, whatever the whole numbers, fractions included."""
        bounds = np.vstack([np.column_stack([np.zeros(len(self.most)), self.most]), self.ranges])
        cost = np.append(self.cost, np.zeros(len(self.ranges)))
        solved = self._linprog(cost, np.hstack([self.free, self.whole]), self.side, bounds)
        return np.inf if solved is None else float(solved.fun)

    def solve(self, point: Any) -> tuple[float | None, Any]:
        """Least cost beside these whole numbers, with dual values; None and those of the shortfall where infeasible."""
        side, bounds = self.side - self.whole @ point, np.column_stack([np.zeros(len(self.most)), self.most])
        solved = self._linprog(self.cost, self.free, side, bounds)
        if solved is not None:
            return float(solved.fun), (self.cost, self._duals(solved))
        n, unit = len(self.side), np.eye(len(self.side))
        gap = np.hstack([self.free, -unit, unit[:, self.equal]])
        cost = np.append(np.zeros(len(self.most)), np.ones(n + int(self.equal.sum())))
        roomy = np.vstack([bounds, np.tile([0.0, np.inf], (len(cost) - len(self.most), 1))])
        short = self._linprog(cost, gap, side, roomy)
        return None, None if short is None else (np.zeros(len(self.most)), self._duals(short))

    def bound(self, duals: Any, points: Any) -> Any:
        """By combination, what the rest costs at least: dual values price the sides and the room of bounded columns."""
        cost, prices = duals
        reduced = cost - self.free.T @ prices
        unbounded = self.most == np.inf
        assert (prices[~self.equal] <= 1e-9).all(), "a dual value of the wrong sign"
        assert (reduced[unbounded] >= -1e-6 * max(1.0, np.abs(cost).max(initial=0.0))).all(), "no dual solution"
        room = float(np.minimum(reduced[~unbounded], 0.0) @ self.most[~unbounded])
        return prices @ self.side + room - points @ (self.whole.T @ prices)

    def _duals(self, solved: Any) -> Any:
        prices = np.zeros(len(self.side))
        prices[~self.equal], prices[self.equal] = solved.ineqlin.marginals, solved.eqlin.marginals
        return prices

    def _linprog(self, cost: Any, matrix: Any, side: Any, bounds: Any) -> Any:
        ub, eq = ~self.equal, self.equal
        solved = linprog(cost, matrix[ub], side[ub], matrix[eq], side[eq], bounds, method="highs")
        if solved.status not in (0, 2):
            raise ArithmeticError(f"linprog: {solved.message}")
        return solved if solved.status == 0 else None
