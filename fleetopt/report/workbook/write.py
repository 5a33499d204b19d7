"""The whole workbook as bytes: the same plan gives the same bytes."""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.rows.table import Column, Table
from fleetopt.report.workbook.cells import shown
from fleetopt.report.workbook.charts import cash_chart, objective_chart
from fleetopt.report.workbook.front import TITLE, Front
from fleetopt.report.workbook.sheets import NAMES, add_table_sheet
from fleetopt.report.workbook.styles import Styles

MADE = datetime(2000, 1, 1)
"""Stands as the date of the document: a plan has no time of day."""
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_date_format": "yyyy-mm-dd",
}
CHARTS = {"cash": cash_chart, "objective": objective_chart}


def procurement_workbook(plan: Plan, instance: Instance, tables: Mapping[str, Table]) -> bytes:
    """procurement.xlsx of a plan from its `report_tables`."""
    heading = instance.title or instance.name
    out = BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as workbook:
        workbook.set_properties({"title": shown(heading), "subject": "Procurement plan", "created": MADE})
        workbook.set_calc_mode("auto")
        styles = Styles(workbook)
        front = workbook.add_worksheet(TITLE)
        for table in tables.values():
            add_table_sheet(workbook, styles, table, heading)
            if table.id in CHARTS:
                CHARTS[table.id](workbook, workbook.get_worksheet_by_name(NAMES[table.id]), table)
        add_table_sheet(workbook, styles, _glossary(tables), heading)
        Front(workbook, front, styles, plan, instance, tables).write()
        front.activate()
    return out.getvalue()


def _glossary(tables: Mapping[str, Table]) -> Table:
    """What every column holds."""
    columns = (
        Column("Sheet", id="sheet"),
        Column("Column", id="column"),
        Column("Kind of figure", id="kind"),
        Column("What to know", id="note"),
        Column("Name in CSV files", id="field"),
    )
    rows: list[tuple[Any, ...]] = [
        (NAMES[table.id], c.heading, c.kind, c.note or None, f"{table.id}.{c.id}")
        for table in tables.values()
        for c in table.columns
    ]
    return Table("columns", "Columns", "What the columns of the other sheets hold.", columns, tuple(rows))
