"""What lies over a classification by figures: letters, guidance, revenue shares and refusals that speak of the part."""

from dataclasses import dataclass

from fleetopt.policy.controls import Kind, of_kind
from fleetopt.policy.judge import judge
from fleetopt.policy.part import Part

KINDS: tuple[Kind, ...] = ("letter", "share", "refusal", "bar")


@dataclass(frozen=True, slots=True)
class Overlay:
    """One rule that names the part, or whose figures it meets."""

    rule: str
    kind: str
    says: str
    citation: str
    effective: str
    until: str | None
    status: str
    """`in_force`, or why it decides nothing unless it is assumed."""


def overlays(part: Part) -> tuple[Overlay, ...]:
    """Every overlay about a part, whatever the day and the destination."""
    found = []
    for control in (control for kind in KINDS for control in of_kind(kind)):
        if part.origin not in control.origins:
            continue
        bound = not control.vendors or part.vendor.lower() in control.vendors
        met = bool(control.any_of) and judge(control, part).truth is True
        if part.is_named(control.named) or (bound and met):
            said = (control.name, control.citation, control.effective, control.until, control.status)
            found.append(Overlay(control.id, control.kind, *said))
    return tuple(found)
