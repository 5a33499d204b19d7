"""O4: what runs in the dark, and the battery it runs on."""

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.satellites import Satellite
from fleetopt.instance.systems import System
from fleetopt.orbit.geometry import eclipse_hours, eclipses_in, sun_fraction

WH_PER_KWH = 1000.0


def duty(system: System, orbit: Orbit | None) -> float:
    """Share of the time that a unit works (O4): less than 1 only for a satellite whose chips rest in eclipse."""
    bus = system.satellite
    return sun_fraction(orbit) if orbit is not None and bus is not None and bus.eclipse == "duty" else 1.0


def mean_load_kw(system: System, orbit: Orbit) -> float:
    """Mean load over an orbit: all of it with storage; with duty the bus alone in eclipse (O4)."""
    assert system.satellite is not None
    if system.satellite.eclipse == "storage":
        return float(system.power_kw)
    sun = sun_fraction(orbit)
    return float(sun * system.power_kw + (1.0 - sun) * system.satellite.bus_power_kw)


def battery_kg_per_kwh(bus: Satellite) -> float:
    """Mass for each kWh given in an eclipse: as given, or of a battery drained to its depth with its losses."""
    if bus.battery_kg_per_kwh is not None:
        return float(bus.battery_kg_per_kwh)
    return WH_PER_KWH / (bus.battery_wh_per_kg * bus.battery_depth * bus.battery_efficiency)


def battery_kg(system: System, orbit: Orbit) -> float:
    """Battery for the longest eclipse: the load it carries then x hours x kg/kWh (O4).

    Where the orbit tells no length of an eclipse, the satellite's own mass for each kW it carries.
    """
    bus = system.satellite
    assert bus is not None
    carried_kw = system.power_kw if bus.eclipse == "storage" else bus.bus_power_kw
    hours = eclipse_hours(orbit)
    per_kw = bus.battery_kg_per_kw if hours is None else hours * battery_kg_per_kwh(bus)
    return float(carried_kw * per_kw)


def cycles_needed(system: System, orbit: Orbit) -> float:
    """Eclipses in the life of a satellite; none where the sun always shines."""
    return 0.0 if eclipse_hours(orbit) == 0.0 else eclipses_in(orbit, system.life_years)
