"""Sites by period: what stands there, the power it is given and draws, what that costs and emits, and the floor."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated

from fleetopt.instance.sites import Site
from fleetopt.report.rows.book import KW_PER_MW, LEASE, Book
from fleetopt.report.rows.dates import starts
from fleetopt.report.rows.payments import lease_periods, usd_per_mwh
from fleetopt.report.rows.table import Column, Table, table

SITES_SAID = (
    "Reserved power is rated power of what is owned times diversity and peak PUE, with memory bought apart (P1); firm "
    "power is what sources and leases give (P2). Satellites bring their own power: nothing is reserved for them."
)
SOURCES_SAID = "Power of each source and what is drawn from it: existing and built by then; average over the period."


@dataclass(frozen=True, slots=True)
class SitePeriod:
    """A site in a period."""

    site: Annotated[str, Column("Site")]
    period: Annotated[str, Column("Period")]
    starts: Annotated[date, Column("From", "date")]
    jurisdiction: Annotated[str, Column("Jurisdiction")]
    is_open: Annotated[str, Column("Open")]
    owned_units: Annotated[float, Column("Units owned", "count")]
    rented_units: Annotated[float, Column("Units rented", "count")]
    rated_kw: Annotated[float, Column("Rated power", "power", note="Of units owned, without PUE.")]
    reserved_kw: Annotated[float | None, Column("Reserved", "power")]
    firm_kw: Annotated[float | None, Column("Firm power", "power")]
    leased_kw: Annotated[float, Column("of it leased", "power")]
    free_kw: Annotated[float | None, Column("Free", "power")]
    used_share: Annotated[float | None, Column("Reserved share", "share")]
    mean_kw: Annotated[float, Column("Drawn on average", "power")]
    peak_kw: Annotated[float, Column("Drawn at most", "power", note="Average of the busiest slice.")]
    energy_mwh: Annotated[float, Column("Energy", "energy", total=True)]
    energy_usd: Annotated[float, Column("Energy cost", "money", total=True, note="Undiscounted.")]
    carbon_t: Annotated[float, Column("Carbon", "tonnes", total=True)]
    slots_used: Annotated[float, Column("Rack positions used", "count")]
    slots: Annotated[float | None, Column("Rack positions", "count", note="Empty where unlimited.")]
    site_id: Annotated[str, Column("Site id")]


@dataclass(frozen=True, slots=True)
class SourcePeriod:
    """A source of power, or a lease, in a period."""

    site: Annotated[str, Column("Site")]
    source: Annotated[str, Column("Source")]
    period: Annotated[str, Column("Period")]
    existing_kw: Annotated[float, Column("Existing", "power")]
    built_kw: Annotated[float, Column("Built by then", "power", note="Or under lease.")]
    firm_kw: Annotated[float, Column("Firm", "power")]
    mean_kw: Annotated[float, Column("Drawn on average", "power")]
    energy_mwh: Annotated[float, Column("Energy", "energy", total=True)]
    usd_per_mwh: Annotated[float, Column("USD per MWh", "price")]
    energy_usd: Annotated[float, Column("Energy cost", "money", total=True, note="Undiscounted.")]
    carbon_t: Annotated[float, Column("Carbon", "tonnes", total=True)]
    site_id: Annotated[str, Column("Site id")]
    source_id: Annotated[str, Column("Source id")]


def sites_table(book: Book) -> Table:
    """Rows by site and period, of sites that are open or have anything on them."""
    sums = Sums(book)
    used = {site for site, _ in (*sums.units, *sums.memory)} | {site for site, _, _ in sums.built}
    used |= {o.site for o in book.plan.sites_opened} | {s.id for s in book.instance.sites if s.opening is None}
    sites = [s for s in book.instance.sites if s.enabled and s.id in used]
    rows = [_site_row(book, sums, s, t) for s in sites for t in book.periods]
    return table("sites_power", "Sites and power", SITES_SAID, SitePeriod, rows)


def sources_table(book: Book) -> Table:
    """Rows by site, source and period, of sources that are there or draw."""
    sums, rows = Sums(book), list[SourcePeriod]()
    for s in (s for s in book.instance.sites if s.enabled):
        for e in (*(e.id for e in s.power.sources if e.enabled), *([LEASE] if s.power.lease else [])):
            rows += [row for t in book.periods if (row := _source_row(book, sums, s, e, t)).firm_kw or row.mean_kw]
    return table("power_sources", "Power sources", SOURCES_SAID, SourcePeriod, rows)


@dataclass(frozen=True)
class Sums:
    """What stands at and flows into each site, added up once."""

    book: Book

    @cached_property
    def units(self) -> dict[tuple[str, int], tuple[float, float, float, float]]:
        """Owned and rented units, rated kW and rack positions of what is owned, by site and period."""
        found: dict[tuple[str, int], tuple[float, float, float, float]] = defaultdict(lambda: (0.0, 0.0, 0.0, 0.0))
        for e in self.book.plan.installed:
            at, system = (e.site, self.book.index[e.period]), self.book.systems[e.system]
            more = (e.owned_units, e.rented_units, e.owned_units * system.power_kw, e.owned_units * system.slots)
            a, b, c, d = found[at]
            found[at] = (a + more[0], b + more[1], c + more[2], d + more[3])
        return found

    @cached_property
    def memory(self) -> dict[tuple[str, int], tuple[float, float]]:
        """kW and rack positions of memory bought apart, by site and period of its life."""
        found: dict[tuple[str, int], tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
        for m in (m for m in self.book.plan.memory_purchases if m.acquisition == "buy"):
            tier, t = self.book.tiers[m.tier], self.book.index[m.period]
            for n in range(t, min(self.book.worth.end, t + self.book.worth.life(tier.life_years))):
                kw, racks = found[m.site, n]
                found[m.site, n] = (kw + tier.power_w_per_gb * m.gb / 1e3, racks + m.units * tier.slots_per_unit)
        return found

    @cached_property
    def built(self) -> dict[tuple[str, str, int], float]:
        """kW built or under lease by site, source and period."""
        found: dict[tuple[str, str, int], float] = defaultdict(float)
        for b in self.book.plan.power_builds:
            t = self.book.index[b.period]
            leased = b.source == LEASE
            years = 0.0 if leased else self.book.sources[b.source, b.site].life_years
            lasts = lease_periods(self.book, b.site) if leased else self.book.worth.life(years)
            for n in range(t, min(self.book.worth.end, t + lasts)):
                found[b.site, b.source, n] += b.power_kw
        return found

    @cached_property
    def drawn(self) -> dict[tuple[str, str, int], float]:
        """MWh by site, source and period."""
        found: dict[tuple[str, str, int], float] = defaultdict(float)
        for e in self.book.plan.energy:
            found[e.site, e.source, self.book.index[e.period]] += e.draw_kw / KW_PER_MW * self.book.hours[e.slice]
        return found

    @cached_property
    def peak_kw(self) -> dict[tuple[str, int], float]:
        """Most drawn at a site in any slice of a period, on its average."""
        by_slice: dict[tuple[str, int, str], float] = defaultdict(float)
        for e in self.book.plan.energy:
            by_slice[e.site, self.book.index[e.period], e.slice] += e.draw_kw
        found: dict[tuple[str, int], float] = defaultdict(float)
        for (s, t, _), kw in by_slice.items():
            found[s, t] = max(found[s, t], kw)
        return found

    @cached_property
    def carbon(self) -> dict[tuple[str, str, int], float]:
        """Tonnes by site, source (launches among them) and period."""
        return {(c.site, c.source, self.book.index[c.period]): c.tonnes for c in self.book.plan.carbon}

    def existing_kw(self, site: Site, source: str) -> float:
        """Power of a source that is there from the start."""
        found = next((e for e in site.power.sources if e.id == source), None)
        return found.existing_kw * found.scale * site.power.scale if found else 0.0

    def firm_kw(self, site: Site, source: str, t: int) -> float:
        """Firm power of a source or lease in a period (P2)."""
        share = 1.0 if source == LEASE else self.book.sources[source, site.id].firm_share
        return share * (self.existing_kw(site, source) + self.built.get((site.id, source, t), 0.0))


def _site_row(book: Book, sums: Sums, s: Site, t: int) -> SitePeriod:
    period, ground = book.instance.time.period_id(t), s.kind == "ground"
    owned, rented, rated_kw, racks = sums.units.get((s.id, t), (0.0, 0.0, 0.0, 0.0))
    memory_kw, memory_racks = sums.memory.get((s.id, t), (0.0, 0.0))
    sources = [e.id for e in s.power.sources if e.enabled]
    reserved = s.power.pue_peak * (s.power.diversity * rated_kw + memory_kw)
    leased = sums.built.get((s.id, LEASE, t), 0.0)
    firm = sum(sums.firm_kw(s, e, t) for e in sources) + leased
    mwh = {e: sums.drawn.get((s.id, e, t), 0.0) for e in (*sources, LEASE)}
    opened = next((book.index[o.period] for o in book.plan.sites_opened if o.site == s.id), book.worth.end)
    return SitePeriod(
        site=book.names.site(s.id),
        period=period,
        starts=starts(period),
        jurisdiction=s.jurisdiction,
        is_open="yes" if s.opening is None or t >= opened else "no",
        owned_units=owned,
        rented_units=rented,
        rated_kw=rated_kw,
        reserved_kw=reserved if ground else None,
        firm_kw=firm if ground else None,
        leased_kw=leased,
        free_kw=firm - reserved if ground else None,
        used_share=reserved / firm if ground and firm else None,
        mean_kw=sum(mwh.values()) / book.instance.time.period_hours * KW_PER_MW,
        peak_kw=sums.peak_kw.get((s.id, t), 0.0),
        energy_mwh=sum(mwh.values()),
        energy_usd=sum(energy * usd_per_mwh(book, s.id, e) for e, energy in mwh.items() if energy),
        carbon_t=sum(tonnes for (site, _, at), tonnes in sums.carbon.items() if (site, at) == (s.id, t)),
        slots_used=racks + memory_racks,
        slots=s.space.slots * s.space.scale if s.space else None,
        site_id=s.id,
    )


def _source_row(book: Book, sums: Sums, s: Site, e: str, t: int) -> SourcePeriod:
    mwh, price = sums.drawn.get((s.id, e, t), 0.0), usd_per_mwh(book, s.id, e)
    named = next((source.name for source in s.power.sources if source.id == e), "")
    return SourcePeriod(
        site=book.names.site(s.id),
        source="powered space leased" if e == LEASE else named or e,
        period=book.instance.time.period_id(t),
        existing_kw=sums.existing_kw(s, e),
        built_kw=sums.built.get((s.id, e, t), 0.0),
        firm_kw=sums.firm_kw(s, e, t),
        mean_kw=mwh / book.instance.time.period_hours * KW_PER_MW,
        energy_mwh=mwh,
        usd_per_mwh=price,
        energy_usd=mwh * price,
        carbon_t=sums.carbon.get((s.id, e, t), 0.0),
        site_id=s.id,
        source_id=e,
    )
