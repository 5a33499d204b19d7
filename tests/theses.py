"""docs/theses.md from a finished run: `python tests/theses.py` compares, `--write [RUN]` makes it anew.

The page follows from instances/suites/theses.yaml (the texts) and docs/theses.json (the figures of a run). `--write`
takes the figures of the run folder RUN, or those that are kept, where only texts have changed.
"""

import shutil
import sys
from pathlib import Path

from fleetopt.suite.answers import FIGURES, PAGE, theses_files
from fleetopt.suite.load import LoadedSuite, load_suite
from fleetopt.suite.record import Record, record_from
from fleetopt.suite.theses_page import Where

ROOT = Path(__file__).parents[1]
SUITE = ROOT / "instances" / "suites" / "theses.yaml"
DOCS = ROOT / "docs"
WHERE = Where("../instances/suites/theses.yaml", "images/")


def made(suite: LoadedSuite, record: Record) -> dict[str, bytes]:
    """The page, its pictures and its figures, by name from docs."""
    files = theses_files(suite, record, WHERE)
    return {name: text if isinstance(text, bytes) else text.encode("utf-8") for name, text in files.items()}


def stale() -> list[str]:
    """Names of files that are not what is made now, and pictures that nothing shows any more."""
    found = made(load_suite(SUITE), record_from(DOCS / FIGURES))
    wrong = [name for name, data in found.items() if not _same(DOCS / name, data)]
    pictures = {f"images/{path.name}" for path in (DOCS / "images").glob("theses-*.svg")}
    return [*wrong, *sorted(pictures - found.keys())]


def _same(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def renew(run: Path | None) -> None:
    """Write every file, with the figures of a run where one is given."""
    if run is not None:
        shutil.copyfile(run / FIGURES, DOCS / FIGURES)
    found = made(load_suite(SUITE), record_from(DOCS / FIGURES))
    for old in (DOCS / "images").glob("theses-*.svg"):
        old.unlink()
    for name, data in found.items():
        (DOCS / name).write_bytes(data)


def main() -> int:
    """Compare, or renew."""
    words = [word for word in sys.argv[1:] if word != "--write"]
    if "--write" in sys.argv[1:]:
        renew(Path(words[0]) if words else None)
        sys.stdout.write(f"wrote {DOCS / PAGE}\n")
        return 0
    found = stale()
    for name in found:
        sys.stdout.write(f"docs/{name} is stale; `nox -s theses -- --write [RUN]` renews it\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
