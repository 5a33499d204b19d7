"""The cheapest set of limits to relax: the same rows with a priced slack each, solved for the least total price.

Definitions, balances and physics get no slack (see `relaxations`). Whole columns stay whole, so that what is found is
enough for a plan. In a large model they do so near the answer with fractions, as in stage B of a search; where that
brings none within a tenth of its price, the amounts of the answer with fractions are told, rounded up.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array, hstack

from fleetopt.model.build import Model
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.model.equation import Index
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.relaxations import RELAXED
from fleetopt.solve.solver import Limits, Outcome, solve_highs

GAP = 0.02
"""How near the cheapest set the search for it stops."""
FEW_WHOLE = 200
"""With no more whole columns than this all of them are searched at once."""
NEAR = 0.1
"""How far above the price with fractions a whole answer near it may be."""
NEAR_S = 60.0
"""Most seconds the search near it may take."""
DIGITS = 4
"""Significant digits of an amount, rounded up."""
USED = 1e-6
"""Below this a column is not used, and a price is nought."""
NOISE = 1e-7
"""Slack below this share of the row's limit is the solver's tolerance."""


@dataclass(frozen=True, slots=True)
class Slack:
    """A slack column: its row, `+1` where it lowers what the row asks, `-1` where it raises what the row allows."""

    row: int
    sign: float
    musd: float
    """Price of one unit of the row."""
    size: float
    """Size of the row's limit."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One limit relaxed in one period: slices, and the buckets of a demand, count as one."""

    equation: str
    index: Index
    amount: float
    """In the unit of `RELAXED`, rounded up."""
    price_usd: float


@dataclass(frozen=True)
class Relief:
    """What to relax, the dearest first, and the problem with just that relaxed."""

    relaxations: tuple[Relaxation, ...]
    matrix: Matrix
    whole: bool
    """Whether whole units were kept whole; if not, a little more may be needed."""


def relax(model: Model, matrix: Matrix, limits: Limits, equations: Collection[str]) -> Relief | None:
    """The cheapest relaxation of rows of these equations that leaves a plan; None where there is none."""
    slacks = _slacks(model, matrix, equations)
    wide = _with_slacks(matrix, slacks)
    continuous = solve_highs(wide.relaxed(np.zeros_like(wide.integer)), replace(limits, gap=0.0), phase="relax")
    if continuous.values is None:
        return None
    if int(wide.integer.sum()) > FEW_WHOLE:
        outcome = _near(wide, continuous, limits)
    else:
        outcome = solve_highs(wide, replace(limits, gap=GAP), phase="relax")
        if outcome.status == "infeasible":
            return None
    whole = outcome.values is not None and outcome.status == "optimal"
    return _relief(model, matrix, outcome if whole else continuous, slacks, whole)


def _near(wide: Matrix, continuous: Outcome, limits: Limits) -> Outcome:
    """A whole answer within a unit of that with fractions, close to its price; what is unused there stays unused."""
    assert continuous.values is not None and continuous.objective is not None
    values, whole = continuous.values, wide.integer & (wide.upper != 1)
    low = np.where(whole, np.floor(values + USED) - 1, -np.inf)
    high = np.where(whole, np.where(values > USED, np.ceil(values - USED) + 1, 0.0), np.inf)
    near = replace(wide, lower=np.maximum(wide.lower, low), upper=np.minimum(wide.upper, high))
    enough = continuous.objective * (1 + NEAR)
    its = replace(limits, gap=GAP, time_limit_s=min(limits.time_limit_s, NEAR_S), objective_target=enough)
    outcome = solve_highs(near, its, phase="relax")
    found = outcome.objective is not None and outcome.objective <= enough + USED
    return replace(outcome, status="optimal" if found else "stopped")


def _slacks(model: Model, matrix: Matrix, equations: Collection[str]) -> list[Slack]:
    found = []
    for row, name in enumerate(matrix.row_names):
        id_, index = model.rows[name]
        if id_ not in equations:
            continue
        rule = RELAXED[id_]
        musd = rule.price(model.context, index) * rule.per_model_unit / USD_PER_MUSD
        sides = ((1.0, matrix.row_lower[row]), (-1.0, matrix.row_upper[row]))
        given_up = rule.whose == "demand"
        for sign, side in sides:
            if np.isfinite(side) and (sign > 0 or not given_up):
                found.append(Slack(row, sign, musd, abs(side) or _own_size(matrix, row)))
    return found


