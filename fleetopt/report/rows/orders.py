"""The order schedule: every commitment the plan makes, with the day by which to make it and what it comes to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fleetopt.instance.memory import MemoryTier
from fleetopt.orbit.launch import launch_lead_months
from fleetopt.plan import MemoryPurchase, PowerBuild, Purchase, SiteOpening
from fleetopt.report.rows.book import LEASE, Book
from fleetopt.report.rows.dates import order_by, starts
from fleetopt.report.rows.table import Column, Table, table

SAID = (
    "Everything to order, rent, lease, build or open, by the last day to do so: the start of the period of service "
    "less the lead time. Undiscounted; rents and leases for all their periods in the plan."
)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One commitment."""

    order_by: Annotated[date, Column("Order by", "date")]
    order_period: Annotated[str, Column("Order period", note="Period in which the plan places the order.")]
    delivery: Annotated[date, Column("In service", "date")]
    delivery_period: Annotated[str, Column("Service period")]
    lead_months: Annotated[float, Column("Lead, months", "plain")]
    vendor: Annotated[str | None, Column("Vendor", note="Empty where the instance names none.")]
    subject: Annotated[str, Column("What")]
    how: Annotated[str, Column("How")]
    item: Annotated[str, Column("Item")]
    site: Annotated[str, Column("Site")]
    quantity: Annotated[float, Column("Quantity", "count")]
    unit: Annotated[str, Column("Unit")]
    chips: Annotated[float | None, Column("Chips", "count", total=True)]
    unit_price_usd: Annotated[float, Column("Unit price", "price", note="A unit and period where rented or leased.")]
    list_usd: Annotated[float, Column("List cost", "money", total=True)]
    discount_usd: Annotated[float, Column("Discount", "money", total=True, note="Volume discounts, shared by cost.")]
    duty_usd: Annotated[float, Column("Duty", "money", total=True, note="With revenue shares of licences.")]
    launch_usd: Annotated[float, Column("Launch", "money", total=True, note="With losses, and the way down.")]
    total_usd: Annotated[float, Column("Total", "money", total=True)]
    licence: Annotated[str | None, Column("Licence needed")]
    last_period: Annotated[str | None, Column("Last period", note="Of service inside the plan.")]
    item_id: Annotated[str, Column("Item id")]
    site_id: Annotated[str, Column("Site id")]


def orders_table(book: Book) -> Table:
    """The schedule, by date, then by what costs most."""
    return table("orders", "Order schedule", SAID, OrderLine, order_lines(book))


def order_lines(book: Book) -> list[OrderLine]:
    """Every commitment, by date, then by what costs most."""
    found = [*_systems(book), *_memory(book), *_power(book), *_openings(book)]
    return sorted(found, key=lambda o: (o.order_by, -o.total_usd, o.delivery, o.site_id, o.item_id, o.how))


def _systems(book: Book) -> Iterator[OrderLine]:
    for p in book.plan.purchases:
        system, bought = book.systems[p.system], p.acquisition == "buy"
        lead = system.lead_months + launch_lead_months(book.sites[p.site].orbit) if bought else 0.0
        saving = book.saving_usd.get((p.system, p.site, p.period), 0.0) if bought else 0.0
        yield OrderLine(
            **_dates(p, lead),
            vendor=p.vendor or None,
            subject="system",
            how=f"rent, {p.rental}" if p.rental else p.acquisition,
            item=book.names.system(p.system),
            site=book.names.site(p.site),
            quantity=p.units,
            unit="units",
            chips=p.chips,
            unit_price_usd=p.unit_price_usd,
            list_usd=p.cost_usd,
            discount_usd=0.0 - saving,
            duty_usd=p.duty_usd,
            launch_usd=(launch := book.way_up_usd(p)),
            total_usd=p.cost_usd - saving + p.duty_usd + launch,
            licence=p.licence or None,
            last_period=p.last_period,
            item_id=p.system,
            site_id=p.site,
        )


def _memory(book: Book) -> Iterator[OrderLine]:
    for m in book.plan.memory_purchases:
        tier, bought = book.tiers[m.tier], m.acquisition == "buy"
        prices = (m.units, "units", m.unit_price_usd) if bought else (m.gb, "GB", _rent_usd_per_gb(book, tier))
        lead = tier.lead_months if bought else 0.0
        yield _plain(book, m, lead, "memory", m.acquisition, book.names.tier(m.tier), prices, m.cost_usd, m.tier)


def _rent_usd_per_gb(book: Book, tier: MemoryTier) -> float:
    """Rent of a GB for a period."""
    return (tier.price.usd_per_gb_month or 0.0) * tier.price.scale * 12 * book.instance.time.period_years


def _power(book: Book) -> Iterator[OrderLine]:
    for b in book.plan.power_builds:
        lease = book.sites[b.site].power.lease if b.source == LEASE else None
        if lease is not None:
            each = lease.usd_per_kw_month * 12 * book.instance.time.period_years
            prices, how, lead, name = (b.power_kw, "kW", each), "lease", lease.lead_months, "powered space"
        else:
            source = book.sources[b.source, b.site]
            prices, how, lead = (b.power_kw, "kW", source.capex_usd_per_kw), "build", source.lead_months
            name = source.name or source.id
        yield _plain(book, b, lead, "power", how, name, prices, b.cost_usd, b.source)


def _openings(book: Book) -> Iterator[OrderLine]:
    for o in book.plan.sites_opened:
        opening = book.sites[o.site].opening
        lead, prices = opening.lead_months if opening else 0.0, (1.0, "site", o.cost_usd)
        yield _plain(book, o, lead, "site", "open", book.names.site(o.site), prices, o.cost_usd, "")


def _plain(
    book: Book,
    entry: MemoryPurchase | PowerBuild | SiteOpening,
    lead_months: float,
    subject: str,
    how: str,
    item: str,
    prices: tuple[float, str, float],
    cost_usd: float,
    item_id: str,
) -> OrderLine:
    """A line without chips, discount, duty, launch or licence; `prices` are quantity, its unit, and USD of one."""
    return OrderLine(
        **_dates(entry, lead_months),
        vendor=None,
        subject=subject,
        how=how,
        item=item,
        site=book.names.site(entry.site),
        quantity=prices[0],
        unit=prices[1],
        chips=None,
        unit_price_usd=prices[2],
        list_usd=cost_usd,
        discount_usd=0.0,
        duty_usd=0.0,
        launch_usd=0.0,
        total_usd=cost_usd,
        licence=None,
        last_period=None,
        item_id=item_id,
        site_id=entry.site,
    )


def _dates(entry: Purchase | MemoryPurchase | PowerBuild | SiteOpening, lead_months: float) -> dict[str, Any]:
    return {
        "order_by": order_by(entry.period, lead_months, entry.order_period),
        "order_period": entry.order_period,
        "delivery": starts(entry.period),
        "delivery_period": entry.period,
        "lead_months": lead_months,
    }
