"""The objective: each cost line worked out from the entries of the plan, their sum, the bound and the gap."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator

from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.network.graph import gb_per_request
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.references import LEASE
from fleetopt.verify.residuals import given_up, left
from fleetopt.verify.witness import DERIVED, Witness

KW_PER_MW = 1e3
KG_PER_T = 1e3
G_PER_T = 1e6
LAUNCH = "launch"
"""What a plan calls launches among sources of carbon."""
LINE = 1e-10
"""Cost lines add thousands of figures, each rounded."""
Amounts = Iterator[float]


def check_money(ledger: Ledger, witness: Witness) -> None:
    """Cost lines, their sum, and gap = (objective - bound) / max(|objective|, 1)."""
    plan = ledger.plan
    witness.same("objective", ("cost lines",), sorted(plan.cost_lines), sorted(set(LINES) - _without(ledger)))
    for name, amounts in LINES.items():
        if name in plan.cost_lines:
            witness.equal("objective", (name,), plan.cost_lines[name], math.fsum(amounts(ledger)), LINE)
    total = math.fsum(plan.cost_lines.values())
    size = max((abs(usd) for usd in plan.cost_lines.values()), default=0.0)
    ok = abs(plan.objective_usd - total) <= DERIVED * max(size, abs(total))
    witness.holds("objective", ("sum",), ok, f"expected {total!r}, found {plan.objective_usd!r}")
    gap = (plan.objective_usd - plan.bound_usd) / max(abs(plan.objective_usd), 1.0)
    witness.holds("gap", (), abs(plan.gap - gap) <= 1e-14, f"expected {gap!r}, found {plan.gap!r}")
    witness.at_most("bound", (), plan.bound_usd, plan.objective_usd)
    reached = "optimal" if plan.gap <= plan.gap_target + 1e-9 else "feasible"
    witness.same("status", (), plan.status, reached)


def _without(ledger: Ledger) -> set[str]:
    """Lines that the instance has nothing for: no orbit prices them."""
    orbits = [s.orbit for s in ledger.sites.values() if s.orbit is not None]
    risk = any(orbit.launch_loss_share > 0 or orbit.insurance_share > 0 for orbit in orbits)
    down = any(orbit.deorbit_usd_per_kg > 0 for orbit in orbits)
    return {name for name, priced in (("launch_risk", risk), ("deorbit", down)) if not priced}


def systems(ledger: Ledger) -> Amounts:
    """Units bought, as instalments."""
    for p in ledger.plan.purchases:
        if p.acquisition == "buy":
            system = ledger.systems[p.system]
            t = ledger.index[p.period]
            yield p.units * ledger.worth.unit_usd(system, t) * ledger.worth.charged(t, system.life_years)


def discounts(ledger: Ledger) -> Amounts:
    """What volume discounts take off (negative), charged like the units, less what is left of them."""
    worth = ledger.worth
    for d in ledger.plan.discounts:
        t, life_years = ledger.index[d.period], ledger.systems[d.system].life_years
        age, life = len(ledger.period_ids) - t, worth.life_periods(life_years)
        yield -d.saving_usd * worth.charged(t, life_years) + worth.residual_usd(d.saving_usd, age, life)


def licence_duty(ledger: Ledger) -> Amounts:
    """Duties and revenue shares, charged like the units."""
    for p in ledger.plan.purchases:
        if p.acquisition == "buy":
            yield p.duty_usd * ledger.worth.charged(ledger.index[p.period], ledger.systems[p.system].life_years)


def launch(ledger: Ledger) -> Amounts:
    """Launches, charged like the satellites."""
    yield from _with_purchases(ledger, ledger.worth.launch_usd)


def launch_risk(ledger: Ledger) -> Amounts:
    """Losses on the way up, or insurance, charged like the satellites."""
    yield from _with_purchases(ledger, ledger.worth.launch_risk_usd)


def deorbit(ledger: Ledger) -> Amounts:
    """The way down, charged like the satellites."""
    yield from _with_purchases(ledger, lambda system, site, _: ledger.worth.deorbit_usd(system, site))


def _with_purchases(ledger: Ledger, each: Callable[[System, Site, int], float]) -> Amounts:
    """What comes with every unit bought, in instalments over its life."""
    for p in ledger.plan.purchases:
        if p.acquisition == "buy":
            system, t = ledger.systems[p.system], ledger.index[p.period]
            yield p.units * each(system, ledger.sites[p.site], t) * ledger.worth.charged(t, system.life_years)


def rent(ledger: Ledger) -> Amounts:
    """Units under contract, period by period."""
    for (c, _, a, t), units in ledger.by_class.items():
        yield units * ledger.worth.rent_usd(ledger.systems[c], a) * ledger.worth.now(t)


def memory(ledger: Ledger) -> Amounts:
    """Memory bought, as instalments, and rented."""
    for p in ledger.plan.memory_purchases:
        tier, t = ledger.tiers[p.tier], ledger.index[p.period]
        if p.acquisition == "buy":
            yield p.units * ledger.worth.memory_usd(tier, t) * ledger.worth.charged(t, tier.life_years)
        else:
            yield p.gb * ledger.worth.memory_rent_usd(tier) * ledger.worth.now(t)


def power_build(ledger: Ledger) -> Amounts:
    """Power built, as instalments."""
    for s in ledger.sites.values():
        for e in s.power.sources:
            for t in ledger.periods:
                built_kw = ledger.blocks.get((e.id, s.id, t), 0.0) * e.block_kw
                yield built_kw * e.capex_usd_per_kw * ledger.worth.charged(t, e.life_years)


def power_lease(ledger: Ledger) -> Amounts:
    """Powered space leased."""
    for (s, t), kw in ledger.leased_kw.items():
        yield kw * ledger.worth.lease_usd(ledger.sites[s]) * ledger.worth.now(t)


def energy(ledger: Ledger) -> Amounts:
    """Energy drawn, at each source's price."""
    for mwh, usd_per_mwh, t in _drawn(ledger):
        yield mwh * usd_per_mwh * ledger.worth.now(t)


