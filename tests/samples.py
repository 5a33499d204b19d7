"""The samples in reports/sample: `python tests/samples.py` compares them with what is made now, `--write` renews them.

Reports are made from the run kept beside them, which `--write` solves anew from the starter instance. What a library
writes (the workbook, the PDF) is compared by content, everything else byte for byte.
"""

import json
import re
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from fleetopt.instance.starter import starter_text
from fleetopt.pipeline import SolveOptions, solve_file
from fleetopt.pipeline.reports import report_folder
from fleetopt.report.page import comparison_page

SAMPLE = Path(__file__).parents[1] / "reports" / "sample"
RUN = ("resolved.yaml", "plan.json", "binding.json")
OTHER = "twice-the-demand.json"
"""plan.json of the plan that the comparison is with."""
CHANGE = "workloads.chat.demand.scale=2"
REPORTS = ("report.html", "procurement.xlsx", "report.pdf", "plan.md", "tables/orders.csv")
PICTURE = "page.png"
FOOT = re.compile(r"\d+ / \d+$")
"""How the last line of a page in the PDF ends."""


def made() -> dict[str, bytes]:
    """Every sample, made from the run that is kept."""
    with tempfile.TemporaryDirectory() as scratch:
        report_folder(SAMPLE, ["html", "xlsx", "pdf", "csv", "md"], out=scratch)
        found = {Path(name).name: (Path(scratch) / name).read_bytes() for name in REPORTS}
    plans = {"starter": _plan("plan.json"), "twice the demand": _plan(OTHER)}
    found["comparison.html"] = comparison_page("The starter, and with twice the demand", plans).encode("utf-8")
    return found


def content(name: str, data: bytes) -> Any:
    """What a sample is compared by."""
    if name.endswith(".xlsx"):
        from openpyxl import load_workbook

        book = load_workbook(BytesIO(data))
        return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    if name.endswith(".pdf"):
        from pypdf import PdfReader

        return sorted(word for page in PdfReader(BytesIO(data)).pages for word in _words(page.extract_text()))
    return data


def _words(page: str) -> list[str]:
    """Words of a page but its foot, which numbers it: where lines and pages end, and with that the order in which a
    page is drawn, hang on the machine's fonts."""
    return [word for line in page.splitlines() if not FOOT.search(line) for word in line.split()]


def stale() -> list[str]:
    """Names of samples that are not what is made now."""
    found = []
    for name, data in made().items():
        kept = SAMPLE / name
        if not kept.is_file() or content(name, kept.read_bytes()) != content(name, data):
            found.append(name)
    return found


def renew() -> None:
    """Solve anew, and write every sample."""
    SAMPLE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "starter.yaml"
        file.write_text(starter_text(), encoding="utf-8")
        run = solve_file(file, Path(scratch) / "run", options=SolveOptions())
        for name in RUN:
            shutil.copyfile(run.folder / name, SAMPLE / name)
        other = solve_file(file, Path(scratch) / "other", [CHANGE], SolveOptions())
        shutil.copyfile(other.folder / "plan.json", SAMPLE / OTHER)
    for name, data in made().items():
        (SAMPLE / name).write_bytes(data)


def picture() -> str:
    """A picture of the page for the README, where a browser is installed; it is not compared."""
    try:
        sys.path.insert(0, str(Path(__file__).parent))
        from report.browser import Visit, launched

        with launched() as browser, Visit(browser, SAMPLE / "report.html", 1280) as visit:
            clip = {"x": 0, "y": 0, "width": 1280, "height": 1500}
            visit.page.screenshot(path=str(SAMPLE / PICTURE), clip=clip, full_page=True)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return f"no picture: {error}"
    return f"wrote {SAMPLE / PICTURE}"


def _plan(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((SAMPLE / name).read_text(encoding="utf-8"))
    return data


def main() -> int:
    """Compare, or renew."""
    if "--write" in sys.argv[1:]:
        renew()
        sys.stdout.write(f"wrote {SAMPLE}\n{picture()}\n")
        return 0
    found = stale()
    for name in found:
        sys.stdout.write(f"reports/sample/{name} is stale; `nox -s samples -- --write` renews it\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
