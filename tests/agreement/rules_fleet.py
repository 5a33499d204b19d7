"""What can be bought, rented and retired, where and when: S2, B1, B2, B5, B7, O2, O3, X1, X3."""

from collections import defaultdict
from typing import Any

import numpy as np
from programme import ONE, SMALL, Name, Programme, Terms, plus
from tariff import Tariff

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import Rent
from fleetopt.orbit.satellite import SatelliteSizing, size

SECONDS_PER_HOUR = 3600.0


class FleetRules:
    """Sites, systems in place, borders and vendors."""

    def __init__(self, instance: Instance, found: CandidateSet) -> None:
        self.i, self.found, self.p, self.tariff = instance, found, Programme(), Tariff(instance)
        self.periods = range(instance.time.periods)
        self.ids = instance.time.period_ids
        self.hours = {h.id: h.hours for h in instance.time.slices}
        self.seconds = {
            h: hours / sum(self.hours.values()) * self.tariff.years * 8766 * SECONDS_PER_HOUR
            for h, hours in self.hours.items()
        }
        self.sites = {s.id: s for s in instance.sites if s.enabled}
        self.systems = {c.id: c for c in instance.systems if c.enabled}
        self.owned: dict[tuple[str, str, int], Terms] = defaultdict(dict)
        self.working: dict[tuple[str, str, int], Terms] = defaultdict(dict)
        self.under_contract: dict[tuple[str, str, int], Terms] = defaultdict(dict)
        self.held_constant: dict[tuple[str, str, int], float] = defaultdict(float)
        self.places = [
            (c, s)
            for c in self.systems
            for s in self.sites
            if (self.systems[c].kind == "satellite") == (self.sites[s].kind == "orbit")
        ]

    def opens(self, s: str) -> int:
        """First period in which a site can be open."""
        opening = self.sites[s].opening
        if opening is None:
            return 0
        earliest = self.ids.index(opening.earliest) if opening.earliest else 0
        return max(earliest, self.tariff.lead(opening.lead_months))

    def openings(self) -> None:
        """S2: a site opens once and stays open; its price is an annuity, its running cost is paid while open."""
        for s, site in self.sites.items():
            for t in self.periods:
                running = site.fixed_usd_per_year * self.tariff.years * self.tariff.today(t)
                if site.opening is None:
                    self.p.constant += running
                elif t >= self.opens(s):
                    life = self.tariff.periods(site.opening.life_years)
                    each = site.opening.cost_usd / sum(self.tariff.today(n) for n in range(life))
                    self.p.whole["open", s, t] = (0, 1)
                    self.p.cost["open", s, t] = each * self.tariff.today(t) + running
                    if ("open", s, t - 1) in self.p.whole:
                        self.p.most({("open", s, t - 1): 1.0, ("open", s, t): -1.0}, 0.0)

    def open_share(self, s: str, t: int) -> Terms:
        """1 where a site is open."""
        if self.sites[s].opening is None:
            return {ONE: 1.0}
        return {("open", s, t): 1.0} if ("open", s, t) in self.p.whole else {}

    def fleet(self) -> None:
        """B2, B5, B7, O3: what can be bought, rented and retired, and what is in place then."""
        for c, s in self.places:
            system, site = self.systems[c], self.sites[s]
            sized = size(system, site.orbit) if site.orbit and system.satellite else None
            mass = sized.mass_kg if isinstance(sized, SatelliteSizing) else 0.0
            life = self.tariff.periods(system.life_years)
            first = max(self.opens(s), self.tariff.lead(system.lead_months))
            if system.available_from:
                first = max(first, self.ids.index(system.available_from))
            cohorts: list[tuple[str, int, int, Terms, int]] = []
            if system.buyable and system.price.buy_usd is not None:
                for t in self.periods[first:]:
                    if (legal := self.legal(c, s)) is not None:
                        name = ("buy", c, s, t)
                        self.p.whole[name] = (0, self.most_delivered(c, s, t))
                        self.p.cost[name] = self.tariff.bought(system, site, mass, legal[0], t)
                        cohorts.append((f"bought-{t}", t, t + life - 1, {name: 1.0}, self.p.whole[name][1]))
            for held in self.i.fleet:
                if held.enabled and held.units and (held.system, held.site) == (c, s):
                    enters, ends = (self.i.time.period_index(x) for x in (held.in_service, held.end_of_life))
                    cohorts.append((held.id, enters, ends, {ONE: float(held.units)}, held.units))
            for cohort in cohorts:
                self.cohort(c, s, *cohort)
            self.rents(c, s)

    def cohort(self, c: str, s: str, id_: str, enters: int, ends: int, units: Terms, most: int) -> None:
        """Units that entered together: in place for their life, unless retired before."""
        system, site = self.systems[c], self.sites[s]
        new = id_.startswith("bought-")
        window = [t for t in self.periods if max(enters, self.opens(s)) <= t <= ends]
        gone: Terms = {}
        for t in window:
            if (new and system.resale is not None and t > enters) or not new:
                name = ("retire", c, s, id_, t)
                self.p.whole[name] = (0, most)
                self.p.cost[name] = -self.tariff.sold(system, t, enters, ends)
                gone = {**gone, name: 1.0}
            there = plus((1.0, units), (-1.0, gone))
            self.owned[c, s, t] = plus((1.0, self.owned[c, s, t]), (1.0, there))
            alive = (1 - system.failures_per_year) ** ((t - enters) * self.tariff.years) if site.orbit else 1.0
            self.working[c, s, t] = plus((1.0, self.working[c, s, t]), (alive, there))
            for name, share in there.items():
                self.add_cost(name, share * self.tariff.kept(system, site, t))
        if gone:
            self.p.most(plus((1.0, gone), (-1.0, units)), 0.0)

    def add_cost(self, name: Name, usd: float) -> None:
        """A cost of a column, or of what is there anyway."""
        if name == ONE:
            self.p.constant += usd
        else:
            self.p.cost[name] += usd

    def rents(self, c: str, s: str) -> None:
        """B7: contracts of each class run their term; no more units than the class offers."""
        system = self.systems[c]
        if self.sites[s].orbit or self.legal(c, s) is None:
            return
        first = max(self.opens(s), self.ids.index(system.available_from) if system.available_from else 0)
        for class_, rent in (("", system.rent), *((offer.id, offer) for offer in system.rental_classes)):
            if rent is not None and rent.max_units != 0:
                self.contracts(c, s, class_, rent, first)

    def contracts(self, c: str, s: str, class_: str, rent: Rent, first: int) -> None:
        """Contracts of one class from a first period on."""
        term = max(1, self.tariff.lead(rent.min_term_months))
        running: dict[int, Terms] = defaultdict(dict)
        for t in self.periods[first:]:
            name = ("rent", c, s, t, class_)
            self.p.free[name] = np.inf
            self.p.cost[name] = self.tariff.rented(rent, t, term)
            for at in self.periods[t : t + term]:
                running[at][name] = self.under_contract[c, s, at][name] = 1.0
        for t in self.periods[first:]:
            if rent.max_units is not None:
                self.p.most(dict(running[t]), float(rent.max_units))

    def legal(self, c: str, s: str) -> tuple[float, str] | None:
        """Duty and revenue share, and the licence used; None where a rule bites and no licence covers it (X1, X3)."""
        chip, where = self.systems[c].chip, self.sites[s].jurisdiction
        country = self.i.country(where)
        bites = any(
            chip is not None and country in rule.destinations and (chip.tpp or 0.0) >= (rule.tpp_at_least or 0.0)
            for rule in self.i.trade.rules
        )
        held = [x for x in self.i.trade.licences if c in x.systems and x.jurisdiction == where]
        if bites and not held:
            return None
        duty = sum(d.rate for d in self.i.trade.duties if where in d.jurisdictions)
        return (duty + held[0].revenue_share, held[0].id) if bites else (duty, "")

    def limits_on(self, c: str) -> list[Any]:
        """Supply limits that count a system."""
        vendor = self.systems[c].vendor
        return [x for x in self.i.supply.limits if (c in x.systems if x.systems else x.vendor in (None, vendor))]

    def most_delivered(self, c: str, s: str, t: int) -> int:
        """Most units that a supply limit leaves for one delivery; every system of these instances has one."""
        caps = [x.units_per_period[min(t, len(x.units_per_period) - 1)] * x.scale for x in self.limits_on(c)]
        return int(min(caps) + SMALL)

    def trade_and_supply(self) -> None:
        """B1, O2, X1."""
        buys = [name for name in self.p.whole if name[0] == "buy"]
        for limit in self.i.supply.limits:
            for t in self.periods:
                most = limit.units_per_period[min(t, len(limit.units_per_period) - 1)] * limit.scale
                self.p.most({b: 1.0 for b in buys if b[3] == t and limit in self.limits_on(b[1])}, most)
        for s, site in self.sites.items():
            for t in self.periods:
                if site.orbit:
                    up = {b: size(self.systems[b[1]], site.orbit).mass_kg for b in buys if b[2:] == (s, t)}  # type: ignore[union-attr]
                    self.p.most(up, site.orbit.launch_kg_per_period)
        for licence in self.i.trade.licences:
            if licence.max_units is not None:
                rents = [name for name in self.p.free if name[0] == "rent"]
                under = [n for n in (*buys, *rents) if (self.legal(n[1], n[2]) or (0, ""))[1] == licence.id]
                self.p.most(dict.fromkeys(under, 1.0), licence.max_units)
