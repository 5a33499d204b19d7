"""From a solver's point to decisions that hold by plain arithmetic: whole numbers whole, equalities equal.

Integers are rounded once, the rest is solved again around them, and what the solver's tolerance left open is closed by
scaling: flows to the demand, serving to the flows, draw to the load. The corrections are of the solver's own tolerance;
the caller checks every row afterwards.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fleetopt.instance.systems import Rent
from fleetopt.model.context import GB_PER_TB, KW_PER_MW, USD_PER_MUSD, Context
from fleetopt.model.deliveries import order_sites
from fleetopt.model.equations.demand import ENTRY_STAGES
from fleetopt.model.holdings import SHARED
from fleetopt.model.prices import Prices
from fleetopt.model.variables import LEASE, Variables, bought, is_whole, lease_terms
from fleetopt.solve.tiers import needed_tb, settle_shared

Values = dict[tuple[Any, ...], float]
TINY = 1e-9
"""Rates (requests/s), powers (MW) and sizes (TB) below this are the solver's noise."""
DIGITS = 12


def significant(value: float) -> float:
    """`value` to 12 significant digits; never -0.0."""
    return float(f"{value:.{DIGITS}g}") + 0.0


@dataclass(frozen=True)
class Decisions:
    """Cleaned columns by family, in the model's units, and the units in use that follow from them."""

    context: Context
    """The model's context with numbers in place of columns: cost lines evaluate on it as they stand."""
    used: Values
    """[c, s, t, h] units in use, owned and rented."""


def clean(model: Context, raw: dict[str, Values]) -> Decisions:
    """Decisions from a point whose whole columns are whole up to the solver's tolerance."""
    values = {
        family: type(column)(
            (key, float(max(0, round(x))) if is_whole(model.sets, family, key) else _first(x))
            for key, x in column.items()
        )
        for family, column in raw.items()
    }
    m = Context(model.instance, model.sets, Variables(**values), model.problem)
    _installed(m)
    _discounts(m)
    _deferral(m)
    _flows(m)
    _serving(m)
    _training(m)
    used = _in_use(m)
    _memory(m)
    _energy(m)
    for column in m.var.families().values():
        for key, value in column.items():
            column[key] = significant(value)
    return Decisions(m, used)


def _first(value: float) -> float:
    return value if value > TINY else 0.0


def rented_units(m: Context, c: str, s: str, t: int, weight: Callable[[Rent], float] = lambda _: 1.0) -> float:
    """Units under a rental contract in period t, or of each class the share that `weight` says."""
    found, system = 0.0, m.instance.system(c)
    for a, rent in system.rentals.items():
        since = range(max(0, t - m.prices.rent_terms(system, a) + 1), t + 1)
        started = [m.var.contract.get((c, s, a, b)) if a else m.var.rent.get((c, s, b)) for b in since]
        found += weight(rent) * sum(float(units or 0.0) for units in started)
    return found


def working_units(m: Context, c: str, s: str, t: int) -> float:
    """Rented units that work in period t (B7)."""
    return rented_units(m, c, s, t, m.prices.working_share)


def steady_units(m: Context, c: str, s: str, t: int) -> float:
    """Rented units that nobody takes away (B7)."""
    return rented_units(m, c, s, t, lambda rent: 0.0 if m.prices.interruptible(rent) else 1.0)


def owned_by_cohort(m: Context, c: str, s: str, t: int) -> Iterable[tuple[int, float]]:
    """(period of entry, units in place in t) of each cohort of a system at a site."""
    life = Prices(m.instance).life_periods(m.instance.system(c).life_years)

    def gone(cohort: str) -> float:
        return sum(float(m.var.retire.get((c, s, cohort, r), 0.0)) for r in range(t + 1))

    for b in range(max(0, t - life + 1), t + 1):
        if m.var.buy.get((c, s, b), 0.0):
            yield b, m.var.buy[c, s, b] - gone(bought(b))
    for cohort in m.sets.cohorts.get((c, s), ()):
        if cohort.first <= t <= cohort.last:
            yield cohort.entered, cohort.units - gone(cohort.id)


def _installed(m: Context) -> None:
    for c, s, t in m.var.installed:
        m.var.installed[c, s, t] = sum(units for _, units in owned_by_cohort(m, c, s, t))


def _discounts(m: Context) -> None:
    """What is delivered falls in the steps of its discounts, all of it (B4)."""
    groups: dict[tuple[str, str, int], list[tuple[Any, ...]]] = defaultdict(list)
    for key in m.var.spend:
        groups[key[:3]].append(key)
    for (_, c, t), keys in groups.items():
        units = sum(m.var.buy[c, s, t] for s in order_sites(m.sets, c, t))
        _scale(m.var.spend, keys, m.prices.unit_price(m.sets.systems[c], t) / USD_PER_MUSD * units)


