"""What the entries of a plan add up to: units in place, in use and under contract, memory, power, requests served.

Everything is worked out from the purchases, retirements and placements as written, by place and period index.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import PowerSource, Site
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Workload
from fleetopt.plan import Deployment, Placement, Plan
from fleetopt.verify.orbits import at_work
from fleetopt.verify.references import LEASE
from fleetopt.verify.spares import kept_back
from fleetopt.verify.worth import Worth

DAYS_PER_YEAR = 365.25
ENTRY = frozenset({"aggregated", "prefill"})
"""Stages at which a request enters a site; it leaves from the same (aggregated) or from a decode pool."""

Place = tuple[str, str]
"""(system id, site id)."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Units of one system at one site that entered service together; `last` is their last period of life."""

    id: str
    units: float
    entered: int
    last: int

    def alive(self, t: int) -> bool:
        """Whether the cohort is within its life in period t."""
        return self.entered <= t <= self.last


@dataclass(frozen=True)
class Ledger:
    """Sums over a plan whose ids are known to exist."""

    instance: Instance
    plan: Plan
    worth: Worth = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "worth", Worth(self.instance))

    @cached_property
    def periods(self) -> range:
        """Period indices."""
        return range(self.instance.time.periods)

    @cached_property
    def period_ids(self) -> tuple[str, ...]:
        """Period ids."""
        return self.instance.time.period_ids

    @cached_property
    def index(self) -> dict[str, int]:
        """Period index by id."""
        return {period: t for t, period in enumerate(self.period_ids)}

    @cached_property
    def slices(self) -> tuple[str, ...]:
        """Slice ids."""
        return tuple(h.id for h in self.instance.time.slices)

    @cached_property
    def hours(self) -> dict[str, float]:
        """Hours of each slice in a cycle."""
        return {h.id: h.hours for h in self.instance.time.slices}

    @cached_property
    def seconds(self) -> dict[str, float]:
        """Seconds of each slice in a period."""
        return {h.id: self.instance.time.slice_hours_in_period(h) * 3600 for h in self.instance.time.slices}

    @cached_property
    def systems(self) -> dict[str, System]:
        """Enabled systems by id."""
        return {c.id: c for c in self.instance.systems if c.enabled}

    @cached_property
    def sites(self) -> dict[str, Site]:
        """Enabled sites by id."""
        return {s.id: s for s in self.instance.sites if s.enabled}

    @cached_property
    def tiers(self) -> dict[str, MemoryTier]:
        """Enabled memory tiers by id."""
        return {m.id: m for m in self.instance.memory if m.enabled}

    @cached_property
    def workloads(self) -> dict[str, Workload]:
        """Enabled workloads that are served, by id."""
        return {w.id: w for w in self.instance.workloads if w.enabled and w.kind != "training"}

    @cached_property
    def deployments(self) -> dict[str, Deployment]:
        """Deployments by id."""
        return {d.id: d for d in self.plan.deployments}

    @cached_property
    def opened(self) -> dict[str, int]:
        """Period index from which each site is open; one past the horizon where never."""
        found = {s.id: 0 if s.opening is None else self.instance.time.periods for s in self.sites.values()}
        return found | {entry.site: self.index[entry.period] for entry in self.plan.sites_opened}

    @cached_property
    def first_open(self) -> dict[str, int]:
        """First period index in which each site can be open; units held for it wait until then."""
        time = self.instance.time
        found = {s.id: 0 for s in self.sites.values()}
        for s in self.sites.values():
            if s.opening is not None:
                earliest = time.period_index(s.opening.earliest) if s.opening.earliest else 0
                found[s.id] = max(earliest, time.periods_of_months(s.opening.lead_months))
        return found

    # Units in place

    @cached_property
    def cohorts(self) -> dict[Place, list[Cohort]]:
        """Units held before the horizon or on order, and units the plan buys."""
        found: dict[Place, list[Cohort]] = defaultdict(list)
        for held in self.instance.fleet:
            if held.enabled and held.units and held.system in self.systems and held.site in self.sites:
                first, last = (self.instance.time.period_index(p) for p in (held.in_service, held.end_of_life))
                found[held.system, held.site].append(Cohort(held.id, held.units, first, last))
        for p in self.plan.purchases:
            if p.acquisition == "buy":
                t = self.index[p.period]
                last = t + self.worth.life_periods(self.systems[p.system].life_years) - 1
                found[p.system, p.site].append(Cohort(f"bought-{p.period}", p.units, t, last))
        return dict(found)

    @cached_property
    def retired(self) -> dict[tuple[str, str, str, int], float]:
        """Units retired by system, site, cohort and period."""
        return {(r.system, r.site, r.cohort, self.index[r.period]): r.units for r in self.plan.retirements}

    def left(self, place: Place, cohort: Cohort, t: int) -> float:
        """Units of a cohort in place in period t."""
        gone = sum(self.retired.get((*place, cohort.id, earlier), 0.0) for earlier in range(t + 1))
        return cohort.units - gone if cohort.alive(t) and t >= self.first_open[place[1]] else 0.0

    @cached_property
    def owned(self) -> dict[tuple[str, str, int], float]:
        """Units owned and in place by system, site and period (B5)."""
        return {
            (*place, t): sum(self.left(place, cohort, t) for cohort in cohorts)
            for place, cohorts in self.cohorts.items()
            for t in self.periods
        }

    @cached_property
    def by_class(self) -> dict[tuple[str, str, str, int], float]:
        """Units under contract by system, site, rental class and period (B7)."""
        found: dict[tuple[str, str, str, int], float] = defaultdict(float)
        for p in (p for p in self.plan.purchases if p.acquisition == "rent"):
            start = self.index[p.period]
            for t in self.periods[start : start + self.worth.term_periods(self.systems[p.system], p.rental)]:
                found[p.system, p.site, p.rental, t] += p.units
        return dict(found)

    @cached_property
    def rented(self) -> dict[tuple[str, str, int], float]:
        """Units under contract by system, site and period, of every class."""
        found: dict[tuple[str, str, int], float] = defaultdict(float)
        for (c, s, _, t), units in self.by_class.items():
            found[c, s, t] += units
        return dict(found)

    def rented_working(self, c: str, s: str, t: int) -> float:
        """Rented units by the time in which they work: spot is away at times, and then starts again."""
        classes = {a: self.by_class.get((c, s, a, t), 0.0) for a in self.systems[c].rentals}
        return sum(units * self.worth.at_work(self.systems[c], a) for a, units in classes.items())

    def rented_steady(self, c: str, s: str, t: int) -> float:
        """Rented units that are never taken away."""
        classes = {a: self.by_class.get((c, s, a, t), 0.0) for a in self.systems[c].rentals}
        return sum(units for a, units in classes.items() if not self.worth.fleeting(self.systems[c], a))

    def working(self, c: str, s: str, t: int) -> float:
        """Units owned whose memory and cores are there; in orbit only those that survive (O3)."""
        in_orbit = self.sites[s].kind == "orbit"
        return self.surviving((c, s), t) if in_orbit else self.owned.get((c, s, t), 0.0)

    def fleet(self, c: str, s: str, t: int) -> float:
        """Units owned or rented."""
        return self.owned.get((c, s, t), 0.0) + self.rented.get((c, s, t), 0.0)

    @cached_property
    def places(self) -> list[Place]:
        """Places with anything on them, in the order of the instance."""
        found = {(c, s) for c, s, _ in (*self.owned, *self.rented)}
        return [(c, s) for c in self.systems for s in self.sites if (c, s) in found]

    def usable(self, place: Place, t: int) -> float:
        """Owned units that can be in use: without those under repair and without spares (R1); in orbit as available."""
        owned, available = self.owned.get((*place, t), 0.0), self.available(place, t)
        if self.sites[place[1]].kind == "orbit":
            return available
        return min([available, *(max(0.0, owned - kept) for kept in kept_back(self.instance, *place, owned))])

    def available(self, place: Place, t: int) -> float:
        """Owned units without those under repair on average (R1).

        In orbit those that survive less what upsets cost (O3), and where chips rest in eclipse those in sunlight (O4).
        """
        system, orbit = self.systems[place[0]], self.sites[place[1]].orbit
        if orbit is not None:
            return at_work(system, orbit) * self.surviving(place, t)
        broken = min(1.0, system.failures_per_year * system.repair_days / DAYS_PER_YEAR)
        return (1.0 - broken) * self.owned.get((*place, t), 0.0)

    def surviving(self, place: Place, t: int) -> float:
        """Satellites that have not failed by their age, nothing being repaired (O3)."""
        survive, years = 1.0 - self.systems[place[0]].failures_per_year, self.instance.time.period_years
        alive = [c for c in self.cohorts.get(place, ()) if c.alive(t)]
        return sum(float(survive ** ((t - c.entered) * years)) * self.left(place, c, t) for c in alive)

    # Units in use

    @cached_property
    def used(self) -> dict[tuple[str, str, int, str], float]:
        """Units serving or training by system, site, period and slice (C1, T3); loaded replicas count as they stand."""
        return self._units(lambda p: p.replicas)

    @cached_property
    def work(self) -> dict[tuple[str, str, int, str], float]:
        """Units' worth of work: loaded replicas count for what they serve (P2)."""
        return self._units(self.load)

    def _units(self, replicas: Callable[[Placement], float]) -> dict[tuple[str, str, int, str], float]:
        found: dict[tuple[str, str, int, str], float] = defaultdict(float)
        for p in self.plan.placements:
            d = self.deployments[p.deployment]
            found[d.system, d.site, self.index[p.period], p.slice] += d.units_per_replica * replicas(p)
        for run in self.plan.training_runs:
            for period, share in run.share_of_period.items():
                for h in self.slices:
                    found[run.system, run.site, self.index[period], h] += run.units * share
        return dict(found)

    @cached_property
    def awaited(self) -> dict[tuple[str, str, int, str], float]:
        """Units serving what people wait for, by system, site, period and slice (C1.steady)."""
        found: dict[tuple[str, str, int, str], float] = defaultdict(float)
        for p in self.plan.placements:
            d = self.deployments[p.deployment]
            if self.workloads[d.workload].kind == "answer":
                found[d.system, d.site, self.index[p.period], p.slice] += d.units_per_replica * p.replicas
        return dict(found)

    def busy(self, c: str, s: str, t: int, h: str) -> float:
        """Owned units in use: rented units are used first, for they draw no power of ours, spot where nobody waits."""
        index = (c, s, t, h)
        any_work = self.used.get(index, 0.0) - self.rented_working(c, s, t)
        return max(0.0, any_work, self.awaited.get(index, 0.0) - self.rented_steady(c, s, t))

    def running(self, c: str, s: str, t: int, h: str) -> float:
        """Owned units at work: rented units work first, for they draw no power of ours."""
        return max(0.0, self.work.get((c, s, t, h), 0.0) - self.rented_working(c, s, t))

    # Requests

    def load(self, p: Placement) -> float:
        """Replicas' worth of requests a placement serves."""
        points = self.deployments[p.deployment].points
        return sum(rate / points[b]["rate_per_s"] for b, rate in p.served_per_s.items())

    @cached_property
    def served(self) -> dict[tuple[str, str, str, int, str, str], float]:
        """Requests/s by workload, bucket, site, period, slice and stage."""
        found: dict[tuple[str, str, str, int, str, str], float] = defaultdict(float)
        for p in self.plan.placements:
            d = self.deployments[p.deployment]
            for b, rate in p.served_per_s.items():
                found[d.workload, b, d.site, self.index[p.period], p.slice, d.stage] += rate
        return dict(found)

    def entering(self) -> Iterator[tuple[Deployment, str, int, str, float]]:
        """(deployment, bucket, period index, slice, requests/s) of every placement where requests enter a site."""
        for p in self.plan.placements:
            d = self.deployments[p.deployment]
            if d.stage in ENTRY:
                for b, rate in p.served_per_s.items():
                    yield d, b, self.index[p.period], p.slice, rate

    # Memory and power

    @cached_property
    def memory_units(self) -> dict[tuple[str, str, int], float]:
        """Units of memory bought, alive and in place by tier, site and period."""
        found: dict[tuple[str, str, int], float] = defaultdict(float)
        for p in self.plan.memory_purchases:
            if p.acquisition == "buy":
                start, life = self.index[p.period], self.worth.life_periods(self.tiers[p.tier].life_years)
                for t in self.periods[start : start + life]:
                    found[p.tier, p.site, t] += p.units
        return dict(found)

    @cached_property
    def memory_rented_gb(self) -> dict[tuple[str, str, int], float]:
        """GB of memory rented by tier, site and period."""
        rents = (p for p in self.plan.memory_purchases if p.acquisition == "rent")
        return {(p.tier, p.site, self.index[p.period]): p.gb for p in rents}

    @cached_property
    def blocks(self) -> dict[tuple[str, str, int], float]:
        """Blocks of a source with first power by source, site and period."""
        builds = (b for b in self.plan.power_builds if b.source != LEASE)
        return {(b.source, b.site, self.index[b.period]): b.blocks for b in builds}

    @cached_property
    def leased_kw(self) -> dict[tuple[str, int], float]:
        """Powered space leased by site and period."""
        found: dict[tuple[str, int], float] = defaultdict(float)
        for b in (b for b in self.plan.power_builds if b.source == LEASE):
            start = self.index[b.period]
            for t in self.periods[start : start + self.worth.lease_periods(self.sites[b.site])]:
                found[b.site, t] += b.power_kw
        return dict(found)

    def power_kw(self, site: Site, source: PowerSource, t: int) -> float:
        """Power of a source at a site: existing, and blocks with first power by t and within their life."""
        first = max(0, t - self.worth.life_periods(source.life_years) + 1)
        built = sum(self.blocks.get((source.id, site.id, b), 0.0) for b in range(first, t + 1))
        return source.existing_kw * source.scale * site.power.scale + source.block_kw * built
