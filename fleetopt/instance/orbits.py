"""An orbit: where it lies, the way there and back, and what it exchanges with the ground."""

from pydantic import Field

from fleetopt.instance.base import PeriodId, Section
from fleetopt.instance.satellites import UpsetCurve
from fleetopt.units import BandwidthGbS, Hours, MassKg, Months, Scale, Share, UsdPerKg


class LaunchPriceFrom(Section):
    """Launch price from a date on."""

    since: PeriodId
    """First period of launches at this price; a plan by years takes a quarter for its year."""
    usd_per_kg: UsdPerKg
    """Launch price."""


class TonnageFrom(Section):
    """Launch capacity from a date on."""

    since: PeriodId
    """First period with this capacity; a plan by years takes a quarter for its year."""
    kg_per_period: MassKg
    """Mass that can be launched a period."""


class Orbit(Section):
    """An orbit, the way there and the way back (O1 to O5)."""

    altitude_km: float = Field(default=650.0, ge=200, le=50000)
    """Altitude; below 200 km the atmosphere brings a satellite down within days."""
    beta_deg: float | None = Field(default=None, ge=0, le=90)
    """Lowest angle over the year between the sun and the plane of the orbit: gives the longest eclipse, and the time in
    sunlight where `sun_fraction` is absent."""
    sun_fraction: float | None = Field(default=None, gt=0, le=1)
    """Share of the time in sunlight; from altitude and `beta_deg` where absent, or 0.98 where that is absent too."""
    eclipse_hours: Hours | None = None
    """Longest eclipse, which sizes batteries (O4); from altitude and `beta_deg` where absent, and where that is absent
    too each satellite has its `battery_kg_per_kw`."""
    eclipse_season_share: Share = 1.0
    """Share of the revolutions with an eclipse: the cycles of a battery (O4)."""
    dose_rad_per_year: float = Field(default=150.0, ge=0)
    """Dose behind the satellites' shields, in rad a year."""
    upset_curve: UpsetCurve | None = None
    """For chips that have no `radiation` of their own but a `node_nm`; nothing is assumed of them where absent."""
    available_from: PeriodId | None = None
    """First period of service that launches to this orbit allow."""
    launch_lead_months: Months = 0.0
    """From a satellite's delivery to its service in orbit: launch slot, transport, raising, check-out."""
    launch_usd_per_kg: UsdPerKg
    """Launch price."""
    launch_price_by_date: tuple[LaunchPriceFrom, ...] = ()
    """Launch prices by period of service, each until the next, `launch_usd_per_kg` before."""
    launch_scale: Scale = 1.0
    """Multiplies the launch price (scenarios)."""
    launch_co2_kg_per_kg: float = Field(default=0.0, ge=0)
    """Carbon emitted for each kilogram launched, counted in the period of the launch (G1)."""
    launch_kg_per_period: MassKg
    """Mass that can be launched a period (O2)."""
    tonnage_by_date: tuple[TonnageFrom, ...] = ()
    """Launch capacity by period, each until the next, `launch_kg_per_period` before (O2)."""
    tonnage_scale: Scale = 1.0
    """Multiplies the mass that can be launched (scenarios)."""
    flight_kg: MassKg | None = None
    """Payload of one flight: the report counts launches by it."""
    launch_loss_share: float = Field(default=0.0, ge=0, lt=1)
    """Share of satellites lost on the way to service; as many more are launched."""
    insurance_share: Share = 0.0
    """Premium as a share of satellite and launch; where it is above 0 it pays for what is lost."""
    deployment_usd_per_kg: UsdPerKg = 0.0
    """Raising, check-out and first operations, with the launch."""
    deorbit_usd_per_kg: UsdPerKg = 0.0
    """Bringing a satellite down at the end of its life: put aside when it enters service, charged over its life."""
    operations_share_per_year: Share = 0.01
    """Operations, as a share of the satellite price a year."""
    downlink_gb_s: BandwidthGbS | None = None
    """What all satellites together exchange with ground stations while in contact (O5); no limit where absent."""
    contact_share: Share = 1.0
    """Share of the time in contact with ground stations (O5)."""
    relay_gb_s: BandwidthGbS = 0.0
    """What relay satellites carry besides, at all times (O5)."""

    @property
    def risky(self) -> bool:
        """Whether satellites may be lost on the way, or are insured."""
        return self.launch_loss_share > 0 or self.insurance_share > 0