def carbon(ledger: Ledger) -> Amounts:
    """Carbon of the energy drawn and of launches."""
    price = ledger.instance.finance.carbon_usd_per_t
    for (_, _, period), tonnes in emitted(ledger).items():
        yield tonnes * price * ledger.worth.now(ledger.index[period])


def emitted(ledger: Ledger) -> dict[tuple[str, str, str], float]:
    """Tonnes of carbon by site, source (a lease and launches among them) and period."""
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    for e in ledger.plan.energy:
        _, g_per_kwh = _tariffs(ledger.sites[e.site])[e.source]
        kwh = e.draw_kw * ledger.seconds[e.slice] / 3600
        found[e.site, e.source, e.period] += kwh * g_per_kwh / G_PER_T
    for p in ledger.plan.purchases:
        site = ledger.sites[p.site]
        if site.orbit is not None and p.acquisition == "buy":
            mass_kg = ledger.worth.launch_kg(ledger.systems[p.system], site) * p.units
            found[p.site, LAUNCH, p.period] += mass_kg * site.orbit.launch_co2_kg_per_kg / KG_PER_T
    return {key: tonnes for key, tonnes in found.items() if tonnes > 0}


def check_carbon(ledger: Ledger, witness: Witness) -> None:
    """G1: tonnes are those of the energy drawn and of launches, and stay in the budget."""
    expected, budget = emitted(ledger), ledger.instance.finance.carbon_budget_t
    written = {(e.site, e.source, e.period): e.tonnes for e in ledger.plan.carbon}
    witness.same("G1", ("sources",), sorted(written), sorted(expected))
    for key in written.keys() & expected.keys():
        witness.equal("G1", key, written[key], expected[key])
    for t, period in enumerate(ledger.period_ids if budget else ()):
        tonnes = math.fsum(n for (_, _, at), n in expected.items() if at == period)
        witness.at_most("G1", (period,), tonnes, budget[min(t, len(budget) - 1)])


