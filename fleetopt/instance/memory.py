"""Memory that can be bought or rented apart from systems. HBM and SRAM come only with a system."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, PeriodId, Section
from fleetopt.units import (
    BandwidthGbS,
    BandwidthGbSPerTb,
    MemoryGb,
    Months,
    Scale,
    Seconds,
    Share,
    UsdPerGb,
    UsdPerGbMonth,
    WattPerGb,
    Years,
)


class MemoryPriceFrom(Section):
    """Purchase price of memory from a date on."""

    since: PeriodId
    """First period of delivery at this price; a plan by years takes a quarter for its year."""
    usd_per_gb: UsdPerGb
    """Purchase price."""


class MemoryPrice(Section):
    """Price of memory: bought per GB or rented per GB and month."""

    usd_per_gb: UsdPerGb | None = None
    """Purchase price."""
    by_date: tuple[MemoryPriceFrom, ...] = ()
    """Prices by period of delivery, each until the next, `usd_per_gb` before; `catalogue` takes over its series."""
    usd_per_gb_month: UsdPerGbMonth | None = None
    """Rent, for object storage."""
    scale: Scale = 1.0
    """Multiplies either (scenarios)."""


class MemoryTier(Entity):
    """A tier that holds idle KV, sandboxes, session state, checkpoints and stores."""

    enabled: bool = True
    """Whether it may be used."""
    kind: Literal["dram", "cxl", "nvme", "hdd", "object", "rack"]
    """`dram` bought apart needs free sockets in installed systems."""
    unit_gb: MemoryGb = 1000.0
    """Bought in multiples of this."""
    price: MemoryPrice
    """Price."""
    power_w_per_gb: WattPerGb = 0.0
    """Power drawn."""
    slots_per_unit: float = 0.0
    """Rack positions each unit takes."""
    read_gb_s: BandwidthGbS = 1.0
    """Rate at which one host restores KV from it."""
    latency_s: Seconds = 0.0
    """Time to the first byte."""
    lead_months: Months = 0.0
    """From order to service."""
    life_years: Years = 5.0
    """Economic life."""
    maintenance_share_per_year: Share = 0.0
    """Maintenance a year, as a share of the price in the period."""
    read_gb_s_per_tb: BandwidthGbSPerTb | None = None
    """Read bandwidth of all its TB together, bundled ones included (M3); unlimited where absent."""
    write_gb_s_per_tb: BandwidthGbSPerTb | None = None
    """Write bandwidth of all its TB together, bundled ones included (M3); unlimited where absent."""
    drive_writes_per_day: float | None = Field(default=None, ge=0)
    """How often it may be written in full each day of its life (M3); without end where absent."""
