"""The packaged rules as planning asks for them: is a delivery free, under a licence, or barred?"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from fleetopt.instance.systems import Chip
from fleetopt.instance.trade import Regulation, Trade
from fleetopt.policy.delivery import Assessment, Shipment, assess, remote_use
from fleetopt.policy.part import Part, part_of

Allowed = Literal["free", "licence", "barred"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the packaged rules make of a delivery."""

    allowed: Allowed
    rule_id: str
    because: str
    duty_rate: float
    revenue_share: float


def ruling(chip: Chip, destination: str, trade: Trade, day: date, provider_country: str | None) -> Ruling:
    """The ruling on a delivery to the operator, or on the use of a provider's machines from afar.

    A figure that is missing and matters asks for a licence, and the reason says which; loading refuses such chips.
    """
    regulation = trade.regulation or Regulation()
    return _ruling(part_of(chip), destination, trade.parent_country, day, provider_country, regulation)


@lru_cache(maxsize=65536)
def _ruling(
    part: Part, destination: str, parent: str, day: date, provider_country: str | None, regulation: Regulation
) -> Ruling:
    shipment = Shipment(
        day=day,
        destination=destination,
        parent=provider_country or parent,
        route=regulation.route,
        without=frozenset(regulation.without),
        assuming=frozenset(regulation.assume),
        exceptions=regulation.exceptions,
    )
    found = assess(part, shipment)
    said = _said(part, found, regulation)
    if provider_country is None:
        return said
    remote = _said(part, remote_use(part, shipment.by(parent)), regulation)
    return max(said, remote, key=lambda one: ("free", "licence", "barred").index(one.allowed))


def _said(part: Part, found: Assessment, regulation: Regulation) -> Ruling:
    allowed: Allowed = "licence"
    if found.requirement in ("free", "exception"):
        allowed = "free"
    elif found.requirement == "barred" or (found.review == "denial" and regulation.denial == "barred"):
        allowed = "barred"
    review = f" ({found.review.replace('_', ' ')})" if found.review and allowed != "free" else ""
    because = f"{part.name}{review}: {found.because}"
    return Ruling(allowed, found.rule_id, because, found.duty_rate, found.revenue_share)
