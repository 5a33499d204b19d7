"""Orders and deliveries: when a system can come, how large an order must be, and how large it can be."""

from math import ceil, floor

from fleetopt.candidates.attainable import most_delivered
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import System
from fleetopt.model.sets import Sets

_ROUNDING = 1e-6


def buy_periods(sets: Sets, system: str, site: str) -> list[int]:
    """Periods in which units of a system can be delivered to a site that can be open by then."""
    live = set(sets.live[system, site])
    return [t for t in sets.offers[system, site].buy_periods if t in live]


def order_periods(sets: Sets, system: str) -> list[int]:
    """Periods in which units of a system can be delivered to any site."""
    return sorted({t for c, s in sets.live if c == system for t in buy_periods(sets, c, s)})


def order_sites(sets: Sets, system: str, t: int) -> list[str]:
    """Sites that units of a system can be delivered to in a period."""
    return [s for c, s in sets.live if c == system and t in buy_periods(sets, c, s)]


def least_order(system: System) -> int:
    """Least units of an order that its lot does not already see to, in whole lots; 0 where there is none (B3)."""
    lot, least = system.lot or 1, system.min_order or 1
    return ceil(least / lot) * lot if least > lot else 0


def most_units(instance: Instance, sets: Sets, system: str, t: int) -> int:
    """Most units of a system that a period can deliver over all sites: in whole lots, a real cap and no big M."""
    bought = sets.systems[system]
    caps = {s: most_delivered(instance, bought, sets.offers[system, s], t) for s in order_sites(sets, system, t)}
    most = sum(caps.values())
    for limit in instance.supply.limits:
        if limit.enabled and (system in limit.systems if limit.systems else limit.vendor in (None, bought.vendor)):
            here = [s for s in caps if not limit.jurisdictions or sets.sites[s].jurisdiction in limit.jurisdictions]
            allowed = limit.units_per_period[min(t, len(limit.units_per_period) - 1)] * limit.scale
            most = min(most, allowed + sum(cap for s, cap in caps.items() if s not in here) if here else most)
    lot = bought.lot or 1
    return floor(most / lot + _ROUNDING) * lot
