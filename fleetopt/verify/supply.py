"""B, O1, X: what is bought or rented could be had, then, there and from whom it is said; what is retired was there."""

from collections import defaultdict

from fleetopt.instance.sites import Site
from fleetopt.instance.supply import Holding
from fleetopt.instance.systems import System
from fleetopt.orbit.satellite import SatelliteSizing, size
from fleetopt.plan import Purchase, Retirement
from fleetopt.policy.duties import duty_rate
from fleetopt.policy.export import licence_for, verdict_at
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness


def check_supply(ledger: Ledger, witness: Witness) -> None:
    """B1, B2, B5.cohort, B7, O1, X1, X3, and the figures of every purchase, contract and retirement."""
    for p in ledger.plan.purchases:
        _check_line(ledger, p, witness)
        _check_offer(ledger, p, witness)
        _check_law(ledger, p, witness)
    for r in ledger.plan.retirements:
        _check_retirement(ledger, r, witness)
    _check_cohorts(ledger, witness)
    _check_limits(ledger, witness)
    _check_rents(ledger, witness)
    _check_licences(ledger, witness)
    _check_sellers(ledger, witness)


def _index(p: Purchase) -> tuple[str, str, str, str]:
    return (p.system, p.site, p.period, p.acquisition)


def _check_line(ledger: Ledger, p: Purchase, witness: Witness) -> None:
    """Vendor, chips, price and dates of one line."""
    system, time, index = ledger.systems[p.system], ledger.instance.time, _index(p)
    t, buying = ledger.index[p.period], p.acquisition == "buy"
    length = ledger.worth.life_periods(system.life_years) if buying else ledger.worth.term_periods(system, p.rental)
    last = min(t + length, time.periods) - 1
    lead = time.periods_of_months(_lead_months(system, ledger.sites[p.site])) if buying else 0
    unit_usd = ledger.worth.unit_usd(system, t) if buying else ledger.worth.rent_usd(system, p.rental)
    paid = 1 if buying else last - t + 1
    witness.same("B2", (*index, "vendor"), p.vendor, system.vendor)
    witness.same("B2", (*index, "order_period"), p.order_period, time.period_id(t - lead))
    witness.same("B2", (*index, "in_service_period"), p.in_service_period, p.period)
    witness.same("B5" if buying else "B7", (*index, "last_period"), p.last_period, time.period_id(last))
    witness.equal("B5" if buying else "B7", (*index, "chips"), p.chips, p.units * system.chips)
    witness.equal("F2" if buying else "B7", (*index, "unit_price_usd"), p.unit_price_usd, unit_usd)
    witness.equal("F2" if buying else "B7", (*index, "cost_usd"), p.cost_usd, p.units * unit_usd * paid)
    if buying:
        witness.holds("B5", index, float(p.units).is_integer(), f"expected whole units, found {p.units!r}")


def _check_offer(ledger: Ledger, p: Purchase, witness: Witness) -> None:
    """B2, B7, O1: the system is on offer there, and not earlier than it can arrive."""
    system, site, time, index = ledger.systems[p.system], ledger.sites[p.site], ledger.instance.time, _index(p)
    t = ledger.index[p.period]
    earliest = max(time.period_index(system.available_from), 0) if system.available_from else 0
    if p.acquisition == "buy":
        sold = system.buyable and system.price.buy_usd is not None
        witness.holds("B2", index, sold, "expected a system that is sold and has a price")
        own = site.provider_country is None
        witness.holds("B7", index, own, "expected nothing bought at a provider's site")
        if p.rental:
            witness.same("B7", (*index, "rental"), p.rental, "")
        earliest = max(earliest, time.periods_of_months(_lead_months(system, site)))
        if site.orbit is not None and site.orbit.available_from:
            earliest = max(earliest, time.period_index(site.orbit.available_from))
    else:
        ok = p.rental in system.rentals and site.kind == "ground"
        witness.holds("B7", index, ok, "expected a system that is rented out so, at a site on the ground")
        whole = not (ok and system.rentals[p.rental].whole) or float(p.units).is_integer()
        witness.holds("B7", (*index, "units"), whole, f"expected whole units, found {p.units!r}")
    witness.at_least("B2", index, t, max(earliest, ledger.first_open[p.site]))
    fits = (system.kind == "satellite") == (site.kind == "orbit")
    witness.holds("O1", index, fits, "expected satellites in orbit and all else on the ground")
    if fits and site.orbit is not None:
        sized = isinstance(size(system, site.orbit), SatelliteSizing)
        witness.holds("O1", index, sized, "expected a satellite whose array and radiator can be built")


def _lead_months(system: System, site: Site) -> float:
    """From order to service, in orbit with the launch."""
    return system.lead_months + (site.orbit.launch_lead_months if site.orbit is not None else 0.0)


def _check_law(ledger: Ledger, p: Purchase, witness: Witness) -> None:
    """X1 and X3: the system may be delivered there then, under the licence named, at the duty due."""
    system, site, index = ledger.systems[p.system], ledger.sites[p.site], _index(p)
    trade, time, t = ledger.instance.trade, ledger.instance.time, ledger.index[p.period]
    said = verdict_at(ledger.instance, system, site, t)
    held = licence_for(trade, time, system.id, site.jurisdiction, t) if said.allowed == "licence" else None
    allowed = said.allowed == "free" or held is not None
    witness.holds("X1", index, allowed, f"expected a delivery that is allowed; {said.rule_id}: {said.because}")
    buying = p.acquisition == "buy"
    witness.same("X1", (*index, "licence"), p.licence, held.id if held is not None else "")
    rate = duty_rate(trade, time, system, site.jurisdiction, t, held, said) if buying else 0.0
    witness.equal("X3", (*index, "duty_usd"), p.duty_usd, rate * ledger.worth.list_usd(system, t) * p.units)


