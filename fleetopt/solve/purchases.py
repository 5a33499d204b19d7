"""What is bought, built, opened and let go: the investment half of a plan, from cleaned decisions."""

from typing import Any

from fleetopt.instance.time import Time
from fleetopt.model.context import GB_PER_TB, KW_PER_MW, Context
from fleetopt.model.prices import Prices
from fleetopt.model.spares import usable_units
from fleetopt.model.variables import LEASE, bought, lease_terms
from fleetopt.orbit.battery import duty
from fleetopt.orbit.radiation import lost_share
from fleetopt.orbit.satellite import survival
from fleetopt.plan import Installed, MemoryPurchase, PowerBuild, Purchase, Retirement, SiteOpening
from fleetopt.solve.clean import Decisions, owned_by_cohort, rented_units, significant
from fleetopt.solve.savings import savings


def lines(decisions: Decisions) -> dict[str, Any]:
    """The plan's fields on investment, each in order of period, site and item."""
    m = decisions.context
    return {
        "purchases": tuple(sorted(_bought(m) + _rented(m), key=_purchase_order)),
        "discounts": savings(m),
        "memory_purchases": tuple(sorted(_memory(m), key=lambda p: (p.period, p.site, p.tier, p.acquisition))),
        "power_builds": tuple(sorted(_power(m), key=lambda p: (p.period, p.site, p.source))),
        "sites_opened": tuple(sorted(_opened(m), key=lambda p: (p.period, p.site))),
        "retirements": tuple(sorted(_retired(m), key=lambda p: (p.period, p.site, p.system, p.cohort))),
        "installed": tuple(sorted(_in_place(decisions), key=lambda p: (p.period, p.site, p.system))),
    }


def _purchase_order(p: Purchase) -> tuple[str, ...]:
    return p.period, p.site, p.system, p.acquisition, p.rental


def _bought(m: Context) -> list[Purchase]:
    time, prices, found = m.instance.time, Prices(m.instance), []
    for (c, s, t), units in m.var.buy.items():
        if units:
            system, offer = m.instance.system(c), m.sets.offers[c, s]
            last = t + prices.life_periods(system.life_years) - 1
            found.append(
                Purchase(
                    period=time.period_id(t),
                    site=s,
                    system=c,
                    vendor=system.vendor,
                    acquisition="buy",
                    units=units,
                    chips=units * system.chips,
                    unit_price_usd=significant(prices.unit_price(system, t)),
                    duty_usd=significant(offer.duty_rate.get(t, 0.0) * prices.list_price(system, t) * units),
                    licence=offer.licence.get(t, ""),
                    cost_usd=significant(prices.unit_price(system, t) * units),
                    order_period=time.period_id(t - offer.lead_periods),
                    in_service_period=time.period_id(t),
                    last_period=_last(time, last),
                )
            )
    return found


def _rented(m: Context) -> list[Purchase]:
    time, prices, found = m.instance.time, Prices(m.instance), []
    for (c, s, a, t), units in m.var.contracts().items():
        if units:
            system, offer = m.instance.system(c), m.sets.offers[c, s]
            price, last = prices.rent_period(system, a), min(t + prices.rent_terms(system, a), time.periods) - 1
            found.append(
                Purchase(
                    period=time.period_id(t),
                    site=s,
                    system=c,
                    vendor=system.vendor,
                    acquisition="rent",
                    units=units,
                    chips=significant(units * system.chips),
                    unit_price_usd=significant(price),
                    duty_usd=0.0,
                    licence=offer.licence.get(t, ""),
                    cost_usd=significant(price * units * (last - t + 1)),
                    order_period=time.period_id(t),
                    in_service_period=time.period_id(t),
                    last_period=time.period_id(last),
                    rental=a,
                )
            )
    return found


def _last(time: Time, index: int) -> str:
    return time.period_id(min(index, time.periods - 1))


