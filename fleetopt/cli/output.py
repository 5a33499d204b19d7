"""Where output goes: results to stdout; progress, warnings and errors to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def stdout() -> Console:
    """For results; text is never cut where stdout is no terminal."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty(), emoji=False, markup=False)


def stderr() -> Console:
    """For progress, warnings and errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True, emoji=False, markup=False)


def say(lines: str | Iterable[str]) -> None:
    """Print result lines as they stand."""
    for line in [lines] if isinstance(lines, str) else lines:
        sys.stdout.write(line + "\n")


def warn(text: str) -> None:
    """Print a warning or an error as it stands."""
    sys.stderr.write(text + "\n")


def print_json(document: Any) -> None:
    """Print one JSON document: keys as given, floats in full, no NaN."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], figures: Container[str]) -> None:
    """Print a table: text to the left, the columns in `figures` to the right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in figures else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    stdout().print(table)
