"""The bill of materials: what the orders come to in machines, chips, memory, network, power and floor, by site.

A row for each thing that is delivered to a site in a period; every quantity is a figure of the instance times units.
What the instance does not say (switches, cables, all of the host memory, the plant behind a kW) is said to be so, and
not guessed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fleetopt.instance.systems import System
from fleetopt.orbit.satellite import SatelliteSizing, size
from fleetopt.plan import Purchase
from fleetopt.report.rows.book import LEASE, Book
from fleetopt.report.rows.dates import starts
from fleetopt.report.rows.table import Column, Table, table

SAID = (
    "What is bought and built, down to chips, memory, network, power and floor as far as the instance has figures for "
    "them; an empty cell means that there is none, or that the instance does not say. Rented systems and leased space "
    "are the provider's and left out."
)
SYSTEM = "switches, cables and optics; host memory beyond what is free for use"
POWER, SITE = "plant and works behind a kW", "land, shell and fit-out"


@dataclass(frozen=True, slots=True)
class Material:
    """One thing delivered to a site in a period, taken apart."""

    delivery: Annotated[date, Column("In service", "date")]
    delivery_period: Annotated[str, Column("Service period")]
    site: Annotated[str, Column("Site")]
    kind: Annotated[str, Column("Kind", note="Server, rack, wafer, satellite, CPU or memory; a tier; power; a site.")]
    item: Annotated[str, Column("Item")]
    units: Annotated[float, Column("Units", "count", note="Of power: blocks.")]
    slots: Annotated[float | None, Column("Rack positions", "count", total=True)] = None
    chips: Annotated[float | None, Column("Chips", "count", total=True)] = None
    chip: Annotated[str | None, Column("Chip")] = None
    chip_memory_gb: Annotated[float | None, Column("Memory on chips", "memory", total=True)] = None
    chip_memory: Annotated[str | None, Column("of kind")] = None
    host_memory_gb: Annotated[
        float | None, Column("Host memory", "memory", total=True, note="Free for use; what is fitted is not said.")
    ] = None
    cpu_cores: Annotated[float | None, Column("CPU cores", "count", total=True, note="Free for tools.")] = None
    tier_gb: Annotated[float | None, Column("Memory apart", "memory", total=True)] = None
    links_gb_s: Annotated[
        float | None,
        Column("Network links, GB/s", "count", total=True, note="Network links of all chips, one direction."),
    ] = None
    rated_kw: Annotated[float | None, Column("Rated power", "power", total=True, note="Drawn, without PUE.")] = None
    supply_kw: Annotated[float | None, Column("Power built", "power", total=True)] = None
    mass_kg: Annotated[float | None, Column("Launch mass, kg", "count", total=True)] = None
    network_usd: Annotated[
        float | None, Column("Cluster network", "money", total=True, note="A share of the list price, not itemised.")
    ] = None
    hardware_usd: Annotated[float, Column("The rest", "money", total=True)] = 0.0
    cost_usd: Annotated[
        float, Column("List cost", "money", total=True, note="Undiscounted; before duty and launch.")
    ] = 0.0
    not_said: Annotated[str | None, Column("Not itemised")] = None
    item_id: Annotated[str, Column("Item id")] = ""
    site_id: Annotated[str, Column("Site id")] = ""


def materials_table(book: Book) -> Table:
    """Rows by delivery, site and item."""
    return table("materials", "Bill of materials", SAID, Material, material_lines(book))


def material_lines(book: Book) -> list[Material]:
    """Rows by delivery, site and item."""
    found = [*_systems(book), *_memory(book), *_power(book), *_sites(book)]
    return sorted(found, key=lambda m: (m.delivery, m.site_id, m.item_id))


def _systems(book: Book) -> Iterator[Material]:
    for p in (p for p in book.plan.purchases if p.acquisition == "buy"):
        system = book.systems[p.system]
        chip, chips = system.chip, p.units * system.chips
        share = system.price.network_share
        network_usd = p.cost_usd * share / (1.0 + share)
        yield Material(
            delivery=starts(p.period),
            delivery_period=p.period,
            site=book.names.site(p.site),
            kind=system.kind,
            item=book.names.system(p.system),
            units=p.units,
            slots=None if system.kind == "satellite" else p.units * system.slots,
            chips=chips or None,
            chip=(chip.name or chip.id) if chip is not None else None,
            chip_memory_gb=chips * chip.memory_gb if chip is not None else None,
            chip_memory=chip.memory_kind if chip is not None else None,
            host_memory_gb=p.units * system.usable_dram_gb or None,
            cpu_cores=p.units * system.usable_cpu_cores or None,
            links_gb_s=(chips * chip.scale_out_gb_s or None) if chip is not None else None,
            rated_kw=p.units * system.power_kw,
            mass_kg=_mass_kg(book, p, system),
            network_usd=network_usd or None,
            hardware_usd=p.cost_usd - network_usd,
            cost_usd=p.cost_usd,
            not_said=SYSTEM,
            item_id=p.system,
            site_id=p.site,
        )


def _mass_kg(book: Book, p: Purchase, system: System) -> float | None:
    """Mass of the satellites as O1 sizes them."""
    orbit = book.sites[p.site].orbit
    sized = size(system, orbit) if orbit is not None else None
    return p.units * sized.mass_kg if isinstance(sized, SatelliteSizing) else None


def _memory(book: Book) -> Iterator[Material]:
    for m in (m for m in book.plan.memory_purchases if m.acquisition == "buy"):
        tier = book.tiers[m.tier]
        yield Material(
            delivery=starts(m.period),
            delivery_period=m.period,
            site=book.names.site(m.site),
            kind=tier.kind,
            item=book.names.tier(m.tier),
            units=m.units,
            slots=m.units * tier.slots_per_unit or None,
            tier_gb=m.gb,
            rated_kw=tier.power_w_per_gb * m.gb / 1e3 or None,
            hardware_usd=m.cost_usd,
            cost_usd=m.cost_usd,
            item_id=m.tier,
            site_id=m.site,
        )


def _power(book: Book) -> Iterator[Material]:
    for b in (b for b in book.plan.power_builds if b.source != LEASE):
        source = book.sources[b.source, b.site]
        yield Material(
            delivery=starts(b.period),
            delivery_period=b.period,
            site=book.names.site(b.site),
            kind="power",
            item=source.name or source.id,
            units=b.blocks,
            supply_kw=b.power_kw,
            hardware_usd=b.cost_usd,
            cost_usd=b.cost_usd,
            not_said=POWER,
            item_id=b.source,
            site_id=b.site,
        )


def _sites(book: Book) -> Iterator[Material]:
    for o in book.plan.sites_opened:
        yield Material(
            delivery=starts(o.period),
            delivery_period=o.period,
            site=book.names.site(o.site),
            kind="site",
            item=book.names.site(o.site),
            units=1.0,
            hardware_usd=o.cost_usd,
            cost_usd=o.cost_usd,
            not_said=SITE,
            site_id=o.site,
        )