def _memory(m: Context) -> list[MemoryPurchase]:
    time, prices, found = m.instance.time, Prices(m.instance), []
    for (tier_id, s, t), units in m.var.mem.items():
        if units:
            tier = m.instance.tier(tier_id)
            price, ordered = prices.memory_unit(tier, t), time.period_id(t - time.periods_of_months(tier.lead_months))
            found.append(
                MemoryPurchase(
                    period=time.period_id(t),
                    site=s,
                    tier=tier_id,
                    acquisition="buy",
                    units=units,
                    gb=significant(units * tier.unit_gb),
                    unit_price_usd=significant(price),
                    cost_usd=significant(price * units),
                    order_period=ordered,
                )
            )
    for (tier_id, s, t), tb in m.var.memrent.items():
        if tb:
            tier, gb = m.instance.tier(tier_id), significant(tb * GB_PER_TB)
            price, period = prices.memory_rent_period(tier), time.period_id(t)
            found.append(
                MemoryPurchase(
                    period=period,
                    site=s,
                    tier=tier_id,
                    acquisition="rent",
                    units=significant(gb / tier.unit_gb) if tier.unit_gb else 0.0,
                    gb=gb,
                    unit_price_usd=significant(price * tier.unit_gb),
                    cost_usd=significant(price * gb),
                    order_period=period,
                )
            )
    return found


def _power(m: Context) -> list[PowerBuild]:
    time, prices, found = m.instance.time, Prices(m.instance), []
    sources = {(e.id, s.id): e for s in m.sets.sites.values() for e in s.power.sources}
    for (e, s, t), blocks in m.var.build.items():
        if blocks:
            source = sources[e, s]
            power, ordered = blocks * source.block_kw, time.period_id(t - time.periods_of_months(source.lead_months))
            cost = significant(power * source.capex_usd_per_kw)
            found.append(PowerBuild(time.period_id(t), s, e, blocks, significant(power), cost, ordered))
    for (s, t), leased in m.var.lease.items():
        site, mw = m.sets.sites[s], m.var.sign.get((s, t), leased)
        lease, paid = site.power.lease, min(lease_terms(m.instance, site), time.periods - t)
        if mw and lease is not None:
            kw, ordered = significant(mw * KW_PER_MW), time.period_id(t - time.periods_of_months(lease.lead_months))
            cost = significant(kw * prices.lease_period(site) * paid)
            found.append(PowerBuild(time.period_id(t), s, LEASE, 0.0, kw, cost, ordered))
    return found


def _opened(m: Context) -> list[SiteOpening]:
    time, found = m.instance.time, []
    for (s, t), is_open in m.var.open.items():
        opening = m.sets.sites[s].opening
        if is_open and not m.var.open.get((s, t - 1), 0.0) and opening is not None:
            ordered = time.period_id(t - time.periods_of_months(opening.lead_months))
            found.append(SiteOpening(s, time.period_id(t), ordered, significant(opening.cost_usd)))
    return found


def _retired(m: Context) -> list[Retirement]:
    time, prices, found = m.instance.time, Prices(m.instance), []
    for (c, s, cohort, t), units in m.var.retire.items():
        if units:
            system = m.instance.system(c)
            held = {j.id: (j.id, j.entered, j.ends) for j in m.sets.cohorts.get((c, s), ())}
            for b in range(time.periods):
                name = f"bought-{time.period_id(b)}"
                held[bought(b)] = (name, b, b + prices.life_periods(system.life_years) - 1)
            name, entered, last = held[cohort]
            resale = prices.resale_price(system, t, entered, last)
            found.append(Retirement(time.period_id(t), s, c, name, units, significant(resale * units)))
    return found


def _in_place(decisions: Decisions) -> list[Installed]:
    m, found = decisions.context, []
    years = m.instance.time.period_years
    for (c, s, t), owned in m.var.installed.items():
        system, rented = m.instance.system(c), significant(rented_units(m, c, s, t))
        if not owned and not rented:
            continue
        if m.sets.sites[s].kind == "orbit":
            orbit = m.sets.sites[s].orbit
            usable = (
                duty(system, orbit)
                * (1.0 - lost_share(system, orbit))
                * sum(
                    survival(system.failures_per_year, (t - entered) * years) * units
                    for entered, units in owned_by_cohort(m, c, s, t)
                )
            )
        else:
            usable = usable_units(m.instance, system, s, owned)
        peak = max((decisions.used.get((c, s, t, h), 0.0) for h in m.sets.slices), default=0.0)
        found.append(Installed(c, s, m.instance.time.period_id(t), owned, rented, significant(usable), peak))
    return found
