"""Whether a part meets the figures of a rule: yes, no, or not known, why, and what would change it."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from fleetopt.policy.controls import Control, controls
from fleetopt.policy.part import Part
from fleetopt.policy.spans import Span, Truth, all_hold, any_holds, exact

LABELS = {
    "tpp": ("TPP", ""),
    "density": ("performance density", ""),
    "io_gb_s": ("I/O", " GB/s"),
    "dram_gb_s": ("DRAM bandwidth", " GB/s"),
    "io_dram_gb_s": ("I/O and DRAM bandwidth", " GB/s"),
    "memory_density": ("bandwidth density of a memory stack sold apart", ""),
}
"""Name and unit of each measure."""
_SIGNS = {"at_least": (">=", "<", "below"), "above": (">", "<=", "at most"), "below": ("<", ">=", "at least")}
_READ = {f"{measure}_{sense}": (measure, sense) for measure in LABELS for sense in _SIGNS}
"""Measure and sense of each field of the bounds."""
_PURPOSES = ("not designed or marketed for data centres", "designed or marketed for data centres")


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule's figures against one part."""

    truth: Truth
    because: str
    would_change: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Bound:
    """One condition on a figure, as a rule has it."""

    measure: str
    sense: str
    bound: Decimal
    label: str
    limit: str
    to_hold: str
    """What would make it hold: `TPP at least 2,400`."""
    to_fail: str

    def span(self, part: Part) -> Span:
        """The figure it looks at."""
        if self.measure == "io_dram_gb_s":
            return part.io_gb_s.plus(part.dram_gb_s)
        found: Span = getattr(part, self.measure)
        return found

    def truth(self, part: Part) -> Truth:
        """Whether the part meets it."""
        found: Truth = getattr(self.span(part), self.sense)(self.bound)
        return found

    def says(self, part: Part, truth: Truth) -> str:
        """What holds: `TPP 2,368 < 2,400`."""
        holds, fails, _ = _SIGNS[self.sense]
        return f"{self.label} {_shown(self.span(part))} {fails if truth is False else holds} {self.limit}"

    def needs(self, part: Part) -> tuple[str, ...]:
        """Fields that would decide it."""
        return self.span(part).needs


@dataclass(frozen=True, slots=True)
class _Purpose:
    """The condition that a part is, or is not, for data centres."""

    wanted: bool
    to_hold: str
    to_fail: str

    def truth(self, part: Part) -> Truth:
        """Whether the part meets it."""
        return None if part.datacentre is None else part.datacentre == self.wanted

    def says(self, part: Part, _: Truth) -> str:
        """What the part is for."""
        return _PURPOSES[bool(part.datacentre)]

    def needs(self, part: Part) -> tuple[str, ...]:
        """Fields that would decide it."""
        return ("datacentre",) if part.datacentre is None else ()


_Condition = _Bound | _Purpose


def judge(control: Control, part: Part) -> Judged:
    """The alternatives of a rule: met if one is, and a condition known to fail rules its alternative out."""
    ways = [[(one, one.truth(part)) for one in way] for way in _ways(control.id)]
    truths = [all_hold(truth for _, truth in way) for way in ways]
    met = any_holds(truths)
    if met is True:
        holding = [way for way, truth in zip(ways, truths, strict=True) if truth is True]
        because = ", ".join(one.says(part, True) for one, _ in holding[0])
        steps = [_joined(" or ", (one.to_fail for one, _ in way)) for way in holding]
        joined = steps[0] if len(steps) == 1 else " and ".join(f"({s})" if " or " in s else s for s in steps)
        return Judged(True, because, joined, ())
    if met is False:
        first = [next(one for one, truth in way if truth is False) for way in ways]
        because = _joined("; ", (one.says(part, False) for one in first))
        steps = [_joined(" and ", (one.to_hold for one, truth in way if truth is not True)) for way in ways]
        return Judged(False, because, _joined(", or ", steps), ())
    left = [way for way, truth in zip(ways, truths, strict=True) if truth is None]
    open_ = [one for way in left for one, truth in way if truth is None]
    needs = tuple(dict.fromkeys(need for one in open_ for need in one.needs(part)))
    decides = _joined(" or ", (one.to_hold for one in open_))
    return Judged(None, f"needs {', '.join(needs)}", f"knowing {', '.join(needs)}: {decides} decides", needs)


@cache
def _ways(control_id: str) -> tuple[tuple[_Condition, ...], ...]:
    """The alternatives of a rule, read once."""
    control = next(one for one in controls() if one.id == control_id)
    return tuple(tuple(_condition(name, value) for name, value in way if value is not None) for way in control.any_of)


def _condition(field: str, value: float | bool) -> _Condition:
    if field == "datacentre":
        return _Purpose(bool(value), _PURPOSES[bool(value)], _PURPOSES[not value])
    measure, sense = _READ[field]
    label, unit = LABELS[measure]
    limit, word = plain(value) + unit, sense.replace("_", " ")
    to_fail = f"{label} {_SIGNS[sense][2]} {limit}"
    return _Bound(measure, sense, exact(value), label, limit, f"{label} {word} {limit}", to_fail)


def _joined(word: str, parts: Iterable[str]) -> str:
    return word.join(dict.fromkeys(part for part in parts if part))


def _shown(span: Span) -> str:
    value = span.value
    return plain(value) if value is not None else f"of {plain(float(span.least))} or more"


def plain(value: float) -> str:
    """A figure for people: thousands apart, at most six digits."""
    return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
