"""docs/theses.md is what its figures and the suite's texts make, and has every thesis."""

import pytest
import theses

pytestmark = pytest.mark.skipif(
    not (theses.SUITE.is_file() and (theses.DOCS / theses.FIGURES).is_file()),
    reason="the suite of theses, or the figures of its run, are not here",
)


def test_text_and_numbers_belong_together() -> None:
    """Page, pictures and figures are the bytes that are made now; `nox -s theses -- --write` renews them."""
    assert theses.stale() == []


def test_every_thesis_has_its_section() -> None:
    """Each thesis of the suite is a heading of the page and a row of its table."""
    page = (theses.DOCS / theses.PAGE).read_text(encoding="utf-8")
    found = theses.load_suite(theses.SUITE).file.theses
    assert len(found) >= 8
    for thesis in found:
        assert f"\n## {thesis.id}. " in page and f"| [{thesis.id}. " in page
