"""procurement.xlsx, read back: tables, names, formulas that agree with their values, and text that stays text."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from bigplan import ROWS, big
from builders import tiny_instance
from draw import drawn
from everything import rich_instance, rich_plan
from handmade import plan, purchase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report.pages import sums

from fleetopt.instance.load import load_dict
from fleetopt.instance.schema import Instance
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.reports import Subject, report_files
from fleetopt.pipeline.story import solve
from fleetopt.plan import Plan, Verification
from fleetopt.report.page.cells import cents
from fleetopt.report.rows import report_tables
from fleetopt.report.workbook import procurement_workbook
from fleetopt.report.workbook.cells import MOST_LETTERS, shown
from fleetopt.report.workbook.sheets import NAMES
from fleetopt.verify.reading import read_plan
from fleetopt.verify.witness import Witness

pytestmark = pytest.mark.once

CENT = 0.005
NASTY = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "a\nb",
    "\U0001f680 é",
)


def the_plan() -> Plan:
    found = read_plan(rich_plan(), Witness())
    assert found is not None
    return found


@cache
def written() -> bytes:
    """The workbook of the plan with something of everything, against itself with one order less."""
    before = replace(the_plan(), purchases=the_plan().purchases[1:])
    return workbook(the_plan(), rich_instance(), before)


def workbook(found: Plan, instance: Instance, previous: Plan | None = None) -> bytes:
    return procurement_workbook(found, instance, report_tables(found, instance, previous))


def opened(data: bytes, values: bool = False) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data), data_only=values)


def named(book: Any, name: str) -> Any:
    """The cell that a defined name stands for."""
    sheet, cell = next(iter(book.defined_names[name].destinations))
    return book[sheet][cell.replace("$", "")]


def test_there_is_a_sheet_for_every_subject() -> None:
    """The front, the subjects in order, what changed, and what the columns hold."""
    assert opened(written()).sheetnames == ["Summary", *NAMES.values()]


def test_every_subject_is_a_table_with_filters_and_a_frozen_head() -> None:
    """Each has the rows and headings of the typed table, an autofilter, and panes frozen under its head."""
    book = opened(written())
    tables = report_tables(the_plan(), rich_instance())
    for table in tables.values():
        sheet = book[NAMES[table.id]]
        found = sheet.tables[table.id]
        assert found.column_names == [column.heading for column in table.columns]
        assert found.autoFilter is not None
        first, last = (int(n) for n in re.findall(r"\d+", found.ref))
        assert last - first - (found.totalsRowCount or 0) == len(table.rows)
        assert sheet.freeze_panes.endswith(str(first + 1))
        assert sheet.print_title_rows == f"${first}:${first}"
        assert sheet.page_setup.orientation == "landscape"


def test_figures_are_numbers_with_formats() -> None:
    """Dates are dates, money has thousands, shares are per cents, and what is not known is empty."""
    sheet = opened(written())["Orders"]
    heads = {sheet.cell(4, at).value: at for at in range(1, sheet.max_column + 1)}
    assert sheet.cell(5, heads["Order by"]).is_date
    assert sheet.cell(5, heads["Order by"]).number_format == "yyyy-mm-dd"
    assert "#,##0" in sheet.cell(5, heads["Total (USD)"]).number_format
    assert isinstance(sheet.cell(5, heads["Total (USD)"]).value, int | float)
    objective = opened(written())["Cost and objective"]
    at = next(c.column for c in objective[4] if c.value == "Share")
    assert objective.cell(5, at).number_format == "0.0%"


def test_totals_are_formulas_by_name_with_the_right_value() -> None:
    """Every column that adds up has a name for its total: a formula over the table, kept with its value."""
    formulas, values = opened(written()), opened(written(), values=True)
    count = 0
    for table in report_tables(the_plan(), rich_instance()).values():
        for column in (c for c in table.columns if c.total and table.rows):
            name = f"{table.id}_{column.id}"
            assert named(formulas, name).value == f"=SUBTOTAL(109,{table.id}[{column.heading}])"
            assert named(values, name).value == pytest.approx(table.total(column.id), abs=1e-9)
            count += 1
    assert count > 20


def test_the_total_is_the_objective_to_the_cent() -> None:
    """The front sheet adds the lines and the payments up, and says that both agree with plan.json."""
    book, values = opened(written()), opened(written(), values=True)
    usd = the_plan().objective_usd
    assert named(values, "plan_objective_usd").value == usd
    for name in ("check_lines_usd", "check_payments_usd"):
        assert named(book, name).value.startswith("=SUM(objective[")
        assert named(values, name).value == pytest.approx(usd, abs=CENT)
    said = [cell.value for row in values["Summary"].iter_rows() for cell in row]
    assert said.count("agrees") == 2
    assert "DIFFERS" not in said


def test_a_plan_whose_payments_are_not_its_cost_says_so() -> None:
    """A hand-made plan of 1.5 M$ with an objective of nothing differs, and is marked as not verified."""
    failed = Verification(False, 10, ("P1 (virginia): expected 1, found 2",))
    said = [
        cell.value
        for row in opened(workbook(plan(cost_lines={"systems": 0.0}, verification=failed), tiny_instance()), True)[
            "Summary"
        ]
        for cell in row
    ]
    assert "DIFFERS" in said
    assert "NOT VERIFIED: 1 of 10 checks failed" in said


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_totals_of_random_plans_equal_their_objective(seed: int) -> None:
    """Random small plans: in workbook, tables and page the lines and their total are the objective to the cent."""
    instance = load_dict(drawn(seed)[0]).instance
    found = solve(instance, SolveOptions(gap=1e-9)).plan
    if found.status == "infeasible":
        return
    files = report_files(Subject(found, instance), ("xlsx", "csv", "md", "html"))
    page, costs = str(files["plan.md"]), str(files["tables/cost_lines.csv"]).splitlines()[1:]
    usd = {line.split(",")[0]: float(line.split(",")[1]) for line in costs}
    assert usd.pop("total") == pytest.approx(found.objective_usd, abs=CENT)
    assert sum(usd.values()) == pytest.approx(found.objective_usd, abs=CENT)
    total = re.search(r"\*\*total = objective\*\* \| \*\*(-?)\$([\d,.]+)\*\*", page)
    assert total is not None
    assert float(total[1] + total[2].replace(",", "")) == pytest.approx(found.objective_usd, abs=CENT)
    html = str(files["report.html"])
    assert f"{cents(found.objective_usd)} exactly" in html
    assert sums(html, "objective")[0] == pytest.approx(found.objective_usd, abs=CENT)
    data = files["procurement.xlsx"]
    assert isinstance(data, bytes)
    book = opened(data, values=True)
    for name in ("plan_objective_usd", "check_lines_usd", "check_payments_usd", "objective_objective_usd"):
        assert named(book, name).value == pytest.approx(found.objective_usd, abs=CENT)


def test_equal_input_gives_equal_bytes() -> None:
    """Written twice the workbook is the same, and its parts bear no time of day."""
    assert written() == workbook(the_plan(), rich_instance(), replace(the_plan(), purchases=the_plan().purchases[1:]))
    with zipfile.ZipFile(io.BytesIO(written())) as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("text", NASTY)
def test_names_are_text_whatever_they_begin_with(text: str) -> None:
    """A system, title and vendor of such a name: the cell is a string, as it stands, marked to stay one when edited."""
    instance = tiny_instance(title=text, systems={"gpu8": {"name": text, "vendor": text}})
    found = plan(purchases=(purchase(vendor=text),))
    book = opened(workbook(found, instance))
    sheet = book["Orders"]
    at = next(cell.column for cell in sheet[4] if cell.value == "Vendor")
    cell = sheet.cell(5, at)
    assert (cell.data_type, cell.value) == ("s", shown(text))
    if shown(text).startswith(("=", "+", "-", "@")):
        assert cell.quotePrefix
    assert book["Summary"]["B1"].value == shown(text)
    assert all(cell.data_type != "f" for row in sheet.iter_rows(max_row=5) for cell in row)


def test_text_fits_a_cell() -> None:
    """Longer text is cut with a word on it; control characters and half letters become visible marks."""
    assert len(shown("x" * 40_000)) == MOST_LETTERS
    assert shown("x" * 40_000).endswith("(cut: a cell holds no more)")
    assert shown("a\x00b\x1b\ud800") == "a\N{REPLACEMENT CHARACTER}b" + 2 * "\N{REPLACEMENT CHARACTER}"
    assert shown("a\r\nb\tc") == "a b c"


def test_a_plan_without_orders_still_opens() -> None:
    """Sheets without rows say so; the front has nothing to order."""
    book = opened(workbook(plan(purchases=(), installed=(), placements=(), deployments=(), energy=()), tiny_instance()))
    assert book["Orders"]["A4"].value == "Nothing."
    assert "Nothing to order." in [cell.value for row in book["Summary"].iter_rows() for cell in row]


def test_an_ampersand_in_a_title_is_no_command_of_the_footer() -> None:
    """Footers take `&D` for the date: the title's own is doubled."""
    book = opened(workbook(plan(), tiny_instance(title="R&D")))
    with zipfile.ZipFile(io.BytesIO(workbook(plan(), tiny_instance(title="R&D")))) as parts:
        assert b"R&amp;&amp;D" in parts.read("xl/worksheets/sheet2.xml")
    assert book["Summary"]["B1"].value == "R&D"


