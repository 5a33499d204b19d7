"""Progress of many runs on stderr: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fleetopt.cli.output import stderr, warn

if TYPE_CHECKING:
    from rich.console import RenderableType

    from fleetopt.suite.standing import Progress, Standing

EVERY_S = 60.0
"""Seconds between lines on the whole, where there is no terminal."""
MOST_RUNNING = 12
"""Runs at work that the live table shows."""


@contextmanager
def suite_progress(quiet: bool = False) -> Iterator[Progress]:
    """A function that shows how far a suite has come; `quiet` shows nothing."""
    if quiet:
        yield lambda _line, _standing: None
    elif sys.stderr.isatty():
        with _live() as told:
            yield told
    else:
        yield _plain()


def in_all(standing: Standing) -> str:
    """The whole on one line: finished, failed, running, waiting, and how long the rest may take."""
    parts = [f"{standing.finished} of {standing.asked} finished"]
    parts += [f"{standing.kept} of them kept"] if standing.kept else []
    parts += [f"{standing.failed} failed"] if standing.failed else []
    parts += [f"{len(standing.running)} running", f"{standing.waiting} waiting"]
    left_s = standing.left_s()
    over = not standing.running and not standing.waiting
    return ", ".join(parts if left_s is None or over else [*parts, f"about {duration(left_s)} left"])


def duration(seconds: float) -> str:
    """As people say it."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _plain() -> Progress:
    """Every line, and now and then one on the whole."""
    last = [time.monotonic()]

    def told(line: str, standing: Standing) -> None:
        if line:
            warn(line)
        if time.monotonic() - last[0] >= EVERY_S:
            last[0] = time.monotonic()
            warn(in_all(standing))

    return told


@contextmanager
def _live() -> Iterator[Progress]:
    """The whole, then a line each run at work; what ends scrolls by above."""
    from rich.live import Live

    with Live(console=stderr(), transient=True, refresh_per_second=4) as live:

        def told(line: str, standing: Standing) -> None:
            if line and not any(line.startswith(f"{name} (") for name in standing.running):
                live.console.print(line)
            live.get_renderable = lambda: picture(standing)  # type: ignore[method-assign]

        yield told


def picture(standing: Standing) -> RenderableType:
    """What the live display shows now."""
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    whole = Table.grid()  # a bar alone does not end its line
    whole.add_row(ProgressBar(total=max(standing.asked, 1), completed=standing.finished + standing.failed, width=40))
    whole.add_row(Text(in_all(standing)))
    table = Table(box=None, padding=(0, 1), show_header=False)
    for name, going in list(standing.running.items())[:MOST_RUNNING]:
        table.add_row(Text(name), Text(duration(time.monotonic() - going.began)), Text(going.line, overflow="ellipsis"))
    hidden = len(standing.running) - MOST_RUNNING
    if hidden > 0:
        table.add_row(Text(f"and {hidden} more"), Text(""), Text(""))
    return Group(whole, table)