def _deferral(m: Context) -> None:
    """All work is done within the cycle; the backlog is the least that this allows (D2)."""
    slices = list(m.sets.slices)
    for w, u, t in dict.fromkeys(key[:3] for key in m.var.done):
        arrived = [m.sets.hours(h) * m.sets.arrivals[w, u, t, h] for h in slices]
        done = [m.sets.hours(h) * m.var.done[w, u, t, h] for h in slices]
        scale = sum(arrived) / sum(done) if sum(done) > 0 else 0.0
        waiting, level = [], 0.0
        for h, came, went in zip(slices, arrived, done, strict=True):
            m.var.done[w, u, t, h] *= scale
            level += came - went * scale
            waiting.append(level)
        for h, level in zip(slices, waiting, strict=True):
            backlog = level - min(waiting)
            m.var.backlog[w, u, t, h] = backlog if backlog > TINY else 0.0


def _scale(column: Values, keys: Iterable[tuple[Any, ...]], target: float) -> None:
    """Scale the columns at `keys` so that they add up to `target`."""
    keys = list(keys)
    total = sum(column[key] for key in keys)
    factor = target / total if total > 0 and target > TINY else 0.0
    for key in keys:
        column[key] *= factor


def _flows(m: Context) -> None:
    """Flows add up to the demand served now (D1)."""
    groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for w, b, u, s, t, h in m.var.flow:
        groups[w, b, u, t, h].append((w, b, u, s, t, h))
    share = {(w, b.id): b.share for w, workload in m.sets.serving.items() for b in workload.buckets}
    for (w, b, u, t, h), keys in groups.items():
        now = m.var.done.get((w, u, t, h), m.sets.arrivals[w, u, t, h])
        short = m.var.short.get((w, u, t, h), 0.0)
        if short > 0:
            short = m.var.short[w, u, t, h] = min(short, now)
        _scale(m.var.flow, keys, share[w, b] * (now - short))


def _serving(m: Context) -> None:
    """Entry stages serve what arrives (D1), decode pools what is prefilled (D4)."""
    arriving: Values = defaultdict(float)
    for (w, b, _, s, t, h), rate in m.var.flow.items():
        arriving[w, b, s, t, h] += rate
    of = {k.id: k for k in m.sets.candidates}
    entry: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    decode: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for k, b, t, h in m.var.serve:
        group = entry if of[k].stage in ENTRY_STAGES else decode
        group[of[k].workload, b, of[k].site, t, h].append((k, b, t, h))
    for place, keys in entry.items():
        _scale(m.var.serve, keys, arriving.get(place, 0.0))
    for place, keys in decode.items():
        prefilled = sum(m.var.serve[key] for key in entry.get(place, ()) if of[key[0]].stage == "prefill")
        _scale(m.var.serve, keys, prefilled)


def _training(m: Context) -> None:
    """The chosen team trains for the periods its run takes (T1), where it is present; other teams not at all."""
    for team in m.sets.training:
        keys = [(k, t) for k, t in m.var.trainrun if k == team.id]
        for key in keys:
            m.var.trainrun[key] *= m.var.active[key]
        _scale(m.var.trainrun, keys, team.periods_needed * m.var.train[(team.id,)])
        for key in keys:
            share = m.var.trainrun[key] = min(1.0, m.var.trainrun[key])
            m.var.active[key] = float(share > 0)


def _in_use(m: Context) -> Values:
    """Units in use, how many of them are owned, and do work: rented ones come first, their energy is paid (C1, T3)."""
    used: Values = {}
    for c, s, t, h in m.var.busy:
        working, steady = working_units(m, c, s, t), steady_units(m, c, s, t)
        units = work = sum(
            team.units * m.var.trainrun.get((team.id, t), 0.0) for team in m.sets.teams_on.get((c, s), ())
        )
        awaited = 0.0
        for k in m.sets.on.get((c, s), ()):
            serving = sum(k.units / p.rate_per_s * m.var.serve[k.id, b, t, h] for b, p in k.points.items())
            on_it = k.units * m.var.keep[k.id, t] if k.whole else serving
            work += serving
            units += on_it
            awaited += on_it if m.sets.serving[k.workload].kind == "answer" else 0.0
        used[c, s, t, h] = significant(units)
        m.var.busy[c, s, t, h] = max(0.0, units - working, awaited - steady)
        if (c, s, t, h) in m.var.running:
            m.var.running[c, s, t, h] = max(0.0, work - working)
    return used


