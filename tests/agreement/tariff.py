"""What things cost, worked out a third time, straight from the sentences of the instance format, in USD of today.

A payment at the start of period t counts (1 + wacc)^-(t x years a period). A purchase of a dollar that lives n periods
is paid in n equal amounts from delivery on, together worth a dollar then; after the horizon nothing counts (F2).
"""

from dataclasses import dataclass

from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import Rent, System

HOURS_PER_YEAR = 8766.0


@dataclass(frozen=True)
class Tariff:
    """Present values of one instance."""

    instance: Instance

    @property
    def years(self) -> float:
        """Length of a period."""
        return 0.25 if "q" in self.instance.time.start else 1.0

    @property
    def last(self) -> int:
        """Periods of the horizon."""
        return self.instance.time.periods

    def today(self, t: int) -> float:
        """Worth of a dollar paid at the start of t."""
        return float((1 + self.instance.finance.wacc) ** (-t * self.years))

    def periods(self, life_years: float) -> int:
        """A life in periods."""
        return max(1, round(life_years / self.years))

    def lead(self, months: float) -> int:
        """Periods that a lead of so many months takes, rounded up."""
        return int(-(-round(months, 6) // (12 * self.years)))

    def paid(self, t: int, life: int) -> float:
        """Today's worth of what is paid inside the horizon on a dollar delivered in t."""
        each = 1 / sum(self.today(n) for n in range(life))
        return each * sum(self.today(n) for n in range(t, min(t + life, self.last)))

    def listed(self, system: System) -> float:
        """List price of a unit with its bus."""
        bus = system.satellite.bus_usd if system.satellite else 0.0
        return ((system.price.buy_usd or 0.0) + bus) * system.price.scale

    def bought(self, system: System, site: Site, mass_kg: float, duty: float, t: int) -> float:
        """A unit delivered in t: list price, network, duty, launch."""
        return self.upfront(system, site, mass_kg, duty) * self.paid(t, self.periods(system.life_years))

    def upfront(self, system: System, site: Site, mass_kg: float, duty: float) -> float:
        """The same, undiscounted: what the budget sees."""
        launch = mass_kg * site.orbit.launch_usd_per_kg * site.orbit.launch_scale if site.orbit else 0.0
        return self.listed(system) * (1 + system.price.network_share + duty) + launch

    def kept(self, system: System, site: Site, t: int) -> float:
        """Maintenance of a unit in t; in orbit operations."""
        share = site.orbit.operations_share_per_year if site.orbit else system.maintenance_share_per_year
        return share * self.listed(system) * self.years * self.today(t)

    def sold(self, system: System, t: int, entered: int, ends: int) -> float:
        """A unit sold at the start of t, counted like a purchase of the life that is left."""
        left = ends + 1 - t
        if system.resale is None or left <= 0:
            return 0.0
        whole = max(self.periods(system.life_years), ends + 1 - entered)
        return self.listed(system) * system.resale.first_share * left / whole * self.paid(t, left)

    def rented(self, rent: Rent, t: int, term: int) -> float:
        """A contract from t on."""
        a_period = rent.usd_per_h * rent.scale * HOURS_PER_YEAR * self.years
        return a_period * sum(self.today(n) for n in range(t, min(t + term, self.last)))

    def memory(self, tier: MemoryTier, t: int) -> float:
        """A unit of memory from t on, with its maintenance."""
        price = (tier.price.usd_per_gb or 0.0) * tier.price.scale * tier.unit_gb
        life = self.periods(tier.life_years)
        care = price * tier.maintenance_share_per_year * self.years
        return price * self.paid(t, life) + care * sum(self.today(n) for n in range(t, min(t + life, self.last)))
