"""Time: slices fill the cycle, periods are written like the horizon's, windows lie inside it."""

from collections.abc import Iterator

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.orbits import Orbit
from fleetopt.instance.schema import Instance

_TOLERANCE_H = 1e-6
FIRST_YEAR, LAST_YEAR = 2000, 2150


def check_slices(instance: Instance) -> Iterator[Finding]:
    """Slices follow each other round the cycle and fill it."""
    time = instance.time
    total = sum(part.hours for part in time.slices)
    if abs(total - time.cycle_hours) > _TOLERANCE_H:
        message = f"the slices add up to {total:g} hours, and the cycle ({time.cycle}) has {time.cycle_hours:g}"
        yield Finding(("time", "slices"), message, "try slices that fill the cycle")
    for index, part in enumerate(time.slices):
        if part.hours <= 0:
            yield Finding(("time", "slices", index, "hours"), "the slice has no length", "try removing it")
        if part.start_hour >= time.cycle_hours:
            message = f"hour {part.start_hour:g} lies beyond the cycle of {time.cycle_hours:g} hours"
            yield Finding(("time", "slices", index, "start_hour"), message, "try an hour of the cycle")
        before = time.slices[index - 1]
        end = (before.start_hour + before.hours) % time.cycle_hours
        if index and abs(end - part.start_hour) > _TOLERANCE_H:
            message = f"the slice starts at hour {part.start_hour:g}, and {before.id!r} before it ends at {end:g}"
            yield Finding(("time", "slices", index, "start_hour"), message, f"try {end:g}, or another order")


def check_periods(instance: Instance) -> Iterator[Finding]:
    """Period ids are quarters in a plan by quarters and years in one by years.

    Rules, duties and offers, which come from the catalogue, may name quarters in a plan by years.
    """
    if not FIRST_YEAR <= int(instance.time.start[:4]) <= LAST_YEAR:
        yield Finding(("time", "start"), f"{instance.time.start} is not a year to plan for", "try 2027q1")
    if instance.time.hours is not None and instance.time.periods != 1:
        yield Finding(("time", "hours"), f"{instance.time.periods} periods cannot have it", "try periods: 1")
    if instance.time.hours == 0:
        yield Finding(("time", "hours"), "the period has no length", "try more than 0")
    quarterly = instance.time.quarterly
    for path, period, loose in _periods(instance):
        if quarterly and "q" not in period:
            yield Finding(path, f"{period} is a year, and this plan goes by quarters", f"try {period}q1 to {period}q4")
        elif not quarterly and "q" in period and not loose:
            yield Finding(path, f"{period} is a quarter, and this plan goes by years", f"try '{period[:4]}'")
    yield from _inside(instance)


def _of_orbit(at: Path, orbit: Orbit) -> Iterator[tuple[Path, str, bool]]:
    if orbit.available_from:
        yield (*at, "available_from"), orbit.available_from, True
    for n, price in enumerate(orbit.launch_price_by_date):
        yield (*at, "launch_price_by_date", n, "since"), price.since, True
    for n, tonnage in enumerate(orbit.tonnage_by_date):
        yield (*at, "tonnage_by_date", n, "since"), tonnage.since, True


def _periods(instance: Instance) -> Iterator[tuple[Path, str, bool]]:
    """Path and id of each period written, and whether a quarter may stand for its year."""
    for s, system in enumerate(instance.systems):
        if system.available_from:
            yield ("systems", s, "available_from"), system.available_from, True
        for n, point in enumerate(system.price.by_date):
            yield ("systems", s, "price", "by_date", n, "since"), point.since, True
    for m, tier in enumerate(instance.memory):
        for n, dated in enumerate(tier.price.by_date):
            yield ("memory", m, "price", "by_date", n, "since"), dated.since, True
    for s, site in enumerate(instance.sites):
        if site.opening and site.opening.earliest:
            yield ("sites", s, "opening", "earliest"), site.opening.earliest, False
        if site.orbit is not None:
            yield from _of_orbit(("sites", s, "orbit"), site.orbit)
    for h, holding in enumerate(instance.fleet):
        yield ("fleet", h, "in_service"), holding.in_service, False
        yield ("fleet", h, "end_of_life"), holding.end_of_life, False
    for w, workload in enumerate(instance.workloads):
        for r, row in enumerate(workload.demand.table):
            yield ("workloads", w, "demand", "table", r, "period"), row.period, False
        if workload.sites_since:
            yield ("workloads", w, "sites_since"), workload.sites_since, False
        if workload.training:
            yield ("workloads", w, "training", "start"), workload.training.start, False
            yield ("workloads", w, "training", "deadline"), workload.training.deadline, False
    for n, limit in enumerate(instance.policy.limits):
        for p, period in enumerate(limit.periods):
            yield ("policy", "limits", n, "periods", p), period, False
    if instance.policy.frozen_until:
        yield ("policy", "frozen_until"), instance.policy.frozen_until, False
    for n, decision in enumerate(instance.policy.purchases):
        yield ("policy", "purchases", n, "period"), decision.period, False
    trade = instance.trade
    for n, rule in enumerate(trade.rules):
        for name, bound in (("since", rule.since), ("until", rule.until)):
            if bound:
                yield ("trade", "rules", n, name), bound, True
    for n, duty in enumerate(trade.duties):
        for name, bound in (("since", duty.since), ("until", duty.until)):
            if bound:
                yield ("trade", "duties", n, name), bound, True
    for n, licence in enumerate(trade.licences):
        for name, bound in (("since", licence.since), ("until", licence.until)):
            if bound:
                yield ("trade", "licences", n, name), bound, False
    for n, seller in enumerate(trade.seller_shipments):
        if seller.since:
            yield ("trade", "seller_shipments", n, "since"), seller.since, False


def _inside(instance: Instance) -> Iterator[Finding]:
    """Demand rows and limits name periods of the horizon."""
    time = instance.time
    inside = set(time.period_ids)
    span = f"the horizon, {time.period_ids[0]} to {time.period_ids[-1]}"
    for w, workload in enumerate(instance.workloads):
        for r, row in enumerate(workload.demand.table):
            if row.period not in inside:
                at: Path = ("workloads", w, "demand", "table", r, "period")
                yield Finding(at, f"{row.period} lies outside {span}", "try removing the row, or a longer horizon")
    for n, limit in enumerate(instance.policy.limits):
        for p, period in enumerate(limit.periods):
            if period not in inside:
                at = ("policy", "limits", n, "periods", p)
                yield Finding(at, f"{period} lies outside {span}", "try removing it, or a longer horizon")


def check_training_windows(instance: Instance) -> Iterator[Finding]:
    """A training run starts no later than its deadline, and both lie inside the horizon."""
    time = instance.time
    first, last = time.period_ids[0], time.period_ids[-1]
    for w, workload in enumerate(instance.workloads):
        run = workload.training
        if run is None:
            continue
        start, deadline = time.period_index(run.start), time.period_index(run.deadline)
        for name, period, index in (("start", run.start, start), ("deadline", run.deadline, deadline)):
            if not 0 <= index < time.periods:
                message = f"{period} lies outside the horizon, {first} to {last}"
                hint = "try a period inside it, or a longer horizon"
                yield Finding(("workloads", w, "training", name), message, hint)
        if start > deadline:
            message = f"the deadline {run.deadline} comes before the start {run.start}"
            yield Finding(("workloads", w, "training", "deadline"), message, "try a later one")
