"""Memory by tier: room, what is kept in it at most, and for what."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fleetopt.orbit.battery import duty
from fleetopt.plan import Installed
from fleetopt.report.rows.book import Book
from fleetopt.report.rows.dates import starts
from fleetopt.report.rows.table import Column, Table, table

SAID = (
    "Room of each memory tier that holds idle KV, caches, sandboxes, stores and checkpoints, and what they take in the "
    "slice that takes most. Bundled is host memory that comes with systems. The chips' own memory is in the bill of "
    "materials."
)


@dataclass(frozen=True, slots=True)
class TierLine:
    """A tier at a site in a period."""

    site: Annotated[str, Column("Site")]
    tier: Annotated[str, Column("Tier")]
    kind: Annotated[str, Column("Kind")]
    period: Annotated[str, Column("Period")]
    starts: Annotated[date, Column("From", "date")]
    bundled_gb: Annotated[float, Column("Bundled", "memory")]
    bought_gb: Annotated[float, Column("Bought", "memory")]
    rented_gb: Annotated[float, Column("Rented", "memory")]
    room_gb: Annotated[float, Column("Room", "memory")]
    held_gb: Annotated[float, Column("Held at most", "memory")]
    used_share: Annotated[float | None, Column("Used", "share")]
    holds: Annotated[str | None, Column("Holds", note="Largest first, in that slice.")]
    site_id: Annotated[str, Column("Site id")]
    tier_id: Annotated[str, Column("Tier id")]


def tiers_table(book: Book) -> Table:
    """Rows by site, tier and period, where there is room."""
    bundled, bought, rented, held = _bundled(book), _bought(book), _rented(book), _held(book)
    rows = []
    for s in (s for s in book.instance.sites if s.enabled):
        for m in (m for m in book.instance.memory if m.enabled):
            for t in book.periods:
                parts = (
                    bundled.get((s.id, t), 0.0) if m.kind == "dram" else 0.0,
                    bought.get((s.id, m.id, t), 0.0),
                    rented.get((s.id, m.id, t), 0.0),
                )
                gb, holds = _most(book, held.get((s.id, m.id, t), {}))
                if sum(parts) or gb:
                    period, room = book.instance.time.period_id(t), sum(parts)
                    head = (book.names.site(s.id), book.names.tier(m.id), m.kind, period, starts(period))
                    share = gb / room if room else None
                    rows.append(TierLine(*head, *parts, room, gb, share, holds or None, s.id, m.id))
    return table("memory_tiers", "Memory by tier", SAID, TierLine, rows)


def _bundled(book: Book) -> dict[tuple[str, int], float]:
    """GB of host memory in systems that are there to stay, by site and period (M2)."""
    found: dict[tuple[str, int], float] = defaultdict(float)
    for e in book.plan.installed:
        found[e.site, book.index[e.period]] += book.systems[e.system].usable_dram_gb * _working(book, e)
    for p in (p for p in book.plan.purchases if p.acquisition == "rent"):
        offer = book.systems[p.system].rentals.get(p.rental)
        if offer is not None and not offer.preemption_share and not offer.preemptions_per_day:
            for t in range(book.index[p.period], book.index[p.last_period] + 1):
                found[p.site, t] += book.systems[p.system].usable_dram_gb * p.units
    return found


def _working(book: Book, e: Installed) -> float:
    """Units owned whose memory is there; in orbit those that have not failed, awake or not (O3, O4)."""
    orbit = book.sites[e.site].orbit
    return e.owned_units if orbit is None else e.usable_units / duty(book.systems[e.system], orbit)


def _bought(book: Book) -> dict[tuple[str, str, int], float]:
    found: dict[tuple[str, str, int], float] = defaultdict(float)
    for m in (m for m in book.plan.memory_purchases if m.acquisition == "buy"):
        t = book.index[m.period]
        for n in range(t, min(book.worth.end, t + book.worth.life(book.tiers[m.tier].life_years))):
            found[m.site, m.tier, n] += m.gb
    return found


def _rented(book: Book) -> dict[tuple[str, str, int], float]:
    rents = (m for m in book.plan.memory_purchases if m.acquisition == "rent")
    return {(m.site, m.tier, book.index[m.period]): m.gb for m in rents}


Held = dict[str, dict[tuple[str, str], float]]
"""GB by slice, and in it by workload and holding."""


def _held(book: Book) -> dict[tuple[str, str, int], Held]:
    found: dict[tuple[str, str, int], Held] = defaultdict(lambda: defaultdict(dict))
    for p in book.plan.parked:
        found[p.site, p.tier, book.index[p.period]][p.slice][p.workload, p.holding] = p.gb
    return found


def _most(book: Book, slices: Held) -> tuple[float, str]:
    """GB in the slice that holds most, and what it is."""
    if not slices:
        return 0.0, ""
    fullest = max(slices.values(), key=lambda parts: sum(parts.values()))
    ordered = sorted(fullest.items(), key=lambda item: (-item[1], item[0]))
    return sum(fullest.values()), ", ".join(f"{what} of {book.names.workload(w)}" for (w, what), _ in ordered)
