"""What is served and trained, when and where: D1 to D3, T1, T2, and memory that can be had."""

from collections import defaultdict
from typing import Any

import numpy as np
from programme import ONE, SMALL, Name, Terms, plus
from rules_terms import TermsRules


class ServiceRules(TermsRules):
    """Memory, demand, links, training."""

    def memory(self) -> None:
        """Units of memory bought, rented room, and what they cost."""
        for tier in self.i.memory:
            for s, site in self.sites.items():
                first = max(self.tariff.lead(tier.lead_months), self.opens(s))
                for t in self.periods[first:] if not site.orbit else ():
                    if tier.price.usd_per_gb is not None:
                        if tier.kind == "dram":
                            sockets = sum(
                                self.systems[c].max_added_dram_gb * self.most_owned(c, s) for c in self.systems
                            )
                            most = int(sockets / tier.unit_gb + SMALL)
                        else:
                            assert site.space is not None and tier.slots_per_unit > 0, (
                                "these instances bound memory by space"
                            )
                            most = int(site.space.slots * site.space.scale / tier.slots_per_unit + SMALL)
                        self.p.whole["mem", tier.id, s, t] = (0, most)
                        self.p.cost["mem", tier.id, s, t] = self.tariff.memory(tier, t)
                if tier.price.usd_per_gb_month is not None and not site.orbit:
                    for t in self.periods[self.opens(s) :]:
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
        self.links()

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
                        self.p.cost[name] = (
                            self.link(u, k.site).usd_per_gb * gb * self.seconds[h] * self.tariff.today(t)
                        )
                        served[name] = 1.0
                self.p.equal(plus((1.0, served), (-b.share, done[h]), (b.share, short)), 0.0)

    def waiting(self, w: Any, u: str, t: int, came: dict[str, float]) -> None:
        """D2: what waits after a slice is a running total, never below nought or above what came within the delay."""
        slices = list(came)
        start = ("start", w.id, u, t)
        self.p.free[start] = np.inf
        waits: Terms = {start: 1.0}
        for n, h in enumerate(slices):
            self.p.free["done", w.id, u, t, h] = np.inf
            waits = plus(
                (1.0, waits), (self.hours[h], {ONE: came[h]}), (-self.hours[h], {("done", w.id, u, t, h): 1.0})
            )
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

    def links(self) -> None:
        """D3: what goes over a link stays within its capacity, contexts one way and answers the other."""
        sent: dict[Name, Terms] = defaultdict(dict)
        for name in (n for n in self.p.free if n[0] == "serve"):
            k = self.candidate(name[1])
            bucket = next(b for b in self.i.workload(k.workload).buckets if b.id == name[2])
            for way, tokens in (("there", bucket.input_tokens), ("back", bucket.output_tokens)):
                sent[name[3], k.site, way, *name[4:]][name] = self.i.network.bytes_per_token * tokens / 1e9
        for (u, s, *_), terms in sent.items():
            if (capacity := self.link(u, s).capacity_gb_s) is not None:
                self.p.most(terms, capacity)

    def training(self) -> None:
        """T1, S2.train: one team does each run, within its window, where it is present."""
        teams = [k for k in self.found.training if any(self.there(k.system, k.site, t) for t in self.periods)]
        for w in (w.id for w in self.i.workloads if w.enabled and w.kind == "training"):
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
