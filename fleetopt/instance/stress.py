"""What may go wrong with all of a kind at once, on top of every other figure: for stress scenarios."""

from typing import ClassVar

from fleetopt.instance.base import Id, Name, Section
from fleetopt.units import Months, Scale


class Stress(Section):
    """Everything of a kind scaled or delayed at once (scenarios); worked into the other figures when a file is read."""

    said_only_if_used: ClassVar[bool] = True
    """A section that says nothing is left out of `resolved.yaml`."""

    demand_scale: Scale = 1.0
    """Multiplies the demand of every workload that serves requests."""
    deliveries_late_months: Months = 0.0
    """Delays every delivery of systems and memory, that of orders already placed and what vendors supply with it."""
    power_late_months: dict[Id, Months] = {}
    """By site, delays power that is not there yet: sources to be built, leases, and the opening of the site."""
    failures_scale: Scale = 1.0
    """Multiplies the failures of every system (up to all units a year)."""
    dram_price_scale: Scale = 1.0
    """Multiplies the price of memory made of DRAM (`dram`, `cxl`, `rack`) that is bought apart."""
    vendors_out: tuple[Name, ...] = ()
    """Vendors of systems or chips of which nothing can be bought or rented; orders already placed still arrive."""