def test_ten_thousand_orders_stay_small() -> None:
    """The workbook of a plan of 10,000 purchases is under 10 MB, with a row for each."""
    instance, found = big()
    data = workbook(found, instance)
    assert len(data) < 10_000_000
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert f'ref="A4:W{4 + ROWS + 1}"'.encode() in parts.read("xl/tables/table1.xml")


def without_values(data: bytes) -> bytes:
    """The workbook with no formula's value left in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(out, "w") as bare:
        for name in parts.namelist():
            part = parts.read(name)
            if name.startswith("xl/worksheets/"):
                part, _ = re.subn(rb"(<f>[^<]*</f>)<v>[^<]*</v>", rb"\1", part)
            bare.writestr(name, part)
    found = [cell.value for sheet in opened(out.getvalue(), values=True) for row in sheet.iter_rows() for cell in row]
    assert "agrees" not in found
    return out.getvalue()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_and_finds_the_same_figures(tmp_path: Path) -> None:
    """Given the formulas without their values it has to work them out, and finds the values they were written with."""
    source, out = tmp_path / "procurement.xlsx", tmp_path / "out"
    source.write_bytes(without_values(written()))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out)]
    done = subprocess.run([*command, str(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ours, theirs = opened(written(), values=True), opened((out / "procurement.xlsx").read_bytes(), values=True)
    formulas = opened(written())
    assert theirs.sheetnames == ours.sheetnames
    checked = 0
    for sheet in ours.sheetnames:
        for row in formulas[sheet].iter_rows():
            for cell in (cell for cell in row if cell.data_type == "f"):
                mine, other = ours[sheet][cell.coordinate].value, theirs[sheet][cell.coordinate].value
                assert other == (pytest.approx(mine, abs=CENT) if isinstance(mine, int | float) else mine)
                checked += 1
    assert checked > 30


def test_headings_need_no_escape_in_formulas() -> None:
    """No heading has a letter that structured references escape, or stands twice in its table."""
    for table in report_tables(the_plan(), rich_instance(), the_plan()).values():
        headings = [column.heading for column in table.columns]
        assert len({heading.lower() for heading in headings}) == len(headings)
        assert not any(set("'#[]@\n") & set(heading) for heading in headings)
