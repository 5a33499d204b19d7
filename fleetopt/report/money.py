"""Cash by period, and capital, running cost and depreciation by year: money as it is paid and booked, undiscounted."""

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.rows.annual import annual_lines
from fleetopt.report.rows.book import Book
from fleetopt.report.rows.payments import payments
from fleetopt.report.text import table, usd

SAID = (
    "Undiscounted; purchases are paid when they enter service. Depreciation is a straight line over economic life and "
    "for the accounts only; the fleet already there has no book value here. `tables/` has both line by line."
)


def money_section(plan: Plan, instance: Instance) -> list[str]:
    """Cash in a row by period, and a row for each year."""
    book = Book(plan, instance)
    paid = payments(book)
    cash = [sum(p.usd for p in paid if p.t == t and p.nature != "reckoned") for t in book.periods]
    lines = annual_lines(book, paid)
    rows = []
    for year in sorted({line.year for line in lines}):
        mine = [line for line in lines if line.year == year]
        capital, running = sum(x.capital_usd for x in mine), sum(x.running_usd - x.sales_usd for x in mine)
        down = sum(x.depreciation_usd + x.written_off_usd for x in mine)
        rows.append([str(year), usd(capital), usd(running), usd(down), usd(sum(x.book_usd for x in mine))])
    header = [
        "year",
        "capital spent",
        "running cost less sales",
        "depreciation and write-offs",
        "book value at its end",
    ]
    by_period = table(["", *plan.periods], [["cash", *(usd(amount) for amount in cash)]])
    return ["## Cash and years", "", SAID, "", *by_period, *table(header, rows)]
