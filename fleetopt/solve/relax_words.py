"""Relaxations in a planner's words: `let Virginia have 3.2 MW more firm power in 2027q3 (P1)`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from fleetopt.instance.schema import Instance
from fleetopt.model.context import Context
from fleetopt.model.equation import EQUATIONS, Index
from fleetopt.solve.relax import Relaxation
from fleetopt.solve.relaxations import RELAXED

_LARGER = {"kW": (1e3, "MW"), "GB": (1e3, "TB"), "kg": (1e3, "t"), "USD": (1e6, "M$")}
"""Larger units for people, from this many of the smaller one on."""
MOST_CLAUSES = 8
"""A longer list is cut, the dearest kept."""
_DEMAND = ("workload", "region", "period")
"""Names of the index of D1 once buckets and slices are told as one."""


def sentence(m: Context, relaxations: Sequence[Relaxation]) -> str:
    """All of them as one sentence without a full stop; periods of one limit are told together."""
    asked = clauses(m, relaxations)
    if len(asked) > MOST_CLAUSES:
        more = len(asked) - MOST_CLAUSES + 1
        asked = [*asked[: MOST_CLAUSES - 1], f"relax {more} more limits (diagnosis.json lists them)"]
    text = ", ".join(asked[:-1]) + (" and " if len(asked) > 1 else "") + asked[-1] if asked else ""
    return text[:1].upper() + text[1:]


def clauses(m: Context, relaxations: Sequence[Relaxation]) -> list[str]:
    """One clause for each limit, with its equation."""
    periods = m.sets.periods
    groups: dict[tuple[str, Index], dict[str, float]] = defaultdict(dict)
    for r in relaxations:
        timed = bool(r.index) and r.index[-1] in periods
        groups[r.equation, r.index[:-1] if timed else r.index][r.index[-1] if timed else ""] = r.amount
    return [_clause(m, id_, index, by_period) for (id_, index), by_period in groups.items()]


def _clause(m: Context, id_: str, index: Index, by_period: dict[str, float]) -> str:
    rule = RELAXED[id_]
    most = max(by_period.values())
    same = all(abs(value - most) <= 1e-9 * most for value in by_period.values())
    amount = ("" if same else "up to ") + shown(most, rule.unit)
    names = _DEMAND if id_ == "D1" else EQUATIONS[id_].index.split(", ")
    words = {name.replace(" ", "_"): _named(m, id_, name, part) for name, part in zip(names, index, strict=False)}
    text = rule.ask.format(amount=amount, when=_when(m, [p for p in by_period if p]), **words)
    return f"{text.strip()} ({id_})"


def shown(amount: float, unit: str) -> str:
    """`3.2 MW`, `40 units`, `12.5 M$`."""
    factor, larger = _LARGER.get(unit, (1.0, unit))
    if amount >= factor and unit != larger:
        amount, unit = amount / factor, larger
    return f"{amount:,.10g} {_singular(unit) if amount == 1 else unit}"


def _singular(unit: str) -> str:
    return unit[:-1] if unit in ("units", "slots", "blocks", "cores", "periods", "runs") else unit


def _when(m: Context, periods: Iterable[str]) -> str:
    """`in 2027q1`, `from 2027q1 to 2027q3`, `in 2027q1 and 2028q1`."""
    order = sorted(periods, key=m.sets.periods.index)
    if not order:
        return ""
    numbers = [m.sets.periods.index(p) for p in order]
    if len(order) > 1 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"from {order[0]} to {order[-1]}"
    return "in " + ", ".join(order[:-1]) + (" and " if len(order) > 1 else "") + order[-1]


def _named(m: Context, id_: str, name: str, part: str) -> str:
    """What an index part is called for people."""
    instance: Instance = m.instance
    if name == "site":
        return m.sets.sites[part].name or part
    if name == "system":
        return m.sets.systems[part].name or part
    if name == "workload":
        return f"'{part}'"
    if name == "limit" and id_.startswith("B1"):
        limit = next((x for x in instance.supply.limits if x.id == part), None)
        counted = ", ".join(limit.systems) or limit.vendor if limit else None
        return f"{counted} (limit '{part}')" if counted else f"'{part}'"
    if name == "team":
        team = next(k for k in m.sets.training if k.id == part)
        return f"'{team.workload}' on {team.system} at {team.site}"
    return f"'{part}'" if name in ("limit", "licence", "source") else part
