"""Cash by period, and how it becomes the objective, line by line."""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fleetopt.report.costs import MEANING
from fleetopt.report.rows.book import Book
from fleetopt.report.rows.dates import starts
from fleetopt.report.rows.payments import Payment
from fleetopt.report.rows.table import Cell, Column, Table, table, tidy

CASH_SAID = (
    "What is paid at the start of each period, undiscounted: purchases in full when they enter service, rents, energy, "
    "staff and maintenance as they run; negative where money comes back. What nobody pays is left out."
)
LINES_SAID = (
    "From dollars paid to the objective: what is paid inside the plan, less discounting, less what the objective "
    "leaves to the time after the plan. The last column is what these payments come to less what plan.json says."
)


@dataclass(frozen=True, slots=True)
class LineOfObjective:
    """One line of the objective."""

    line: Annotated[str, Column("Line")]
    meaning: Annotated[str, Column("Meaning")]
    paid_usd: Annotated[float, Column("Paid in the plan", "money", total=True, note="Undiscounted.")]
    reckoned_usd: Annotated[float, Column("Reckoned", "money", total=True, note="Counted, but paid by nobody.")]
    discounting_usd: Annotated[float, Column("Discounting", "money", total=True)]
    beyond_usd: Annotated[
        float,
        Column("Left to later", "money", total=True, note="Instalments after the plan, or value kept at its end."),
    ]
    objective_usd: Annotated[float, Column("Objective", "money", total=True, note="As plan.json says.")]
    share: Annotated[float | None, Column("Share", "share")]
    difference_usd: Annotated[float, Column("Difference", "money", total=True, note="To the cent.")]


def objective_table(book: Book, paid: list[Payment]) -> Table:
    """A row for each line of the objective."""
    return table("objective", "Cost and objective", LINES_SAID, LineOfObjective, objective_lines(book, paid))


def objective_lines(book: Book, paid: list[Payment]) -> list[LineOfObjective]:
    """Lines in the order of the plan, those that are zero too."""
    by_line: dict[str, list[Payment]] = defaultdict(list)
    for payment in paid:
        by_line[payment.line].append(payment)
    return [_line(book, name, usd, by_line[name]) for name, usd in book.plan.cost_lines.items()]


def _line(book: Book, name: str, usd: float, found: list[Payment]) -> LineOfObjective:
    whole = math.fsum(p.usd for p in found)
    reckoned = math.fsum(p.usd for p in found if p.nature == "reckoned")
    present = math.fsum(p.usd * book.worth.today(p.t) for p in found)
    counted = math.fsum(p.counted_usd for p in found)
    total = book.plan.objective_usd
    return LineOfObjective(
        line=name,
        meaning=MEANING.get(name, name),
        paid_usd=whole - reckoned,
        reckoned_usd=reckoned,
        discounting_usd=present - whole,
        beyond_usd=counted - present,
        objective_usd=usd,
        share=usd / total if total else None,
        difference_usd=round(counted - usd, 2) + 0.0,
    )


def cash_table(book: Book, paid: list[Payment]) -> Table:
    """A row for each period; a column for each line with any cash, their sum, and the sum so far."""
    cells: dict[tuple[int, str], list[float]] = defaultdict(list)
    for p in (p for p in paid if p.nature != "reckoned"):
        cells[p.t, p.line].append(p.usd)
    lines = [name for name in book.plan.cost_lines if any(line == name for _, line in cells)]
    columns = (
        Column("Period", id="period"),
        Column("Paid on", "date", id="paid_on"),
        *(Column(MEANING.get(name, name).capitalize(), "money", total=True, id=f"{name}_usd") for name in lines),
        Column("Cash", "money", total=True, id="cash_usd"),
        Column("Cash so far", "money", id="so_far_usd"),
    )
    return Table("cash", "Cash flow", CASH_SAID, columns, tuple(_cash_rows(book, cells, lines)))


def _cash_rows(book: Book, cells: dict[tuple[int, str], list[float]], lines: list[str]) -> Iterator[tuple[Cell, ...]]:
    so_far = 0.0
    for t in book.periods:
        amounts = [math.fsum(cells.get((t, name), [])) for name in lines]
        cash = math.fsum(amounts)
        so_far += cash
        period = book.instance.time.period_id(t)
        when: date = starts(period)
        yield (period, when, *map(tidy, (*amounts, cash, so_far)))
