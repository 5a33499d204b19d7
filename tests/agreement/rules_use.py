"""What serving takes: units in use, cores, room in memory: C1, C3, M2, R1, O3, T3."""

from collections import defaultdict
from itertools import product
from typing import Any

import numpy as np
from programme import ONE, SMALL, Name, Terms, plus
from rules_fleet import SECONDS_PER_HOUR
from rules_service import ServiceRules


class UseRules(ServiceRules):
    """Units in use and what they hold."""

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
                    self.p.most(
                        plus((1.0, used), (-1.0, {busy: 1.0}), (-1.0, self.under_contract.get((c, s, t), {}))), 0.0
                    )
                    self.p.most(plus((1.0, {busy: 1.0}), (-1.0, usable)), 0.0)
                    running = ("running", c, s, t, h)
                    self.p.free[running] = np.inf
                    rented = self.under_contract.get((c, s, t), {})
                    self.p.most(plus((1.0, self.at_work(c, s, t, h)), (-1.0, {running: 1.0}), (-1.0, rented)), 0.0)
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
            load = {
                n: 1 / k.points[n[2]].rate_per_s
                for n in self.p.free
                if n[0] == "serve" and (n[1], *n[4:]) == (k.id, t, h)
            }
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

    def at_work(self, c: str, s: str, t: int, h: str) -> Terms:
        """Units' worth of work done: what is loaded and waits draws idle power only (P2)."""
        found: Terms = defaultdict(float)
        for n in (n for n in self.p.free if n[0] == "serve" and n[4:] == (t, h)):
            k = self.candidate(n[1])
            if (k.system, k.site) == (c, s):
                found[n] = k.units / k.points[n[2]].rate_per_s
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
                    for k in (k for k in self.found.training if ("train", k.id) in self.p.whole):
                        if (k.workload, k.site) == (w.id, s) and k.first_period <= t <= k.last_period:
                            need["train", k.id] = w.training.checkpoint_gb if w.training else 0.0
                    if need and w.training and t < self.opens(s):
                        need = defaultdict(float)
                    elif need and w.training and self.sites[s].opening is not None:
                        gb = w.training.checkpoint_gb
                        need = plus((1.0, need), (gb, self.open_share(s, t)), (-gb, {ONE: 1.0}))
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
