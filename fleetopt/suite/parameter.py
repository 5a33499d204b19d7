"""A parameter that is varied: a path and the values it takes, on a line that can be halved."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from fleetopt.instance import shape
from fleetopt.instance.base import Section
from fleetopt.instance.located import Path, dotted
from fleetopt.instance.overrides import Override, current, expand
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.report.text import memory, power, seconds, share, usd, whole_usd
from fleetopt.units import QuantityError, parse_quantity

PathText = Annotated[str, StringConstraints(min_length=1, max_length=300)]
MOST_VALUES = 200
DIGITS = 6
"""Significant digits of a value that is worked out, so that it can be read and typed."""
_MAGNITUDES = {"T": 1e12, "B": 1e9, "M": 1e6}
_PERIOD = re.compile(r"(\d{4})(?:q([1-4]))?")


class Varied(Section):
    """A figure of the instance and the values it takes."""

    path: PathText | tuple[PathText, ...]
    """Figure that is varied, as in `--set PATH=VALUE`; several take the same value."""
    between: tuple[Any, Any] | None = None
    """First and last value: numbers with or without their unit, whole numbers, or periods."""
    values: tuple[Any, ...] | None = Field(default=None, min_length=2, max_length=MOST_VALUES)
    """In place of `between`: the only values it takes, in order."""
    scale: Literal["linear", "log"] = "linear"
    """Whether halves are of the difference or of the ratio."""
    times: bool = False
    """Whether values are factors on what stands at the path."""

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths."""
        return (self.path,) if isinstance(self.path, str) else self.path

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.between is None) == (self.values is None):
            raise ValueError("must say one of between, values")
        return self


@dataclass(frozen=True)
class Axis:
    """The line of a parameter: positions are the numbers themselves, or places in a list of values."""

    name: str
    """Path as given."""
    unit: str
    low: float
    high: float
    """Positions of the first and the last value; `low` may be the larger."""
    log: bool
    whole: bool
    """Whether only whole positions exist."""
    steps: tuple[Any, ...]
    """Values by position; empty where positions are the values."""
    targets: tuple[tuple[str, float | None], ...]
    """Path, and what stands there where values are factors (else None)."""

    def value(self, position: float) -> Any:
        """The value at a position."""
        if self.steps:
            return self.steps[round(position)]
        return round(position) if self.whole else position

    def overrides(self, position: float) -> tuple[Override, ...]:
        """The changes to the instance at a position."""
        value = self.value(position)
        return tuple(
            Override(path, value if stands is None else float(f"{stands * value:.12g}"))
            for path, stands in self.targets
        )

    def shown(self, position: float) -> str:
        """The value for people."""
        return shown(self.value(position), self.unit)

    def middle(self, one: float, other: float, within: float) -> float | None:
        """Half-way between two positions; None where they lie within the share of each other already, or are next."""
        if self.whole:
            half = (one + other) / 2
            found = float(math.floor(half) if one < other else math.ceil(half))
            return None if found in (one, other) else found
        near = within * max(abs(one), abs(other), 0.0 if self.log else abs(self.high - self.low) / 100)
        if abs(one - other) <= near * (1 + 1e-9):
            return None
        exact = math.copysign(math.sqrt(one * other), one) if self.log else (one + other) / 2
        short = float(f"{exact:.{DIGITS}g}")
        found = short if min(one, other) < short < max(one, other) else exact
        return None if found in (one, other) else found

    def spread(self, points: int) -> tuple[float, ...]:
        """Both ends and so many positions evenly between them, in order, each once."""
        parts = points + 1
        found = []
        for n in range(parts + 1):
            if n in (0, parts):
                position = self.low if n == 0 else self.high
            elif self.log:
                position = math.copysign(abs(self.low) * (self.high / self.low) ** (n / parts), self.low)
            else:
                position = self.low + (self.high - self.low) * n / parts
            inner = 0 < n < parts
            found.append(float(round(position)) if self.whole else float(f"{position:.4g}") if inner else position)
        return tuple(dict.fromkeys(found))

    def all(self) -> tuple[float, ...]:
        """Every position of a list of values."""
        return tuple(float(n) for n in range(len(self.steps)))


