"""Everything a plan pays, payment by payment, with what the objective counts of each: the root of the money tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from fleetopt.network.graph import gb_per_request
from fleetopt.report.rows.book import KW_PER_MW, LEASE, SECONDS_PER_HOUR, Book
from fleetopt.report.rows.residuals import end_values, last_period

Nature = Literal["capital", "running", "sale", "reckoned"]
"""Spent on what lasts; spent on use and time; money from sales; counted in the objective, but nobody pays it."""


@dataclass(frozen=True, slots=True)
class Payment:
    """USD paid at the start of a period, undiscounted; negative where money comes back."""

    line: str
    """Line of the objective."""
    nature: Nature
    site: str
    """Id; empty where it is of no site."""
    item: str
    """Id of the system, tier, source or workload; empty else."""
    t: int
    """Index of the period."""
    usd: float
    counted_usd: float
    """Present value that the objective counts of it."""
    life: int = 0
    """Periods over which it is written off; 0 where it is not capital."""


def payments(book: Book) -> list[Payment]:
    """Every payment, line by line."""
    return [payment for line in LINES for payment in line(book) if payment.usd]


def _capital(book: Book, line: str, site: str, item: str, t: int, usd: float, years: float) -> Payment:
    life = book.worth.life(years)
    return Payment(line, "capital", site, item, t, usd, usd * book.worth.counted(t, life), life)


def _running(book: Book, line: str, site: str, item: str, t: int, usd: float) -> Payment:
    return Payment(line, "running", site, item, t, usd, usd * book.worth.today(t))


def _bought(book: Book) -> Iterator[Payment]:
    """Systems with their discounts, duties, and way up and down: written off together."""
    for p in (p for p in book.plan.purchases if p.acquisition == "buy"):
        t, years = book.index[p.period], book.systems[p.system].life_years
        parts = {
            "systems": p.cost_usd,
            "launch": book.launch_usd(p),
            "launch_risk": book.launch_risk_usd(p),
            "deorbit": book.deorbit_usd(p),
            "licence_duty": p.duty_usd,
        }
        for line, usd in parts.items():
            if usd:
                yield _capital(book, line, p.site, p.system, t, usd, years)
        if saved := book.saving_usd.get((p.system, p.site, p.period), 0.0):
            yield _discount(book, p.site, p.system, t, -saved, years)


def _discount(book: Book, site: str, item: str, t: int, usd: float, years: float) -> Payment:
    """A discount: what was not paid is not got back at the end either, and the objective keeps that in its line."""
    life, worth = book.worth.life(years), book.worth
    back = worth.left(worth.end - t, life) * worth.today(worth.end)
    return Payment("discounts", "capital", site, item, t, usd, usd * (worth.counted(t, life) - back), life)


def _rented(book: Book) -> Iterator[Payment]:
    """Rental contracts, period by period."""
    for p in (p for p in book.plan.purchases if p.acquisition == "rent"):
        for t in range(book.index[p.period], book.index[p.last_period] + 1):
            yield _running(book, "rent", p.site, p.system, t, p.unit_price_usd * p.units)


def _memory(book: Book) -> Iterator[Payment]:
    """Memory bought with its maintenance, at each period's price; and rented."""
    for m in book.plan.memory_purchases:
        t, tier = book.index[m.period], book.tiers[m.tier]
        if m.acquisition == "rent":
            yield _running(book, "memory", m.site, m.tier, t, m.cost_usd)
            continue
        yield _capital(book, "memory", m.site, m.tier, t, m.cost_usd, tier.life_years)
        share = tier.maintenance_share_per_year * book.instance.time.period_years
        for n in range(t, min(book.worth.end, t + book.worth.life(tier.life_years)) if share else t):
            yield _running(book, "maintenance_staff", m.site, m.tier, n, share * m.units * book.memory_usd(tier, n))


def _power(book: Book) -> Iterator[Payment]:
    """Power built and leased, and the fixed cost of what there is and what is built."""
    years = book.instance.time.period_years
    for s in (s for s in book.instance.sites if s.enabled):
        for e in (e for e in s.power.sources if e.enabled and e.fixed_usd_per_kw_year):
            for t in book.periods:
                usd = e.existing_kw * e.scale * s.power.scale * e.fixed_usd_per_kw_year * years
                yield _running(book, "maintenance_staff", s.id, e.id, t, usd)
    for b in book.plan.power_builds:
        t = book.index[b.period]
        if b.source == LEASE:
            ends = min(book.worth.end, t + lease_periods(book, b.site))
            for n in range(t, ends):
                yield _running(book, "power_lease", b.site, LEASE, n, b.cost_usd / (ends - t))
            continue
        source = book.sources[b.source, b.site]
        yield _capital(book, "power_build", b.site, b.source, t, b.cost_usd, source.life_years)
        for n in range(t, min(book.worth.end, t + book.worth.life(source.life_years))):
            usd = b.power_kw * source.fixed_usd_per_kw_year * years
            yield _running(book, "maintenance_staff", b.site, b.source, n, usd)


