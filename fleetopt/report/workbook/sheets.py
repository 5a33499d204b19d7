"""A sheet for each subject: its table with filters, frozen head, totals as formulas with names, and print set up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fleetopt.report.rows.table import Cell, Column, Table
from fleetopt.report.workbook.cells import shown, write_cell
from fleetopt.report.workbook.styles import BAD, GOOD, NUMBERS, WARN, Styles, number_of

HEAD = 3
"""Row of the table's header, from 0; above it title, what the sheet holds, and an empty row."""
MOST_ROWS = 1_048_576
"""Excel's limit of a sheet."""
ROOM = MOST_ROWS - HEAD - 2
"""Rows of a table between its header and its totals."""
NARROW, WIDE, WRAPPED = 7, 34, 52
"""Least and most width of a column in letters, and that of long text, which is wrapped."""
LONG = 60
"""Text beyond this many letters is wrapped."""
LINE, MOST_LINES = 13.5, 8
"""Height of a line in points, and lines that a row shows at most."""
PAPER_A4, PAPER_A3 = 9, 8
ACROSS = 240
"""Letters side by side that an A4 page still shows legibly."""
CHART_ROWS = 24
CENTS_BELOW = 1e4
"""Columns of money are shown to the cent where all their figures are below this."""
MARKS = {"yes": GOOD, "not at p90": WARN, "no": BAD}
"""Cells of the columns `met`, by what they say."""
NAMES = {
    "orders": "Orders",
    "materials": "Bill of materials",
    "objective": "Cost and objective",
    "cash": "Cash flow",
    "annual": "Annual view",
    "sites_power": "Sites and power",
    "power_sources": "Power sources",
    "fleet": "Fleet",
    "slo": "SLO compliance",
    "memory_tiers": "Memory",
    "assumptions": "Assumptions",
    "rejected": "Rejected options",
    "changes": "Changes",
    "columns": "Columns",
}
"""Names of the sheets."""
CHARTED = frozenset({"cash", "objective"})
"""Tables with a chart under them."""
FROZEN = {"orders": 1, "materials": 1, "cash": 1, "annual": 2, "objective": 1, "assumptions": 3}
"""Columns that stay in view, where it is not the first."""


Rows = tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Total:
    """A named total: the cell that holds it, and its value."""

    name: str
    usd: float
    header: str


def add_table_sheet(workbook: Any, styles: Styles, table: Table, heading: str) -> list[Total]:
    """Add the sheet of a table. Returns its named totals."""
    sheet = workbook.add_worksheet(NAMES[table.id])
    rows = table.rows[:ROOM]
    _head(sheet, styles, table, len(rows))
    _set_up(sheet, table, heading)
    if not rows:
        sheet.write_string(HEAD, 0, "Nothing.", styles.said)
        return []
    made = _columns(sheet, styles, table, rows)
    wrapped = [at for at, column in enumerate(table.columns) if _wraps(column, [row[at] for row in rows])]
    for n, row in enumerate(rows, start=HEAD + 1):
        if wrapped:
            sheet.set_row(n, LINE * max(_lines(row[at]) for at in wrapped))
        for at, value in enumerate(row):
            write_cell(sheet, n, at, value, *made[at](value))
    totals = _totals(workbook, sheet, styles, table, rows)
    last = HEAD + len(rows) + bool(totals)
    sheet.add_table(HEAD, 0, last, len(table.columns) - 1, _options(table, styles, totals))
    _write_totals(workbook, sheet, styles, table, totals, last)
    _mark(workbook, sheet, styles, table, len(rows))
    sheet.print_area(0, 0, last + (CHART_ROWS if table.id in CHARTED else 0), _printed(table) - 1)
    return list(totals.values())


def _head(sheet: Any, styles: Styles, table: Table, count: int) -> None:
    """Title, and what the sheet holds."""
    width = min(12, _printed(table))
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, table.title, styles.title)
    left_out = len(table.rows) - count
    said = table.said + (f" {left_out:,} rows more than a sheet can hold are left out." if left_out else "")
    sheet.merge_range(1, 0, 1, max(width - 1, 1), said, styles.said)
    sheet.set_row(1, 44)


def _set_up(sheet: Any, table: Table, heading: str) -> None:
    """Frozen head, and how it prints: landscape, as wide as the page, with its head on every page."""
    sheet.hide_gridlines(2)
    sheet.freeze_panes(HEAD + 1, FROZEN.get(table.id, 2))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer(f"&L&8{footer_text(heading)}&C&8{table.title}&R&8&P / &N")


def footer_text(text: str) -> str:
    """Text of the instance in a footer, where an ampersand begins a command."""
    return shown(text)[:100].replace("&", "&&")


