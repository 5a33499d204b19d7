"""What checking leaves behind: how many checks were made, and each that failed, in words.

Tolerances: a figure derived from others by a formula agrees to `DERIVED`, a balance of decisions that a solver found to
`BALANCE` (both relative to the larger side), a limit may be passed by `LIMIT` of its size and `LIMIT_ABSOLUTE`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

DERIVED = 1e-11
BALANCE = 1e-9
LIMIT = 1e-6
LIMIT_ABSOLUTE = 1e-9
TINY = 1e-15
"""Below this a figure is nought: what a difference of two equal sums may leave of numbers near 1."""


@dataclass
class Witness:
    """Counts checks and collects failures as `equation (index): what; expected, found`."""

    checks: int = 0
    failures: list[str] = field(default_factory=list)

    def equal(self, id_: str, index: Iterable[str], found: float, expected: float, tolerance: float = BALANCE) -> None:
        """Two figures agree to a relative tolerance."""
        self.checks += 1
        if not abs(found - expected) <= tolerance * max(abs(found), abs(expected)) + TINY:
            self.fail(id_, index, f"expected {expected!r}, found {found!r}")

    def balance(self, id_: str, index: Iterable[str], left: Iterable[float], right: Iterable[float]) -> None:
        """Two sums of decisions agree."""
        self.equal(id_, index, sum(left), sum(right))

    def at_most(self, id_: str, index: Iterable[str], found: float, limit: float) -> None:
        """A figure stays within its limit."""
        self.checks += 1
        if not found <= limit + LIMIT * abs(limit) + LIMIT_ABSOLUTE:
            self.fail(id_, index, f"expected at most {limit!r}, found {found!r}")

    def at_least(self, id_: str, index: Iterable[str], found: float, limit: float) -> None:
        """A figure reaches its least value."""
        self.checks += 1
        if not found >= limit - LIMIT * abs(limit) - LIMIT_ABSOLUTE:
            self.fail(id_, index, f"expected at least {limit!r}, found {found!r}")

    def same(self, id_: str, index: Iterable[str], found: object, expected: object) -> None:
        """Two words, truths or lists are the same."""
        self.checks += 1
        if found != expected or type(found) is not type(expected):
            self.fail(id_, index, f"expected {expected!r}, found {found!r}")

    def holds(self, id_: str, index: Iterable[str], truth: bool, otherwise: str) -> None:
        """A statement is true; `otherwise` says what was expected and found."""
        self.checks += 1
        if not truth:
            self.fail(id_, index, otherwise)

    def fail(self, id_: str, index: Iterable[str], what: str) -> None:
        """Note a failure (the caller has counted the check)."""
        self.failures.append(f"{id_} ({', '.join(index)}): {what}")
