"""What a delivery needs: by date, destination, ultimate parent's headquarters and route, with everything laid over it.

The order of the rules: a bar that names the chip; the class of the part on the day; whether destination or parent is
reached; letters; licence exceptions; the review of a licence; the destination's own refusal; duty and revenue share.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from fleetopt.errors import UsageError
from fleetopt.policy.classes import NONE, UNKNOWN, class_in, duty_band, exception_for
from fleetopt.policy.controls import Control, Kind, Review, controls, countries, first_day, of_kind
from fleetopt.policy.judge import judge
from fleetopt.policy.part import Part

Requirement = Literal["free", "exception", "licence", "barred", "unknown"]
Route = Literal["direct", "re-export"]
HOME = "US"
"""Whose rules these are."""
FAMILIES = ("rule_2022_10", "rule_2023_10")
_STRICTEST: tuple[Review, ...] = ("denial", "case_by_case", "approval", "")


@dataclass(frozen=True, slots=True)
class Shipment:
    """Where a part goes, when, and to whom."""

    day: date
    destination: str
    """Country code."""
    parent: str
    """Country of the headquarters of the buyer's ultimate parent."""
    route: Route = "direct"
    """From the US, or from anywhere else."""
    without: frozenset[str] = frozenset()
    """Rules assumed away."""
    assuming: frozenset[str] = frozenset()
    """Rules not in force that are assumed to be."""
    exceptions: bool = True
    """Whether licence exceptions are made use of."""

    def by(self, parent: str) -> "Shipment":
        """The same for another buyer."""
        return replace(self, parent=parent)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a shipment needs, and what it costs on top of its price."""

    requirement: Requirement
    review: Review
    """How an application for a licence is looked at."""
    rule_id: str
    because: str
    would_change: str
    duty_rate: float = 0.0
    """Duty on the list price, where the part passes through the US to be tested and sent on (X3)."""
    revenue_share: float = 0.0
    """Share of the price paid for the licence (X3)."""
    rules: tuple[str, ...] = ()
    """Every rule that had a say."""


def assess(part: Part, shipment: Shipment) -> Assessment:
    """What the packaged rules ask of one shipment.

    Raises UsageError for an unknown country, or a day before any packaged rule.
    """
    check_shipment(shipment)
    for bar in _in_force("bar", shipment):
        if part.origin in bar.origins and part.is_named(bar.named) and bar.reaches_parent(shipment.parent):
            return _ends("barred", bar, f"{bar.name} [{bar.citation}]", "another parent, or another chip")
    if shipment.destination == HOME:
        return Assessment("free", "", "", "delivery in the US is no export", "another destination")
    found = _needed(part, shipment)
    refusal = next((c for c in _in_force("refusal", shipment) if _names(c, part, shipment)), None)
    if refusal is not None:
        because = f"{shipment.destination} refuses it itself: {refusal.name} [{refusal.citation}]; {found.because}"
        return _ends("barred", refusal, because, f"after {refusal.until}" if refusal.until else "a change there")
    return found


def check_shipment(shipment: Shipment) -> None:
    """Raises UsageError for an unknown country or rule, or a day before any packaged rule."""
    for code in (shipment.destination, shipment.parent):
        if code not in countries():
            raise UsageError(f"there is no country {code!r}; try a code of two capital letters such as CN, AE or US")
    if shipment.day < first_day():
        raise UsageError(f"no packaged rule was in force on {shipment.day}; the first is of {first_day()}")
    unknown = sorted((shipment.without | shipment.assuming) - {control.id for control in controls()})
    if unknown:
        raise UsageError(f"there is no rule {unknown[0]!r}; try `fleetopt catalog list control`")


def _needed(part: Part, shipment: Shipment) -> Assessment:
    """By class and letters: free, an exception, or a licence with its review."""
    if part.origin != "US":
        return Assessment("free", "", "", f"not of US origin ({part.origin}), and no rule names it", "")
    family = next((f for f in FAMILIES if any(_in_force("class", shipment, f))), FAMILIES[-1])
    found = class_in(family, part)
    asked = list(_asked(found.value, shipment))
    letter = _letter(part, shipment)
    if found.value == UNKNOWN and list(_asked(None, shipment)):
        return Assessment("unknown", "", found.rule_id, found.because, found.would_change)
    if not asked:
        if letter is None:
            free = found.because if found.value == NONE else f"{found.value}, but no rule reaches {_whom(shipment)}"
            return Assessment("free", "", "", free, found.would_change)
        return _shared(part, shipment, letter)
    strictest = min(asked, key=lambda control: _STRICTEST.index(control.review))
    whom = f"{found.value}: {found.because}; {_whom(shipment)}"
    needed = _ends("licence", strictest, f"{whom} [{strictest.citation}]", found.would_change)
    needed = replace(needed, review=strictest.review, rules=tuple(c.id for c in asked))
    return _eased(part, shipment, found.value, needed)


def _asked(paragraph: str | None, shipment: Shipment) -> Iterator[Control]:
    """Requirements that reach the shipment of a class of part; of any class where None."""
    for control in _in_force("requirement", shipment):
        covers = paragraph is None or paragraph in control.classes
        if covers and _reaches(control, shipment):
            yield control


def _eased(part: Part, shipment: Shipment, paragraph: str, needed: Assessment) -> Assessment:
    """An exception where one is open, else the review that the day, the route and the figures give."""
    if shipment.exceptions and paragraph != "3A090":
        open_ = exception_for(paragraph, part, needed.review)
        if open_.value == UNKNOWN:
            return replace(needed, requirement="unknown", because=open_.because, would_change=open_.would_change)
        if open_.value != NONE and open_.rule_id not in shipment.without:
            rules = (*needed.rules, open_.rule_id)
            return replace(needed, requirement="exception", rule_id=open_.rule_id, because=open_.because, rules=rules)
    for control in _in_force("review", shipment):
        covered = paragraph in control.classes and control.reaches_destination(shipment.destination)
        if not covered or needed.review != "denial":
            continue
        if control.route != "any" and control.route != shipment.route:
            return replace(needed, because=f"{needed.because}; denial: not exported from the US [{control.citation}]")
        judged = judge(control, part)
        if judged.truth is None:
            because = f"{judged.because} [{control.citation}]"
            return replace(needed, requirement="unknown", because=because, would_change=judged.would_change)
        if judged.truth and part.us_available:
            because = f"{needed.because}; {judged.because} [{control.citation}]"
            eased = replace(needed, review=control.review, rule_id=control.id, because=because)
            return _with_duty(part, shipment, control, replace(eased, rules=(*needed.rules, control.id)))
        return replace(needed, because=f"{needed.because}; denial: {judged.because} [{control.citation}]")
    return needed


def _with_duty(part: Part, shipment: Shipment, review: Control, found: Assessment) -> Assessment:
    """X3: the duty of the part's band, where the review makes it pass through the US to be tested."""
    if not review.tested_in_us:
        return found
    band = duty_band(part)
    duty = next((c for c in _in_force("duty", shipment) if c.paragraph == band.value), None)
    if duty is None:
        return found
    because = f"{found.because}; {duty.rate:.0%} duty, {duty.paragraph}: {band.because}"
    return replace(found, duty_rate=duty.rate, because=because, rules=(*found.rules, duty.id))


