"""Typed rows of every subject of a report: a plan and its instance in, tables out; the same for every format."""

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.rows.annual import annual_table
from fleetopt.report.rows.assumptions import assumptions_table
from fleetopt.report.rows.book import Book
from fleetopt.report.rows.cash import cash_table, objective_table
from fleetopt.report.rows.choices import changes_table, rejected_table
from fleetopt.report.rows.fleet import fleet_table
from fleetopt.report.rows.materials import materials_table
from fleetopt.report.rows.orders import orders_table
from fleetopt.report.rows.payments import payments
from fleetopt.report.rows.places import sites_table, sources_table
from fleetopt.report.rows.table import Cell, Column, Kind, Table
from fleetopt.report.rows.targets import targets_table
from fleetopt.report.rows.tiers import tiers_table

__all__ = ["Cell", "Column", "Kind", "Table", "report_tables"]


def report_tables(plan: Plan, instance: Instance, previous: Plan | None = None) -> dict[str, Table]:
    """Every subject by the id of its table, in the order in which to read them.

    `changes` is there where there is a previous plan to compare with.
    """
    book = Book(plan, instance)
    paid = payments(book)
    found = [
        orders_table(book),
        materials_table(book),
        objective_table(book, paid),
        cash_table(book, paid),
        annual_table(book, paid),
        sites_table(book),
        sources_table(book),
        fleet_table(book),
        targets_table(book),
        tiers_table(book),
        assumptions_table(book),
        rejected_table(book),
    ]
    if previous is not None:
        found.append(changes_table(book, previous))
    return {t.id: t for t in found}
