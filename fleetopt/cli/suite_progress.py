"""Progress of many runs on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fleetopt.cli.progress import progress

if TYPE_CHECKING:
    from fleetopt.suite.standing import Progress, Standing


@contextmanager
def suite_progress(quiet: bool = False) -> Iterator[Progress]:
    """A function that shows how far a suite has come; `quiet` shows nothing."""
    with progress(quiet) as report:

        def told(line: str, _standing: Standing) -> None:
            if line:
                report(line)

        yield told
