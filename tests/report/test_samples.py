"""The samples that git keeps are what is made now."""

import json

import pytest
from samples import SAMPLE, made, stale

from fleetopt.report.page.cells import cents

pytestmark = pytest.mark.once


def test_the_samples_are_current() -> None:
    """Every report of the kept run, made now, is the one that is kept; `nox -s samples -- --write` renews them."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        pytest.skip("WeasyPrint or one of its libraries is absent: the sample PDF cannot be made")
    pytest.importorskip("pypdf")
    assert stale() == []


def test_a_pdf_is_the_same_bytes_twice() -> None:
    """No date, no random name: two PDFs of one run are equal."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):
        pytest.skip("WeasyPrint or one of its libraries is absent")
    one, two = made()["report.pdf"], made()["report.pdf"]
    assert one == two and one.startswith(b"%PDF-") and (SAMPLE / "report.pdf").is_file()


def test_the_pdf_says_the_objective_to_the_cent() -> None:
    """The text of the PDF that is kept has plan.json's objective in full."""
    pypdf = pytest.importorskip("pypdf")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(SAMPLE / "report.pdf").pages)
    objective_usd = json.loads((SAMPLE / "plan.json").read_text(encoding="utf-8"))["objective_usd"]
    assert f"{cents(objective_usd)} exactly" in text
