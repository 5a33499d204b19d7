"""B: what vendors deliver, what is there already, and what is rented (B2, lead times, is a screen)."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from pulp import lpSum

from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.supply import SupplyLimit
from fleetopt.instance.systems import Rent
from fleetopt.model.context import Context
from fleetopt.model.equation import Rows, equation
from fleetopt.model.variables import bought
from fleetopt.orbit.satellite import survival


@equation("B1", "limit, period")
def vendors_deliver_what_they_can(m: Context) -> Rows:
    """Deliveries in a period stay within what the vendor can supply.

    $$\\sum_{(c,s) \\in limit} buy_{c,s,t} \\le supply_t$$
    """
    for limit in m.instance.supply.limits:
        if not limit.enabled:
            continue
        delivered: dict[int, list[Any]] = defaultdict(list)
        for (c, s, t), column in m.var.buy.items():
            if _counts(m, limit, c, s):
                delivered[t].append(column)
        for t, counted in sorted(delivered.items()):
            most = limit.units_per_period[min(t, len(limit.units_per_period) - 1)] * limit.scale
            yield (limit.id, m.sets.periods[t]), lpSum(counted) <= most


def _counts(m: Context, limit: SupplyLimit, c: str, s: str) -> bool:
    here = not limit.jurisdictions or m.sets.sites[s].jurisdiction in limit.jurisdictions
    if limit.systems:
        return here and c in limit.systems
    return here and limit.vendor in (None, m.sets.systems[c].vendor)


@equation("B5", "system, site, period")
def installed_is_bought_and_held(m: Context) -> Rows:
    """Units in place are those bought and those held, alive and not retired.

    $$installed_{c,s,t} = \\sum_{\\tau \\le t < \\tau + life} buy_{c,s,\\tau} + \\sum_{j\\,alive} units_j - \\sum_{j\\,alive} \\sum_{\\tau \\le t} retire_{c,s,j,\\tau}$$
    """
    for (c, s, t), installed in m.var.installed.items():
        life = m.prices.life_periods(m.sets.systems[c].life_years)
        terms: list[Any] = []
        for b in range(max(0, t - life + 1), t + 1):
            if (c, s, b) in m.var.buy:
                terms.append(m.var.buy[c, s, b])
                terms.append(-gone_by(m, c, s, bought(b), t))
        held = 0
        for cohort in m.sets.cohorts.get((c, s), ()):
            if cohort.first <= t <= cohort.last:
                held += cohort.units
                terms.append(-gone_by(m, c, s, cohort.id, t))
        yield (c, s, m.sets.periods[t]), installed - lpSum(terms) == held


def working(m: Context, c: str, s: str, t: int) -> Any:
    """Owned units whose memory and cores are there in period t.

    In orbit nothing is repaired, so these are the units that survive to their age (O3). On the ground they are all
    that are installed: a unit under repair does not serve (R1), but what others hold need not leave it.
    """
    if m.sets.sites[s].kind != "orbit":
        return m.var.installed[c, s, t]
    system, years = m.sets.systems[c], m.instance.time.period_years
    life = m.prices.life_periods(system.life_years)
    alive = [
        survival(system.failures_per_year, (t - b) * years) * (m.var.buy[c, s, b] - gone_by(m, c, s, bought(b), t))
        for b in range(max(0, t - life + 1), t + 1)
        if (c, s, b) in m.var.buy
    ]
    held = [
        survival(system.failures_per_year, (t - cohort.entered) * years)
        * (cohort.units - gone_by(m, c, s, cohort.id, t))
        for cohort in m.sets.cohorts.get((c, s), ())
        if cohort.first <= t <= cohort.last
    ]
    return lpSum(alive + held)


def gone_by(m: Context, c: str, s: str, cohort: str, t: int) -> Any:
    """Units of a cohort retired by period t."""
    return lpSum(m.var.retire[c, s, cohort, r] for r in range(t + 1) if (c, s, cohort, r) in m.var.retire)


@equation("B5.cohort", "system, site, cohort")
def cohorts_retire_once(m: Context) -> Rows:
    """No more of a cohort is retired than there is.

    $$\\sum_t retire_{c,s,j,t} \\le units_j$$
    """
    for (c, s), cohorts in m.sets.cohorts.items():
        for cohort in cohorts:
            yield (c, s, cohort.id), gone_by(m, c, s, cohort.id, cohort.last) <= cohort.units
    for (c, s, t), column in m.var.buy.items():
        gone = gone_by(m, c, s, bought(t), m.instance.time.periods - 1)
        if gone:
            yield (c, s, bought(t)), gone - column <= 0


@equation("B7", "system, site, period")
def rentals_stay_within_the_offer(m: Context) -> Rows:
    """Units under contract stay within the provider's offer; a contract runs its whole term.

    $$rented_{c,s,t} = \\sum_{t - term < \\tau \\le t} rent_{c,s,\\tau} \\le max_c$$
    """
    for c, s, t in m.var.rent:
        rent = m.sets.systems[c].rent
        if rent is not None and rent.max_units is not None:
            yield (c, s, m.sets.periods[t]), _under_contract(m, c, s, "", t) <= rent.max_units


@equation("B7.class", "system, site, class, period")
def rental_classes_stay_within_their_offer(m: Context) -> Rows:
    """Units under contract in a rental class (reserved, spot) stay within what it offers, each for its whole term.

    $$rented_{c,s,a,t} = \\sum_{t - term_a < \\tau \\le t} contract_{c,s,a,\\tau} \\le max_{c,a}$$
    """
    for c, s, a, t in m.var.contract:
        most = m.sets.systems[c].rentals[a].max_units
        if most is not None:
            yield (c, s, a, m.sets.periods[t]), _under_contract(m, c, s, a, t) <= most


def rented(m: Context, c: str, s: str, t: int) -> Any:
    """Units under a rental contract in period t, of every class."""
    return _rented(m, c, s, t, lambda _: 1.0)


def rented_working(m: Context, c: str, s: str, t: int) -> Any:
    """Rented units that work in period t: spot counts for the time in which it is neither taken away nor restarting."""
    return _rented(m, c, s, t, m.prices.working_share)


def rented_steady(m: Context, c: str, s: str, t: int) -> Any:
    """Rented units that nobody takes away: for what people wait for, and for what must not be forgotten."""
    return _rented(m, c, s, t, lambda rent: 0.0 if m.prices.interruptible(rent) else 1.0)


def _rented(m: Context, c: str, s: str, t: int, weight: Callable[[Rent], float]) -> Any:
    if (c, s) not in m.sets.offers or not m.sets.offers[c, s].rent_periods:
        return 0
    weights = {a: weight(rent) for a, rent in m.sets.systems[c].rentals.items()}
    return lpSum(share * _under_contract(m, c, s, a, t) for a, share in weights.items() if share > 0)


def _under_contract(m: Context, c: str, s: str, a: str, t: int) -> Any:
    """Units of a rental class (the empty one for `rent`) whose contract runs in period t."""
    since = range(max(0, t - m.prices.rent_terms(m.sets.systems[c], a) + 1), t + 1)
    if not a:
        return lpSum(m.var.rent[c, s, b] for b in since if (c, s, b) in m.var.rent)
    return lpSum(m.var.contract[c, s, a, b] for b in since if (c, s, a, b) in m.var.contract)


def alive_purchases(m: Context, tier: MemoryTier, s: str, t: int) -> list[Any]:
    """Columns of memory units bought for a site and in service in t."""
    life = m.prices.life_periods(tier.life_years)
    return [m.var.mem[tier.id, s, b] for b in range(max(0, t - life + 1), t + 1) if (tier.id, s, b) in m.var.mem]
