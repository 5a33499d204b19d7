"""The most units of a system a site could ever hold, so that no team is tried that supply or power forbids anyway."""

from dataclasses import dataclass

from fleetopt.candidates.offer import Offer
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.supply import SupplyLimit
from fleetopt.instance.systems import System
from fleetopt.orbit.launch import lifted_kg, tonnage_kg


@dataclass(frozen=True, slots=True)
class Attainable:
    """A bound on units in service, and the equation that sets it (B1, P1, P3, S1)."""

    units: float
    rule: str
    detail: str


def attainable(instance: Instance, system: System, offer: Offer, period: int) -> Attainable:
    """Most units of a system that could be in service at a site in a period, other purchases apart.

    Bought units: the fleet that is there, and every delivery so far that supply limits, power, cooling and space allow.
    Rented units stand in the provider's building and need neither.
    """
    tightest = attainable_owned(instance, system, offer, period)
    rented = 0.0
    if any(t <= period for t in offer.rent_periods):
        most = [offered.max_units for offered in system.rentals.values()]
        rented = sum(float("inf") if units is None else float(units) for units in most)
    return Attainable(tightest.units + rented, tightest.rule, tightest.detail)


def attainable_owned(instance: Instance, system: System, offer: Offer, period: int) -> Attainable:
    """Most owned units of a system that could be in service at a site in a period."""
    site = instance.site(offer.site)
    limits = [
        _supply(instance, system, site, offer, period),
        _power(system, site),
        _cooling(system, site),
        _space(system, site),
    ]
    return min(limits, key=lambda limit: limit.units)


def _supply(instance: Instance, system: System, site: Site, offer: Offer, period: int) -> Attainable:
    """Units owned in the period, and deliveries up to it under the tightest supply limit and licence."""
    time = instance.time
    owned = float(
        sum(
            held.units
            for held in instance.fleet
            if held.enabled
            and (held.system, held.site) == (system.id, site.id)
            and time.period_index(held.in_service) <= period <= time.period_index(held.end_of_life)
        )
    )
    deliveries = [t for t in offer.buy_periods if t <= period]
    bought = float("inf") if deliveries else 0.0
    for limit in instance.supply.limits:
        if _counts(limit, system, site):
            bought = min(bought, sum(_limit_in(limit, t) for t in deliveries))
    licences = {offer.licence.get(t, "") for t in deliveries}
    if "" not in licences:
        caps = {licence.id: licence.max_units for licence in instance.trade.licences}
        held_caps = [caps[i] for i in licences]
        bought = min(bought, sum(float("inf") if cap is None else cap for cap in held_caps))
    detail = f"{owned:g} owned and {bought:g} delivered by {time.period_id(period)} at most"
    return Attainable(owned + bought, "B1", detail)


def most_delivered(instance: Instance, system: System, offer: Offer, period: int) -> float:
    """Most units that one period can deliver to a site, other purchases apart: what power, space, launches, supply
    limits and the licence used there let in. A real cap for rows that need one (B3, B4)."""
    site = instance.site(offer.site)
    caps = [_power(system, site).units, _space(system, site).units]
    if site.orbit is not None and offer.mass_kg > 0:
        caps.append(tonnage_kg(site.orbit, instance.time, period) / lifted_kg(site.orbit, offer.mass_kg))
    caps += [_limit_in(limit, period) for limit in instance.supply.limits if _counts(limit, system, site)]
    used = offer.licence.get(period, "")
    caps += [x.max_units for x in instance.trade.licences if x.id == used and x.max_units is not None]
    return min(caps)


def _counts(limit: SupplyLimit, system: System, site: Site) -> bool:
    named = system.id in limit.systems if limit.systems else limit.vendor in (None, system.vendor)
    return limit.enabled and named and (not limit.jurisdictions or site.jurisdiction in limit.jurisdictions)


def _limit_in(limit: SupplyLimit, period: int) -> float:
    """The limit in a period; the last value goes on."""
    return float(limit.units_per_period[min(period, len(limit.units_per_period) - 1)] * limit.scale)


def _power(system: System, site: Site) -> Attainable:
    """Units that all the power a site can ever have would carry at rated load."""
    power = site.power
    if site.kind == "orbit" or system.power_kw <= 0:
        return Attainable(float("inf"), "P1", "")
    sources = [s for s in power.sources if s.enabled]
    new_kw = sum(s.max_new_kw * s.scale * s.firm_share for s in sources)
    new_kw = new_kw if site.max_new_kw is None else min(new_kw, site.max_new_kw)
    firm_kw = power.scale * (sum(s.existing_kw * s.scale * s.firm_share for s in sources) + new_kw)
    firm_kw += power.lease.max_kw * power.lease.scale if power.lease is not None else 0.0
    units = firm_kw / (system.power_kw * power.diversity * power.pue_peak)
    return Attainable(float(units), "P1", f"{firm_kw:g} kW of firm power carry {units:.0f} units at most")


def _cooling(system: System, site: Site) -> Attainable:
    """Units whose heat the cooling plant carries."""
    if site.cooling is None or system.power_kw <= 0:
        return Attainable(float("inf"), "P3", "")
    cooled_kw = site.cooling.max_kw * site.cooling.scale
    units = cooled_kw / (system.power_kw * site.power.diversity)
    return Attainable(float(units), "P3", f"{cooled_kw:g} kW of cooling carry {units:.0f} units at most")


def _space(system: System, site: Site) -> Attainable:
    if site.space is None or system.slots <= 0:
        return Attainable(float("inf"), "S1", "")
    slots = site.space.slots * site.space.scale
    return Attainable(float(slots / system.slots), "S1", f"{slots:g} rack positions")
