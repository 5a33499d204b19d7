"""The rules of docs/formulation.md written out once more, in USD, kW and GB, without PuLP and without the model.

Nothing here is the model's: requests go straight from a region to a candidate (no flow columns), work that waits is a
running total (no backlog columns), prices come from `tariff`. What is taken from fleetopt is the instance, the
predicted rates of its candidates, and the launch mass of its satellites. `draw` bounds what may stand in an instance.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from programme import ONE, SMALL, Programme, Terms, plus
from rules_fleet import SECONDS_PER_HOUR
from rules_use import UseRules

from fleetopt.orbit.satellite import size


class Writer(UseRules):
    """Writes the programme of an instance, rule by rule; power, room and money stand here."""

    def written(self) -> Programme:
        """All of it."""
        self.p.whole[ONE] = (1, 1)
        self.openings()
        self.fleet()
        self.trade_and_supply()
        self.terms_of_sale()
        self.memory()
        self.service()
        self.training()
        self.compute()
        self.holdings()
        self.power()
        self.room_and_money()
        return self.p

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
                rated = [
                    (self.systems[c].power_kw * site.power.diversity, self.owned.get((c, s, t), {}))
                    for c in self.systems
                ]
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
            work = {("running", c, s, t, h): 1.0}
            running = there if system.chip is None else self.only_free(work)
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
                    room = site.space.slots * site.space.scale
                    self.p.most(plus(*racks, *tiers, (-room, self.open_share(s, t))), 0.0)
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
