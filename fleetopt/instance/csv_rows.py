"""Tables in files that an instance names: UTF-8, commas, a header, every row as long as it."""

import csv
from collections.abc import Callable, Mapping, Sequence

from fleetopt.instance.located import Finding, Path, Place

MOST_ROWS = 200_000
CsvRow = Mapping[str, str]


class Refused(Exception):
    """A file, or rows of it, that cannot be used."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings


def finding_at(at: Path, name: str, line: int, message: str, hint: str) -> Finding:
    """A finding about a line of the file `name`, which the path `at` names."""
    return Finding(at, message, hint, Place(name, line))


def rows(
    at: Path, name: str, raw: bytes, problems: Callable[[Sequence[str]], Sequence[Finding]], fewer: str
) -> list[tuple[int, CsvRow]]:
    """Lines of the file as mappings; `problems` says what is wrong with the header, `fewer` how to need fewer rows."""
    try:
        reader = csv.reader(raw.decode("utf-8-sig").splitlines(), strict=True)
        header = [column.strip() for column in next(reader, [])]
        wrong = problems(header)
        if wrong:
            raise Refused(*wrong)
        found = [(reader.line_num, cells) for cells in reader if cells]
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"this is not a CSV table ({error})"
        raise Refused(finding_at(at, name, 1, message, "try UTF-8, commas, a header")) from None
    if len(found) > MOST_ROWS:
        raise Refused(finding_at(at, name, 1, f"more than {MOST_ROWS:,} rows", fewer))
    uneven = [line for line, cells in found if len(cells) != len(header)]
    if uneven:
        message = f"the row does not have the header's {len(header)} fields"
        raise Refused(*(finding_at(at, name, line, message, "try one value a column") for line in uneven))
    return [(line, dict(zip(header, (c.strip() for c in cells), strict=True))) for line, cells in found]