def axis(varied: Varied, data: dict[str, Any]) -> Axis:
    """The line of a parameter on an instance's data, as overrides address it.

    Raises ValueError where the path or a value is none.
    """
    found = [(path, target) for path in varied.paths for target in _expanded(data, path)]
    annotation = shape.annotation_at(Instance, found[0][1])
    unit = (shape.unit(annotation) or "") if not varied.times else "times"
    whole = shape.core(annotation) is int and not varied.times
    targets = _factored(data, found) if varied.times else [(path, None) for path in varied.paths]
    name = ", ".join(varied.paths)
    if varied.values is not None:
        listed = tuple(_plain(value, unit) for value in varied.values)
        return Axis(name, unit, 0.0, float(len(listed) - 1), False, True, listed, tuple(targets))
    assert varied.between is not None
    ends = [_plain(value, unit) for value in varied.between]
    if periods := _periods(ends):
        return Axis(name, "", 0.0, float(len(periods) - 1), False, True, periods, tuple(targets))
    low, high = (_number(value, name) for value in ends)
    if low == high:
        raise ValueError(f"both ends of between are {low:g}; try two different values")
    if varied.scale == "log" and low * high <= 0:
        raise ValueError("a log scale has no values at or across 0; try scale: linear, or ends of the same sign")
    if whole and (low != int(low) or high != int(high)):
        raise ValueError(f"{name} takes whole numbers only; try {round(low)} and {round(high)}")
    return Axis(name, unit, low, high, varied.scale == "log", whole, (), tuple(targets))


def place(value: Any, unit: str, listed: Sequence[Any]) -> float:
    """Position of a value: itself, or its place in the list. Raises ValueError where it has none."""
    plain = _plain(value, unit)
    if not listed:
        return _number(plain, "the parameter")
    if plain not in listed:
        raise ValueError(f"{value!r} is none of the values looked at; {did_you_mean(str(value), map(str, listed))}")
    return float(listed.index(plain))


def _expanded(data: dict[str, Any], path: str) -> list[Any]:
    try:
        return list(expand(data, path))
    except ValueError as problem:
        hint = getattr(problem, "hint", "")
        raise ValueError(f"{path}: {problem}" + (f"; {hint}" if hint else "")) from None


def _factored(data: dict[str, Any], found: Sequence[tuple[str, Path]]) -> list[tuple[str, float | None]]:
    """Every path and the number there; of several that a `*` stands for, those without a number are passed over."""
    targets: list[tuple[str, float | None]] = []
    for path in dict.fromkeys(path for path, _ in found):
        below = [target for given, target in found if given == path]
        numbers = [(dotted(target, data), _standing(data, target)) for target in below]
        there = [(name, number) for name, number in numbers if number is not None]
        if not there:
            raise ValueError(f"{path}: there is no number to multiply; try values in place of factors (times: false)")
        targets += there
    return targets


def _standing(data: dict[str, Any], target: Path) -> float | None:
    """The number at a path, given or by default, in its canonical unit; None where there is none."""
    value = current(data, target)
    unit = shape.unit(shape.annotation_at(Instance, target))
    try:
        value = _plain(value, unit or "")
    except ValueError:
        return None
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def _plain(value: Any, unit: str) -> Any:
    """A value in the canonical unit."""
    if not unit or unit == "times":
        return value
    try:
        return parse_quantity(value, unit)
    except QuantityError as problem:
        raise ValueError(str(problem)) from None


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number that {name} could take; try numbers, periods, or a list of values")
    return float(value)


def _periods(ends: Sequence[Any]) -> tuple[str, ...]:
    """Every quarter (or year) from one to the other; nothing where they are no periods of a kind."""
    matched = [_PERIOD.fullmatch(end) if isinstance(end, str) else None for end in ends]
    one, two = matched
    if one is None or two is None or (one[2] is None) != (two[2] is None):
        return ()
    quarterly = one[2] is not None
    first, last = (4 * int(m[1]) + int(m[2]) - 1 if quarterly else int(m[1]) for m in (one, two))
    step = 1 if last >= first else -1
    if first == last or abs(last - first) > MOST_VALUES:
        return ()
    numbers = range(first, last + step, step)
    return tuple(f"{n // 4}q{n % 4 + 1}" if quarterly else str(n) for n in numbers)


def shown(value: Any, unit: str) -> str:
    """A value with its unit: `20 ms`, `$1.50 M`, `35 %`, `2027q3`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "s":
        return _time(value)
    if unit == "tokens" and abs(value) >= 1e6:
        return f"{_magnitude(value)} tokens"
    if unit == "USD":
        return usd(value) if abs(value) >= 1e6 else whole_usd(value)
    if unit == "kW":
        return power(value)
    if unit == "GB":
        return memory(value)
    if unit == "share":
        return share(value)
    if unit == "times":
        return f"{value:,.4g} times"
    short = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1e4 else f"{value:,.4g}"
    return f"{short} {unit}" if unit and unit != "scale" else short


def _time(value: float) -> str:
    """`20 ms`, `90.00 s`, `26.67 min`, `4 h`: as it can be typed."""
    if abs(value) < 120:
        return seconds(value)
    return f"{value / 60:,.4g} min" if abs(value) < 7200 else f"{value / 3600:,.4g} h"


def _magnitude(value: float) -> str:
    """`15.6T`: a large number as instances may give it."""
    letter, worth = next((letter, worth) for letter, worth in _MAGNITUDES.items() if abs(value) >= worth)
    return f"{value / worth:,.4g}{letter}"
