"""F2 under a residual rule: what is left at the end of the horizon of all that was bought, and of what was sold before.

Existing units are neither charged nor credited; whoever retires one gives up what it would have been worth at the end.
"""

from collections.abc import Iterator

from fleetopt.verify.ledger import Ledger


def _paid_usd(ledger: Ledger, system_id: str, site_id: str, t: int) -> float:
    """Price of a unit delivered in t, with its way to orbit and back, before duty."""
    system = ledger.systems[system_id]
    return ledger.worth.unit_usd(system, t) + ledger.worth.way_up_usd(system, ledger.sites[site_id], t)


def given_up(ledger: Ledger) -> Iterator[float]:
    """What retired units would have been worth at the end."""
    worth, end = ledger.worth, ledger.instance.time.periods
    buys = [p for p in ledger.plan.purchases if p.acquisition == "buy"]
    duty = {(p.system, p.site, f"bought-{p.period}"): p.duty_usd / p.units for p in buys}
    for r in ledger.plan.retirements:
        system, life = ledger.systems[r.system], worth.life_periods(ledger.systems[r.system].life_years)
        bought = duty.get((r.system, r.site, r.cohort))
        for cohort in ledger.cohorts.get((r.system, r.site), ()):
            if cohort.id == r.cohort and bought is not None:
                usd = _paid_usd(ledger, r.system, r.site, cohort.entered) + bought
                yield r.units * worth.residual_usd(usd, end - cohort.entered, life)
            elif cohort.id == r.cohort:
                whole = max(life, cohort.last - cohort.entered + 1)
                age = whole - max(0, cohort.last + 1 - end)
                yield r.units * worth.residual_usd(worth.unit_usd(system, max(cohort.entered, 0)), age, whole)


def left(ledger: Ledger) -> Iterator[float]:
    """What is left at the end of everything bought, built and opened."""
    worth, end = ledger.worth, ledger.instance.time.periods
    for p in ledger.plan.purchases:
        if p.acquisition == "buy":
            usd = p.units * _paid_usd(ledger, p.system, p.site, ledger.index[p.period]) + p.duty_usd
            life = worth.life_periods(ledger.systems[p.system].life_years)
            yield worth.residual_usd(usd, end - ledger.index[p.period], life)
    for m in ledger.plan.memory_purchases:
        if m.acquisition == "buy":
            life = worth.life_periods(ledger.tiers[m.tier].life_years)
            yield worth.residual_usd(m.cost_usd, end - ledger.index[m.period], life)
    for s in ledger.sites.values():
        for e in s.power.sources:
            for t in ledger.periods:
                usd = ledger.blocks.get((e.id, s.id, t), 0.0) * e.block_kw * e.capex_usd_per_kw
                yield worth.residual_usd(usd, end - t, worth.life_periods(e.life_years))
        if s.opening is not None and ledger.opened[s.id] < end:
            life = worth.life_periods(s.opening.life_years)
            begun = ledger.periods[ledger.opened[s.id] :: life][-1]
            yield worth.residual_usd(s.opening.cost_usd, end - begun, life)
