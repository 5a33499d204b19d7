"""Capital, running cost and depreciation by calendar year.

Straight line over the economic life, in whole periods from the first period of service; systems with their network,
discounts, duty and launch. What is sold before its end is written off then. The fleet that is there already has no
book value in an instance and is left out.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from fleetopt.report.costs import MEANING
from fleetopt.report.rows.book import Book
from fleetopt.report.rows.dates import year
from fleetopt.report.rows.payments import Payment
from fleetopt.report.rows.residuals import BOUGHT
from fleetopt.report.rows.table import Column, Table, table

SAID = (
    "Capital spent, running cost, and straight-line depreciation over economic life (from the period of service, in "
    "whole periods; what is sold early is written off then). Undiscounted; the fleet already there has no book value "
    "here. Depreciation is for the accounts: the objective counts instalments or residual values instead."
)


@dataclass(frozen=True, slots=True)
class AnnualLine:
    """One line of the objective in one calendar year."""

    year: Annotated[int, Column("Year", "plain")]
    line: Annotated[str, Column("Line")]
    meaning: Annotated[str, Column("Meaning")]
    capital_usd: Annotated[float, Column("Capital spent", "money", total=True)]
    running_usd: Annotated[float, Column("Running cost", "money", total=True)]
    sales_usd: Annotated[float, Column("From sales", "money", total=True)]
    depreciation_usd: Annotated[float, Column("Depreciation", "money", total=True)]
    written_off_usd: Annotated[float, Column("Written off", "money", total=True, note="Book value of what is sold.")]
    book_usd: Annotated[float, Column("Book value at year end", "money")]


@dataclass
class _Sums:
    """What falls in one year and line."""

    capital: list[float] = field(default_factory=list)
    running: list[float] = field(default_factory=list)
    sales: list[float] = field(default_factory=list)
    depreciation: list[float] = field(default_factory=list)
    written_off: list[float] = field(default_factory=list)


def annual_table(book: Book, paid: list[Payment]) -> Table:
    """Years, and within them the lines with anything in them."""
    return table("annual", "Annual view", SAID, AnnualLine, annual_lines(book, paid))


def annual_lines(book: Book, paid: list[Payment]) -> list[AnnualLine]:
    """Rows by year and line; a line goes on while it has book value."""
    sums: dict[tuple[int, str], _Sums] = defaultdict(_Sums)
    gone = _retired_shares(book)
    for p in paid:
        at = sums[year(book.instance.time, p.t), p.line] if p.t < book.worth.end else _Sums()
        if p.nature == "capital":
            at.capital.append(p.usd)
            for t, usd, is_sale in _written_down(book, p, gone):
                down = sums[year(book.instance.time, t), p.line]
                (down.written_off if is_sale else down.depreciation).append(usd)
        elif p.nature != "reckoned":
            (at.sales if p.nature == "sale" else at.running).append(p.usd if p.nature == "running" else -p.usd)
    years = sorted({year(book.instance.time, t) for t in book.periods})
    return list(_rows(book, sums, years))


def _rows(book: Book, sums: dict[tuple[int, str], _Sums], years: list[int]) -> Iterator[AnnualLine]:
    value: dict[str, list[float]] = defaultdict(list)
    for y in years:
        for name in book.plan.cost_lines:
            s, held = sums.get((y, name), _Sums()), value[name]
            held += [*s.capital, *(-usd for usd in s.depreciation), *(-usd for usd in s.written_off)]
            if held or s.running or s.sales:
                amounts = (math.fsum(x) for x in (s.capital, s.running, s.sales, s.depreciation, s.written_off, held))
                yield AnnualLine(y, name, MEANING.get(name, name), *amounts)


def _retired_shares(book: Book) -> dict[tuple[str, str, int], list[tuple[int, float]]]:
    """(period, share of what was delivered) of early sales, by system, site and period of delivery."""
    units = {(p.system, p.site, p.period): p.units for p in book.plan.purchases if p.acquisition == "buy"}
    found: dict[tuple[str, str, int], list[tuple[int, float]]] = defaultdict(list)
    for r in book.plan.retirements:
        bought = r.cohort.removeprefix(BOUGHT)
        if r.cohort.startswith(BOUGHT) and units.get((r.system, r.site, bought)):
            share = r.units / units[r.system, r.site, bought]
            found[r.system, r.site, book.index[bought]].append((book.index[r.period], share))
    return found


def _written_down(
    book: Book, p: Payment, gone: dict[tuple[str, str, int], list[tuple[int, float]]]
) -> Iterator[tuple[int, float, bool]]:
    """(period, USD, whether by a sale) of what a payment loses of its book value inside the horizon."""
    sold = gone.get((p.item, p.site, p.t), []) if p.line != "memory" else []
    kept = 1.0
    for t in range(p.t, min(book.worth.end, p.t + p.life)):
        left = 1.0 - (t - p.t) / p.life
        for share in (share for at, share in sold if at == t):
            kept -= share
            yield t, p.usd * share * left, True
        yield t, p.usd * kept / p.life, False
