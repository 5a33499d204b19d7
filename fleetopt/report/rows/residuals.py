"""F2 under a residual rule, in USD at the end of the horizon: what is left of all that was bought (negative: a credit),
and what sold units would have been worth then (positive: given up).
"""

from collections.abc import Iterator

from fleetopt.plan import Purchase, Retirement
from fleetopt.report.rows.book import LEASE, Book

BOUGHT = "bought-"
"""How a plan names the cohort of what it buys itself, before the period of delivery."""
Value = tuple[str, str, float]
"""(site, item, USD)."""


def last_period(book: Book, r: Retirement) -> int:
    """Index of the last period in which retired units could have served."""
    if r.cohort.startswith(BOUGHT):
        bought = book.index[r.cohort.removeprefix(BOUGHT)]
        return bought + book.worth.life(book.systems[r.system].life_years) - 1
    held = next((h for h in book.instance.fleet if h.id == r.cohort), None)
    return book.instance.time.period_index(held.end_of_life if held else r.period)


def end_values(book: Book) -> Iterator[Value]:
    """Credits for what is left, and what sold units give up of it."""
    for p in (p for p in book.plan.purchases if p.acquisition == "buy"):
        yield (
            p.site,
            p.system,
            -_left(book, _paid_usd(book, p), book.index[p.period], book.systems[p.system].life_years),
        )
    for m in (m for m in book.plan.memory_purchases if m.acquisition == "buy"):
        yield m.site, m.tier, -_left(book, m.cost_usd, book.index[m.period], book.tiers[m.tier].life_years)
    for b in (b for b in book.plan.power_builds if b.source != LEASE):
        years = book.sources[b.source, b.site].life_years
        yield b.site, b.source, -_left(book, b.cost_usd, book.index[b.period], years)
    for o in book.plan.sites_opened:
        opening = book.sites[o.site].opening
        if opening is not None:
            last = range(book.index[o.period], book.worth.end, book.worth.life(opening.life_years))[-1]
            yield o.site, "", -_left(book, opening.cost_usd, last, opening.life_years)
    yield from _given_up(book)


def _given_up(book: Book) -> Iterator[Value]:
    """What sold units would have been worth at the end."""
    bought = {(p.system, p.site, f"{BOUGHT}{p.period}"): p for p in book.plan.purchases if p.acquisition == "buy"}
    for r in book.plan.retirements:
        p, system = bought.get((r.system, r.site, r.cohort)), book.systems[r.system]
        if p is not None:
            each = _paid_usd(book, p) / p.units
            yield r.site, r.system, r.units * _left(book, each, book.index[p.period], system.life_years)
            continue
        held = next(h for h in book.instance.fleet if h.id == r.cohort)
        entered = book.instance.time.period_index(held.in_service)
        ends = book.instance.time.period_index(held.end_of_life) + 1
        life = max(book.worth.life(system.life_years), ends - entered)
        price = book.list_usd(system, max(entered, 0)) * (1 + system.price.network_share)
        yield r.site, r.system, r.units * price * book.worth.left(life - max(0, ends - book.worth.end), life)


def _paid_usd(book: Book, p: Purchase) -> float:
    """A purchase with its way up and duty; discounts are not got back."""
    return p.cost_usd + book.way_up_usd(p) + p.duty_usd


def _left(book: Book, usd: float, t: int, years: float) -> float:
    return usd * book.worth.left(book.worth.end - t, book.worth.life(years))
