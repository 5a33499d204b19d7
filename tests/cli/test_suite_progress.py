"""Progress of many runs: plain lines with the whole now and then, a live table, or nothing."""

import io
import sys
import time

import pytest
from rich.console import Console

from fleetopt.cli import suite_progress as shown
from fleetopt.cli.suite_progress import duration, in_all, picture, suite_progress
from fleetopt.suite.standing import Going, Standing


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


def standing() -> Standing:
    """Ten runs asked for: three finished (one of them kept) in 20 s each, one failed, two running since just now."""
    now = time.monotonic()
    running = {"a": Going(now, "A1: 5 M$, gap 3 %"), "b": Going(now)}
    return Standing(2, 10, 3, 1, 1, running, [20.0, 20.0])


def test_what_is_left_is_estimated() -> None:
    """Four waiting and two just begun, 20 s each on two workers: 60 s; before anything is solved nobody knows."""
    found = standing()
    assert found.waiting == 4
    assert found.left_s() == pytest.approx(60.0, abs=1.0)
    assert Standing(asked=3).left_s() is None


def test_a_run_that_takes_long_is_no_debt() -> None:
    """A run that has taken longer than the mean is thought to take a tenth of it more, never less than nothing."""
    found = Standing(1, 1, running={"a": Going(time.monotonic() - 500)}, solved_s=[20.0])
    assert found.left_s() == pytest.approx(2.0, abs=0.1)


def test_the_whole_on_one_line() -> None:
    """What is finished, kept, failed, running and waiting, and about how long the rest takes."""
    said = in_all(standing())
    assert said.startswith("3 of 10 finished, 1 of them kept, 1 failed, 2 running, 4 waiting, about ")
    assert in_all(Standing(asked=2, finished=2, solved_s=[1.0])) == "2 of 2 finished, 0 running, 0 waiting"
    assert [duration(s) for s in (0.2, 45, 600, 9000)] == ["1 s", "45 s", "10 min", "2.5 h"]


def test_plain_lines_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line as it stands, none for a mere change, and one on the whole when it is time."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with suite_progress() as told:
        told("a (1 of 10): begins", standing())
        told("", standing())
        monkeypatch.setattr(shown, "EVERY_S", 0.0)
        told("", standing())
    lines = stream.getvalue().splitlines()
    assert lines[0] == "a (1 of 10): begins"
    assert lines[1].startswith("3 of 10 finished")
    assert len(lines) == 2


def test_a_live_table_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole, and each run at work with its latest line; what has ended scrolls by; quiet shows nothing."""
    for name in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with suite_progress() as told:
        told("c (3 of 10): optimal, 5.00 M$", standing())
        told("a (1 of 10): A1: 5 M$, gap 3 %", standing())
    text = sys.stderr.getvalue()
    for part in ("c (3 of 10): optimal", "3 of 10 finished", "A1: 5 M$, gap 3 %", "\x1b["):
        assert part in text
    assert "a (1 of 10)" not in text
    monkeypatch.setattr(sys, "stderr", Terminal())
    with suite_progress(quiet=True) as told:
        told("line", standing())
    assert sys.stderr.getvalue() == ""


def test_what_is_left_is_seen_on_80_columns() -> None:
    """Bar, whole and runs stand on lines of their own, so that the end of the whole is not cut off."""
    stream = io.StringIO()
    Console(file=stream, width=80).print(picture(standing()))
    bar, whole, *runs = stream.getvalue().splitlines()
    assert not any(letter.isalnum() for letter in bar)
    assert whole.startswith("3 of 10 finished")
    assert [line.split()[0] for line in runs][-2:] == ["a", "b"]
    assert "left" in " ".join([whole, *runs])
