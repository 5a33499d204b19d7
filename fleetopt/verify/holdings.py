"""Units in place and under contract, worked out from the purchases and retirements as written."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from fleetopt.verify.indexed import Indexed
from fleetopt.verify.orbits import at_work
from fleetopt.verify.spares import kept_back

DAYS_PER_YEAR = 365.25
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
class Holdings(Indexed):
    """Units by place and period."""

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
