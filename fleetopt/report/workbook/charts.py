"""Charts that a spreadsheet draws from the tables beside them."""

from typing import Any

from fleetopt.report.rows.table import Table
from fleetopt.report.workbook.sheets import HEAD, NAMES

COLOURS = (
    "#0B4F6C", "#D9822B", "#3C8D5A", "#8C6BB1", "#C23B4E", "#2AA1B3", "#8A6D3B", "#7A8793", "#B5C334", "#E377C2",
)  # fmt: skip


def cash_chart(workbook: Any, sheet: Any, table: Table) -> None:
    """Cash by period, a colour for each line, under the table."""
    lines = [at for at, c in enumerate(table.columns) if c.total and c.id != "cash_usd"]
    if not table.rows or not lines:
        return
    name, first, last = NAMES[table.id], HEAD + 1, HEAD + len(table.rows)
    chart = workbook.add_chart({"type": "column", "subtype": "stacked"})
    for n, at in enumerate(lines):
        chart.add_series(
            {
                "name": [name, HEAD, at],
                "categories": [name, first, 0, last, 0],
                "values": [name, first, at, last, at],
                "fill": {"color": COLOURS[n % len(COLOURS)]},
                "gap": 60,
            }
        )
    chart.set_title({"name": "Cash by period", "name_font": {"size": 12}})
    chart.set_y_axis({"num_format": "#,##0,,", "name": "M USD", "major_gridlines": {"visible": True, "line": _THIN}})
    chart.set_legend({"position": "right", "font": {"size": 9}})
    chart.set_size({"width": 980, "height": 360})
    sheet.insert_chart(last + 3, 0, chart, {"description": "Cash paid in each period, by line of the objective"})


def objective_chart(workbook: Any, sheet: Any, table: Table) -> None:
    """Lines of the objective as bars, under the table."""
    if not table.rows:
        return
    name, first, last = NAMES[table.id], HEAD + 1, HEAD + len(table.rows)
    at = [column.id for column in table.columns].index("objective_usd")
    chart = workbook.add_chart({"type": "bar"})
    chart.add_series(
        {
            "categories": [name, first, 1, last, 1],
            "values": [name, first, at, last, at],
            "fill": {"color": COLOURS[0]},
            "gap": 40,
        }
    )
    chart.set_title({"name": "What it costs, present value (M USD)", "name_font": {"size": 12}})
    chart.set_x_axis({"num_format": "#,##0,,", "major_gridlines": {"visible": True, "line": _THIN}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "label_position": "low"})
    chart.set_legend({"none": True})
    chart.set_size({"width": 980, "height": 400})
    sheet.insert_chart(last + 3, 0, chart, {"description": "Lines of the objective in present value"})


_THIN = {"color": "#D5DBE0", "width": 0.5}