def _drawn(ledger: Ledger) -> Iterator[tuple[float, float, int]]:
    """(MWh, USD/MWh, period index) of every draw."""
    tariffs = {s.id: _tariffs(s) for s in ledger.sites.values()}
    for e in ledger.plan.energy:
        usd_per_mwh, _ = tariffs[e.site][e.source]
        yield e.draw_kw / KW_PER_MW * ledger.seconds[e.slice] / 3600, usd_per_mwh, ledger.index[e.period]


def _tariffs(site: Site) -> dict[str, tuple[float, float]]:
    """(USD/MWh, g/kWh) of each source of a site and of its lease."""
    found = {e.id: (e.energy_usd_per_mwh * e.energy_scale, e.carbon_g_per_kwh) for e in site.power.sources}
    if site.power.lease is not None:
        found[LEASE] = (site.power.lease.energy_usd_per_mwh, site.power.lease.carbon_g_per_kwh)
    return found


def site(ledger: Ledger) -> Amounts:
    """Openings, as instalments or whole whenever a life begins, and the running cost of open sites."""
    years, worth = ledger.instance.time.period_years, ledger.worth
    for s in ledger.sites.values():
        each = s.fixed_usd_per_year * years
        is_open = ledger.periods[ledger.opened[s.id] :]
        if s.opening is not None and worth.by_residual:
            for t in is_open[:: worth.life_periods(s.opening.life_years)]:
                yield s.opening.cost_usd * worth.now(t)
        elif s.opening is not None:
            each += s.opening.cost_usd * worth.instalment(s.opening.life_years)
        for t in is_open:
            yield each * worth.now(t)


def network(ledger: Ledger) -> Amounts:
    """Traffic, at the price of its path."""
    view = ledger.network
    buckets = {(w.id, b.id): b for w in ledger.workloads.values() for b in w.buckets}
    for f in ledger.plan.flows:
        requests = f.rate_per_s * ledger.seconds[f.slice]
        gb = requests * gb_per_request(ledger.instance.network, buckets[f.workload, f.bucket])
        yield gb * view.usd_per_gb(f.region, f.site) * ledger.worth.now(ledger.index[f.period])


def maintenance_staff(ledger: Ledger) -> Amounts:
    """Upkeep of what is in place: systems, satellites, memory, power."""
    years, worth = ledger.instance.time.period_years, ledger.worth
    for (c, s, t), units in ledger.owned.items():
        yield units * worth.upkeep_usd(ledger.systems[c], ledger.sites[s], t) * worth.now(t)
    for (m, _, t), units in ledger.memory_units.items():
        tier = ledger.tiers[m]
        yield units * worth.memory_usd(tier, t) * tier.maintenance_share_per_year * years * worth.now(t)
    for where in ledger.sites.values():
        for e in (e for e in where.power.sources if e.enabled):
            for t in ledger.periods:
                yield ledger.power_kw(where, e, t) * e.fixed_usd_per_kw_year * years * worth.now(t)


def unserved(ledger: Ledger) -> Amounts:
    """Requests not served, at their price."""
    for u in ledger.plan.unserved:
        yield u.cost_usd * ledger.worth.now(ledger.index[u.period])


def residual(ledger: Ledger) -> Amounts:
    """What retired units fetch (negative), in instalments over the life left; under a residual rule whole, less what
    they would have been worth at the end, and what is left of all purchases at the end (negative)."""
    years = ledger.instance.time.period_years
    for r in ledger.plan.retirements:
        t = ledger.index[r.period]
        last = next((c.last for c in ledger.cohorts.get((r.system, r.site), ()) if c.id == r.cohort), t)
        if last >= t:
            yield -r.resale_usd * ledger.worth.charged(t, (last + 1 - t) * years)
    if ledger.worth.by_residual:
        yield from given_up(ledger)
        yield from (-usd for usd in left(ledger))


LINES: dict[str, Callable[[Ledger], Amounts]] = {
    line.__name__: line
    for line in (
        systems,
        discounts,
        rent,
        memory,
        power_build,
        power_lease,
        energy,
        site,
        network,
        launch,
        launch_risk,
        deorbit,
        licence_duty,
        maintenance_staff,
        carbon,
        unserved,
        residual,
    )
}
