"""What the entries of a plan add up to: units in use, memory, power, requests served.

Everything is worked out from the purchases, retirements and placements as written, by place and period index.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from fleetopt.instance.measured import MeasuredPoint
from fleetopt.instance.sites import PowerSource, Site
from fleetopt.network.graph import NetworkView, Reach, network_view, reach
from fleetopt.plan import Deployment, Placement
from fleetopt.verify.holdings import Holdings
from fleetopt.verify.references import LEASE

ENTRY = frozenset({"aggregated", "prefill"})
"""Stages at which a request enters a site; it leaves from the same (aggregated) or from a decode pool."""


@dataclass(frozen=True)
class Ledger(Holdings):
    """Sums over a plan whose ids are known to exist."""

    # The network, and what was measured

    @cached_property
    def network(self) -> NetworkView:
        """Paths between regions and sites."""
        return network_view(self.instance)

    @cached_property
    def reached(self) -> dict[str, Reach]:
        """Sites open to each region, by workload (D3)."""
        return {w.id: reach(self.instance, self.network, w) for w in self.workloads.values()}

    @cached_property
    def most_measured(self) -> dict[tuple[str, str], list[MeasuredPoint]]:
        """Maximum throughputs measured, by system and workload."""
        found: dict[tuple[str, str], list[MeasuredPoint]] = defaultdict(list)
        for point in self.instance.measured.points:
            if point.workload is not None and point.batch is None:
                found[point.system, point.workload].append(point)
        return dict(found)

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
