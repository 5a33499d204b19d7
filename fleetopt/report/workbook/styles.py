"""How the workbook looks: number formats by kind of figure, and the styles of titles, headers and totals."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fleetopt.report.rows.table import Column, Kind

INK, ACCENT, PALE, RULE, QUIET = "#1F2937", "#0B4F6C", "#E6F0F4", "#B8C4CC", "#6B7280"
GOOD, WARN, BAD = ("#E3F4E8", "#17602F"), ("#FFF3D6", "#7A4B00"), ("#FBE3E4", "#9B1C23")
"""Fill and ink of what holds, what to look at, and what does not hold; each pair passes WCAG AA."""
FONT = "Calibri"
NUMBERS: dict[Kind, str] = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "money": "#,##0;[Red]-#,##0;–",
    "price": "#,##0.00",
    "count": "#,##0;-#,##0;–",
    "share": "0.0%",
    "rate": "#,##0.000",
    "power": "#,##0;-#,##0;–",
    "energy": "#,##0;-#,##0;–",
    "memory": "#,##0;-#,##0;–",
    "seconds": "0.000",
    "tonnes": "#,##0.0;-#,##0.0;–",
    "plain": "General",
}
SMALL = "#,##0.00"
"""Of counts and amounts that are not whole, and small."""
COUNTED: tuple[Kind, ...] = ("count", "power", "energy", "memory")
LARGE = 1000.0
"""From here on decimals of what is counted say nothing."""
CENTS = '#,##0.00;[Red]-#,##0.00;"–"'


@dataclass(frozen=True)
class Styles:
    """Styles of one xlsxwriter workbook, each made once."""

    workbook: Any

    def column(self, column: Column, number: str, wrap: bool) -> Any:
        """Cells of a column."""
        return self._make(num_format=number, text_wrap=wrap, **self._aligned(column))

    def quoted(self, column: Column, wrap: bool) -> Any:
        """Text that would be a formula were it typed in: shown as it stands, even after it is edited."""
        return self._make(quote_prefix=True, num_format="@", text_wrap=wrap, **self._aligned(column))

    def total(self, column: Column, number: str) -> Any:
        """A cell of a total row."""
        return self._make(num_format=number, bold=True, top=1, top_color=INK, bg_color=PALE, **self._aligned(column))

    def header(self, column: Column) -> Any:
        """Head of a column."""
        edge = {"text_wrap": True, "valign": "vcenter", "border": 1, "border_color": RULE}
        return self._make(bold=True, font_color="#FFFFFF", bg_color=ACCENT, **edge, **self._aligned(column))

    def _aligned(self, column: Column) -> dict[str, Any]:
        """Figures to the right, text and dates to the left, away from the figures beside them."""
        return {"align": "right"} if column.numeric else {"align": "left", "indent": 1}

    def figure(self, number: str, **more: Any) -> Any:
        """A figure on the front sheet."""
        return self._make(num_format=number, **more)

    @cached_property
    def title(self) -> Any:
        """Head of a sheet."""
        return self.workbook.add_format(
            {"font_name": FONT, "font_size": 18, "bold": True, "font_color": ACCENT, "valign": "vcenter"}
        )

    @cached_property
    def said(self) -> Any:
        """What a sheet holds."""
        return self._make(text_wrap=True, font_color=QUIET)

    @cached_property
    def section(self) -> Any:
        """Head of a part of the front sheet."""
        return self.workbook.add_format(
            {
                "font_name": FONT,
                "font_size": 13,
                "bold": True,
                "font_color": ACCENT,
                "bottom": 2,
                "bottom_color": ACCENT,
            }
        )

    @cached_property
    def link(self) -> Any:
        """A link to another sheet."""
        return self._make(font_color=ACCENT, underline=1)

    def marked(self, colours: tuple[str, str]) -> Any:
        """A cell that holds, needs a look, or does not hold."""
        return self.workbook.add_format({"bg_color": colours[0], "font_color": colours[1]})

    def _make(self, **more: Any) -> Any:
        return self.workbook.add_format(
            {"font_name": FONT, "font_size": 10, "font_color": INK, "valign": "top", **more}
        )


def number_of(column: Column, value: Any, cents: bool = False) -> str:
    """The number format of a cell: with decimals where a small figure needs them, and for money where asked."""
    if column.kind in COUNTED and isinstance(value, int | float):
        return SMALL if abs(value) < LARGE and not float(value).is_integer() else NUMBERS[column.kind]
    return CENTS if column.kind == "money" and cents else NUMBERS[column.kind]
