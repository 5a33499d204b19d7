"""The rules of docs/formulation.md written out once more, in USD, kW and GB, without PuLP and without the model.

Nothing here is the model's: requests go straight from a region to a candidate (no flow columns), work that waits is a
running total (no backlog columns), prices come from `tariff`. What is taken from fleetopt is the instance, the predicted
rates of its candidates, and the launch mass of its satellites.
"""

from collections import defaultdict
from itertools import product
from typing import Any

import numpy as np
from programme import ONE, SMALL, Name, Programme, Terms, plus
from tariff import Tariff

from fleetopt.candidates.candidate import CandidateSet
from fleetopt.instance.schema import Instance
from fleetopt.orbit.satellite import SatelliteSizing, size

SECONDS_PER_HOUR = 3600.0


class Writer:
    """Writes the programme of an instance, rule by rule."""

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

    def written(self) -> Programme:
        """All of it."""
        self.p.whole[ONE] = (1, 1)
        self.openings()
        self.fleet()
        self.trade_and_supply()
        self.memory()
        self.service()
        self.training()
        self.compute()
        self.holdings()
        self.power()
        self.room_and_money()
        return self.p

    # Sites and fleet

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
        """B7: contracts run their term; no more units than are offered."""
        system = self.systems[c]
        if system.rent is None or self.sites[s].orbit or system.rent.max_units == 0 or self.legal(c, s) is None:
            return
        term = max(1, self.tariff.lead(system.rent.min_term_months))
        first = max(self.opens(s), self.ids.index(system.available_from) if system.available_from else 0)
        for t in self.periods[first:]:
            self.p.free["rent", c, s, t] = np.inf
            self.p.cost["rent", c, s, t] = self.tariff.rented(system, t, term)
            for at in self.periods[t : t + term]:
                self.under_contract[c, s, at]["rent", c, s, t] = 1.0
        for t in self.periods[first:]:
            if system.rent.max_units is not None:
                self.p.most(dict(self.under_contract[c, s, t]), float(system.rent.max_units))

    # Borders and vendors

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

    # Memory, service, training

    def memory(self) -> None:
        """Units of memory bought, rented room, and what they cost."""
        for tier in self.i.memory:
            for s, site in self.sites.items():
                for t in self.periods[self.tariff.lead(tier.lead_months) :] if not site.orbit else ():
                    if tier.price.usd_per_gb is not None:
                        if tier.kind == "dram":
                            sockets = sum(self.systems[c].max_added_dram_gb * self.most_owned(c, s) for c in self.systems)
                            most = int(sockets / tier.unit_gb + SMALL)
                        else:
                            assert site.space is not None and tier.slots_per_unit > 0, "these instances bound memory by space"
                            most = int(site.space.slots * site.space.scale / tier.slots_per_unit + SMALL)
                        self.p.whole["mem", tier.id, s, t] = (0, most)
                        self.p.cost["mem", tier.id, s, t] = self.tariff.memory(tier, t)
                if tier.price.usd_per_gb_month is not None and not site.orbit:
                    for t in self.periods:
                        month = tier.price.usd_per_gb_month * tier.price.scale
                        self.p.free["memrent", tier.id, s, t] = np.inf
                        self.p.cost["memrent", tier.id, s, t] = month * 12 * self.tariff.years * self.tariff.today(t)

    def most_owned(self, c: str, s: str) -> int:
        """Most units of a system that could ever be in place at a site."""
        buys = sum(high for name, (_, high) in self.p.whole.items() if name[:3] == ("buy", c, s))
        return buys + sum(h.units for h in self.i.fleet if (h.system, h.site) == (c, s))

    def memory_units(self, m: str, s: str, t: int) -> Terms:
        """Units of a tier in place."""
        life = self.tariff.periods(self.i.tier(m).life_years)
        names = [("mem", m, s, b) for b in range(max(0, t - life + 1), t + 1)]
        return {name: 1.0 for name in names if name in self.p.whole}

    def arrivals(self, w: Any, u: str, t: int, h: str) -> float:
        """Requests a second."""
        mean = sum(r.rate_per_s * r.slice_factors.get(h, 1.0) for r in w.demand.regions if r.region == u)
        return float(mean * (1 + w.demand.growth_per_period) ** t * w.demand.scale)

    def service(self) -> None:
        """D1, D2, S2.flow: what arrives is served by some candidate, later, or not at all where that has a price."""
        for w in self.i.workloads:
            if not w.enabled or w.kind == "training":
                continue
            for u in (r.region for r in w.demand.regions):
                for t in self.periods:
                    came = {h: self.arrivals(w, u, t, h) for h in self.hours}
                    self.work(w, u, t, came)

    def work(self, w: Any, u: str, t: int, came: dict[str, float]) -> None:
        """One region's requests in one period."""
        done: dict[str, Terms] = {h: {ONE: rate} for h, rate in came.items()}
        if w.max_delay_h > 0:
            done = {h: {("done", w.id, u, t, h): 1.0} for h in came}
            self.waiting(w, u, t, came)
        for h in came:
            short: Terms = {}
            if w.shortfall_usd_per_request is not None:
                short = {("short", w.id, u, t, h): 1.0}
                self.p.free["short", w.id, u, t, h] = np.inf
                usd = w.shortfall_usd_per_request * self.seconds[h] * self.tariff.today(t)
                self.p.cost["short", w.id, u, t, h] = usd
            for b in w.buckets:
                served: Terms = {}
                for k in self.found.serving:
                    if k.workload == w.id and b.id in k.points and self.there(k.system, k.site, t):
                        assert k.stage == "aggregated", "these instances have no pools"
                        name = ("serve", k.id, b.id, u, t, h)
                        self.p.free[name] = np.inf
                        gb = self.i.network.bytes_per_token * (b.input_tokens + b.output_tokens) / 1e9
                        self.p.cost[name] = self.link(u, k.site).usd_per_gb * gb * self.seconds[h] * self.tariff.today(t)
                        served[name] = 1.0
                self.p.equal(plus((1.0, served), (-b.share, done[h]), (b.share, short)), 0.0)

    def waiting(self, w: Any, u: str, t: int, came: dict[str, float]) -> None:
        """D2: what waits after each slice is a running total, never below nought or above what came within the delay."""
        slices = list(came)
        start = ("start", w.id, u, t)
        self.p.free[start] = np.inf
        waits: Terms = {start: 1.0}
        for n, h in enumerate(slices):
            self.p.free["done", w.id, u, t, h] = np.inf
            waits = plus((1.0, waits), (self.hours[h], {ONE: came[h]}), (-self.hours[h], {("done", w.id, u, t, h): 1.0}))
            recent, left = 0.0, w.max_delay_h
            for back in range(n, n - len(slices), -1):
                took = min(left, self.hours[slices[back % len(slices)]])
                recent += took * came[slices[back % len(slices)]]
                left -= took
            self.p.most(plus((-1.0, waits)), 0.0)
            self.p.most(waits, recent)
        self.p.equal(plus((1.0, waits), (-1.0, {start: 1.0})), 0.0)

    def there(self, c: str, s: str, t: int) -> bool:
        """Whether a unit can be at a site in a period at all."""
        return bool(self.owned.get((c, s, t)) or self.under_contract.get((c, s, t)))

    def link(self, u: str, s: str) -> Any:
        """The link between a region and a site; in these instances each has one."""
        return next(x for x in self.i.network.links if {x.a, x.b} == {u, s})

    def training(self) -> None:
        """T1, S2.train: one team does each run, within its window, where it is present."""
        teams = [k for k in self.found.training if any(self.there(k.system, k.site, t) for t in self.periods)]
        for w in {k.workload for k in self.found.training}:
            self.p.equal({("train", k.id): 1.0 for k in teams if k.workload == w}, 1.0)
        for k in teams:
            self.p.whole["train", k.id] = (0, 1)
            shares: Terms = {}
            for t in self.periods[k.first_period : k.last_period + 1]:
                if self.there(k.system, k.site, t):
                    share, active = ("run", k.id, t), ("active", k.id, t)
                    self.p.free[share] = 1.0
                    self.p.whole[active] = (0, 1)
                    shares[share] = 1.0
                    self.p.most({active: 1.0, ("train", k.id): -1.0}, 0.0)
                    self.p.most({share: 1.0, active: -1.0}, 0.0)
                    self.p.most(plus((1.0, {share: 1.0}), (-1.0, self.open_share(k.site, t))), 0.0)
                    units = plus(
                        (self.repaired(k.system), self.owned[k.system, k.site, t]),
                        (1.0, self.under_contract[k.system, k.site, t]),
                    )
                    self.p.most(plus((float(k.least_units), {active: 1.0}), (-1.0, units)), 0.0)
            self.p.most(plus((-1.0, shares), (k.periods_needed, {("train", k.id): 1.0})), 0.0)

    def repaired(self, c: str) -> float:
        """Share of units on the ground that are not under repair."""
        return 1 - min(1.0, self.systems[c].failures_per_year * self.systems[c].repair_days / 365.25)

    def compute(self) -> None:
        """C1, C3, R1, O3, T3: units in use are rented, or owned and working; tools find cores."""
        for c, s in self.places:
            for t in self.periods:
                usable = plus((1.0 if self.sites[s].orbit else self.repaired(c), self.working.get((c, s, t), {})))
                for h in self.hours:
                    used = self.used(c, s, t, h)
                    if not used:
                        continue
                    busy = ("busy", c, s, t, h)
                    self.p.free[busy] = np.inf
                    self.p.most(plus((1.0, used), (-1.0, {busy: 1.0}), (-1.0, self.under_contract.get((c, s, t), {}))), 0.0)
                    self.p.most(plus((1.0, {busy: 1.0}), (-1.0, usable)), 0.0)
        for s in self.sites:
            for t, h in product(self.periods, self.hours):
                need: Terms = {}
                for name in self.p.free:
                    if name[0] == "serve" and name[4:] == (t, h) and self.candidate(name[1]).site == s:
                        agent = self.i.workload(self.candidate(name[1]).workload).agent
                        need[name] = agent.tool_core_s if agent else 0.0
                if any(need.values()):
                    cores = [(-self.systems[c].usable_cpu_cores, self.memory_units_of(c, s, t)) for c in self.systems]
                    self.p.most(plus((1.0, need), *cores), 0.0)
        for w in self.i.workloads:
            for s, site in self.sites.items():
                for t in self.periods if site.opening else ():
                    flow = {n: self.hours[n[5]] for n in self.p.free if n[0] == "serve" and self.is_of(n, w.id, s, t)}
                    came = sum(
                        self.arrivals(w, r.region, t, h) * self.hours[h] for r in w.demand.regions for h in self.hours
                    )
                    if flow:
                        self.p.most(plus((1.0, flow), (-came, self.open_share(s, t))), 0.0)

    def is_of(self, name: Name, w: str, s: str, t: int) -> bool:
        """Whether a serving column is of a workload at a site in a period."""
        k = self.candidate(name[1])
        return (k.workload, k.site, name[4]) == (w, s, t)

    def candidate(self, id_: str) -> Any:
        """The candidate of that id."""
        return next(k for k in self.found.serving if k.id == id_)

    def memory_units_of(self, c: str, s: str, t: int) -> Terms:
        """Units whose memory and cores are there: owned (in orbit those that survive) and rented."""
        return plus((1.0, self.working.get((c, s, t), {})), (1.0, self.under_contract.get((c, s, t), {})))

    def used(self, c: str, s: str, t: int, h: str) -> Terms:
        """Units of a system in use in a slice: serving, loaded, training."""
        found: Terms = defaultdict(float)
        for k in (k for k in self.found.serving if (k.system, k.site) == (c, s)):
            load = {n: 1 / k.points[n[2]].rate_per_s for n in self.p.free if n[0] == "serve" and (n[1], *n[4:]) == (k.id, t, h)}
            if k.whole and load:
                keep = ("keep", k.id, t)
                most = self.most_owned(c, s) + (self.systems[c].rent.max_units or 0 if self.systems[c].rent else 0)
                self.p.whole[keep] = (0, int(most / k.units + SMALL))
                self.p.most(plus((1.0, load), (-1.0, {keep: 1.0})), 0.0)
                found[keep] += k.units
            else:
                for name, share in load.items():
                    found[name] += k.units * share
        for k in self.found.training:
            if (k.system, k.site) == (c, s) and ("run", k.id, t) in self.p.free:
                found["run", k.id, t] += k.units
        return found

    def holdings(self) -> None:
        """M2: what is kept has a place in a tier allowed for it, and every tier the room."""
        parked: dict[tuple[str, str, int, str], Terms] = defaultdict(dict)
        host = tuple(m.id for m in self.i.memory if m.kind in ("dram", "cxl", "rack"))
        for w in (w for w in self.i.workloads if w.enabled):
            wants: list[tuple[str, tuple[str, ...], Any]] = []
            if w.idle_kv:
                wants.append(("kv", w.idle_kv.tiers, lambda k, b: k.points[b].parked_gb_s))
            if w.agent:
                gb = w.agent.sandbox_gb * w.agent.sandbox_s
                wants.append(("sandbox", host, lambda k, b, gb=gb: gb))
            for store in w.stores:
                gb = store.gb_per_request * store.retention_h * SECONDS_PER_HOUR
                mean = "mean:" if store.retention_h >= sum(self.hours.values()) else "store:"
                wants.append((mean + store.id, store.tiers, lambda k, b, gb=gb: gb))
            if w.training and w.training.checkpoint_gb:
                wants.append(("checkpoint", w.training.checkpoint_tiers, None))
            for (what, tiers, gb_s), s, t, h in product(wants, self.sites, self.periods, self.hours):
                need: Terms = defaultdict(float)
                if gb_s is None:
                    for k in self.found.training:
                        if (k.workload, k.site) == (w.id, s) and k.first_period <= t <= k.last_period:
                            need["train", k.id] = w.training.checkpoint_gb if w.training else 0.0
                else:
                    cycle = sum(self.hours.values())
                    for n in (n for n in self.p.free if n[0] == "serve" and self.is_of(n, w.id, s, t)):
                        share = self.hours[n[5]] / cycle if what.startswith("mean:") else float(n[5] == h)
                        need[n] += share * gb_s(self.candidate(n[1]), n[2])
                if not any(need.values()):
                    continue
                room: Terms = {}
                for m in tiers:
                    if not self.sites[s].orbit or self.i.tier(m).kind == "dram":
                        room["park", w.id, what, m, s, t, h] = 1.0
                        self.p.free["park", w.id, what, m, s, t, h] = np.inf
                        parked[m, s, t, h]["park", w.id, what, m, s, t, h] = 1.0
                self.p.most(plus((1.0, need), (-1.0, room)), 0.0)
        for (m, s, t, _), terms in parked.items():
            tier = self.i.tier(m)
            has = [(tier.unit_gb, self.memory_units(m, s, t)), (1.0, self.only_free({("memrent", m, s, t): 1.0}))]
            if tier.kind == "dram":
                has += [(self.systems[c].usable_dram_gb, self.memory_units_of(c, s, t)) for c in self.systems]
            self.p.most(plus((1.0, terms), *((-factor, part) for factor, part in has)), 0.0)
        for tier in (m for m in self.i.memory if m.kind == "dram"):
            for s, t in product(self.sites, self.periods):
                sockets = [(-self.systems[c].max_added_dram_gb, self.owned.get((c, s, t), {})) for c in self.systems]
                if units := self.memory_units(tier.id, s, t):
                    self.p.most(plus((tier.unit_gb, units), *sockets), 0.0)

    def only_free(self, terms: Terms) -> Terms:
        """The terms whose columns exist."""
        return {name: value for name, value in terms.items() if name in self.p.free}

    # Power, room, money

    def power(self) -> None:
        """P1, P2, and what power built, leased and drawn costs."""
        for s, site in ((s, x) for s, x in self.sites.items() if not x.orbit):
            lease = site.power.lease
            carbon = self.i.finance.carbon_usd_per_t / 1e6
            self.blocks(s)
            for t in self.periods:
                today = self.tariff.today(t)
                firm: list[tuple[float, Terms]] = []
                most_lease = 0.0
                sources: dict[str, tuple[float, Terms]] = {}
                tariffs = {}
                for e in site.power.sources:
                    power = self.source_kw(s, e, t)
                    firm.append((e.firm_share, power))
                    sources[e.id] = (e.energy_share, power)
                    tariffs[e.id] = e.energy_usd_per_mwh * e.energy_scale / 1e3 + e.carbon_g_per_kwh * carbon
                    fixed = e.fixed_usd_per_kw_year * self.tariff.years * today
                    for name, kw in power.items():
                        self.add_cost(name, fixed * kw)
                if lease is not None and t >= self.tariff.lead(lease.lead_months):
                    most_lease = lease.max_kw * lease.scale
                    self.p.free["lease", s, t] = most_lease
                    self.p.cost["lease", s, t] = lease.usd_per_kw_month * 12 * self.tariff.years * today
                    firm.append((1.0, {("lease", s, t): 1.0}))
                    sources["lease"] = (1.0, {("lease", s, t): 1.0})
                    tariffs["lease"] = lease.energy_usd_per_mwh / 1e3 + lease.carbon_g_per_kwh * carbon
                stored = [(m.power_w_per_gb * m.unit_gb / 1e3, self.memory_units(m.id, s, t)) for m in self.i.memory]
                rated = [(self.systems[c].power_kw * site.power.diversity, self.owned.get((c, s, t), {})) for c in self.systems]
                needed = plus(*((site.power.pue_peak * kw, units) for kw, units in (*stored, *rated)))
                self.p.most(plus((1.0, needed), *((-share, kw) for share, kw in firm)), 0.0)
                whole_only = [(-share, {n: x for n, x in kw.items() if n[0] != "lease"}) for share, kw in firm]
                self.p.most(plus((1.0, needed), *whole_only), most_lease)
                for h in self.hours:
                    self.energy(s, t, h, stored, sources, tariffs)

    def energy(self, s: str, t: int, h: str, stored: Any, sources: Any, tariffs: Any) -> None:
        """P2 in one slice: sources deliver idle power for what is in place and the rest for what runs."""
        load: list[tuple[float, Terms]] = list(stored)
        for c, system in self.systems.items():
            there = self.owned.get((c, s, t), {})
            load.append((system.power_kw * system.idle_share, there))
            busy = {("busy", c, s, t, h): 1.0}
            running = there if system.chip is None else self.only_free(busy)
            load.append((system.power_kw * (1 - system.idle_share), running))
        drawn: Terms = {}
        for e, (share, kw) in sources.items():
            name = ("draw", e, s, t, h)
            self.p.free[name] = np.inf
            self.p.cost[name] = tariffs[e] * self.seconds[h] / SECONDS_PER_HOUR * self.tariff.today(t)
            self.p.most(plus((1.0, {name: 1.0}), (-share, kw)), 0.0)
            drawn[name] = 1.0
        pue = self.sites[s].power.pue_average
        self.p.equal(plus((1.0, drawn), *((-pue * kw, units) for kw, units in load)), 0.0)

    def blocks(self, s: str) -> None:
        """Whole blocks of power, no more over the horizon than the site can have."""
        site = self.sites[s]
        for e in site.power.sources:
            most = int(e.max_new_kw * e.scale * site.power.scale / e.block_kw + SMALL)
            names = [("build", e.id, s, t) for t in self.periods[self.tariff.lead(e.lead_months) :]] if most else []
            for name in names:
                self.p.whole[name] = (0, most)
                usd = e.capex_usd_per_kw * e.block_kw * self.tariff.paid(name[3], self.tariff.periods(e.life_years))
                self.p.cost[name] += usd
            if names:
                self.p.most(dict.fromkeys(names, 1.0), most)

    def source_kw(self, s: str, e: Any, t: int) -> Terms:
        """kW of a source in a period: existing and built within its life."""
        life = self.tariff.periods(e.life_years)
        built = [("build", e.id, s, b) for b in range(max(0, t - life + 1), t + 1)]
        existing = {ONE: e.existing_kw * e.scale * self.sites[s].power.scale}
        return plus((1.0, existing), (e.block_kw, {name: 1.0 for name in built if name in self.p.whole}))

    def room_and_money(self) -> None:
        """S1, S2.power, F1, G2."""
        for s, site in self.sites.items():
            for t in self.periods:
                owned = [(c, self.owned.get((c, s, t), {})) for c in self.systems]
                if site.space is not None:
                    racks = [(self.systems[c].slots, units) for c, units in owned]
                    tiers = [(m.slots_per_unit, self.memory_units(m.id, s, t)) for m in self.i.memory]
                    self.p.most(plus(*racks, *tiers), site.space.slots * site.space.scale)
                if site.opening is not None:
                    units = plus(*((1.0, units) for _, units in owned))
                    most = float(sum(self.most_owned(c, s) for c in self.systems))
                    self.p.most(plus((1.0, units), (-most, self.open_share(s, t))), 0.0)
        self.budget()
        for limit in self.i.policy.limits:
            for t in self.periods:
                if not limit.periods or self.ids[t] in limit.periods:
                    self.limit(limit, t)

    def budget(self) -> None:
        """F1: orders at full price in the period of order."""
        most = self.i.finance.capital_budget_usd
        spent: dict[int, Terms] = defaultdict(lambda: defaultdict(float))
        for name in self.p.whole:
            if name[0] == "buy":
                system, site = self.systems[name[1]], self.sites[name[2]]
                mass = size(system, site.orbit).mass_kg if site.orbit else 0.0  # type: ignore[union-attr]
                duty = (self.legal(name[1], name[2]) or (0.0, ""))[0]
                at = name[3] - self.tariff.lead(system.lead_months)
                spent[at][name] += self.tariff.upfront(system, site, mass, duty)
            elif name[0] == "mem":
                tier = self.i.tier(name[1])
                usd = (tier.price.usd_per_gb or 0.0) * tier.price.scale * tier.unit_gb
                spent[name[3] - self.tariff.lead(tier.lead_months)][name] += usd
            elif name[0] == "build":
                e = next(e for e in self.sites[name[2]].power.sources if e.id == name[1])
                spent[name[3] - self.tariff.lead(e.lead_months)][name] += e.capex_usd_per_kw * e.block_kw
            elif name[0] == "open":
                opening = self.sites[name[1]].opening
                assert opening is not None
                at = name[2] - self.tariff.lead(opening.lead_months)
                spent[at][name] += opening.cost_usd
                if ("open", name[1], name[2] - 1) in self.p.whole:
                    spent[at]["open", name[1], name[2] - 1] -= opening.cost_usd
        for t, terms in spent.items():
            if most:
                self.p.most(dict(terms), most[min(t, len(most) - 1)])

    def limit(self, limit: Any, t: int) -> None:
        """G2: least and most of what is counted, in place or rented; of the whole fleet where it is a share."""
        counted: list[tuple[float, Terms]] = []
        every: list[tuple[float, Terms]] = []
        for c, s in self.places:
            system = self.systems[c]
            measure = {"units": 1.0, "chips": float(system.chips), "power_kw": system.power_kw}[limit.measure]
            units = plus((1.0, self.owned.get((c, s, t), {})), (1.0, self.under_contract.get((c, s, t), {})))
            every.append((measure, units))
            if (
                (not limit.systems or c in limit.systems)
                and (not limit.vendors or system.vendor in limit.vendors)
                and (not limit.sites or s in limit.sites)
            ):
                counted.append((measure, units))
        whole = plus(*every) if limit.share else {ONE: 1.0}
        if limit.at_most is not None:
            self.p.most(plus((1.0, plus(*counted)), (-limit.at_most, whole)), 0.0)
        if limit.at_least is not None:
            self.p.most(plus((-1.0, plus(*counted)), (limit.at_least, whole)), 0.0)
