"""The exception tree. Each class carries the exit code the command line ends with."""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 800
"""Characters of a part of a finding; what is longer is cut in the middle."""


@dataclass(frozen=True, order=True)
class Issue:
    """One finding: where (file, line, dotted path), what, what to try; one printable line whatever a file holds."""

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def __post_init__(self) -> None:
        for part in ("file", "path", "message", "hint"):
            object.__setattr__(self, part, _printable(getattr(self, part)))

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}: {self.path + ': ' if self.path else ''}{self.message}"
        return f"{text}; {self.hint}" if self.hint else text


def _printable(text: str) -> str:
    """`text` with what would break the line or the terminal written as escapes, and not longer than bearable."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}...{text[-LONGEST // 4 :]}"
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class FleetoptError(Exception):
    """Anything fleetopt says no to on purpose."""

    exit_code = 1


class InputError(FleetoptError):
    """Bad input or usage: every problem found, in the order of the file."""

    exit_code = 2

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("\n".join(str(issue) for issue in self.issues))


class UsageError(FleetoptError):
    """A command was asked for something it cannot do as asked (paths, options)."""

    exit_code = 2


class StoppedError(FleetoptError):
    """Stopped by hand before there was a plan."""

    exit_code = 4


class VerificationError(FleetoptError):
    """A written plan does not agree with its instance."""

    exit_code = 6
