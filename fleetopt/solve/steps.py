"""One more of something, as a change of the model: which sides move, and which coefficients with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from fleetopt.model.build import Model
from fleetopt.model.context import Context
from fleetopt.model.equation import Index
from fleetopt.model.equations.demand import recent_arrivals
from fleetopt.model.equations.prefix import most_read
from fleetopt.solve.matrix import Floats, Matrix
from fleetopt.solve.phrases import Phrase, extras, parts, phrase


@dataclass(frozen=True)
class Step:
    """A step of one."""

    sides: Mapping[int, float]
    """By row, how much its side moves."""
    terms: Mapping[tuple[int, int], float] = field(default_factory=dict)
    """By row and column, how much the coefficient grows."""

    def with_held(self, values: Floats, size: float) -> dict[int, float]:
        """Moves of sides alone, where the columns of `terms` are held at `values`."""
        moves: dict[int, float] = defaultdict(float)
        for row, amount in self.sides.items():
            moves[row] += size * amount
        for (row, column), amount in self.terms.items():
            moves[row] -= size * amount * float(values[column])
        return {row: amount for row, amount in moves.items() if amount}

    def applied(self, matrix: Matrix, size: float = 1.0) -> Matrix:
        """The problem with `size` more."""
        low, high, rows = matrix.row_lower.copy(), matrix.row_upper.copy(), matrix.rows.copy()
        for row, amount in self.sides.items():
            low[row] += size * amount
            high[row] += size * amount
        for (row, column), amount in self.terms.items():
            at = rows.indptr[row] + np.flatnonzero(rows.indices[rows.indptr[row] : rows.indptr[row + 1]] == column)
            rows.data[at] += size * amount
        return replace(matrix, row_lower=low, row_upper=high, rows=rows)


@dataclass(frozen=True)
class Resource:
    """Something a planner could have one more of."""

    equation: str
    index: Index
    """Of the rows behind it, without the parts told together."""
    words: str
    """`one more MW of firm power at virginia in 2027q1`."""
    phrase: Phrase
    step: Step
    looser: bool
    """Whether one more can only help."""
    lasting: bool = False
    """Whether it is one more in every period from that of the index on."""

    @property
    def headline(self) -> bool:
        """Whether it is worth a new plan."""
        return self.phrase.headline and self.lasting == bool(self.phrase.lasting)


def resources(model: Model, matrix: Matrix) -> list[Resource]:
    """Everything with a price in words, in the order of the rows; then what lasts, from each period on."""
    groups: dict[tuple[str, Index], list[int]] = defaultdict(list)
    for row, name in enumerate(matrix.row_names):
        id_, index = model.rows[name]
        said = phrase(id_)
        if said is not None and id_ != "D1":
            groups[id_, _told(id_, index, said)].append(row)
    found = [_limit(model, matrix, id_, index, rows) for (id_, index), rows in groups.items()]
    single = [*_demands(model, matrix), *found]
    return [*single, *_lasting(model, matrix, single)]


def _lasting(model: Model, matrix: Matrix, single: list[Resource]) -> Iterator[Resource]:
    """What stays once it is there, from each period on: the steps of these periods together."""
    order, energy = model.context.sets.periods, _energy_rows(model, matrix)
    groups: dict[tuple[str, Index], dict[str, Resource]] = defaultdict(dict)
    for r in single:
        if r.phrase.lasting:
            named = dict(zip(r.phrase.told(r.equation), r.index, strict=True))
            period = named.pop("period")
            groups[r.equation, tuple(named.values())][period] = r
    for by_period in groups.values():
        periods = sorted(by_period, key=order.index)
        for first, period in enumerate(periods):
            sides, terms = dict[int, float](), dict[tuple[int, int], float]()
            for r in (by_period[later] for later in periods[first:]):
                sides |= r.step.sides
                terms |= r.step.terms
                if r.equation == "P1":
                    sides |= dict.fromkeys(energy[r.index], 1.0)
            r = by_period[period]
            words = r.phrase.lasting.format(**dict(zip(r.phrase.told(r.equation), r.index, strict=True)))
            yield replace(r, words=words, step=Step(sides, terms), lasting=True)


def _energy_rows(model: Model, matrix: Matrix) -> Mapping[Index, list[int]]:
    """By site and period, the rows of the energy of the site's largest source: firm power alone runs nothing."""
    largest: dict[str, str] = {}
    for s in model.context.sets.sites.values():
        sources = [e for e in s.power.sources if e.enabled and e.existing_kw > 0]
        if sources:
            largest[s.id] = max(sources, key=lambda e: e.existing_kw * e.scale).id
    rows: dict[Index, list[int]] = defaultdict(list)
    for number, name in enumerate(matrix.row_names):
        id_, index = model.rows[name]
        if id_ == "P2.source" and largest.get(index[1]) == index[0]:
            rows[index[1], index[2]].append(number)
    return rows


def _told(id_: str, index: Index, said: Phrase) -> Index:
    named = parts(id_, index)
    return tuple(named[name] for name in said.told(id_))


def _limit(model: Model, matrix: Matrix, id_: str, index: Index, rows: list[int]) -> Resource:
    said = phrase(id_)
    assert said is not None, "only equations with words are grouped"
    named = parts(id_, model.rows[matrix.row_names[rows[0]]][1])
    at_most = bool(np.isneginf(matrix.row_lower[rows[0]]))
    at_least = bool(np.isposinf(matrix.row_upper[rows[0]]))
    amount = -said.amount if said.loosen and at_least else said.amount
    words = said.more.format(**named, **extras(model.context.instance, id_, named))
    return Resource(id_, index, words, said, Step(dict.fromkeys(rows, amount)), at_most or (said.loosen and at_least))


