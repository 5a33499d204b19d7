"""What a sample says: how far costs and units spread, and which values drive the cost."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fleetopt.suite.runs import PLANNED, ScenarioResult
from fleetopt.suite.sweeps import Swept
from fleetopt.suite.tables import NONE, TextTable, units_of

TENTHS = (1, 5, 9)
"""Deciles that are shown."""


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed, on the line between neighbours."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    return ordered[low] + (at - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's: of the ranks, equal values sharing theirs; None where one of the two does not vary."""
    x, y = _ranks(one), _ranks(other)
    mean = (len(x) + 1) / 2
    across = math.fsum((a - mean) * (b - mean) for a, b in zip(x, y, strict=True))
    spread = math.fsum((a - mean) ** 2 for a in x) * math.fsum((b - mean) ** 2 for b in y)
    return across / math.sqrt(spread) if spread > 0 else None


def _ranks(values: Sequence[float]) -> list[float]:
    """Place of each value from 1; equal values have the mean of their places."""
    order = sorted(values)
    return [order.index(value) + (order.count(value) + 1) / 2 for value in values]


def spread_tables(sweep: Swept, results: Mapping[str, ScenarioResult]) -> list[TextTable]:
    """Distributions of cost and units over a sample, and what drives the cost; none where too few have a plan."""
    planned = {name: results[name].plan for name in sweep.values if results[name].plan.get("status") in PLANNED}
    if len(planned) < 3:
        return []
    return [_distribution(sweep, planned), _drivers(sweep, planned)]


def _distribution(sweep: Swept, planned: Mapping[str, Mapping[str, Any]]) -> TextTable:
    heads = ("", *("median" if tenth == 5 else f"p{tenth}0" for tenth in TENTHS), "least", "most", "in how many")
    costs = [plan["objective_usd"] / 1e6 for plan in planned.values()]
    rows = [("cost, M$", *_spread(costs, 2), f"{len(costs)} of {len(sweep.values)}")]
    units = [units_of(plan) for plan in planned.values()]
    for system in sorted({system for its in units for system in its}):
        amounts = [its.get(system, 0.0) for its in units]
        if any(amounts):
            rows.append((f"units of {system}", *_spread(amounts, 1), f"{sum(a > 0 for a in amounts)} of {len(costs)}"))
    said = f"{len(sweep.values)} scenarios drawn; {len(planned)} have a plan, and these are counted."
    return TextTable(f"spread-{sweep.name}", f"Spread of {sweep.name}", said, heads, tuple(rows), heads[1:])


def _spread(values: Sequence[float], decimals: int) -> tuple[str, ...]:
    found = [*(quantile(values, tenth / 10) for tenth in TENTHS), min(values), max(values)]
    return tuple(f"{value:,.{decimals}f}" if value % 1 else f"{value:,.0f}" for value in found)


def _drivers(sweep: Swept, planned: Mapping[str, Mapping[str, Any]]) -> TextTable:
    costs = [plan["objective_usd"] for plan in planned.values()]
    found: list[tuple[str, float | None]] = []
    for path in sweep.paths:
        values = [sweep.values[name][path] for name in planned]
        numbers = all(isinstance(value, int | float) for value in values)
        found.append((path, rank_correlation([float(value) for value in values], costs) if numbers else None))
    found.sort(key=lambda entry: (-abs(entry[1] or 0.0), entry[0]))
    rows = tuple((path, NONE if rho is None else f"{rho:+.2f}") for path, rho in found)
    chance = 2 / math.sqrt(len(planned))
    doubt = f"below {chance:.2f} it may be chance" if chance < 1 else f"of {len(planned)} scenarios any may be chance"
    said = (
        "Rank correlation of each value with the cost: +1 where more of it always costs more, -1 where it always "
        f"costs less; {doubt}."
    )
    heads = ("value", "with the cost")
    return TextTable(f"drivers-{sweep.name}", f"What drives the cost of {sweep.name}", said, heads, rows, heads[1:])