def lease_periods(book: Book, site: str) -> int:
    """Periods a lease of powered space runs."""
    lease = book.sites[site].power.lease
    return max(1, book.instance.time.periods_of_months(lease.min_term_months if lease else 0.0))


def _energy(book: Book) -> Iterator[Payment]:
    """Energy drawn, at its source's price."""
    for e in book.plan.energy:
        usd = e.draw_kw / KW_PER_MW * book.hours[e.slice] * usd_per_mwh(book, e.site, e.source)
        yield _running(book, "energy", e.site, e.source, book.index[e.period], usd)


def usd_per_mwh(book: Book, site: str, source: str) -> float:
    """Price of energy of a source, or under a site's lease."""
    if source == LEASE:
        lease = book.sites[site].power.lease
        return lease.energy_usd_per_mwh if lease else 0.0
    found = book.sources[source, site]
    return found.energy_usd_per_mwh * found.energy_scale


def _sites(book: Book) -> Iterator[Payment]:
    """Openings, again whenever their life is over, and the fixed cost of open sites."""
    opened = {o.site: book.index[o.period] for o in book.plan.sites_opened}
    for s in (s for s in book.instance.sites if s.enabled):
        first = 0 if s.opening is None else opened.get(s.id, book.worth.end)
        if s.opening is not None:
            life = book.worth.life(s.opening.life_years)
            for t in range(first, book.worth.end, life):
                yield _capital(book, "site", s.id, "", t, s.opening.cost_usd, s.opening.life_years)
        for t in range(first, book.worth.end):
            yield _running(book, "site", s.id, "", t, s.fixed_usd_per_year * book.instance.time.period_years)


def _traffic(book: Book) -> Iterator[Payment]:
    """Traffic between regions and sites."""
    sizes = {(w.id, b.id): gb_per_request(book.instance.network, b) for w in book.instance.workloads for b in w.buckets}
    for f in book.plan.flows:
        price = book.network.usd_per_gb(f.region, f.site)
        gb = f.rate_per_s * book.hours[f.slice] * SECONDS_PER_HOUR * sizes[f.workload, f.bucket] if price else 0.0
        yield _running(book, "network", f.site, f.workload, book.index[f.period], gb * price)


def _upkeep(book: Book) -> Iterator[Payment]:
    """Maintenance of systems, in orbit operations, at each period's list price."""
    for e in book.plan.installed:
        system, orbit, t = book.systems[e.system], book.sites[e.site].orbit, book.index[e.period]
        share = orbit.operations_share_per_year if orbit else system.maintenance_share_per_year
        usd = e.owned_units * share * book.list_usd(system, t) * book.instance.time.period_years
        yield _running(book, "maintenance_staff", e.site, e.system, t, usd)


def _carbon(book: Book) -> Iterator[Payment]:
    """Carbon, at the instance's price."""
    for c in book.plan.carbon:
        usd = c.tonnes * book.instance.finance.carbon_usd_per_t
        yield _running(book, "carbon", c.site, c.source, book.index[c.period], usd)


def _unserved(book: Book) -> Iterator[Payment]:
    """Requests not served: the instance's price of them, which nobody pays."""
    for u in book.plan.unserved:
        t = book.index[u.period]
        yield Payment("unserved", "reckoned", "", u.workload, t, u.cost_usd, u.cost_usd * book.worth.today(t))


def _sales(book: Book) -> Iterator[Payment]:
    """Units sold, counted by instalments over the life left or in full, like a purchase."""
    for r in book.plan.retirements:
        t, last = book.index[r.period], last_period(book, r)
        if last >= t:
            counted = book.worth.counted(t, last + 1 - t)
            yield Payment("residual", "sale", r.site, r.system, t, -r.resale_usd, -r.resale_usd * counted)


def _at_the_end(book: Book) -> Iterator[Payment]:
    """What is left at the end of the horizon under a residual rule: counted, not received."""
    end = book.worth.end
    for site, item, usd in end_values(book) if book.worth.in_full else ():
        yield Payment("residual", "reckoned", site, item, end, usd, usd * book.worth.today(end))


LINES: tuple[Callable[[Book], Iterator[Payment]], ...] = (
    _bought,
    _rented,
    _memory,
    _power,
    _energy,
    _sites,
    _traffic,
    _upkeep,
    _carbon,
    _unserved,
    _sales,
    _at_the_end,
)
