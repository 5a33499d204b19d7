"""What checking leaves behind: how many checks were made, and each that failed, in words.

Plans are written to 12 significant digits. A figure derived from others by a formula agrees to `DERIVED` of itself; a
balance of many figures to `BALANCE` of its largest term, and to `BALANCE_ABSOLUTE`, below which a rate (1/s), a power
(MW) or a size (TB) is a solver's noise; a limit may be passed by `LIMIT` of its size and `LIMIT_ABSOLUTE`.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

DERIVED = 1e-11
BALANCE = 1e-9
BALANCE_ABSOLUTE = 2e-9
LIMIT = 1e-6
LIMIT_ABSOLUTE = 1e-9


@dataclass
class Witness:
    """Counts checks and collects failures as `equation (index): what; expected, found`."""

    checks: int = 0
    failures: list[str] = field(default_factory=list)

    def equal(self, id_: str, index: Iterable[str], found: float, expected: float, tolerance: float = DERIVED) -> None:
        """A figure is what its formula says."""
        self.checks += 1
        if not (math.isfinite(found) and abs(found - expected) <= tolerance * max(abs(found), abs(expected))):
            self.fail(id_, index, f"expected {expected!r}, found {found!r}")

    def balance(
        self, id_: str, index: Iterable[str], found: Iterable[float], expected: Iterable[float], unit: float = 1.0
    ) -> None:
        """Two sums of decisions agree; `unit` is the size of 1/s, MW or TB in the unit they are in."""
        self.checks += 1
        left, right = list(found), list(expected)
        size = max((abs(term) for term in (*left, *right)), default=0.0)
        one, other = math.fsum(left), math.fsum(right)
        if not (math.isfinite(one) and abs(one - other) <= BALANCE * size + BALANCE_ABSOLUTE * unit):
            self.fail(id_, index, f"expected {other!r}, found {one!r}")

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
