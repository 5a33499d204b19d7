"""The bill of materials: what the orders come to in machines, chips, memory, network, power and floor, by site.

Every quantity is a figure of the instance times units. What the instance does not say (switches, cables, all of the
host memory, the plant behind a kW) is said to be so, and not guessed.
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
    "What is bought and built, down to parts, as far as the instance has figures for them. Costs stand on the line of "
    "what is priced; parts without a cost are in the price of the system. Rented systems are the provider's."
)
NOT_ITEMISED = "a share of the list price; switches, cables and optics are not itemised"


@dataclass(frozen=True, slots=True)
class Material:
    """One part of what is delivered to a site in a period."""

    delivery: Annotated[date, Column("In service", "date")]
    delivery_period: Annotated[str, Column("Service period")]
    site: Annotated[str, Column("Site")]
    group: Annotated[str, Column("Group")]
    part: Annotated[str, Column("Part")]
    quantity: Annotated[float | None, Column("Quantity", "count", note="Empty where the instance does not say.")]
    unit: Annotated[str, Column("Unit")]
    each: Annotated[float | None, Column("In one unit", "plain")]
    cost_usd: Annotated[float | None, Column("Cost", "money", total=True, note="At list price, undiscounted.")]
    of: Annotated[str, Column("Of")]
    basis: Annotated[str, Column("Rests on")]
    item_id: Annotated[str, Column("Item id")]
    site_id: Annotated[str, Column("Site id")]


def materials_table(book: Book) -> Table:
    """Parts by delivery, site and what they are of."""
    return table("materials", "Bill of materials", SAID, Material, material_lines(book))


def material_lines(book: Book) -> list[Material]:
    """Parts by delivery, site and what they are of; those of one order stay together."""
    found = [*_systems(book), *_memory(book), *_power(book), *_sites(book)]
    return sorted(found, key=lambda m: (m.delivery, m.site_id, m.item_id))


def _systems(book: Book) -> Iterator[Material]:
    for p in (p for p in book.plan.purchases if p.acquisition == "buy"):
        system = book.systems[p.system]
        network_usd = p.cost_usd * system.price.network_share / (1.0 + system.price.network_share)
        name = book.names.system(p.system)
        for group, part, each, unit, usd, basis in _parts(book, p, system, name, network_usd):
            quantity = None if each is None else p.units * each
            site = book.names.site(p.site)
            yield Material(
                starts(p.period), p.period, site, group, part, quantity, unit, each, usd, name, basis, p.system, p.site
            )


Part = tuple[str, str, float | None, str, float | None, str]
"""Group, part, how much of it in one unit, in what, USD of the whole order, what the figure rests on."""


def _parts(book: Book, p: Purchase, system: System, name: str, network_usd: float) -> Iterator[Part]:
    """A unit taken apart."""
    yield "machine", name, 1.0, system.kind, p.cost_usd - network_usd, "list price"
    chip = system.chip
    if chip is not None and system.chips:
        called = chip.name or chip.id
        yield "chips", called, float(system.chips), "chips", None, "system"
        yield "memory", f"{chip.memory_kind} on {called}", system.chips * chip.memory_gb, "GB", None, "chip"
        links = f"network links of {called}, one direction"
        known = chip.scale_out_gb_s > 0
        yield "network", links, system.chips * chip.scale_out_gb_s if known else None, "GB/s", None, "chip"
    yield "network", "cluster network", None, "not itemised", network_usd, NOT_ITEMISED
    if system.usable_dram_gb:
        yield (
            "memory",
            "host memory free for use",
            system.usable_dram_gb,
            "GB",
            None,
            "system; what is fitted is not said",
        )
    if system.usable_cpu_cores:
        yield "processors", "CPU cores free for tools", system.usable_cpu_cores, "cores", None, "system"
    yield "power", "rated power", system.power_kw, "kW", None, "system"
    if system.kind != "satellite":
        yield "floor", "rack positions", system.slots, "positions", None, "system"
    orbit = book.sites[p.site].orbit
    sized = size(system, orbit) if orbit is not None else None
    if isinstance(sized, SatelliteSizing):
        basis = "sized by O1 from the instance"
        yield "satellite", "solar array", sized.array_m2, "m2", None, basis
        yield "satellite", "radiator", sized.radiator_m2, "m2", None, basis
        yield "satellite", "launch mass", sized.mass_kg, "kg", None, basis


def _memory(book: Book) -> Iterator[Material]:
    for m in (m for m in book.plan.memory_purchases if m.acquisition == "buy"):
        tier, name, site = book.tiers[m.tier], book.names.tier(m.tier), book.names.site(m.site)
        head, tail = (starts(m.period), m.period, site), (m.tier, m.site)
        yield Material(*head, "memory", name, m.units, "units", 1.0, m.cost_usd, name, "list price", *tail)
        yield Material(*head, "memory", f"{tier.kind} memory", m.gb, "GB", tier.unit_gb, None, name, "tier", *tail)
        if tier.slots_per_unit:
            racks = m.units * tier.slots_per_unit
            yield Material(
                *head, "floor", "rack positions", racks, "positions", tier.slots_per_unit, None, name, "tier", *tail
            )
        if tier.power_w_per_gb:
            each = tier.power_w_per_gb * tier.unit_gb / 1e3
            yield Material(*head, "power", "power drawn", m.units * each, "kW", each, None, name, "tier", *tail)


def _power(book: Book) -> Iterator[Material]:
    for b in (b for b in book.plan.power_builds if b.source != LEASE):
        source, site = book.sources[b.source, b.site], book.names.site(b.site)
        name, basis = source.name or source.id, "price a kW with its plant, which is not itemised"
        head, tail = (starts(b.period), b.period, site), (b.source, b.site)
        yield Material(*head, "power", f"blocks of {name}", b.blocks, "blocks", 1.0, b.cost_usd, name, basis, *tail)
        yield Material(
            *head, "power", "power of the blocks", b.power_kw, "kW", source.block_kw, None, name, "source", *tail
        )


def _sites(book: Book) -> Iterator[Material]:
    for o in book.plan.sites_opened:
        site = book.names.site(o.site)
        basis = "cost of opening; shell and fit-out are not itemised"
        yield Material(
            starts(o.period), o.period, site, "site", site, 1.0, "site", 1.0, o.cost_usd, site, basis, "", o.site
        )
