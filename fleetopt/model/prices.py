"""Prices that enter a coefficient: present values of one unit of each decision, in USD (F2, X3).

Every period is paid at its start; period t is discounted by (1 + wacc)^(-t x years a period).
A purchase is charged as an annuity-due over its life and only for its periods inside the horizon (F2); under the
residual rules `straight_line` and `table` it is charged in full at delivery, and credited at the end of the horizon
with what is then left of its price. One rule holds for systems with their duty and launch, memory, power and openings.
"""

from dataclasses import dataclass
from functools import cached_property

from fleetopt.candidates.offer import Offer
from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Opening, PowerSource, Site
from fleetopt.instance.systems import Rent, System
from fleetopt.instance.time import Slice
from fleetopt.orbit.launch import risk_usd, transport_usd

GB_PER_TB = 1e3
HOURS_PER_DAY = 24


@dataclass(frozen=True)
class Prices:
    """Present values for one instance."""

    instance: Instance

    @cached_property
    def period_rate(self) -> float:
        """Interest of one period."""
        return float((1 + self.instance.finance.wacc) ** self.instance.time.period_years - 1)

    @cached_property
    def discount(self) -> tuple[float, ...]:
        """Present value of a dollar paid at the start of each period."""
        return tuple(float((1 + self.period_rate) ** -t) for t in range(self.instance.time.periods))

    def life_periods(self, life_years: float) -> int:
        """Whole periods of a life, at least one."""
        return max(1, round(life_years / self.instance.time.period_years))

    def annuity(self, life_years: float) -> float:
        """Charge a period, paid at its start, that repays one dollar over the life: r/(1+r) / (1-(1+r)^-n)."""
        r, n = self.period_rate, self.life_periods(life_years)
        return 1 / n if r == 0 else r / (1 + r) / (1 - (1 + r) ** -n)

    def charged(self, t: int, life_years: float) -> float:
        """Present value, inside the horizon, of buying one dollar's worth that serves from period t (F2).

        Under a residual rule that is the whole dollar at once; see `left` for what comes back.
        """
        if self.instance.finance.residual != "annuity":
            return self.discount[t]
        end = min(self.instance.time.periods, t + self.life_periods(life_years))
        return self.annuity(life_years) * sum(self.discount[t:end])

    @cached_property
    def end_discount(self) -> float:
        """Present value of a dollar at the end of the horizon."""
        return float((1 + self.period_rate) ** -self.instance.time.periods)

    def left_share(self, age: int, life: int) -> float:
        """Share of a price left at an age, in periods, under the residual rule; nothing at the end of life (F2)."""
        finance = self.instance.finance
        if finance.residual == "annuity" or age >= life:
            return 0.0
        gone = age / life
        if finance.residual == "straight_line":
            return 1 - gone
        points = [(0.0, 1.0), *finance.residual_table, (1.0, 0.0)]
        before = max(n for n, (at, _) in enumerate(points) if at <= gone)
        (at, share), (then, less) = points[before], points[before + 1]
        return share + (less - share) * (gone - at) / (then - at)

    def left(self, t: int, life_years: float) -> float:
        """Present value of what is left, at the end of the horizon, of a dollar's worth that serves from t (F2)."""
        age = self.instance.time.periods - t
        return self.end_discount * self.left_share(age, self.life_periods(life_years))

    def list_price(self, system: System, t: int) -> float:
        """List price of a unit for delivery in period t, with the satellite's bus, without network.

        Of the prices by date the last that has begun holds, before the first of them the plain one.
        """
        begun = [p.buy_usd for p in system.price.by_date if self.instance.time.period_index(p.since) <= t]
        bus = system.satellite.bus_usd if system.satellite else 0.0
        return ((begun[-1] if begun else system.price.buy_usd or 0.0) + bus) * system.price.scale

    def unit_price(self, system: System, t: int) -> float:
        """List price of a unit for delivery in t with its cluster network."""
        return self.list_price(system, t) * (1 + system.price.network_share)

    def buy(self, system: System, t: int) -> float:
        """A unit delivered in t."""
        return self.unit_price(system, t) * self.charged(t, system.life_years)

    def bought_left(self, system: System, site: Site, offer: Offer, t: int) -> float:
        """What is left at the end of a unit delivered in t, with its duty and launch (F2)."""
        paid = self.unit_price(system, t) + offer.duty_rate.get(t, 0.0) * self.list_price(system, t)
        return (paid + self.way_up(system, site, offer, t)) * self.left(t, system.life_years)

    def held_left(self, system: System, entered: int, ends: int) -> float:
        """What would be left at the end of a unit that is there already: its sale gives that up (F2)."""
        life = max(self.life_periods(system.life_years), ends + 1 - entered)
        age = life - max(0, ends + 1 - self.instance.time.periods)
        return self.unit_price(system, max(entered, 0)) * self.end_discount * self.left_share(age, life)

    def duty(self, system: System, offer: Offer, t: int) -> float:
        """Duty and revenue share on a unit delivered in t, charged like the unit itself (X3)."""
        return offer.duty_rate.get(t, 0.0) * self.list_price(system, t) * self.charged(t, system.life_years)

    def launch(self, system: System, site: Site, offer: Offer, t: int) -> float:
        """Launch and deployment of a satellite that serves from t, charged over its life."""
        return self.launch_price(site, offer, t) * self.charged(t, system.life_years)

    def launch_risk(self, system: System, site: Site, offer: Offer, t: int) -> float:
        """Launch losses, or insurance against them, for a satellite that serves from t, charged over its life."""
        return self.risk_price(system, site, offer, t) * self.charged(t, system.life_years)

    def deorbit(self, system: System, site: Site, offer: Offer, t: int) -> float:
        """Bringing down a satellite that serves from t, charged over its life."""
        return self.deorbit_price(site, offer) * self.charged(t, system.life_years)

    def launch_price(self, site: Site, offer: Offer, t: int) -> float:
        """Launch and deployment of a satellite that serves from t, undiscounted; nothing on the ground."""
        return transport_usd(site.orbit, self.instance.time, t, offer.mass_kg) if site.orbit else 0.0

    def risk_price(self, system: System, site: Site, offer: Offer, t: int) -> float:
        """Launch losses or insurance of a satellite that serves from t, undiscounted; nothing on the ground."""
        if site.orbit is None:
            return 0.0
        return risk_usd(site.orbit, self.unit_price(system, t), self.launch_price(site, offer, t))

    def deorbit_price(self, site: Site, offer: Offer) -> float:
        """Bringing a satellite down, undiscounted; nothing on the ground."""
        return site.orbit.deorbit_usd_per_kg * offer.mass_kg if site.orbit else 0.0

    def way_up(self, system: System, site: Site, offer: Offer, t: int) -> float:
        """All that a satellite costs beside itself to serve from t: launch, losses, and the way down."""
        risk = self.risk_price(system, site, offer, t)
        return self.launch_price(site, offer, t) + risk + self.deorbit_price(site, offer)

    def maintenance(self, system: System, site: Site, t: int) -> float:
        """Maintenance of a unit in period t, on the list price of that period; in orbit operations instead."""
        share = site.orbit.operations_share_per_year if site.orbit else system.maintenance_share_per_year
        return share * self.list_price(system, t) * self.instance.time.period_years * self.discount[t]

    def resale_price(self, system: System, t: int, entered: int, ends: int) -> float:
        """Price got at the start of t for a unit that entered service in `entered` and could serve until `ends`.

        It falls in a straight line over the system's life, or the unit's own where that is longer: over a shorter one a
        unit would fetch more for each period left than a new one costs. Of the list prices at delivery and at the sale
        the lower counts: nobody pays more than for a new one, and no fleet is bought to be sold dearer.
        """
        if system.resale is None:
            return 0.0
        left = max(0.0, (ends + 1 - t) / max(self.life_periods(system.life_years), ends + 1 - entered))
        new = min(self.list_price(system, entered), self.list_price(system, t))
        return new * system.resale.first_share * left

    def resale(self, system: System, t: int, entered: int, ends: int) -> float:
        """Value of a sale, counted like a purchase: an annuity over the life left, inside the horizon only.

        Counted whole it would pay to sell the fleet and buy it back: a purchase is charged inside the horizon only.
        Under a residual rule both are counted whole, and a sale gives up what would have been left at the end.
        """
        left_years = (ends + 1 - t) * self.instance.time.period_years
        return self.resale_price(system, t, entered, ends) * self.charged(t, left_years) if left_years > 0 else 0.0

    def rent_terms(self, system: System, class_: str = "") -> int:
        """Periods a rental contract runs (B7)."""
        rent = system.rentals.get(class_)
        return max(1, self.instance.time.periods_of_months(rent.min_term_months if rent else 0.0))

    def rent_period(self, system: System, class_: str = "") -> float:
        """Rent of a unit for one period, undiscounted, without the time for which it is taken away."""
        rent = system.rentals.get(class_)
        paid = rent.usd_per_h * rent.scale * self.instance.time.period_hours if rent else 0.0
        return paid * (1 - rent.preemption_share) if rent else 0.0

    def rent(self, system: System, t: int, class_: str = "") -> float:
        """A contract that starts in t, for its periods inside the horizon."""
        return self.rent_period(system, class_) * sum(self.discount[t : t + self.rent_terms(system, class_)])

    def working_share(self, rent: Rent) -> float:
        """Share of the time in which a rented unit works: neither taken away nor starting again (B7)."""
        return max(0.0, 1 - rent.preemption_share - rent.preemptions_per_day * rent.restart_h / HOURS_PER_DAY)

    def interruptible(self, rent: Rent) -> bool:
        """Whether rented units may be taken away (B7)."""
        return rent.preemption_share > 0 or rent.preemptions_per_day > 0

    def memory_unit(self, tier: MemoryTier, t: int) -> float:
        """List price of a unit of memory for delivery in period t, by date as `list_price`."""
        begun = [p.usd_per_gb for p in tier.price.by_date if self.instance.time.period_index(p.since) <= t]
        return (begun[-1] if begun else tier.price.usd_per_gb or 0.0) * tier.price.scale * tier.unit_gb

    def memory_buy(self, tier: MemoryTier, t: int) -> float:
        """A unit of memory that serves from t."""
        return self.memory_unit(tier, t) * self.charged(t, tier.life_years)

    def memory_maintenance(self, tier: MemoryTier, t: int) -> float:
        """Maintenance of a unit bought for t, to the end of its life or of the horizon, on each period's list price."""
        end = min(self.instance.time.periods, t + self.life_periods(tier.life_years))
        priced = sum(self.memory_unit(tier, n) * self.discount[n] for n in range(t, end))
        return priced * tier.maintenance_share_per_year * self.instance.time.period_years

    def memory_rent_period(self, tier: MemoryTier) -> float:
        """Rent of a GB for one period, undiscounted."""
        return (tier.price.usd_per_gb_month or 0.0) * tier.price.scale * 12 * self.instance.time.period_years

    def memory_rent(self, tier: MemoryTier, t: int) -> float:
        """A GB rented in t."""
        return self.memory_rent_period(tier) * self.discount[t]

    def block(self, source: PowerSource, t: int) -> float:
        """A block of power with first power in t."""
        return source.capex_usd_per_kw * source.block_kw * self.charged(t, source.life_years)

    def power_fixed(self, source: PowerSource, t: int) -> float:
        """Fixed running cost of a kW in t."""
        return source.fixed_usd_per_kw_year * self.instance.time.period_years * self.discount[t]

    def lease_period(self, site: Site) -> float:
        """Powered space of a kW for one period, undiscounted."""
        lease = site.power.lease
        return lease.usd_per_kw_month * 12 * self.instance.time.period_years if lease else 0.0

    def energy(self, usd_per_mwh: float, scale: float, slice_: Slice, t: int) -> float:
        """A MW drawn all through a slice of period t."""
        return usd_per_mwh * scale * self.instance.time.slice_hours_in_period(slice_) * self.discount[t]

    def carbon(self, g_per_kwh: float, slice_: Slice, t: int) -> float:
        """Carbon of a MW drawn all through a slice of period t."""
        return self.tonnes(g_per_kwh, slice_) * self.instance.finance.carbon_usd_per_t * self.discount[t]

    def tonnes(self, g_per_kwh: float, slice_: Slice) -> float:
        """Carbon in t of a MW drawn all through a slice of one period (g/kWh = kg/MWh)."""
        return g_per_kwh * 1e-3 * self.instance.time.slice_hours_in_period(slice_)

    def launch_tonnes(self, site: Site, offer: Offer) -> float:
        """Carbon in t of launching a unit."""
        return site.orbit.launch_co2_kg_per_kg * offer.mass_kg * 1e-3 if site.orbit else 0.0

    def launch_carbon(self, site: Site, offer: Offer, t: int) -> float:
        """Carbon of a satellite that is launched in t."""
        return self.launch_tonnes(site, offer) * self.instance.finance.carbon_usd_per_t * self.discount[t]

    def opening(self, opening: Opening, t: int) -> float:
        """An opened site in t: a period of its annuity; under a residual rule the cost of opening in t rather than in
        the next period, and again whenever its life is over (F2)."""
        if self.instance.finance.residual == "annuity":
            return opening.cost_usd * self.annuity(opening.life_years) * self.discount[t]
        paid = [sum(self.discount[s :: self.life_periods(opening.life_years)]) for s in (t, t + 1)]
        return opening.cost_usd * (paid[0] - paid[1])

    def opening_left(self, opening: Opening, t: int) -> float:
        """What is left at the end of an opening because it is in t rather than in the next period (F2)."""
        ends, life = self.instance.time.periods, self.life_periods(opening.life_years)

        def left(first: int) -> float:
            return self.left_share((ends - first - 1) % life + 1, life) if first < ends else 0.0

        return opening.cost_usd * self.end_discount * (left(t) - left(t + 1))

    def site_fixed(self, site: Site, t: int) -> float:
        """Staff and rates of an open site in t."""
        return site.fixed_usd_per_year * self.instance.time.period_years * self.discount[t]
