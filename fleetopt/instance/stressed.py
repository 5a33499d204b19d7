"""The stress section worked into the other figures: what is solved, checked and written is a plain instance."""

from collections.abc import Iterator
from typing import Any

from fleetopt.instance.finance import Decision
from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.stress import Stress
from fleetopt.instance.supply import Holding, SupplyLimit
from fleetopt.instance.systems import System
from fleetopt.instance.time import Time

OF_DRAM = ("dram", "cxl", "rack")
"""Kinds of memory tiers made of DRAM."""


def stressed(instance: Instance) -> tuple[Instance, tuple[str, ...]]:
    """The instance under its own stress, which then says nothing more, and a line for each stress that is there."""
    stress, time = instance.stress, instance.time
    if stress == Stress():
        return instance, ()
    late = stress.deliveries_late_months
    changes: dict[str, Any] = {
        "workloads": tuple(
            w if w.kind == "training" else _with(w, demand=_with(w.demand, scale=w.demand.scale * stress.demand_scale))
            for w in instance.workloads
        ),
        "systems": tuple(_system(s, stress, time) for s in instance.systems),
        "memory": tuple(_tier(m, stress) for m in instance.memory),
        "sites": tuple(_site(s, stress.power_late_months.get(s.id, 0.0), time) for s in instance.sites),
        "fleet": tuple(_holding(h, late, time) for h in instance.fleet),
        "supply": _with(
            instance.supply, limits=tuple(_limit(x, time.periods_of_months(late)) for x in instance.supply.limits)
        ),
        "policy": _with(instance.policy, purchases=tuple(_decisions(instance.policy.purchases, stress, time))),
        "stress": Stress(),
    }
    return instance.model_copy(update=changes), tuple(_said(stress))


def _with(section: Any, **changes: Any) -> Any:
    return section.model_copy(update=changes)


def _system(system: System, stress: Stress, time: Time) -> System:
    changes: dict[str, Any] = {"failures_per_year": min(1.0, system.failures_per_year * stress.failures_scale)}
    late = stress.deliveries_late_months
    if late and system.buyable:
        changes["lead_months"] = system.lead_months + late
    if late and system.available_from is not None:
        changes["available_from"] = _later(system.available_from, late, time)
    if system.vendor in stress.vendors_out or (system.chip is not None and system.chip.vendor in stress.vendors_out):
        changes |= {"buyable": False, "rent": None, "rental_classes": ()}
    changed: System = _with(system, **changes)
    return changed


def _tier(tier: MemoryTier, stress: Stress) -> MemoryTier:
    changes: dict[str, Any] = {}
    if stress.deliveries_late_months and tier.price.usd_per_gb is not None:
        changes["lead_months"] = tier.lead_months + stress.deliveries_late_months
    if tier.kind in OF_DRAM:
        changes["price"] = _with(tier.price, scale=tier.price.scale * stress.dram_price_scale)
    changed: MemoryTier = _with(tier, **changes)
    return changed


def _site(site: Site, late: float, time: Time) -> Site:
    if not late:
        return site
    lease, opening = site.power.lease, site.opening
    if opening is not None:
        earliest = opening.earliest and _later(opening.earliest, late, time)
        opening = _with(opening, lead_months=opening.lead_months + late, earliest=earliest)
    power = _with(
        site.power,
        sources=tuple(_with(e, lead_months=e.lead_months + late) for e in site.power.sources),
        lease=lease and _with(lease, lead_months=lease.lead_months + late),
    )
    changed: Site = _with(site, power=power, opening=opening)
    return changed


def _holding(held: Holding, late: float, time: Time) -> Holding:
    """An order already placed arrives later and leaves when it would have; one that would leave first never comes."""
    if not late or time.period_index(held.in_service) < 0:
        return held
    arrives = _later(held.in_service, late, time)
    if time.period_index(arrives) > time.period_index(held.end_of_life):
        never: Holding = _with(held, enabled=False)
        return never
    later: Holding = _with(held, in_service=arrives)
    return later


def _limit(limit: SupplyLimit, late: int) -> SupplyLimit:
    """What would have been supplied in a period is supplied later."""
    if not late:
        return limit
    changed: SupplyLimit = _with(limit, units_per_period=(*(0.0 for _ in range(late)), *limit.units_per_period))
    return changed


def _decisions(decided: tuple[Decision, ...], stress: Stress, time: Time) -> Iterator[Decision]:
    """What was decided is ordered when it was to be, and arrives later; what comes after the horizon is left out."""
    for one in decided:
        bought = one.tier is not None or (one.system is not None and one.acquisition == "buy")
        built = one.source is not None or (one.system is None and one.tier is None)
        late = stress.power_late_months.get(one.site, 0.0) if built else 0.0
        late = stress.deliveries_late_months if bought else late
        period = _later(one.period, late, time) if late else one.period
        if time.period_index(period) < time.periods:
            yield _with(one, period=period)


def _later(period: str, months: float, time: Time) -> str:
    return time.period_id(time.period_index(period) + time.periods_of_months(months))


def _said(stress: Stress) -> Iterator[str]:
    """What each stress does, for the log."""
    if stress.demand_scale != 1:
        yield f"stress: demand of every workload but training x {stress.demand_scale:g}"
    if stress.deliveries_late_months:
        yield f"stress: deliveries, and orders already placed, {stress.deliveries_late_months:g} months later"
    for site, months in stress.power_late_months.items():
        yield f"stress: new power at {site} {months:g} months later"
    if stress.failures_scale != 1:
        yield f"stress: failures of every system x {stress.failures_scale:g}"
    if stress.dram_price_scale != 1:
        yield f"stress: price of DRAM bought apart x {stress.dram_price_scale:g}"
    if stress.vendors_out:
        yield f"stress: nothing to be had from {', '.join(stress.vendors_out)}"
