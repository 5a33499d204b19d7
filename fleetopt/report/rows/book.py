"""A plan beside its instance, indexed once: what every table of a report is built from."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import PowerSource, Site
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Workload
from fleetopt.network.graph import NetworkView, network_view
from fleetopt.orbit.launch import risk_usd, transport_usd
from fleetopt.orbit.satellite import SatelliteSizing, size
from fleetopt.plan import Plan, Purchase
from fleetopt.report.names import Names
from fleetopt.report.rows.worth import Worth

LEASE = "lease"
KW_PER_MW = 1e3
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Book:
    """A plan and its instance."""

    plan: Plan
    instance: Instance

    @cached_property
    def names(self) -> Names:
        """Names as the instance writes them."""
        return Names(self.instance, str)

    @cached_property
    def worth(self) -> Worth:
        """Present values."""
        return Worth(self.instance)

    @cached_property
    def index(self) -> dict[str, int]:
        """Period index by id."""
        return {period: t for t, period in enumerate(self.instance.time.period_ids)}

    @cached_property
    def periods(self) -> range:
        """Period indices."""
        return range(self.instance.time.periods)

    @cached_property
    def hours(self) -> dict[str, float]:
        """Hours of each slice in a period."""
        return {h.id: self.instance.time.slice_hours_in_period(h) for h in self.instance.time.slices}

    @cached_property
    def systems(self) -> dict[str, System]:
        """Systems by id."""
        return {s.id: s for s in self.instance.systems}

    @cached_property
    def sites(self) -> dict[str, Site]:
        """Sites by id."""
        return {s.id: s for s in self.instance.sites}

    @cached_property
    def tiers(self) -> dict[str, MemoryTier]:
        """Memory tiers by id."""
        return {m.id: m for m in self.instance.memory}

    @cached_property
    def workloads(self) -> dict[str, Workload]:
        """Workloads by id."""
        return {w.id: w for w in self.instance.workloads}

    @cached_property
    def sources(self) -> dict[tuple[str, str], PowerSource]:
        """Sources of power by source and site."""
        return {(e.id, s.id): e for s in self.instance.sites for e in s.power.sources}

    @cached_property
    def network(self) -> NetworkView:
        """Paths between regions and sites."""
        return network_view(self.instance)

    # Prices

    def list_usd(self, system: System, t: int) -> float:
        """List price of a unit delivered in t, without network: the last dated price that has begun."""
        begun = [p.buy_usd for p in system.price.by_date if self.instance.time.period_index(p.since) <= t]
        machine = begun[-1] if begun else system.price.buy_usd or 0.0
        return (machine + (system.satellite.bus_usd if system.satellite else 0.0)) * system.price.scale

    def memory_usd(self, tier: MemoryTier, t: int) -> float:
        """List price of a unit of memory delivered in t."""
        begun = [p.usd_per_gb for p in tier.price.by_date if self.instance.time.period_index(p.since) <= t]
        return (begun[-1] if begun else tier.price.usd_per_gb or 0.0) * tier.price.scale * tier.unit_gb

    def launch_kg(self, p: Purchase) -> float:
        """Mass of a purchase that is launched; 0 on the ground."""
        orbit = self.sites[p.site].orbit
        sized = size(self.systems[p.system], orbit) if orbit is not None and p.acquisition == "buy" else None
        return p.units * sized.mass_kg if isinstance(sized, SatelliteSizing) else 0.0

    def launch_usd(self, p: Purchase) -> float:
        """Price of launching and deploying a purchase; 0 on the ground."""
        orbit, t = self.sites[p.site].orbit, self.index[p.period]
        return transport_usd(orbit, self.instance.time, t, self.launch_kg(p)) if orbit is not None else 0.0

    def launch_risk_usd(self, p: Purchase) -> float:
        """What satellites lost on the way, or insurance against it, cost for a purchase; 0 on the ground."""
        orbit = self.sites[p.site].orbit
        return risk_usd(orbit, p.cost_usd, self.launch_usd(p)) if orbit is not None else 0.0

    def deorbit_usd(self, p: Purchase) -> float:
        """Price of bringing a purchase down; 0 on the ground."""
        orbit = self.sites[p.site].orbit
        return self.launch_kg(p) * orbit.deorbit_usd_per_kg if orbit is not None else 0.0

    def way_up_usd(self, p: Purchase) -> float:
        """Launch, losses and the way down of a purchase; 0 on the ground."""
        return self.launch_usd(p) + self.launch_risk_usd(p) + self.deorbit_usd(p)

    @cached_property
    def saving_usd(self) -> dict[tuple[str, str, str], float]:
        """Volume discounts by system, site and period of delivery: each shared out by list cost over the sites."""
        bought: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for p in self.plan.purchases:
            if p.acquisition == "buy":
                bought[p.system, p.period][p.site] += p.cost_usd
        found: dict[tuple[str, str, str], float] = defaultdict(float)
        for d in self.plan.discounts:
            sites = bought[d.system, d.period]
            whole = sum(sites.values())
            for site, usd in sites.items():
                found[d.system, site, d.period] += d.saving_usd * usd / whole if whole else 0.0
        return dict(found)
