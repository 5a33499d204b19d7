"""An offer: a system at a site, with the periods in which it can be delivered, rented, or is there already."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be bought, rented or is owned of a system at a site, by period index of delivery (B2, X1, X3, O1)."""

    system: str
    site: str
    buy_periods: tuple[int, ...]
    """Periods of delivery: not before lead time and market date, allowed by rule or licence (X1)."""
    rent_periods: tuple[int, ...]
    """Periods in which a rental contract may start."""
    owned_periods: tuple[int, ...]
    """Periods in which an existing or ordered cohort is in service."""
    lead_periods: int
    duty_rate: Mapping[int, float]
    """Duty and revenue share on the list price by period of delivery (X3)."""
    licence: Mapping[int, str]
    """Licence used by period of delivery, where the rule needs one."""
    mass_kg: float = 0.0
    """Launch mass of one unit (O1); 0 on the ground."""

    @property
    def service_periods(self) -> range:
        """Periods in which a unit could be in service at all."""
        firsts = [p[0] for p in (self.buy_periods, self.rent_periods, self.owned_periods) if p]
        lasts = [self.owned_periods[-1]] if self.owned_periods else []
        return range(
            min(firsts, default=0), (10**6 if self.buy_periods or self.rent_periods else max(lasts, default=-1)) + 1
        )
