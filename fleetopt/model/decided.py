"""What the planner has decided already, as columns, and when each column is ordered (G2)."""

from typing import Any

from fleetopt.instance.finance import Decision
from fleetopt.instance.schema import Instance
from fleetopt.model.context import Context

ORDERED = ("buy", "rent", "contract", "mem", "build", "open")
"""Families of columns that are orders; each index ends with the period of delivery."""


def column_of(instance: Instance, decision: Decision) -> tuple[str, tuple[Any, ...]]:
    """Family and index of the column that a decision fixes."""
    t = instance.time.period_index(decision.period)
    if decision.system is not None and decision.rental is not None:
        return "contract", (decision.system, decision.site, decision.rental, t)
    if decision.system is not None:
        return decision.acquisition, (decision.system, decision.site, t)
    if decision.tier is not None:
        return "mem", (decision.tier, decision.site, t)
    if decision.source is not None:
        return "build", (decision.source, decision.site, t)
    return "open", (decision.site, t)


def named(instance: Instance, family: str, key: tuple[Any, ...]) -> tuple[str, str, str, str]:
    """Kind, item, site and period of a column of an order; a rental class stands behind its system, `gpu8.spot`."""
    period = instance.time.period_id(key[-1])
    if family == "open":
        return family, key[0], key[0], period
    if family == "contract":
        return "rent", f"{key[0]}.{key[2]}", key[1], period
    return family, key[0], key[1], period


def ordered_in(m: Context, family: str, key: tuple[Any, ...]) -> int:
    """Period index in which a column's delivery is ordered: its own period less the lead time."""
    t = int(key[-1])
    if family == "buy":
        return t - m.sets.offers[key[:2]].lead_periods
    if family == "mem":
        months = m.instance.tier(key[0]).lead_months
    elif family == "build":
        months = next(e for e in m.sets.sites[key[1]].power.sources if e.id == key[0]).lead_months
    else:
        opening = m.sets.sites[key[0]].opening if family == "open" else None
        months = opening.lead_months if opening is not None else 0.0
    return t - m.instance.time.periods_of_months(months)