def _columns(sheet: Any, styles: Styles, table: Table, rows: Rows) -> list[Callable[[Cell], tuple[Any, Any]]]:
    """Widths; ids for look-ups stand folded away at the right. Returns what gives the styles of each column's cells."""
    made, across = [], 0
    for at, column in enumerate(table.columns):
        values = [row[at] for row in rows]
        longest, wrap = _longest(column, values), _wraps(column, values)
        width = WRAPPED if wrap else min(WIDE, max(NARROW, longest + 2, _header_width(column)))
        hidden = {"level": 1, "hidden": True} if _is_id(column) else {}
        made.append(_styles_of(styles, column, wrap, cents=_in_cents(column, values)))
        sheet.set_column(at, at, width, made[at](None)[0], hidden)
        across += 0 if _is_id(column) else width
    sheet.set_row(HEAD, 32)
    sheet.set_paper(PAPER_A4 if across <= ACROSS else PAPER_A3)
    return made


def _wraps(column: Column, values: list[Cell]) -> bool:
    """Whether a column has text too long for one line."""
    return column.kind == "text" and _longest(column, values) > LONG


def _longest(column: Column, values: list[Cell]) -> int:
    """Letters of the widest cell; figures are as wide as the largest of them."""
    figures = [v for v in values if isinstance(v, int | float)]
    ends = [max(figures), min(figures)] if figures else []
    return max((len(_as_text(v)) for v in (*ends, *(v for v in values if isinstance(v, str)))), default=10)


def _lines(value: Cell) -> int:
    """Lines that wrapped text takes, as many as are shown."""
    return min(MOST_LINES, 1 + len(_as_text(value)) // WRAPPED)


def _styles_of(styles: Styles, column: Column, wrap: bool, cents: bool) -> Callable[[Cell], tuple[Any, Any]]:
    """The style of a value in a column, and that of text to be quoted; each is made once."""
    numbers: dict[str, Any] = {}
    quoted = styles.quoted(column, wrap)

    def style(value: Cell) -> tuple[Any, Any]:
        number = number_of(column, value, cents)
        if number not in numbers:
            numbers[number] = styles.column(column, number, wrap)
        return numbers[number], quoted

    return style


def _in_cents(column: Column, values: list[Cell]) -> bool:
    """Whether a column of money is so small that cents are worth showing."""
    return (
        column.kind == "money"
        and max((abs(v) for v in values if isinstance(v, int | float)), default=0.0) < CENTS_BELOW
    )


def _as_text(value: Cell) -> str:
    """About as wide as the cell is shown."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.2f}"
    return "" if value is None else str(value)


def _header_width(column: Column) -> int:
    """Room for the header on two lines, beside its filter button."""
    words = column.heading.split()
    return max(max(len(word) for word in words), (len(column.heading) + 1) // 2) + 4


def _is_id(column: Column) -> bool:
    return column.title.lower().endswith(" id") and column.title != "Rule id"


def _printed(table: Table) -> int:
    """Columns that are not ids."""
    return sum(not _is_id(column) for column in table.columns)


def _totals(workbook: Any, sheet: Any, styles: Styles, table: Table, rows: Rows) -> dict[int, Total]:
    """Named totals by position of their column."""
    whole = Table(table.id, table.title, table.said, table.columns, rows)
    return {
        at: Total(f"{table.id}_{column.id}", whole.total(column.id), column.heading)
        for at, column in enumerate(table.columns)
        if column.total
    }


def _options(table: Table, styles: Styles, totals: dict[int, Total]) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    for at, column in enumerate(table.columns):
        option: dict[str, Any] = {"header": column.heading, "header_format": styles.header(column)}
        if at in totals:
            option |= {"total_function": "sum", "total_value": totals[at].usd}
        columns.append(option)
    if totals:
        columns[0]["total_string"] = "Total"
    return {"name": table.id, "style": "Table Style Light 1", "columns": columns, "total_row": bool(totals)}


def _write_totals(workbook: Any, sheet: Any, styles: Styles, table: Table, totals: dict[int, Total], last: int) -> None:
    """The total row: sums of what the filter shows, each with a name."""
    if not totals:
        return
    for at, column in enumerate(table.columns):
        style = styles.total(column, number_of(column, totals[at].usd) if at in totals else NUMBERS["text"])
        if at in totals:
            formula = f"=SUBTOTAL(109,{table.id}[{column.heading}])"
            sheet.write_formula(last, at, formula, style, totals[at].usd)
            workbook.define_name(totals[at].name, f"='{NAMES[table.id]}'!{_absolute(last, at)}")
        else:
            sheet.write_string(last, at, "Total" if at == 0 else "", style)


def _absolute(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"${letters}${row + 1}"


def _mark(workbook: Any, sheet: Any, styles: Styles, table: Table, count: int) -> None:
    """Colours of whether a target is met, and a note on each column's head that needs one."""
    for at, column in enumerate(table.columns):
        if column.note:
            note = {"validate": "any", "input_title": column.title[:32], "input_message": column.note[:255]}
            sheet.data_validation(HEAD, at, HEAD, at, note)
        if column.id == "met":
            for said, colours in MARKS.items():
                rule = {"type": "cell", "criteria": "==", "value": f'"{said}"', "format": styles.marked(colours)}
                sheet.conditional_format(HEAD + 1, at, HEAD + count, at, rule)
