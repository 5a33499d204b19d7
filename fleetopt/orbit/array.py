"""O1: what a square metre of solar array gives, when new and at the end of its life."""

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.systems import System
from fleetopt.orbit.geometry import sun_fraction

SOLAR_CONSTANT_W_PER_M2 = 1361.0
"""Sunlight at the Earth's distance, on a face turned to it."""


def array_w_per_m2_when_new(system: System) -> float:
    """Output in full sun at beginning of life: as given, or sunlight x efficiency of the cells x their packing."""
    assert system.satellite is not None
    bus = system.satellite
    if bus.array_w_per_m2 is not None:
        return float(bus.array_w_per_m2)
    return SOLAR_CONSTANT_W_PER_M2 * bus.cell_efficiency * bus.cell_packing


def array_w_per_m2_at_end(system: System, orbit: Orbit) -> float:
    """Mean array output over an orbit at end of life: output when new x (1 - loss)^life x share of time in sun.

    The array carries the load in sun and charges the battery for the eclipse.
    """
    assert system.satellite is not None
    kept = (1.0 - system.satellite.array_loss_per_year) ** system.life_years
    return float(array_w_per_m2_when_new(system) * kept * sun_fraction(orbit))
