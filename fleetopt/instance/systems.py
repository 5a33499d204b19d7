"""Chips, and systems: what is bought (a server, a rack, a wafer machine, a satellite)."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Name, PeriodId, Section
from fleetopt.instance.satellites import Radiation, Satellite
from fleetopt.units import (
    AreaMm2,
    BandwidthGbS,
    ComputeTflops,
    Days,
    Hours,
    Kelvin,
    MemoryGb,
    Months,
    PowerKw,
    Scale,
    Share,
    Usd,
    UsdPerH,
    Years,
)


class DenseRates(Section):
    """Dense matrix rates without sparsity; a missing format runs at the next wider one."""

    bf16: ComputeTflops
    """bf16 or fp16."""
    fp8: ComputeTflops | None = None
    """fp8 or int8."""
    fp4: ComputeTflops | None = None
    """fp4."""


class Chip(Entity):
    """An accelerator as its data sheet describes it."""

    vendor: Name
    """Who designs it."""
    origin: Name = "US"
    """Country whose export rules it falls under (ISO 3166 alpha-2)."""
    launch: Name = ""
    """When it was launched, as the source says."""
    dense_tflops: DenseRates
    """Dense rates by format."""
    memory_gb: MemoryGb
    """Fast memory: HBM, GDDR, LPDDR or SRAM."""
    memory_gb_s: BandwidthGbS
    """Bandwidth of that memory."""
    memory_kind: Literal["HBM", "GDDR", "LPDDR", "SRAM"]
    """SRAM machines hold weights and KV on chip, and pipeline across units when one is too small."""
    scale_up_gb_s: BandwidthGbS = 0.0
    """Link to the other chips of its domain, one direction."""
    scale_up_domain: int = Field(default=1, ge=1)
    """Chips that share one scale-up domain."""
    scale_out_gb_s: BandwidthGbS = 0.0
    """Network link, one direction."""
    power_kw: PowerKw
    """Rated power of the chip alone."""
    die_area_mm2: AreaMm2 | None = None
    """Applicable logic area for export rules."""
    tpp: float | None = Field(default=None, ge=0)
    """Total processing performance (export rules); None where not known."""
    io_gb_s: BandwidthGbS | None = None
    """Aggregate bidirectional I/O (October 2022 rule); None where not known."""
    dram_gb_s: BandwidthGbS | None = None
    """DRAM bandwidth for export rules; 0 where it has none, None where not known."""
    datacentre: bool = True
    """Designed or marketed for data centres."""
    node_nm: float | None = Field(default=None, gt=0, le=1000)
    """Process node by its trade name, in nm: its place on an orbit's `upset_curve` where it has no `radiation`."""
    temperature_limit_k: Kelvin | None = None
    """Highest temperature of its case at full load: a satellite's radiator lies `temperature_drop_k` below it."""
    radiation: Radiation | None = None
    """What radiation does to it, where it was measured."""


class PriceFrom(Section):
    """List price from a date on."""

    since: PeriodId
    """First period of delivery at this price; a plan by years takes a quarter for its year."""
    buy_usd: Usd
    """List price of one unit."""


class Price(Section):
    """Price of one unit bought."""

    buy_usd: Usd | None = None
    """List price; a system without one may be offered only where the instance prices it."""
    by_date: tuple[PriceFrom, ...] = ()
    """List prices by period of delivery, each until the next, `buy_usd` before; `catalogue` takes over its series."""
    scale: Scale = 1.0
    """Multiplies the price (scenarios)."""
    network_share: Share = 0.0
    """Cluster network bought with each unit, as a share of the list price."""


class Rent(Section):
    """Renting whole units in the provider's own building: power, space and cooling are in the price."""

    usd_per_h: UsdPerH
    """Price of one unit for one hour, whether used or not."""
    scale: Scale = 1.0
    """Multiplies the price (scenarios)."""
    min_term_months: Months = 0.0
    """Every contract runs this long, at least one period."""
    max_units: int | None = Field(default=None, ge=0)
    """Most units rented at a site at a time."""
    whole: bool = False
    """Whether contracts are for whole units only, as where a handful of machines is planned."""
    preemption_share: Share = 0.0
    """Share of the time that units are taken away (spot), which is not paid; what people wait for runs elsewhere."""
    preemptions_per_day: float = Field(default=0.0, ge=0)
    """How often a unit is taken away in a day."""
    restart_h: Hours = 0.0
    """Time after each before a unit does useful work again: boot, weights, what was done since the last checkpoint."""


class RentalClass(Entity, Rent):
    """One more way to rent a system, such as reserved for years or spot; beside `rent`, at its own price and term."""

    enabled: bool = True
    """Whether it is on offer."""


class Resale(Section):
    """Selling a unit before its end of life."""

    first_share: Share
    """Price when new, as a share of the lower list price of delivery and sale; falls straight to 0 at end of life."""


class System(Entity):
    """What is bought or rented, in whole units."""

    enabled: bool = True
    """Whether it may be used at all."""
    vendor: Name
    """Who sells it."""
    kind: Literal["server", "rack", "wafer", "satellite", "cpu", "memory"]
    """`satellite` goes to orbit sites only, every other kind to ground sites only."""
    chip: Chip | None = None
    """Its accelerators; none for CPU and memory racks."""
    chips: int = Field(default=0, ge=0)
    """Accelerators in one unit."""
    power_kw: PowerKw
    """Rated power of the whole unit."""
    idle_share: Share = 0.3
    """Power drawn when idle, as a share of rated power."""
    slots: float = Field(default=1.0, ge=0)
    """Floor space, in rack positions."""
    usable_dram_gb: MemoryGb = 0.0
    """Bundled host memory free for parked KV, sandboxes and state."""
    max_added_dram_gb: MemoryGb = 0.0
    """Further host memory its sockets take, bought apart."""
    usable_cpu_cores: float = Field(default=0.0, ge=0)
    """CPU cores free for tools."""
    price: Price = Price()
    """Purchase price."""
    buyable: bool = True
    """Whether it is sold (needs a price)."""
    rent: Rent | None = None
    """Rental offer, where there is one: usually on demand."""
    rental_classes: tuple[RentalClass, ...] = ()
    """Further rental offers: reserved with a term, spot with preemptions (B7)."""
    resale: Resale | None = None
    """Resale before end of life, where there is a market."""
    available_from: PeriodId | None = None
    """First period of delivery the vendor offers."""
    lead_months: Months = 0.0
    """From order to service, rounded up to whole periods (B2)."""
    life_years: Years = 5.0
    """Economic and physical life."""
    failures_per_year: Share = 0.0
    """Share of units that fail in a year."""
    repair_days: Days = 14.0
    """Time a failed unit is out (R1); in orbit nothing is repaired (O3)."""
    maintenance_share_per_year: Share = 0.0
    """Maintenance a year, as a share of the list price in the period."""
    satellite: Satellite | None = None
    """Satellite bus, for kind `satellite`."""
    lot: int | None = Field(default=None, ge=1)
    """Units are sold in multiples of this; an order is all that is delivered of the system in a period (B3)."""
    min_order: int | None = Field(default=None, ge=1)
    """Least units of an order, over all sites together (B3)."""

    @property
    def rentals(self) -> dict[str, Rent]:
        """Every rental offer by its class; `rent` has no class, and stands under the empty id."""
        plain = {} if self.rent is None else {"": self.rent}
        return {**plain, **{offer.id: offer for offer in self.rental_classes if offer.enabled}}