def _letter(part: Part, shipment: Shipment) -> Control | None:
    """The letter that names the part, or whose figures it meets; one whose figures are missing is passed over."""
    for control in _in_force("letter", shipment):
        if not _reaches(control, shipment):
            continue
        if control.vendors and part.vendor.lower() not in control.vendors:
            continue
        if part.is_named(control.named) or (control.any_of and judge(control, part).truth is True):
            return control
    return None


def _shared(part: Part, shipment: Shipment, letter: Control) -> Assessment:
    """A licence by letter; where licences were granted against a share of the revenue, with that share."""
    said = f"by letter, below every figure of 3A090 [{letter.citation}]"
    found = replace(_ends("licence", letter, said, "another chip, or another destination"), review=letter.review)
    for control in _in_force("share", shipment):
        if _names(control, part, shipment):
            because = f"{said}; licences granted against {control.rate:.0%} of the price [{control.citation}]"
            rules = (*found.rules, control.id)
            found = replace(found, review=control.review, revenue_share=control.rate, because=because, rules=rules)
    return found


def remote_use(part: Part, shipment: Shipment) -> Assessment:
    """What the use of somebody else's machines abroad needs of its user: nothing, until it counts as an export."""
    check_shipment(shipment)
    for control in _in_force("remote", shipment):
        if part.origin not in control.origins or not control.reaches_parent(shipment.parent):
            continue
        found = class_in(FAMILIES[-1], part)
        if found.value == UNKNOWN:
            return Assessment("unknown", "", control.id, found.because, found.would_change)
        if found.value in control.classes:
            because = f"{found.value} used from abroad by {_whom(shipment)} [{control.citation}]"
            return replace(_ends("licence", control, because, "without that act"), review=control.review)
    return Assessment("free", "", "", "remote use of a chip abroad is not an export of the chip", "")


def _in_force(kind: Kind, shipment: Shipment, family: str = "") -> Iterable[Control]:
    """Rules of a kind that hold on the day of the shipment, in the order of the catalogue."""
    for control in of_kind(kind, family):
        holds = control.status == "in_force" or control.id in shipment.assuming
        if holds and control.id not in shipment.without and control.in_force(shipment.day):
            yield control


def _reaches(control: Control, shipment: Shipment) -> bool:
    return control.reaches_destination(shipment.destination) or control.reaches_parent(shipment.parent)


def _names(control: Control, part: Part, shipment: Shipment) -> bool:
    """Whether a rule about named chips is about this shipment."""
    return bool(part.is_named(control.named)) and control.reaches_destination(shipment.destination)


def _whom(shipment: Shipment) -> str:
    return f"to {shipment.destination}, parent in {shipment.parent}"


def _ends(requirement: Requirement, control: Control, because: str, would_change: str) -> Assessment:
    return Assessment(requirement, "", control.id, because, would_change, rules=(control.id,))
