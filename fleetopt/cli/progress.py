"""Progress on stderr: a live bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fleetopt.cli.output import stderr, warn

Report = Callable[[str], None]
"""Called with a line at each step."""


@contextmanager
def progress(quiet: bool = False) -> Iterator[Report]:
    """A function that shows a line of progress; `quiet` drops them."""
    if quiet:
        yield lambda _text: None
    elif sys.stderr.isatty():
        with _live() as report:
            yield report
    else:
        yield warn


@contextmanager
def _live() -> Iterator[Report]:
    """The latest line beside a moving bar and the time it has taken."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(bar_width=24), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task("starting", total=None)
        yield lambda text: bar.update(task, description=text)
