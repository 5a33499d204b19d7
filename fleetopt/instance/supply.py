"""What can be had, what is already there, and what is already ordered (B1, B5), and on what terms (B4, B6)."""

from typing import Literal

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Name, PeriodId, Section
from fleetopt.units import Scale, Share, Usd


class SupplyLimit(Entity):
    """Most units delivered a period, over systems and sites together (B1)."""

    enabled: bool = True
    """Whether it holds."""
    systems: tuple[Id, ...] = ()
    """Systems it counts; all of `vendor` where empty."""
    vendor: Name | None = None
    """Vendor it counts."""
    jurisdictions: tuple[Id, ...] = ()
    """Destinations it counts; all where empty."""
    units_per_period: tuple[float, ...] = Field(min_length=1)
    """Most units by period of delivery; the last value goes on."""
    scale: Scale = 1.0
    """Multiplies them (scenarios)."""


class Holding(Entity):
    """Units already owned, or ordered and arriving in `in_service` (B5)."""

    enabled: bool = True
    """Whether they are counted."""
    system: Id
    """System; need not be one that can still be bought."""
    site: Id
    """Where they stand."""
    units: int = Field(ge=0)
    """How many."""
    in_service: PeriodId
    """First period of service; before the horizon for the existing fleet."""
    end_of_life: PeriodId
    """Last period of service."""


class DiscountStep(Section):
    """One step of a volume discount."""

    from_usd: Usd
    """Spend from which the step holds, at list price with network."""
    discount: Share
    """Share off the list price."""


class VolumeDiscount(Entity):
    """A vendor's stepwise discount on what is delivered in a window; a cost line of its own, off the list price."""

    enabled: bool = True
    """Whether it is offered."""
    vendor: Name
    """Vendor that gives it."""
    systems: tuple[Id, ...] = ()
    """Systems of the vendor it covers; all where empty."""
    kind: Literal["all_units", "incremental"]
    """`all_units`: the step reached holds for all spend of the window; `incremental`: each for the spend above it."""
    window: Literal["period", "year", "horizon"] = "period"
    """Over what the spend adds up: each period of delivery, each calendar year, or the whole horizon."""
    steps: tuple[DiscountStep, ...] = Field(min_length=1)
    """Steps, each with more spend and a deeper discount than the one before."""


class Supply(Section):
    """Limits on purchases."""

    limits: tuple[SupplyLimit, ...] = ()
    """Supply limits."""
    discounts: tuple[VolumeDiscount, ...] = ()
    """Volume discounts (B4); where two cover a system, both come off its list price."""
    max_vendor_share: dict[Name, Share] = {}
    """Most share by vendor of what is spent on systems over the horizon, bought (list price) or rented (B6)."""
