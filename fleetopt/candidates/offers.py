"""Offers: every system at every site it could stand at, with the periods in which it can be had, or why never."""

from dataclasses import dataclass

from fleetopt.candidates.candidate import Rejection
from fleetopt.candidates.offer import Offer
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.orbit.launch import launch_lead_months
from fleetopt.orbit.satellite import SizingFailure, size
from fleetopt.policy.duties import duty_rate
from fleetopt.policy.export import Verdict, licence_for, verdict_at
from fleetopt.prediction.types import Refusal


@dataclass(frozen=True, slots=True)
class OfferSet:
    """All offers in the order of the instance (systems, then sites), and the pairs that can never be had."""

    offers: tuple[Offer, ...]
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Whether a system may enter a site's country in a period, and at what price."""

    allowed: bool
    licence: str
    duty: float
    verdict: Verdict


def offers(instance: Instance) -> OfferSet:
    """Every enabled system at every enabled site of its kind (satellites in orbit, all else on the ground).

    A site not open yet does not delay an offer here; S2 does. Systems already owned stay usable whatever the rules say.
    """
    found: list[Offer] = []
    refused: list[Rejection] = []
    for system in instance.systems:
        for site in instance.sites:
            if system.enabled and site.enabled and (system.kind == "satellite") == (site.kind == "orbit"):
                offer, rejection = _offer(instance, system, site)
                found += [offer] if offer is not None else []
                refused += [rejection] if rejection is not None else []
    return OfferSet(tuple(found), tuple(refused))


def _offer(instance: Instance, system: System, site: Site) -> tuple[Offer | None, Rejection | None]:
    """The offer where there is one, and a rejection where nothing new can be had, or nothing bought for its density."""
    mass_kg, refusal = _mass_kg(system, site)
    hot = too_dense(system, site)
    entries = [_entry(instance, system, site, t) for t in range(instance.time.periods)]
    lead = instance.time.periods_of_months(system.lead_months + launch_lead_months(site.orbit))
    listed = _listed_from(instance, system, site)
    sold = refusal is None and hot is None and system.buyable and system.price.buy_usd is not None
    sold = sold and site.provider_country is None
    rented = site.kind == "ground" and any(offer.max_units != 0 for offer in system.rentals.values())
    buy = tuple(t for t, e in enumerate(entries) if sold and t >= max(lead, listed) and e.allowed)
    rent = tuple(t for t, e in enumerate(entries) if rented and t >= listed and e.allowed)
    owned = _owned_periods(instance, system, site)
    used = sorted({*buy, *rent})
    offer = Offer(
        system=system.id,
        site=site.id,
        buy_periods=buy,
        rent_periods=rent,
        owned_periods=owned,
        lead_periods=lead,
        duty_rate={t: entries[t].duty for t in used},
        licence={t: entries[t].licence for t in used if entries[t].licence},
        mass_kg=mass_kg,
    )
    if hot is not None and system.buyable and system.price.buy_usd is not None:
        rejection = Rejection("*", site.id, system.id, "*", hot.rule, hot.detail, hot.shortfall)
        return (offer if used or owned else None), rejection
    if used:
        return offer, None
    rule, detail, shortfall = "B7", "neither sold (no price, or not buyable) nor rented out", 0.0
    if site.provider_country is not None:
        detail = "nothing is bought at a provider's site, and this is not rented out"
    if refusal is not None:
        rule, detail, shortfall = "O1", refusal.detail, refusal.shortfall
    elif sold or rented:
        rule, detail = _why_never(instance, system, site, entries, max(lead, listed) if not rented else listed)
    if owned and rule == "B7":
        return offer, None
    return (offer if owned else None), Rejection("*", site.id, system.id, "*", rule, detail, shortfall)


def too_dense(system: System, site: Site) -> Refusal | None:
    """Why a unit cannot be cooled in the rack positions it takes (P3); None where it can.

    A unit of less than one position may have one to itself, so its whole power counts against one. What is owned stands
    there already, and what is rented is cooled by its provider.
    """
    limit = site.cooling.max_kw_per_slot if site.cooling is not None else None
    if limit is None or system.slots <= 0:
        return None
    density_kw = system.power_kw / max(1.0, system.slots)
    if density_kw <= limit * (1.0 + 1e-9):
        return None
    detail = f"{density_kw:g} kW in a rack position, {limit:g} kW can be cooled"
    return Refusal("P3", detail, density_kw / limit - 1.0 if limit > 0 else float("inf"))


def _mass_kg(system: System, site: Site) -> tuple[float, SizingFailure | None]:
    """Launch mass of one unit, or why it cannot be built (O1)."""
    if system.kind != "satellite":
        return 0.0, None
    if site.orbit is None:
        return 0.0, SizingFailure("orbit site without an orbit section")
    sized = size(system, site.orbit)
    return (0.0, sized) if isinstance(sized, SizingFailure) else (sized.mass_kg, None)


def _entry(instance: Instance, system: System, site: Site, period: int) -> _Entry:
    """X1 and X3 for a delivery in one period; a licence is used only where a rule asks for one."""
    trade, time = instance.trade, instance.time
    said = verdict_at(instance, system, site, period)
    held = licence_for(trade, time, system.id, site.jurisdiction, period) if said.allowed == "licence" else None
    duty = duty_rate(trade, time, system, site.jurisdiction, period, held, said)
    return _Entry(said.allowed == "free" or held is not None, held.id if held else "", duty, said)


def _listed_from(instance: Instance, system: System, site: Site) -> int:
    """First period index in which the vendor delivers at all, and in orbit in which anything is launched."""
    dates = [system.available_from, site.orbit.available_from if site.orbit is not None else None]
    return max([0, *(instance.time.period_index(date) for date in dates if date)])


def _owned_periods(instance: Instance, system: System, site: Site) -> tuple[int, ...]:
    """Periods in which some cohort of the existing fleet, or an order already placed, is in service."""
    time = instance.time
    periods: set[int] = set()
    for held in instance.fleet:
        if held.enabled and held.units > 0 and (held.system, held.site) == (system.id, site.id):
            first, last = time.period_index(held.in_service), time.period_index(held.end_of_life)
            periods.update(range(max(first, 0), min(last, time.periods - 1) + 1))
    return tuple(sorted(periods))


def _why_never(instance: Instance, system: System, site: Site, entries: list[_Entry], earliest: int) -> tuple[str, str]:
    """Rule and reason for a system that is on offer but never arrives."""
    if earliest >= instance.time.periods:
        lead = f"lead time {system.lead_months + launch_lead_months(site.orbit):g} months"
        market = f", on the market from {system.available_from}" if system.available_from else ""
        if site.orbit is not None and site.orbit.available_from:
            market += f", launches from {site.orbit.available_from}"
        return "B2", f"{lead}{market}: earliest service {instance.time.period_id(earliest)} is beyond the horizon"
    said = entries[-1].verdict
    need = "barred" if said.allowed == "barred" else "needs a licence, none is assumed"
    return "X1", f"{said.rule_id}: {need}: {said.because}"
