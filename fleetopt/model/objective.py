"""The objective: named cost lines in M$ of present value, kept apart. The report's cost table is this, line by line."""

from collections.abc import Callable, Iterator
from typing import Any

from pulp import lpSum

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.schema import Instance
from fleetopt.model.context import GB_PER_TB, KW_PER_MW, USD_PER_MUSD, Context
from fleetopt.model.deliveries import buy_periods
from fleetopt.model.prices import Prices
from fleetopt.model.variables import LAUNCH, LEASE, bought
from fleetopt.network.graph import gb_per_request

Terms = Iterator[tuple[float, Any]]
"""(USD for each unit of the column, column); the column of a constant is 1."""


def systems(m: Context, p: Prices) -> Terms:
    """Systems bought, as annuities inside the horizon (under a residual rule in full, like all that is bought)."""
    for (c, _, t), column in m.var.buy.items():
        yield p.buy(m.sets.systems[c], t), column


def discounts(m: Context, p: Prices) -> Terms:
    """Volume discounts on systems bought (negative), charged like the systems; under a residual rule less what the rule
    leaves of them at the end (F2), for what was not paid is not got back."""
    steps = {(d.id, n): step for d in m.instance.supply.discounts for n, step in enumerate(d.steps, start=1)}
    for (d, c, t, n), column in m.var.spend.items():
        if n > 0:
            life_years = m.sets.systems[c].life_years
            charged = p.charged(t, life_years) - p.left(t, life_years)
            yield -steps[d, n].discount * charged * USD_PER_MUSD, column


def licence_duty(m: Context, p: Prices) -> Terms:
    """Duties and revenue shares on systems delivered."""
    for (c, s, t), column in m.var.buy.items():
        yield p.duty(m.sets.systems[c], m.sets.offers[c, s], t), column


def launch(m: Context, p: Prices) -> Terms:
    """Launch and deployment of satellites."""
    for (c, s, t), column in m.var.buy.items():
        yield p.launch(m.sets.systems[c], m.sets.sites[s], m.sets.offers[c, s], t), column


def launch_risk(m: Context, p: Prices) -> Terms:
    """Satellites lost on the way to service, or insurance against it."""
    for (c, s, t), column in m.var.buy.items():
        yield p.launch_risk(m.sets.systems[c], m.sets.sites[s], m.sets.offers[c, s], t), column


def deorbit(m: Context, p: Prices) -> Terms:
    """Bringing satellites down at the end of their lives."""
    for (c, s, t), column in m.var.buy.items():
        yield p.deorbit(m.sets.systems[c], m.sets.sites[s], m.sets.offers[c, s], t), column


def rent(m: Context, p: Prices) -> Terms:
    """Rental contracts, for their periods in the horizon."""
    for (c, _, a, t), column in m.var.contracts().items():
        yield p.rent(m.sets.systems[c], t, a), column


def memory(m: Context, p: Prices) -> Terms:
    """Memory bought apart, and object storage rented."""
    for (tier, _, t), column in m.var.mem.items():
        yield p.memory_buy(m.instance.tier(tier), t), column
    for (tier, _, t), column in m.var.memrent.items():
        yield p.memory_rent(m.instance.tier(tier), t) * GB_PER_TB, column


def power_build(m: Context, p: Prices) -> Terms:
    """Power built."""
    sources = {(e.id, s.id): e for s in m.sets.sites.values() for e in s.power.sources}
    for (e, s, t), column in m.var.build.items():
        yield p.block(sources[e, s], t), column


def power_lease(m: Context, p: Prices) -> Terms:
    """Powered space leased."""
    for (s, t), column in m.var.lease.items():
        yield p.lease_period(m.sets.sites[s]) * p.discount[t] * KW_PER_MW, column


