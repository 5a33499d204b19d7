"""Sites on the ground and in orbit, and the power they can have."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Name, PeriodId, Section
from fleetopt.instance.orbits import Orbit
from fleetopt.instance.time import Time
from fleetopt.units import (
    GramPerKwh,
    Months,
    PowerKw,
    Scale,
    Share,
    Usd,
    UsdPerKw,
    UsdPerKwMonth,
    UsdPerKwYear,
    UsdPerMwh,
    UsdPerYear,
    Years,
)


class PowerSource(Entity):
    """A way to get power at a site: `existing_kw` today, and blocks that can be built (P1, P2)."""

    enabled: bool = True
    """Whether it may be built."""
    existing_kw: PowerKw = 0.0
    """Firm power available from the first period."""
    max_new_kw: PowerKw = 0.0
    """Most that can be built over the horizon."""
    min_new_kw: PowerKw = 0.0
    """Least that is built if any is: the first order is at least this (S3)."""
    scale: Scale = 1.0
    """Multiplies existing and new power (scenarios)."""
    block_kw: PowerKw = 1000.0
    """Built in whole blocks of this size."""
    capex_usd_per_kw: UsdPerKw = 0.0
    """Generation or connection, and the electrical and mechanical plant it needs."""
    fixed_usd_per_kw_year: UsdPerKwYear = 0.0
    """Fixed running cost of existing and new power."""
    energy_usd_per_mwh: UsdPerMwh = 0.0
    """Energy or fuel price."""
    energy_scale: Scale = 1.0
    """Multiplies the energy price (scenarios)."""
    firm_share: Share = 1.0
    """Share of the block that counts as firm power for installed load."""
    energy_share: Share = 1.0
    """Share of the block that can be drawn in any slice on average."""
    lead_months: Months = 0.0
    """From decision to first power."""
    life_years: Years = 15.0
    """Economic life."""
    carbon_g_per_kwh: GramPerKwh = 0.0
    """Carbon intensity."""


class PowerLease(Section):
    """Powered space leased by the month (P2)."""

    usd_per_kw_month: UsdPerKwMonth
    """Price per kW leased, used or not."""
    max_kw: PowerKw
    """Most that can be leased."""
    scale: Scale = 1.0
    """Multiplies the amount on offer (scenarios)."""
    energy_usd_per_mwh: UsdPerMwh = 0.0
    """Energy drawn under the lease."""
    carbon_g_per_kwh: GramPerKwh = 0.0
    """Carbon intensity."""
    lead_months: Months = 0.0
    """From signature to power."""
    min_term_months: Months = 0.0
    """Every lease runs this long, at least one period; a longer one is renewed."""


class SitePower(Section):
    """Power at a site."""

    scale: Scale = 1.0
    """Multiplies every source's power (scenarios)."""
    pue_peak: float = Field(default=1.3, ge=1, le=3)
    """Facility power over IT power on the worst hour: sets firm power (P1)."""
    pue_average: float = Field(default=1.2, ge=1, le=3)
    """Average facility power over IT power: sets energy (P2)."""
    diversity: float = Field(default=1.0, gt=0, le=1)
    """Share of rated power that all units draw together at most."""
    sources: tuple[PowerSource, ...] = ()
    """Sources at the site."""
    lease: PowerLease | None = None
    """Powered space on offer."""


class Space(Section):
    """Rack positions (S1)."""

    slots: float = Field(ge=0)
    """Rack positions in all."""
    scale: Scale = 1.0
    """Multiplies them (scenarios)."""


class Opening(Section):
    """A site not open yet (S2)."""

    cost_usd: Usd
    """Land, shell, fit-out, engineering; for orbit the non-recurring cost of the satellite."""
    life_years: Years = 20.0
    """Life over which the cost is charged."""
    lead_months: Months = 0.0
    """From decision to opening."""
    earliest: PeriodId | None = None
    """First period in which it can be open."""

    def first_period(self, time: Time) -> int:
        """Index of the first period in which it can be open: not before its lead is over, nor before `earliest`."""
        lead = time.periods_of_months(self.lead_months)
        return max(lead, time.period_index(self.earliest) if self.earliest else 0)


class Cooling(Section):
    """Cooling plant (P3)."""

    max_kw: PowerKw
    """Heat it can carry: that of all that is installed, at rated power."""
    scale: Scale = 1.0
    """Multiplies it (scenarios)."""
    max_kw_per_slot: PowerKw | None = None
    """Density: most rated power that can be cooled in one rack position; no limit where absent."""


class Site(Entity):
    """A place where systems stand."""

    enabled: bool = True
    """Whether it may be used."""
    kind: Literal["ground", "orbit"] = "ground"
    """Ground or orbit."""
    jurisdiction: Id
    """Whose rules apply."""
    provider_country: Name | None = None
    """Headquarters of the provider whose machines stand here and are used from afar: all is rented, nothing bought."""
    power: SitePower = SitePower()
    """Power; an orbit site has none: satellites bring their own (O1)."""
    space: Space | None = None
    """Rack positions; unlimited where absent."""
    opening: Opening | None = None
    """Cost and lead of opening it; absent for a site that is open already."""
    fixed_usd_per_year: UsdPerYear = 0.0
    """Staff, security, rates: paid while open."""
    orbit: Orbit | None = None
    """For kind `orbit`."""
    cooling: Cooling | None = None
    """Cooling limit; none where absent."""
    min_new_kw: PowerKw | None = None
    """Least power built, of all sources together, if any is: the first build is at least this (S3)."""
    max_new_kw: PowerKw | None = None
    """Most power built over the horizon, of all sources together (S3); times `power.scale`."""
