"""The front sheet: what the plan costs, how sure that is, what to order first, the totals, and the way to the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.rows.table import Column, Table
from fleetopt.report.workbook.cells import shown, write_cell
from fleetopt.report.workbook.sheets import NAMES, PAPER_A4, footer_text
from fleetopt.report.workbook.styles import BAD, GOOD, NUMBERS, PALE, QUIET, WARN, Styles, number_of

FIRST = 12
"""Orders of the first period that are written out."""
TOLERANCE = "MAX(0.005,1E-11*ABS(plan_objective_usd))"
"""Half a cent, or the twelfth digit, which is as far as plan.json goes."""
TITLE = "Summary"
WIDTHS = (2, 38, 22, 22, 22, 18, 12, 20)
YEARS = ("capital_usd", "running_usd", "depreciation_usd", "book_usd")
"""Columns of the annual view that are added up by year."""


@dataclass(frozen=True)
class Front:
    """The front sheet of one workbook."""

    workbook: Any
    sheet: Any
    styles: Styles
    plan: Plan
    instance: Instance
    tables: Mapping[str, Table]

    def write(self) -> None:
        """Everything, from the top."""
        self._set_up()
        row = self._headline()
        row = self._unserved(row)
        row = self._orders(row + 1)
        row = self._checks(row + 1)
        row = self._years(row + 1)
        row = self._contents(row + 1)
        self.sheet.print_area(0, 0, row, len(WIDTHS) - 1)

    def _set_up(self) -> None:
        self.sheet.hide_gridlines(2)
        for at, width in enumerate(WIDTHS):
            self.sheet.set_column(at, at, width)
        self.sheet.set_portrait()
        self.sheet.set_paper(PAPER_A4)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.sheet.set_footer(f"&L&8{footer_text(self._heading)}&C&8{TITLE}&R&8&P / &N")

    @property
    def _heading(self) -> str:
        return self.instance.title or self.instance.name

    def _headline(self) -> int:
        """Cost, bound, gap and whether the plan was checked."""
        plan = self.plan
        self.sheet.set_row(0, 32)
        self._text(0, 1, self._heading, self.styles.title)
        said = f"Procurement plan, {plan.periods[0]} to {plan.periods[-1]}, instance {self.instance.name}"
        self._text(1, 1, said, self.styles.figure("@", font_color=QUIET))
        label = self.styles.figure("@", font_color=QUIET, bg_color=PALE)
        self.sheet.set_row(4, 30)
        figures = (
            ("Cost, present value", plan.objective_usd, "$#,##0.00", "plan_objective_usd"),
            ("No plan costs less than", plan.bound_usd, "$#,##0.00", "plan_bound_usd"),
            ("Gap", plan.gap, "0.0000%", "plan_gap"),
            ("Gap asked for", plan.gap_target, "0.0000%", "plan_gap_target"),
        )
        for at, (name, value, number, defined) in enumerate(figures, start=1):
            big = self.styles.figure(number, bold=True, font_size=14, bg_color=PALE, align="left", valign="vcenter")
            self._text(3, at, name, label)
            self.sheet.write_number(4, at, value, big)
            self.workbook.define_name(defined, f"='{TITLE}'!${'ABCDEFGH'[at]}$5")
        self._text(3, 5, "Checked", label)
        said, colours = self._verified()
        marked = {"bg_color": colours[0], "font_color": colours[1], "bold": True, "text_wrap": True}
        style = self.styles.figure("@", valign="vcenter", **marked)
        self.sheet.merge_range(4, 5, 4, 7, "", style)
        self._text(4, 5, said, style)
        for at in (6, 7):
            self._text(3, at, "", label)
        proven = (
            "proven to be within the gap asked for" if plan.status == "optimal" else "not proven to the gap asked for"
        )
        self._text(5, 1, f"The plan is {proven}. The bound is the solver's word.", self.styles.figure("@"))
        return 6

    def _verified(self) -> tuple[str, tuple[str, str]]:
        found = self.plan.verification
        if found is None:
            return "Not verified: fleetopt verify checks it", WARN
        if found.passed:
            return f"Verified: {found.checks:,} checks, none failed", GOOD
        return f"NOT VERIFIED: {len(found.failures):,} of {found.checks:,} checks failed", BAD

    def _unserved(self, row: int) -> int:
        """Demand that is not served, where there is any."""
        found = self.plan.unserved
        if not found:
            return row
        names = ", ".join(sorted({u.workload for u in found}))
        said = f"Not served: {sum(u.requests for u in found):,.0f} requests of {names}; see Cost and objective."
        self._text(row, 1, said, self.styles.figure("@", bold=True, font_color=WARN[1]))
        return row + 1

    def _orders(self, row: int) -> int:
        """What to order first, the dearest first."""
        table = self.tables["orders"]
        keys = ("item", "order_by", "site", "how", "quantity", "unit", "total_usd")
        heads = [next(c for c in table.columns if c.id == key) for key in keys]
        columns = [table.values(key) for key in keys]
        period = table.values("order_period")
        first = min((str(p) for p in period), default="")
        found = [n for n, p in enumerate(period) if p == first]
        found.sort(key=lambda n: (-_number(columns[-1][n]), n))
        row = self._section(row, f"Order first: {len(found)} lines by the end of {first}" if found else "Order first")
        if not found:
            self._text(row, 1, "Nothing to order.", self.styles.figure("@"))
            return row + 1
        self._header(row, heads)
        for n in found[:FIRST]:
            row += 1
            for at, (head, values) in enumerate(zip(heads, columns, strict=True), start=1):
                style = self.styles.column(head, number_of(head, values[n]), wrap=True)
                write_cell(self.sheet, row, at, values[n], style, self.styles.quoted(head, wrap=True))
        if len(found) > FIRST:
            row += 1
            rest = sum(_number(columns[-1][n]) for n in found[FIRST:])
            self._text(row, 1, f"and {len(found) - FIRST} more, on the sheet Orders", self._cell("@"))
            self.sheet.write_number(row, 7, rest, self._cell(NUMBERS["money"]))
        return row + 1

    def _checks(self, row: int) -> int:
        """Totals by name, and whether they agree with the objective to the cent."""
        lines, plan = self.tables["objective"], self.plan
        parts = ("paid_usd", "reckoned_usd", "discounting_usd", "beyond_usd")
        sums = {key: lines.total(key) for key in ("objective_usd", *parts)}
        heading = {column.id: column.heading for column in lines.columns}

        def total(*keys: str) -> str:
            return "+".join(f"SUM(objective[{heading[key]}])" for key in keys)

        rows: list[tuple[str, str, float, str]] = [
            (
                "Everything ordered, undiscounted",
                self._sum("orders", "total_usd"),
                self._value("orders", "total_usd"),
                "",
            ),
            ("Cash paid in the plan, undiscounted", self._sum("cash", "cash_usd"), self._value("cash", "cash_usd"), ""),
            (
                "Lines of the objective, added up",
                f"={total('objective_usd')}",
                sums["objective_usd"],
                "check_lines_usd",
            ),
            (
                "Payments, discounted, as counted",
                f"={total(*parts)}",
                sum(sums[p] for p in parts),
                "check_payments_usd",
            ),
            ("Objective in plan.json", "=plan_objective_usd", plan.objective_usd, ""),
        ]
        row = self._section(row, "Totals and checks")
        for name, formula, value, defined in rows:
            self._text(row, 1, name, self._cell("@"))
            self.sheet.write_formula(row, 2, formula, self._cell("#,##0.00"), value)
            if defined:
                self.workbook.define_name(defined, f"='{TITLE}'!$C${row + 1}")
            row += 1
        for name, of, value in (
            ("Lines agree to the cent", "check_lines_usd", sums["objective_usd"]),
            ("Payments agree to the cent", "check_payments_usd", sum(sums[p] for p in parts)),
        ):
            agrees = abs(value - plan.objective_usd) <= max(0.005, 1e-11 * abs(plan.objective_usd))
            formula = f'=IF(ABS({of}-plan_objective_usd)<={TOLERANCE},"agrees","DIFFERS")'
            self._text(row, 1, name, self._cell("@", bold=True))
            self.sheet.write_formula(row, 2, formula, self._cell("@", bold=True), "agrees" if agrees else "DIFFERS")
            for text, colours in (("agrees", GOOD), ("DIFFERS", BAD)):
                rule = {"type": "cell", "criteria": "==", "value": f'"{text}"', "format": self.styles.marked(colours)}
                self.sheet.conditional_format(row, 2, row, 2, rule)
            row += 1
        return row

    def _sum(self, table: str, column: str) -> str:
        """Sum over a column, whatever the filter shows; 0 where there is no table."""
        found = self.tables[table]
        heading = next(c.heading for c in found.columns if c.id == column)
        return f"=SUM({table}[{heading}])" if found.rows else "=0"

    def _value(self, table: str, column: str) -> float:
        return self.tables[table].total(column)

    def _years(self, row: int) -> int:
        """Capital, running cost, depreciation and book value by calendar year."""
        table = self.tables["annual"]
        years = sorted({int(_number(y)) for y in table.values("year")})
        if not years:
            return row
        row = self._section(row, "By calendar year, undiscounted (USD)")
        shown_at = ("year", *YEARS)
        self._header(row, [next(c for c in table.columns if c.id == key) for key in shown_at])
        heading = {column.id: column.heading for column in table.columns}
        at_year = list(zip(table.values("year"), table.rows, strict=True))
        ids = [column.id for column in table.columns]
        for year in years:
            row += 1
            self.sheet.write_number(row, 1, year, self._cell("0", align="left"))
            for at, key in enumerate(YEARS, start=2):
                value = sum(_number(cells[ids.index(key)]) for y, cells in at_year if y == year)
                formula = f"=SUMIFS(annual[{heading[key]}],annual[{heading['year']}],$B{row + 1})"
                self.sheet.write_formula(row, at, formula, self._cell(NUMBERS["money"]), value)
        return row + 1

    def _contents(self, row: int) -> int:
        """The other sheets and how to read them."""
        row = self._section(row, "Where to find what")
        for table in self.tables.values():
            name = NAMES[table.id]
            self.sheet.write_url(row, 1, f"internal:'{name}'!A1", self.styles.link, name)
            self.sheet.merge_range(row, 2, row, 7, table.said, self._cell("@", text_wrap=True))
            self.sheet.set_row(row, 14 * (1 + len(table.said) // 125))
            row += 1
        notes = (
            "Dates: the last day to order is the start of the period of service less the lead time.",
            "Money: orders, cash and years are undiscounted; the objective is present value at the start of the plan.",
            "Filters: totals at the foot of a table follow the filter; the checks above do not.",
        )
        for note in notes:
            self._text(row, 1, note, self._cell("@", font_color=QUIET))
            row += 1
        return row

    def _section(self, row: int, title: str) -> int:
        for at in range(1, len(WIDTHS)):
            self._text(row, at, title if at == 1 else "", self.styles.section)
        return row + 1

    def _header(self, row: int, columns: list[Column]) -> None:
        self.sheet.set_row(row, 28)
        for at, column in enumerate(columns, start=1):
            self._text(row, at, column.heading, self.styles.header(column))

    def _cell(self, number: str, **more: Any) -> Any:
        return self.styles.figure(number, bottom=4, bottom_color="#B8C4CC", **more)

    def _text(self, row: int, at: int, text: str, style: Any) -> None:
        self.sheet.write_string(row, at, shown(text), style)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