def holding_needs_tb(m: Context) -> Values:
    """[w, holding, s, t, h] TB that a workload keeps at a site (M2)."""
    entry = [k for k in m.sets.candidates if k.stage in ENTRY_STAGES]
    needs: Values = defaultdict(float)
    for holding in m.sets.holdings:
        if holding.id == "checkpoint":
            for team in (k for k in m.sets.training if k.workload == holding.workload and m.var.train[(k.id,)]):
                for t in range(team.first_period, min(team.last_period, len(m.sets.periods) - 1) + 1):
                    if team.site in m.sets.first_open and not m.var.open.get((team.site, t), 0.0):
                        continue
                    for h in m.sets.slices:
                        needs[holding.workload, holding.id, team.site, t, h] += holding.gb_s / GB_PER_TB
            continue
        if holding.id == SHARED:
            for (w, _, s, t), held in m.var.shared.items():
                for h in m.sets.slices if w == holding.workload else ():
                    needs[w, SHARED, s, t, h] += holding.gb_s / GB_PER_TB * held
            continue
        mine = [k for k in entry if k.workload == holding.workload and holding.reuse in ("", k.reuse)]
        for k in mine:
            for b, point in k.points.items():
                if holding.buckets and b not in holding.buckets:
                    continue
                gb_s = point.parked_gb_s if holding.reuse else holding.gb_s
                for t in m.sets.live[k.system, k.site]:
                    for h in m.sets.slices:
                        weights = m.sets.weights(h, holding).items()
                        rate = sum(weight * m.var.serve[k.id, b, t, at] for at, weight in weights)
                        needs[k.workload, holding.id, k.site, t, h] += gb_s / GB_PER_TB * rate
    return needs


def _memory(m: Context) -> None:
    """Tiers hold what is kept; rented memory is what room, bandwidth and wear ask for beyond what is owned (M2, M3)."""
    settle_shared(m)
    needs = holding_needs_tb(m)
    groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for w, i, tier, s, t, h in m.var.park:
        groups[w, i, s, t, h].append((w, i, tier, s, t, h))
    for holding, keys in groups.items():
        _scale(m.var.park, keys, needs.get(holding, 0.0))
    needed = needed_tb(m)
    for tier, s, t in m.var.memrent:
        m.var.memrent[tier, s, t] = max(0.0, needed.get((tier, s, t), 0.0) - _own_tb(m, tier, s, t))


def memory_units(m: Context, tier: str, s: str, t: int) -> float:
    """Units of a tier bought for a site and in service in t."""
    life = Prices(m.instance).life_periods(m.instance.tier(tier).life_years)
    return sum(float(m.var.mem.get((tier, s, b), 0.0)) for b in range(max(0, t - life + 1), t + 1))


def _own_tb(m: Context, tier_id: str, s: str, t: int) -> float:
    tier = m.instance.tier(tier_id)
    room = tier.unit_gb / GB_PER_TB * memory_units(m, tier_id, s, t)
    if tier.kind == "dram":
        for c, site in m.sets.places_at(s):
            units = m.var.installed.get((c, site, t), 0.0) + steady_units(m, c, site, t)
            room += m.instance.system(c).usable_dram_gb / GB_PER_TB * units
    return room


def _energy(m: Context) -> None:
    """Sources deliver what is installed and in use takes (P2); a lease is at least what is drawn on it."""
    groups: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for e, s, t, h in m.var.draw:
        groups[s, t, h].append((e, s, t, h))
    for (s, t, h), keys in groups.items():
        _scale(m.var.draw, keys, load_mw(m, s, t, h))
    for s, t in m.var.lease:
        if (s, t) in m.var.sign:
            since = range(max(0, t - lease_terms(m.instance, m.sets.sites[s]) + 1), t + 1)
            m.var.lease[s, t] = sum(m.var.sign.get((s, b), 0.0) for b in since)
        else:
            m.var.lease[s, t] = max(m.var.lease[s, t], *(m.var.draw[LEASE, s, t, h] for h in m.sets.slices))


def load_mw(m: Context, s: str, t: int, h: str) -> float:
    """Average facility power of a site on the ground in a slice (P2)."""
    load = 0.0
    for c, site in m.sets.places_at(s):
        if (c, site, t) in m.var.installed:
            system, units = m.instance.system(c), m.var.installed[c, site, t]
            running = m.var.running.get((c, site, t, h), m.var.busy.get((c, site, t, h)))
            if running is None:
                running = 0.0 if system.chips > 0 else units
            load += system.power_kw / KW_PER_MW * (system.idle_share * units + (1 - system.idle_share) * running)
    for tier in (tier for tier in m.instance.memory if tier.enabled):
        load += tier.power_w_per_gb * tier.unit_gb / 1e6 * memory_units(m, tier.id, s, t)
    return m.sets.sites[s].power.pue_average * load
