"""What a part is under each rule by its figures alone, why, and what would change it."""

from dataclasses import dataclass

from fleetopt.policy.controls import Control, of_kind
from fleetopt.policy.judge import judge, plain
from fleetopt.policy.part import ZERO, Part
from fleetopt.policy.spans import Span

UNKNOWN = "unknown"
NONE = "none"
CURRENT = "rule_2023_10"
"""The family of classes that present rules speak of."""


MEMORY = "rule_2024_12"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer with its reason, its rule, and what would change it."""

    value: str
    because: str
    would_change: str = ""
    rule_id: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """A part under every rule."""

    tpp: float | None
    performance_density: float | None
    outcomes: dict[str, Outcome]
    """By the name of the answer: `rule_2022_10`, `rule_2023_10`, ..."""
    measured: dict[str, str]
    """How TPP and density come about, or what they need."""


def classify(part: Part) -> Classification:
    """Every answer for a part; missing figures give `unknown` unless what is known decides."""
    current = class_in(CURRENT, part)
    outcomes = {
        "rule_2022_10": class_in("rule_2022_10", part),
        CURRENT: current,
        "rule_2024_12": memory_2024(part),
        "rule_2026_01_china": china_2026(part, current),
        "tariff_band_2026_01": duty_band(part),
    }
    from_ = f" ({part.tpp_from})" if part.tpp_from else ""
    measured = {"tpp": _measured(part.tpp) + from_, "performance_density": _measured(part.density)}
    tpp, density = part.tpp.value, part.density.value
    return Classification(tpp, None if density is None else round(density, 2), outcomes, measured)


def class_in(family: str, part: Part) -> Outcome:
    """The paragraph that a part meets in a family of rules: the first in the order of the rules."""
    found = _by_tests(family, part)
    for note in of_kind("exempt", family):
        judged = judge(note, part)
        if judged.truth is True and found.value != NONE:
            change = f"{judged.would_change}: then {found.value}" if found.value != UNKNOWN else judged.would_change
            return Outcome(NONE, f"{judged.because} [{note.citation}]", change, note.id)
        if judged.truth is None and found.value == UNKNOWN:
            needs = tuple(dict.fromkeys((*found.needs, *judged.needs)))
            return _unknown(needs, f"{found.would_change}; {judged.would_change}", note)
        if judged.truth is None and found.value != NONE:
            return _unknown(judged.needs, f"{found.value} if for data centres, else none", note)
    return found


def _by_tests(family: str, part: Part) -> Outcome:
    """The first paragraph met; unknown as soon as one before it is not decided."""
    missed, changes = [], []
    for control in of_kind("class", family):
        judged = judge(control, part)
        if judged.truth is True:
            return Outcome(control.paragraph, f"{judged.because} [{control.citation}]", judged.would_change, control.id)
        if judged.truth is None:
            return _unknown(judged.needs, judged.would_change, control)
        missed.append(f"not {control.paragraph}: {judged.because} [{control.citation}]")
        changes.append(f"{judged.would_change}: then {control.paragraph}")
    return Outcome(NONE, "; ".join(missed), "; ".join(changes))


def memory_2024(part: Part) -> Outcome:
    """Whether a memory stack sold apart is 3A090.c; memory packed with logic is judged with it."""
    if part.memory_density == ZERO:
        citation = of_kind("class", MEMORY)[0].citation
        return Outcome("not_applicable", f"no memory stack sold apart [{citation}]")
    return class_in(MEMORY, part)


def china_2026(part: Part, found: Outcome) -> Outcome:
    """How an export to China or Macau of a part of the present class `found` is reviewed since January 2026."""
    if found.value == NONE:
        return Outcome("not_applicable", f"not controlled by 3A090: {found.because}", found.would_change, found.rule_id)
    if found.value == UNKNOWN:
        return found
    notified = exception_for(found.value, part, "denial")
    return notified if notified.value != NONE else reviewed(part, found)


def exception_for(paragraph: str, part: Part, review: str) -> Outcome:
    """The licence exception open to a class of part where review would otherwise be `review`."""
    for control in of_kind("exception"):
        if review not in control.reviews:
            continue
        if paragraph in control.classes:
            because = f"{paragraph} is open to {control.paragraph} [{control.citation}]"
        elif paragraph in control.consumer_classes and part.datacentre is None:
            return _unknown(("datacentre",), f"{control.paragraph} if not for data centres", control)
        elif paragraph in control.consumer_classes and not part.datacentre:
            because = f"{paragraph} not for data centres is open to {control.paragraph} [{control.citation}]"
        else:
            continue
        notice = f", {control.notice_days} days after notice" if control.notice_days else ""
        return Outcome(control.paragraph, because + notice, "3A090.a for data centres: then a licence", control.id)
    return Outcome(NONE, "", "")


def reviewed(part: Part, found: Outcome) -> Outcome:
    """Case by case below the limits of January 2026, presumption of denial above."""
    for control in of_kind("review"):
        judged = judge(control, part)
        if judged.truth is None:
            return _unknown(judged.needs, judged.would_change, control)
        if judged.truth and part.us_available is None:
            return _unknown(("us_available",), "case_by_case if on sale in the US on 2026-01-15", control)
        if judged.truth and part.us_available:
            because = f"{found.value}, {judged.because} [{control.citation}], if exported from the US and certified"
            change = f"{judged.would_change}, or a re-export: then presumption_of_denial"
            return Outcome(control.review, because, change, control.id)
        because = judged.because if not judged.truth else "not on sale in the US on 2026-01-15"
        change = judged.would_change if not judged.truth else "on sale in the US on that day"
        because = f"{found.value}, {because} [{control.citation}]"
        return Outcome("presumption_of_denial", because, f"{change}: then case_by_case", control.id)
    raise LookupError("no rule of review is packaged")


def duty_band(part: Part) -> Outcome:
    """The band of the Section 232 duty; it falls only on parts that enter the US to be tested and sent on."""
    judged = [(control, judge(control, part)) for control in of_kind("duty")]
    for control, found in judged:
        if found.truth is True:
            return Outcome(control.paragraph, f"{found.because} [{control.citation}]", found.would_change, control.id)
    open_ = [(control, found) for control, found in judged if found.truth is None]
    if open_:
        needs = tuple(dict.fromkeys(need for _, found in open_ for need in found.needs))
        return _unknown(needs, "; ".join(found.would_change for _, found in open_), open_[0][0])
    because = "; ".join(f"not {control.paragraph}: {found.because}" for control, found in judged)
    return Outcome(NONE, because, "; ".join(f"{found.would_change}: then {c.paragraph}" for c, found in judged))


def _unknown(needs: tuple[str, ...], would_change: str, control: Control) -> Outcome:
    return Outcome(UNKNOWN, f"needs {', '.join(needs)} [{control.citation}]", would_change, control.id, needs)


def _measured(span: Span) -> str:
    if span.known:
        return plain(float(span.least))
    least = f"at least {plain(float(span.least))}, " if span.least else ""
    return f"{least}needs {', '.join(dict.fromkeys(span.needs))}"
