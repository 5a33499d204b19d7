"""Progress: plain lines, a live bar, or nothing."""

import io
import sys

import pytest

from fleetopt.cli.progress import progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet: bool = False) -> str:
    """What two reports write to `stream` as stderr."""
    monkeypatch.setattr(sys, "stderr", stream)
    with progress(quiet) as report:
        report("first")
        report("second")
    return stream.getvalue()


def test_plain_lines_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stderr is no terminal each report is a line as it stands."""
    assert shown(monkeypatch, io.StringIO()) == "first\nsecond\n"


def test_a_live_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal the latest line stands beside a bar drawn with control sequences."""
    for name in ("NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    text = shown(monkeypatch, Terminal())
    assert "second" in text
    assert "\x1b[" in text


def test_quiet_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--json` there is no progress, terminal or not."""
    assert shown(monkeypatch, io.StringIO(), quiet=True) == ""
    assert shown(monkeypatch, Terminal(), quiet=True) == ""