def _demands(model: Model, matrix: Matrix) -> Iterator[Resource]:
    """Demand stands in several equations: its resource is a request/s more of a workload, region and period."""
    m, said = model.context, phrase("D1")
    assert said is not None, "demand has words"
    row = {model.rows[name]: number for number, name in enumerate(matrix.row_names)}
    cycle = sum(m.sets.hours(h) for h in m.sets.slices)
    for w, u, t in dict.fromkeys(key[:3] for key in m.sets.arrivals):
        mean = sum(m.sets.hours(h) * m.sets.arrivals[w, u, t, h] for h in m.sets.slices) / cycle
        if mean > 0:
            period = m.sets.periods[t]
            words = said.more.format(workload=w, region=u, period=period)
            yield Resource("D1", (w, u, period), words, said, _more_demand(model, matrix, row, w, u, t, mean), False)


def _more_demand(
    model: Model, matrix: Matrix, row: Mapping[tuple[str, Index], int], w: str, u: str, t: int, mean: float
) -> Step:
    """One request/s more on average, spread over the slices as the demand is."""
    m, period = model.context, model.context.sets.periods[t]
    shape = {h: m.sets.arrivals[w, u, t, h] / mean for h in m.sets.slices}
    arrivals = dict(m.sets.arrivals) | {(w, u, t, h): shape[h] for h in m.sets.slices}
    alone = replace(m, sets=replace(m.sets, arrivals=arrivals))
    sides: dict[int, float] = {}
    for h in m.sets.slices:
        waits = (w, u, t, h) in m.var.done
        for b in m.sets.serving[w].buckets:
            if not waits and ("D1", (w, b.id, u, period, h)) in row:
                sides[row["D1", (w, b.id, u, period, h)]] = b.share * shape[h]
        if waits:
            sides[row["D2", (w, u, period, h)]] = m.sets.hours(h) * shape[h]
            sides[row["D2.window", (w, u, period, h)]] = recent_arrivals(alone, w, u, t, h)
    grown = {(w, u, t, h): m.sets.arrivals[w, u, t, h] + shape[h] for h in m.sets.slices}
    more = replace(m, sets=replace(m.sets, arrivals=dict(m.sets.arrivals) | grown))
    terms = {
        (row[id_, index], matrix.index[column.name]): -growth
        for id_, index, column, growth in _demand_bounds(m, more, w, u, t)
        if growth and (id_, index) in row
    }
    return Step(sides, terms)


def _demand_bounds(m: Context, more: Context, w: str, u: str, t: int) -> Iterator[tuple[str, Index, Any, float]]:
    """Equation, index, column and growth of every bound that is as large as demand can make it."""
    period = m.sets.periods[t]
    total = sum(m.sets.hours(h) * (more.sets.arrivals[w, u, t, h] - m.sets.arrivals[w, u, t, h]) for h in m.sets.slices)
    for s in m.sets.routes.get((w, u), ()):
        if (s, t) in m.var.open:
            yield "S2.flow", (w, s, period), m.var.open[s, t], total
    for s in m.sets.sites:
        if (w, s, t) in m.var.counts:
            least = m.sets.serving[w].min_site_share * total
            yield "R1.counts", (w, s, period), m.var.counts[w, s, t], least
    yield from _split_bounds(m, more, w, t)
    for of, tier, s, at, h in m.var.sharedread:
        if (of, at) == (w, t):
            growth = most_read(more, w, s, t, h) - most_read(m, w, s, t, h)
            yield "M4.tier", (w, tier, s, period, h), m.var.shared[w, tier, s, t], growth
    for (rule, c, s, at), steps in m.spares.items():
        loads = [load for load, _ in more.spares.get((rule, c, s, at), ())]
        if at != t or len(loads) != len(steps):
            continue
        growth_of = [after - before for after, (before, _) in zip(loads, steps, strict=True)]
        for n, (_, spares) in enumerate(steps):
            growth = growth_of[n] - (growth_of[n - 1] if n else 0.0)
            for h in m.sets.slices if spares > 0 else ():
                yield "R1.load", (rule, c, s, period, h), m.var.spare[rule, c, s, t, n], growth


def _split_bounds(m: Context, more: Context, w: str, t: int) -> Iterator[tuple[str, Index, Any, float]]:
    """The same of demand in parts, and of what one system is to serve."""
    workload, period = m.sets.serving[w], m.sets.periods[t]
    growth = {h: more.sets.arriving(w, t, h) - m.sets.arriving(w, t, h) for h in m.sets.slices}
    share = {b.id: b.share for b in workload.buckets}
    for key, part in m.var.part.items():
        of, b, c, s, at, h = key
        if (of, at) == (w, t):
            yield "D1.parts", (w, b, c, s, period, h), part, share[b] * growth[h] / (m.instance.parts(workload) or 1)
    for (of, c, at), choose in m.var.choose.items():
        if (of, at) == (w, t):
            for b, stage, h in ((b, stage, h) for b in share for stage in ("entry", "decode") for h in growth):
                yield "D1.one", (w, b, c, stage, period, h), choose, share[b] * growth[h]
