"""Texts with figures in braces, `{scenario.a.cost - scenario.b.cost}`: looked up by name, reckoned by + - * / alone.

There is no attribute access, no call and no code: a name is looked up in what the run found, and four signs and
brackets make numbers of numbers. Signs stand between spaces, for ids have hyphens. A style after a colon gives the bare
number, `{flip.x.at:n} tokens`; words after `else` stand where there is none, `{flip.x.at else no price}`.
"""

import math
import re
from collections.abc import Callable, Iterator

from fleetopt.report.page.cells import amount
from fleetopt.suite.figures import MISSING, Figure

Lookup = Callable[[tuple[str, ...]], Figure]
"""The figure of a dotted name; raises ValueError for a name that means nothing."""
LONGEST = 300
"""Letters of one expression."""
DEEPEST = 20
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_TOKEN = re.compile(r"[()]|[^\s()]+")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d{1,3})?", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+", re.ASCII)
_STYLES = ("n", "%", "0", "1", "2", "3")
_ELSE = " else "
_WORDS = ("tokens", "times", "days", "months", "years")
"""Units that a figure says as prose would."""


def filled(text: str, lookup: Lookup) -> str:
    """The text with its figures. Raises ValueError for the first that cannot be read."""

    def put(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[1] is None:
            raise ValueError(f"a single {match[0]} in the text; try {match[0] * 2} for the letter itself")
        return _styled(match[1], lookup)

    return _BRACES.sub(put, text)


def check_units(text: str, lookup: Lookup) -> None:
    """Raise ValueError for a figure that says its unit where the text does so again: `{flip.x.at} tokens`."""
    for match in _BRACES.finditer(text):
        inner = (match[1] or "").partition(_ELSE)[0]
        unit = reckoned(inner, lookup).unit if inner and ":" not in inner else ""
        if unit in _WORDS and re.match(rf"\s+{unit.removesuffix('s')}s?\b", text[match.end() :]):
            raise ValueError(f"{{{inner}}} says {unit} itself, and the text does so again; try {{{inner}:n}}")


def _styled(inner: str, lookup: Lookup) -> str:
    """One expression, with its style after a colon, and the words that stand where it has no value."""
    said, otherwise, words = inner.partition(_ELSE)
    expression, colon, style = said.rpartition(":")
    if colon and style.strip() not in _STYLES:
        raise ValueError(
            f"{{{inner}}}: there is no style {style.strip()!r}; try n for the bare number, % or decimals from 0 to 3"
        )
    found = reckoned(expression if colon else said, lookup)
    if otherwise and (found.nothing or found.value == MISSING.value):
        return words.strip()
    if not colon or isinstance(found.value, str):
        return found.said
    return _number(found.value, style.strip())


def _number(value: float, style: str) -> str:
    """A number without its unit."""
    if style == "n":
        return amount(value)
    if style == "%":
        return f"{_decimals(100 * value)} %"
    return f"{value:,.{int(style)}f}"


def _decimals(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}" if abs(value) >= 1 else f"{value:,.2g}"


def reckoned(expression: str, lookup: Lookup) -> Figure:
    """The value of one expression; a dash where a figure in it is missing, or something is divided by nought."""
    if len(expression) > LONGEST:
        raise ValueError(f"{{{expression[:40]}...}}: longer than {LONGEST} letters; try two")
    try:
        reader = _Reader(_TOKEN.findall(expression), lookup)
        found = reader.sum(0)
        if reader.rest:
            raise ValueError(f"{reader.rest[0]!r} stands where + - * / is meant; put spaces round the sign")
    except ValueError as problem:
        raise ValueError(f"{{{expression}}}: {problem}") from None
    return found


class _Reader:
    """Reads tokens from the left: a sum of products of names, numbers and brackets."""

    def __init__(self, tokens: list[str], lookup: Lookup) -> None:
        self.rest = tokens
        self.lookup = lookup

    def sum(self, depth: int) -> Figure:
        """A sum."""
        found = self.product(depth)
        for sign in self._signs("+-"):
            found = _added(found, self.product(depth), 1.0 if sign == "+" else -1.0)
        return found

    def product(self, depth: int) -> Figure:
        """A product."""
        found = self.single(depth)
        for sign in self._signs("*/"):
            found = (_multiplied if sign == "*" else _divided)(found, self.single(depth))
        return found

    def single(self, depth: int) -> Figure:
        """A name, a number, or a sum in brackets."""
        if not self.rest:
            raise ValueError("a name is missing; try scenario.NAME.cost")
        if depth > DEEPEST:
            raise ValueError("too many brackets")
        token = self.rest.pop(0)
        if token == "(":
            found = self.sum(depth + 1)
            if not self.rest or self.rest.pop(0) != ")":
                raise ValueError("a bracket is not closed")
            return found
        if _NUMBER.fullmatch(token) and math.isfinite(float(token)):
            return Figure(float(token))
        if not _NAME.fullmatch(token):
            raise ValueError(f"{token!r} is neither a name nor a number; try scenario.NAME.cost")
        return self.lookup(tuple(token.split(".")))

    def _signs(self, signs: str) -> Iterator[str]:
        while self.rest and self.rest[0] in tuple(signs):
            yield self.rest.pop(0)


def _numbers(one: Figure, other: Figure) -> tuple[float, float] | None:
    """Both values; None where one is missing. Raises ValueError for other texts."""
    for figure in (one, other):
        if isinstance(figure.value, str) and figure.value != MISSING.value and not figure.nothing:
            raise ValueError(f"{figure.value!r} is no number to reckon with")
    if isinstance(one.value, str) or isinstance(other.value, str):
        return None
    return one.value, other.value


def _added(one: Figure, other: Figure, sign: float) -> Figure:
    values = _numbers(one, other)
    unit = one.unit if one.unit == other.unit else ""
    return MISSING if values is None else Figure(values[0] + sign * values[1], unit)


def _multiplied(one: Figure, other: Figure) -> Figure:
    values = _numbers(one, other)
    units = [f.unit for f in (one, other) if f.unit not in ("", "share", "times", "scale")]
    return MISSING if values is None else Figure(values[0] * values[1], units[0] if len(units) == 1 else "")


def _divided(one: Figure, other: Figure) -> Figure:
    values = _numbers(one, other)
    if values is None or values[1] == 0:
        return MISSING
    return Figure(values[0] / values[1], one.unit if not other.unit else "")