def _tariffs(m: Context) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(USD/MWh, scale, g/kWh) by (source, site)."""
    found = {}
    for s in m.sets.sites.values():
        for e in s.power.sources:
            found[e.id, s.id] = (e.energy_usd_per_mwh, e.energy_scale, e.carbon_g_per_kwh)
        if s.power.lease is not None:
            found[LEASE, s.id] = (s.power.lease.energy_usd_per_mwh, 1.0, s.power.lease.carbon_g_per_kwh)
    return found


def energy(m: Context, p: Prices) -> Terms:
    """Energy drawn."""
    tariffs = _tariffs(m)
    for (e, s, t, h), column in m.var.draw.items():
        price, scale, _ = tariffs[e, s]
        yield p.energy(price, scale, m.sets.slices[h], t), column


def carbon(m: Context, p: Prices) -> Terms:
    """Carbon of the energy drawn and of launches."""
    tariffs = _tariffs(m)
    for (e, s, t, h), column in m.var.draw.items():
        yield p.carbon(tariffs[e, s][2], m.sets.slices[h], t), column
    for (c, s, t), column in m.var.buy.items():
        yield p.launch_carbon(m.sets.sites[s], m.sets.offers[c, s], t), column


def emissions(m: Context) -> Iterator[tuple[tuple[str, str, int], float, Any]]:
    """((source, site, period), t of carbon for each unit of the column, column) of all that emits."""
    tariffs = _tariffs(m)
    for (e, s, t, h), column in m.var.draw.items():
        yield (e, s, t), m.prices.tonnes(tariffs[e, s][2], m.sets.slices[h]), column
    for (c, s, t), column in m.var.buy.items():
        yield (LAUNCH, s, t), m.prices.launch_tonnes(m.sets.sites[s], m.sets.offers[c, s]), column


def site(m: Context, p: Prices) -> Terms:
    """Sites opened, as annuities, and the fixed cost of open sites."""
    for s in m.sets.sites.values():
        for t in range(len(m.sets.periods)):
            if s.opening is None:
                yield p.site_fixed(s, t), 1
            elif (s.id, t) in m.var.open:
                yield p.opening(s.opening, t) + p.site_fixed(s, t), m.var.open[s.id, t]


def network(m: Context, p: Prices) -> Terms:
    """Traffic between regions and sites."""
    buckets = {(w, b.id): b for w, workload in m.sets.serving.items() for b in workload.buckets}
    price = {(u, s): m.sets.network.usd_per_gb(u, s) for (_, u), sites in m.sets.routes.items() for s in sites}
    for (w, b, u, s, t, h), column in m.var.flow.items():
        if price[u, s] > 0:
            seconds = m.instance.time.slice_hours_in_period(m.sets.slices[h]) * 3600
            gb = gb_per_request(m.instance.network, buckets[w, b])
            yield price[u, s] * gb * seconds * p.discount[t], column


def maintenance_staff(m: Context, p: Prices) -> Terms:
    """Maintenance of systems and memory, operations in orbit, fixed running cost of power."""
    for (c, s, t), column in m.var.installed.items():
        yield p.maintenance(m.sets.systems[c], m.sets.sites[s], t), column
    for (tier, _, t), column in m.var.mem.items():
        yield p.memory_maintenance(m.instance.tier(tier), t), column
    horizon = range(len(m.sets.periods))
    for s in m.sets.sites.values():
        for e in (e for e in s.power.sources if e.enabled and e.fixed_usd_per_kw_year > 0):
            existing = e.existing_kw * e.scale * s.power.scale
            yield existing * sum(p.power_fixed(e, t) for t in horizon), 1
            for b in horizon:
                if (e.id, s.id, b) in m.var.build:
                    served = horizon[b : b + p.life_periods(e.life_years)]
                    yield e.block_kw * sum(p.power_fixed(e, t) for t in served), m.var.build[e.id, s.id, b]


def unserved(m: Context, p: Prices) -> Terms:
    """Requests not served, at the price the instance gives."""
    for (w, _, t, h), column in m.var.short.items():
        seconds = m.instance.time.slice_hours_in_period(m.sets.slices[h]) * 3600
        price = m.sets.serving[w].shortfall_usd_per_request or 0.0
        yield price * seconds * p.discount[t], column


def residual(m: Context, p: Prices) -> Terms:
    """Resale of units retired early, and under a residual rule what is left of all purchases at the end (negative)."""
    for (c, s, cohort, t), column in m.var.retire.items():
        system = m.sets.systems[c]
        held = {j.id: (j.entered, j.ends) for j in m.sets.cohorts.get((c, s), ())}
        given_up = {name: p.held_left(system, *span) for name, span in held.items()}
        for b in buy_periods(m.sets, c, s):
            held[bought(b)] = (b, b + p.life_periods(system.life_years) - 1)
            given_up[bought(b)] = p.bought_left(system, m.sets.sites[s], m.sets.offers[c, s], b)
        value = p.resale(system, t, *held[cohort]) - given_up[cohort]
        if value != 0:
            yield -value, column
    if m.instance.finance.residual != "annuity":
        yield from _left_at_the_end(m, p)


def _left_at_the_end(m: Context, p: Prices) -> Terms:
    """What is left of everything bought, built and opened, as if it stood to the end of its life."""
    for (c, s, t), column in m.var.buy.items():
        yield -p.bought_left(m.sets.systems[c], m.sets.sites[s], m.sets.offers[c, s], t), column
    for (tier, _, t), column in m.var.mem.items():
        memory = m.instance.tier(tier)
        yield -p.memory_unit(memory, t) * p.left(t, memory.life_years), column
    sources = {(e.id, s.id): e for s in m.sets.sites.values() for e in s.power.sources}
    for (e, s, t), column in m.var.build.items():
        source = sources[e, s]
        yield -source.capex_usd_per_kw * source.block_kw * p.left(t, source.life_years), column
    for (s, t), column in m.var.open.items():
        opening = m.sets.sites[s].opening
        assert opening is not None, "only sites to be opened have the column"
        yield -p.opening_left(opening, t), column


LINES: dict[str, Callable[[Context, Prices], Terms]] = {
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


ONLY_WHERE_PRICED: dict[str, Callable[[Orbit], bool]] = {
    "launch_risk": lambda orbit: orbit.risky,
    "deorbit": lambda orbit: orbit.deorbit_usd_per_kg > 0,
}
"""Lines that a plan has only where some orbit of its instance prices them."""


def lines_of(instance: Instance) -> tuple[str, ...]:
    """Cost lines of an instance, in the order of the table."""
    orbits = [site.orbit for site in instance.sites if site.enabled and site.orbit is not None]
    return tuple(name for name in LINES if name not in ONLY_WHERE_PRICED or any(map(ONLY_WHERE_PRICED[name], orbits)))


def objective_lines(m: Context) -> tuple[dict[str, Any], dict[str, float]]:
    """Expressions in M$ by cost line, and their constants in M$ (the solver's own objective leaves constants out)."""
    expressions: dict[str, Any] = {}
    constants: dict[str, float] = {}
    for name in lines_of(m.instance):
        line = LINES[name]
        terms = [(usd / USD_PER_MUSD, column) for usd, column in line(m, m.prices)]
        expressions[name] = lpSum(usd * column for usd, column in terms if not isinstance(column, int) and usd != 0)
        constants[name] = sum(usd for usd, column in terms if isinstance(column, int))
    return expressions, constants
