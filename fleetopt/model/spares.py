"""How many units must be kept back for a load: spare rules as steps of load and spares (R1).

With n units of which each is out for a share q of the time, independently, the number out is binomial. A load of b
units is kept with probability p by n = b + j units where P(at most j of n are out) >= p. The j that a load takes grows
more and more slowly with it (economies of scale), so no single linear rule is right for ten units and for a thousand.
"""

from collections.abc import Callable, Mapping
from math import exp, fsum, lgamma, log

from fleetopt.candidates.attainable import attainable_owned
from fleetopt.instance.finance import Spares
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import System
from fleetopt.model.sets import Sets

DAYS_PER_YEAR = 365.25
MOST_STEPS = 16
"""Steps of a rule at a place; where there are more, some are merged into the next one up, which keeps more spares."""
ROUNDING = 1e-12

Steps = tuple[tuple[float, int], ...]
"""(most load, spares it takes) with both rising; the last load is all there can be."""
Key = tuple[str, str, str, int]
"""Rule, system, site, period index."""


def selects(rule: Spares, system: System, site_id: str) -> bool:
    """Whether a rule holds for a system at a site on the ground."""
    named = (not rule.systems or system.id in rule.systems) and (not rule.sites or site_id in rule.sites)
    return rule.enabled and named


def spare_steps(instance: Instance, sets: Sets) -> dict[Key, Steps]:
    """Steps of each rule at each place on the ground where units are in use, by period; none where it asks for none."""
    found: dict[Key, Steps] = {}
    for rule in instance.policy.spares:
        for c, s in sets.live:
            system = sets.systems[c]
            in_use = (c, s) in sets.on or (c, s) in sets.teams_on
            if in_use and sets.sites[s].kind == "ground" and selects(rule, system, s):
                for t in sets.live[c, s]:
                    steps = _steps(rule, system, most_in_use(instance, sets, c, s, t))
                    if steps and steps[-1][1] > 0:
                        found[rule.id, c, s, t] = steps
    return found


def _steps(rule: Spares, system: System, most: float) -> Steps:
    out = out_share(system)
    if rule.units is not None:
        return ((most, rule.units),)
    if not 0 < out < 1 or rule.confidence is None:
        return ()
    loads: dict[int, float] = {}
    last = _least(lambda spares: _most_load(spares, out, rule.confidence or 0.0, most) >= most)
    for spares in _levels(last):
        load = min(most, _most_load(spares, out, rule.confidence, most))
        if load > max(loads.values(), default=0.0):
            loads[spares] = load
    return tuple((load, spares) for spares, load in loads.items())


def _levels(last: int) -> list[int]:
    """Numbers of spares with a step of their own, up to the last: all, or some in equal ratios."""
    if last < MOST_STEPS:
        return list(range(last + 1))
    return sorted({0, *(round(last ** (n / (MOST_STEPS - 1))) for n in range(MOST_STEPS))})


def _most_load(spares: int, out: float, p: float, most: float) -> float:
    """Most units in use that so many spares keep with probability p; no need to know beyond the most there can be."""
    low, high = spares, int(most) + spares + 1
    while low < high:
        middle = (low + high + 1) // 2
        if at_most_out(spares, middle, out) >= p - ROUNDING:
            low = middle
        else:
            high = middle - 1
    return float(low - spares)


def _least(enough: Callable[[int], bool]) -> int:
    """Least whole number that is enough, where every greater one is."""
    low, high = -1, 1
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def out_share(system: System) -> float:
    """Share of the time that a unit is under repair."""
    return min(1.0, system.failures_per_year * system.repair_days / DAYS_PER_YEAR)


def at_most_out(spares: int, units: int, out: float) -> float:
    """Probability that no more than so many of the units are out at a time."""
    if spares >= units or out <= 0:
        return 1.0
    if out >= 1:
        return 0.0
    inside = (lgamma(units + 1) - lgamma(i + 1) - lgamma(units - i + 1) + i * log(out) + (units - i) * log(1 - out)
              for i in range(spares + 1))  # fmt: skip
    return fsum(exp(term) for term in inside)


def spares_for(units: int, out: float, p: float) -> int:
    """Fewest of the units that are out at most, with probability p."""
    return _least(lambda spares: at_most_out(spares, units, out) >= p - ROUNDING)


def usable_units(instance: Instance, system: System, site_id: str, owned: float) -> float:
    """Units in place on the ground that may be in use: without those out on average, and without spares."""
    out, units = out_share(system), round(owned)
    usable = (1 - out) * owned
    for rule in instance.policy.spares:
        if selects(rule, system, site_id):
            kept = rule.units or spares_for(units, out, rule.confidence or 0.0)
            usable = min(usable, max(0.0, owned - kept))
    return usable


def most_in_use(instance: Instance, sets: Sets, c: str, s: str, t: int) -> float:
    """Most owned units that can be in use: no more than can be there, nor than all that may be sent there takes."""
    there = attainable_owned(instance, sets.systems[c], sets.offers[c, s], t).units
    return min(there, _most_needed(sets, c, s, t))


def _most_needed(sets: Sets, c: str, s: str, t: int) -> float:
    """Units for everything that may be sent to a site at its busiest, on the slowest candidates, and every team."""
    units = sum(k.units for k in sets.on.get((c, s), ()) if k.whole)
    units += sum(float(k.units) for k in sets.teams_on.get((c, s), ()))
    slowest: dict[tuple[str, str, bool], float] = {}
    for k in sets.on.get((c, s), ()):
        for b, point in k.points.items():
            key = (k.workload, b, k.stage == "decode")
            slowest[key] = max(slowest.get(key, 0.0), k.units / point.rate_per_s)
    shares = {(w.id, b.id): b.share for w in sets.serving.values() for b in w.buckets}
    return units + sum(each * shares[w, b] * _peak(sets, w, s, t) for (w, b, _), each in slowest.items())


def _peak(sets: Sets, w: str, s: str, t: int) -> float:
    """Most requests/s of a workload that may reach a site in a slice; deferred work may all be done in the shortest."""
    regions = [u for (workload, u), sites in sets.routes.items() if workload == w and s in sites]
    arriving: Mapping[str, float] = {h: sum(sets.arrivals[w, u, t, h] for u in regions) for h in sets.slices}
    if sets.serving[w].max_delay_h > 0:
        return sum(sets.hours(h) * rate for h, rate in arriving.items()) / min(sets.hours(h) for h in sets.slices)
    return max(arriving.values(), default=0.0)
