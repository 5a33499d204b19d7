"""A page for the answer to one question: the answer in a sentence, then sections."""

from collections.abc import Sequence

from fleetopt.report.page.document import document
from fleetopt.report.page.section import Section


def answer_page(title: str, span: str, said: str, sections: Sequence[Section]) -> str:
    """The whole page; `span` stands above the title."""
    values = {
        "title": title,
        "span": span,
        "said": said,
        "without": (),
        "verdicts": (),
        "sections": sections,
    }
    return document("comparison.html", values)