def _check_retirement(ledger: Ledger, r: Retirement, witness: Witness) -> None:
    """B5: what is retired was there, and fetches its price."""
    index, t = (r.system, r.site, r.cohort, r.period), ledger.index[r.period]
    cohort = next((c for c in ledger.cohorts.get((r.system, r.site), ()) if c.id == r.cohort), None)
    witness.holds("B5", index, float(r.units).is_integer(), f"expected whole units, found {r.units!r}")
    witness.holds("B5", index, cohort is not None and cohort.alive(t), "expected a cohort alive in the period")
    if cohort is not None:
        new = r.cohort.startswith("bought-") and cohort.entered >= t
        witness.holds("B5", index, not new, "expected units delivered before the period")
        each = ledger.worth.resale_usd(ledger.systems[r.system], t, cohort.entered, cohort.last)
        witness.equal("F2", (*index, "resale_usd"), r.resale_usd, each * r.units)


def _check_cohorts(ledger: Ledger, witness: Witness) -> None:
    gone: dict[tuple[str, str, str], float] = defaultdict(float)
    for (c, s, cohort, _), units in ledger.retired.items():
        gone[c, s, cohort] += units
    there = {(*place, cohort.id): cohort.units for place, found in ledger.cohorts.items() for cohort in found}
    for index, units in gone.items():
        witness.at_most("B5.cohort", index, units, there.get(index, 0.0))


def _check_limits(ledger: Ledger, witness: Witness) -> None:
    """B1: deliveries within what vendors can supply."""
    for limit in (limit for limit in ledger.instance.supply.limits if limit.enabled):
        for t, period in enumerate(ledger.period_ids):
            counted = 0.0
            for p in ledger.plan.purchases:
                where = not limit.jurisdictions or ledger.sites[p.site].jurisdiction in limit.jurisdictions
                what = _is_named(ledger.systems[p.system], limit.systems, limit.vendor)
                if p.acquisition == "buy" and p.period == period and where and what:
                    counted += p.units
            most = limit.units_per_period[min(t, len(limit.units_per_period) - 1)] * limit.scale
            witness.at_most("B1", (limit.id, period), counted, most)


def _is_named(system: System, systems: tuple[str, ...], vendor: str | None) -> bool:
    return system.id in systems if systems else vendor in (None, system.vendor)


def _check_rents(ledger: Ledger, witness: Witness) -> None:
    """B7: contracts within the provider's offer."""
    for (c, s, a, t), units in ledger.by_class.items():
        offered = ledger.systems[c].rentals.get(a)
        if offered is not None and offered.max_units is not None:
            witness.at_most("B7.class" if a else "B7", (c, s, a, ledger.period_ids[t]), units, offered.max_units)


def _check_licences(ledger: Ledger, witness: Witness) -> None:
    """X1: units delivered and contracts started under a licence within its cap."""
    for licence in ledger.instance.trade.licences:
        if licence.enabled and licence.max_units is not None:
            under = sum(p.units for p in ledger.plan.purchases if p.licence == licence.id)
            witness.at_most("X1", (licence.id,), under, licence.max_units)


def _check_sellers(ledger: Ledger, witness: Witness) -> None:
    """X2: what has entered under licences by each period, against what the seller has shipped at home by then."""
    for seller in (seller for seller in ledger.instance.trade.seller_shipments if seller.enabled):
        since = ledger.instance.time.period_index(seller.since) if seller.since else 0
        abroad = home = others = 0.0
        for t, period in enumerate(ledger.period_ids):
            if t < since:
                continue
            others += seller.scale * seller.chips_per_period[min(t, len(seller.chips_per_period) - 1)]
            for p in ledger.plan.purchases:
                if p.system in seller.systems and p.period == period:
                    country = _country(ledger, p.site)
                    abroad += p.chips if p.licence and country in seller.destinations else 0.0
                    home += p.chips if p.acquisition == "buy" and country == seller.home else 0.0
            for held in ledger.instance.fleet:
                if (held.system, held.in_service) in {(c, period) for c in seller.systems} and _counted(ledger, held):
                    system, country = ledger.systems[held.system], _country(ledger, held.site)
                    said = verdict_at(ledger.instance, system, ledger.sites[held.site], t)
                    chips = held.units * system.chips
                    abroad += chips if said.allowed == "licence" and country in seller.destinations else 0.0
                    home += chips if country == seller.home else 0.0
            allowed = seller.cap_share * (seller.expected_share * others + home)
            witness.at_most("X2", (seller.id, period), abroad, allowed)


def _country(ledger: Ledger, site: str) -> str:
    return ledger.instance.country(ledger.sites[site].jurisdiction)


def _counted(ledger: Ledger, held: Holding) -> bool:
    """Whether units on order are there in the plan at all."""
    return held.enabled and held.system in ledger.systems and held.site in ledger.sites