def _own_size(matrix: Matrix, row: int) -> float:
    """For a row with nought on its side: its largest coefficient."""
    first, last = matrix.rows.indptr[row], matrix.rows.indptr[row + 1]
    return float(np.max(np.abs(matrix.rows.data[first:last]), initial=0.0)) or 1.0


def _with_slacks(matrix: Matrix, slacks: Sequence[Slack]) -> Matrix:
    """The problem with slack columns, and their prices in place of its costs."""
    count, width = len(slacks), len(matrix.columns)
    at = (np.array([s.row for s in slacks], dtype=np.int32), np.arange(count, dtype=np.int32))
    columns = coo_array((np.array([s.sign for s in slacks]), at), shape=(len(matrix.row_names), count))
    return Matrix(
        columns=(*matrix.columns, *(f"slack__{number}" for number in range(count))),
        row_names=matrix.row_names,
        cost=np.concatenate([np.zeros(width), np.array([s.musd for s in slacks])]),
        lower=np.concatenate([matrix.lower, np.zeros(count)]),
        upper=np.concatenate([matrix.upper, np.full(count, np.inf)]),
        integer=np.concatenate([matrix.integer, np.zeros(count, dtype=bool)]),
        rows=csr_array(hstack([matrix.rows, columns], format="csr")),
        row_lower=matrix.row_lower,
        row_upper=matrix.row_upper,
    )


def _relief(model: Model, matrix: Matrix, outcome: Outcome, slacks: Sequence[Slack], whole: bool) -> Relief:
    assert outcome.values is not None
    used: dict[tuple[str, Index], list[tuple[Slack, float]]] = defaultdict(list)
    for slack, amount in zip(slacks, outcome.values[len(matrix.columns) :], strict=True):
        if amount > NOISE * slack.size:
            id_, index = model.rows[matrix.row_names[slack.row]]
            used[id_, grouped_index(model, id_, index)].append((slack, float(amount)))
    lower, upper = matrix.row_lower.copy(), matrix.row_upper.copy()
    found = []
    for (id_, index), rows in used.items():
        amount = _amount(model, matrix, id_, rows)
        price = sum(slack.musd * most for slack, most in rows) * USD_PER_MUSD
        found.append(Relaxation(id_, index, amount, float(f"{price:.6g}")))
        _grant(lower, upper, id_, amount, rows)
    order = sorted(found, key=lambda r: (-r.price_usd, r.equation, r.index))
    return Relief(tuple(order), replace(matrix, row_lower=lower, row_upper=upper), whole)


def grouped_index(model: Model, id_: str, index: Index) -> Index:
    """The index without its slice; that of a demand without its bucket as well."""
    if id_ == "D1":
        return (index[0], index[2], index[3])
    return index[:-1] if index[-1] in model.context.sets.slices and len(index) > 1 else index


def _amount(model: Model, matrix: Matrix, id_: str, rows: Sequence[tuple[Slack, float]]) -> float:
    """The most of any slice, in the rule's unit, rounded up; the buckets of a demand add up."""
    by_slice: dict[str, float] = defaultdict(float)
    for number, (slack, amount) in enumerate(rows):
        key = model.rows[matrix.row_names[slack.row]][1][-1] if id_ == "D1" else str(number)
        by_slice[key] += amount
    rule = RELAXED[id_]
    most = max(by_slice.values()) * rule.per_model_unit
    if rule.whole:
        return float(math.ceil(most - 1e-6))
    step = 10.0 ** (math.floor(math.log10(most)) - DIGITS + 1)
    return float(f"{math.ceil(most / step - 1e-3) * step:.{DIGITS}g}")


def _grant(lower: Floats, upper: Floats, id_: str, amount: float, rows: Sequence[tuple[Slack, float]]) -> None:
    """Move the rows' limits: a demand by what each row gives up, other rules by the amount as it is told."""
    rule = RELAXED[id_]
    for slack, own in rows:
        most = own * (1 + 1e-6) if rule.whose == "demand" else max(own * (1 + 1e-6), amount / rule.per_model_unit)
        if slack.sign > 0:
            lower[slack.row] -= most
        else:
            upper[slack.row] += most
