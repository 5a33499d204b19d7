"""What things cost, worked out apart from the model: present values to the start of the first period.

A payment at the start of period t is worth (1 + wacc)^-(t x years a period) of itself. A purchase is not paid but
charged: equal amounts at the start of each period of its life (an annuity-due) whose present value at delivery is the
price; the plan bears those that fall inside the horizon (F2). Under the residual rules `straight_line` and `table` a
purchase is paid at delivery instead, and what is left of its price comes back at the end of the horizon.
"""

from dataclasses import dataclass

from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.orbit.satellite import SatelliteSizing, size
from fleetopt.verify.orbits import loss_usd, price_usd_per_kg

MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Worth:
    """Prices and present values of one instance."""

    instance: Instance

    def now(self, t: int) -> float:
        """Present value of a dollar paid at the start of period t."""
        return float((1.0 + self.instance.finance.wacc) ** (-t * self.instance.time.period_years))

    def life_periods(self, life_years: float) -> int:
        """A life in whole periods, at least one."""
        return max(1, round(life_years / self.instance.time.period_years))

    def instalment(self, life_years: float) -> float:
        """Each of the equal payments, the first at once, that together are worth a dollar."""
        return 1.0 / sum(self.now(n) for n in range(self.life_periods(life_years)))

    def charged(self, t: int, life_years: float) -> float:
        """Present value of the instalments inside the horizon on a dollar's worth delivered in t, or of the dollar."""
        if self.by_residual:
            return self.now(t)
        last = min(self.instance.time.periods, t + self.life_periods(life_years))
        return self.instalment(life_years) * sum(self.now(n) for n in range(t, last))

    @property
    def by_residual(self) -> bool:
        """Whether purchases are paid at once and have a residual value at the end of the horizon."""
        return self.instance.finance.residual != "annuity"

    def kept(self, gone: float) -> float:
        """Share of a price left when a share of the life is gone."""
        if gone >= 1.0:
            return 0.0
        if self.instance.finance.residual == "straight_line":
            return 1.0 - gone
        low = (0.0, 1.0)
        for point in (*self.instance.finance.residual_table, (1.0, 0.0)):
            if point[0] > gone:
                return low[1] - (low[1] - point[1]) * (gone - low[0]) / (point[0] - low[0])
            low = point
        return 0.0

    def residual_usd(self, usd: float, age: int, life: int) -> float:
        """Present value of what is left of a price at the end of the horizon, at an age and with a life in periods."""
        return usd * self.kept(age / life) * self.now(self.instance.time.periods) if self.by_residual else 0.0

    # Systems

    def list_usd(self, system: System, t: int) -> float:
        """List price of a unit delivered in t: machine, by date where it is dated, and satellite bus, scaled."""
        machine = system.price.buy_usd if system.price.buy_usd is not None else 0.0
        for point in system.price.by_date:
            if self.instance.time.period_index(point.since) <= t:
                machine = point.buy_usd
        bus = system.satellite.bus_usd if system.satellite is not None else 0.0
        return (machine + bus) * system.price.scale

    def unit_usd(self, system: System, t: int) -> float:
        """List price for delivery in t with the cluster network bought with it."""
        return self.list_usd(system, t) * (1.0 + system.price.network_share)

    def launch_kg(self, system: System, site: Site) -> float:
        """Launch mass of a unit; 0 on the ground or where it cannot be built (O1 says so)."""
        sized = size(system, site.orbit) if site.orbit is not None and system.satellite is not None else None
        return sized.mass_kg if isinstance(sized, SatelliteSizing) else 0.0

    def launch_usd(self, system: System, site: Site, t: int) -> float:
        """Price of launching and deploying a unit that serves from t."""
        if site.orbit is None:
            return 0.0
        per_kg = price_usd_per_kg(site.orbit, self.instance.time, t) + site.orbit.deployment_usd_per_kg
        return self.launch_kg(system, site) * per_kg

    def launch_risk_usd(self, system: System, site: Site, t: int) -> float:
        """What losses on the way, or insurance against them, cost for a unit that serves from t."""
        at_stake = self.unit_usd(system, t) + self.launch_usd(system, site, t)
        return 0.0 if site.orbit is None else loss_usd(site.orbit, at_stake)

    def deorbit_usd(self, system: System, site: Site) -> float:
        """Price of bringing a unit down."""
        return 0.0 if site.orbit is None else self.launch_kg(system, site) * site.orbit.deorbit_usd_per_kg

    def way_up_usd(self, system: System, site: Site, t: int) -> float:
        """Launch, losses and the way down of a unit that serves from t."""
        risk = self.launch_risk_usd(system, site, t)
        return self.launch_usd(system, site, t) + risk + self.deorbit_usd(system, site)

    def upkeep_usd(self, system: System, site: Site, t: int) -> float:
        """Maintenance of a unit for period t, at its list price then; for satellites operations instead."""
        orbit = site.orbit
        share = system.maintenance_share_per_year if orbit is None else orbit.operations_share_per_year
        return share * self.list_usd(system, t) * self.instance.time.period_years

    def resale_usd(self, system: System, t: int, entered: int, last: int) -> float:
        """What a unit fetches at the start of t: a straight line over the system's life or its own, the longer.

        It is counted as it would be paid by the buyer: in instalments over the life left, inside the horizon only.
        """
        if system.resale is None:
            return 0.0
        whole = max(last - entered + 1, round(system.life_years / self.instance.time.period_years))
        left = max(0.0, (last + 1 - t) / whole)
        cheaper = min(self.list_usd(system, t), self.list_usd(system, entered))
        return cheaper * system.resale.first_share * left

    def term_periods(self, system: System, class_: str) -> int:
        """Periods a rental contract of a class runs."""
        months = system.rentals[class_].min_term_months if class_ in system.rentals else 0.0
        return max(1, self.instance.time.periods_of_months(months))

    def rent_usd(self, system: System, class_: str) -> float:
        """Rent of a unit for a period; hours in which it is taken away are not paid."""
        rent = system.rentals.get(class_)
        if rent is None:
            return 0.0
        return rent.usd_per_h * rent.scale * self.instance.time.period_hours * (1.0 - rent.preemption_share)

    def fleeting(self, system: System, class_: str) -> bool:
        """Whether units of a rental class are taken away at times."""
        rent = system.rentals[class_]
        return rent.preemption_share + rent.preemptions_per_day > 0.0

    def at_work(self, system: System, class_: str) -> float:
        """Share of the hours of a rented unit in which it is there and has started again after the last preemption."""
        rent = system.rentals[class_]
        starting = rent.preemptions_per_day * (rent.restart_h / 24.0)
        return max(0.0, 1.0 - rent.preemption_share - starting)

    # Memory and power

    def memory_usd(self, tier: MemoryTier, t: int) -> float:
        """List price of a unit of memory delivered in t, by date where it is dated."""
        per_gb = tier.price.usd_per_gb or 0.0
        for point in tier.price.by_date:
            if self.instance.time.period_index(point.since) <= t:
                per_gb = point.usd_per_gb
        return per_gb * tier.price.scale * tier.unit_gb

    def memory_rent_usd(self, tier: MemoryTier) -> float:
        """Rent of a GB for a period."""
        return self._months * (tier.price.usd_per_gb_month or 0.0) * tier.price.scale

    def lease_usd(self, site: Site) -> float:
        """Lease of a kW of powered space for a period."""
        return self._months * (site.power.lease.usd_per_kw_month if site.power.lease is not None else 0.0)

    def lease_periods(self, site: Site) -> int:
        """Periods a lease of powered space runs."""
        months = site.power.lease.min_term_months if site.power.lease is not None else 0.0
        return max(1, self.instance.time.periods_of_months(months))

    @property
    def _months(self) -> float:
        return MONTHS_PER_YEAR * self.instance.time.period_years
