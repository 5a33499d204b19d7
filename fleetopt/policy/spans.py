"""Figures that may not be known: an exact least and most, and what is missing; comparisons with three answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

Truth = bool | None
"""True, false, or None where what is missing decides."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a figure lies; decimal numbers, so that a value at a threshold is at it."""

    least: Decimal
    most: Decimal | None
    """No upper end where None."""
    needs: tuple[str, ...] = ()
    """Fields that would narrow it."""

    @property
    def known(self) -> bool:
        """Whether it is one value."""
        return self.least == self.most

    @property
    def value(self) -> float | None:
        """The value, or None where it is not known."""
        return float(self.least) if self.known else None

    def at_least(self, bound: Decimal) -> Truth:
        """Whether the figure is `bound` or more."""
        return True if self.least >= bound else False if self.most is not None and self.most < bound else None

    def above(self, bound: Decimal) -> Truth:
        """Whether it is more than `bound`."""
        return True if self.least > bound else False if self.most is not None and self.most <= bound else None

    def below(self, bound: Decimal) -> Truth:
        """Whether it is less than `bound`."""
        return opposite(self.at_least(bound))

    def plus(self, other: "Span") -> "Span":
        """The sum of two figures."""
        most = None if self.most is None or other.most is None else self.most + other.most
        return Span(self.least + other.least, most, (*self.needs, *other.needs))


def exact(value: float) -> Decimal:
    """The decimal number as it is written: 5.92 is 592/100, not the nearest binary number.

    28 digits are kept, so that a quotient equals a threshold only where it is it.
    """
    return Decimal(str(value))


def figure(value: float | None, field: str) -> Span:
    """A figure of a data sheet; None is not known, and 0 is none."""
    return Span(Decimal(0), None, (field,)) if value is None else Span(exact(value), exact(value))


def opposite(truth: Truth) -> Truth:
    """Not."""
    return None if truth is None else not truth


def all_hold(truths: Iterable[Truth]) -> Truth:
    """And: false as soon as one is, whatever is missing."""
    missing = False
    for truth in truths:
        if truth is False:
            return False
        missing = missing or truth is None
    return None if missing else True


def any_holds(truths: Iterable[Truth]) -> Truth:
    """Or: true as soon as one is, whatever is missing."""
    return opposite(all_hold(opposite(truth) for truth in truths))
