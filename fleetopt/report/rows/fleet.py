"""The fleet by period: what stands where, and how much of it is in use when it is busiest."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fleetopt.report.rows.book import Book
from fleetopt.report.rows.dates import starts
from fleetopt.report.rows.table import Column, Table, table

SAID = "Units in place by period, and the share of those that can be in use which is, in the busiest slice."


@dataclass(frozen=True, slots=True)
class FleetLine:
    """A system at a site in a period."""

    site: Annotated[str, Column("Site")]
    system: Annotated[str, Column("System")]
    vendor: Annotated[str | None, Column("Vendor")]
    period: Annotated[str, Column("Period")]
    starts: Annotated[date, Column("From", "date")]
    owned_units: Annotated[float, Column("Owned", "count")]
    rented_units: Annotated[float, Column("Rented", "count")]
    usable_units: Annotated[float, Column("Owned and usable", "count", note="Less repairs and spares.")]
    peak_busy_units: Annotated[float, Column("In use at most", "count")]
    busy_share: Annotated[float | None, Column("Busiest share", "share")]
    chips: Annotated[float, Column("Chips", "count", note="Owned and rented.")]
    rated_kw: Annotated[float, Column("Rated power", "power", note="Of units owned.")]
    system_id: Annotated[str, Column("System id")]
    site_id: Annotated[str, Column("Site id")]


def fleet_table(book: Book) -> Table:
    """Rows by site, system and period."""
    rows = []
    for e in sorted(book.plan.installed, key=lambda e: (e.site, e.system, e.period)):
        system, usable = book.systems[e.system], e.usable_units + e.rented_units
        serves = usable > 0 and system.chip is not None
        rows.append(
            FleetLine(
                site=book.names.site(e.site),
                system=book.names.system(e.system),
                vendor=system.vendor or None,
                period=e.period,
                starts=starts(e.period),
                owned_units=e.owned_units,
                rented_units=e.rented_units,
                usable_units=e.usable_units,
                peak_busy_units=e.peak_busy_units,
                busy_share=e.peak_busy_units / usable if serves else None,
                chips=(e.owned_units + e.rented_units) * system.chips,
                rated_kw=e.owned_units * system.power_kw,
                system_id=e.system,
                site_id=e.site,
            )
        )
    return table("fleet", "Fleet by period", SAID, FleetLine, rows)
