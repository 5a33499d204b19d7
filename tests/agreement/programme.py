"""Columns and rows written by hand: whole numbers with bounds, the rest, and sums of both."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Name = tuple[Any, ...]
Terms = dict[Name, float]
SMALL = 1e-7
ONE: Name = ("one",)
"""The constant 1, as a whole number with no choice."""


@dataclass
class Programme:
    """Columns with their cost, and rows `terms (<= or =) side`; `whole` columns have bounds low to high."""

    whole: dict[Name, tuple[int, int]] = field(default_factory=dict)
    free: dict[Name, float] = field(default_factory=dict)
    """Most of each continuous column."""
    cost: Terms = field(default_factory=lambda: defaultdict(float))
    constant: float = 0.0
    rows: list[tuple[Terms, str, float]] = field(default_factory=list)

    def most(self, terms: Terms, side: float) -> None:
        """terms <= side."""
        self.rows.append((terms, "<=", side))

    def equal(self, terms: Terms, side: float) -> None:
        """terms == side."""
        self.rows.append((terms, "==", side))


def plus(*parts: tuple[float, Terms]) -> Terms:
    """A sum of multiples of sums."""
    found: Terms = defaultdict(float)
    for factor, terms in parts:
        for name, value in terms.items():
            found[name] += factor * value
    return found
