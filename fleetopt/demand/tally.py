"""What became of every row of a trace: counted, or bad for a reason, with the lines where that happened first."""

from collections.abc import Iterable
from dataclasses import dataclass, field

_LINES_KEPT = 3


@dataclass
class Rows:
    """Rows seen so far. Every row read is good, bad, or left out by the user's own filter."""

    good: int = 0
    """Rows that count."""
    left_out: int = 0
    """Rows that the filter leaves out."""
    blank: int = 0
    """Empty lines, which are no rows."""
    out_of_order: int = 0
    """Good rows earlier than one before them; they count at their time."""
    no_output: int = 0
    """Good rows that generate nothing: they are prefilled."""
    repeated_blocks: int = 0
    """Blocks a second time in one prompt, which are left out of the reuse curve."""
    bad: dict[str, int] = field(default_factory=dict)
    """Rows that do not count, by reason."""
    first_lines: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """`file:line` of the first of them, by reason."""

    @property
    def bad_rows(self) -> int:
        """All that do not count."""
        return sum(self.bad.values())

    @property
    def read(self) -> int:
        """All rows."""
        return self.good + self.bad_rows + self.left_out

    def spoil(self, reason: str, file: str, lines: Iterable[int], count: int) -> None:
        """Count bad rows; of `lines` the first few are kept."""
        self.bad[reason] = self.bad.get(reason, 0) + count
        kept = self.first_lines.get(reason, ())
        more = (f"{file}:{line}" for _, line in zip(range(_LINES_KEPT - len(kept)), lines, strict=False))
        self.first_lines[reason] = (*kept, *more)

    def reasons(self) -> list[str]:
        """A line for each reason, the most frequent first."""
        order = sorted(self.bad, key=lambda reason: (-self.bad[reason], reason))
        return [f"{self.bad[r]:,} {r} (first {', '.join(self.first_lines[r])})" for r in order]
