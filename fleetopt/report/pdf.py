"""report.pdf: the page on paper, drawn by WeasyPrint (extra `pdf`); same page, same bytes."""

import hashlib
from typing import Any

from fleetopt.errors import UsageError

MISSING = (
    "PDF needs WeasyPrint and the Pango libraries, and {what}; try `python -m pip install 'fleetopt[pdf]'`, on Debian "
    "and Ubuntu also `apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0` - or print report.html "
    "from a browser"
)


def pdf(page: str) -> bytes:
    """A page (HTML for paper) as a PDF. Raises UsageError where WeasyPrint or one of its libraries is absent."""
    try:
        import weasyprint
    except ImportError as error:
        raise UsageError(MISSING.format(what=f"'{error.name}' cannot be imported")) from error
    except OSError as error:
        raise UsageError(MISSING.format(what=f"a library cannot be loaded ({error})")) from error
    identifier = hashlib.sha256(page.encode("utf-8")).hexdigest()[:32].encode("ascii")
    document = weasyprint.HTML(string=page, base_url=None, url_fetcher=_nothing)
    return bytes(document.write_pdf(pdf_identifier=identifier, pdf_variant="pdf/ua-1", uncompressed_pdf=False))


def _nothing(url: str, *_: Any, **__: Any) -> Any:
    """A page fetches nothing: not from the network, not from the disk."""
    raise ValueError(f"{url}: a report fetches nothing")
