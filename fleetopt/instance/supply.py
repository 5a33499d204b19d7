"""What can be had, what is already there, and what is already ordered (B1, B5)."""

from pydantic import Field

from fleetopt.instance.base import Entity, Id, Name, PeriodId, Section, awaits
from fleetopt.units import Scale, Share


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


class VolumeDiscount(Section):
    """Stepwise discount (B4)."""

    vendor: Name
    """Vendor."""
    from_usd: float
    """Spend from which the step holds."""
    discount: Share
    """Share off."""


class Supply(Section):
    """Limits on purchases."""

    limits: tuple[SupplyLimit, ...] = ()
    """Supply limits."""
    discounts: tuple[VolumeDiscount, ...] = awaits("B4", ())
    """Volume discounts."""
    max_vendor_share: dict[Name, Share] = {}
    """Most share by vendor of what is spent on systems over the horizon, bought (list price) or rented (B6)."""
