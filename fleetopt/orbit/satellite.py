"""O1, O3, O4: a satellite's array, radiator, battery and mass at end of life, and how many work, without repair."""

from dataclasses import dataclass

from fleetopt.instance.sites import Orbit
from fleetopt.instance.systems import System

STEFAN_BOLTZMANN_W_PER_M2_K4 = 5.670374419e-8
"""CODATA 2018, exact."""
RADIATING_SIDES = 2
"""A deployed panel radiates from both faces."""


@dataclass(frozen=True, slots=True)
class SatelliteSizing:
    """One satellite as built: areas in m2, masses in kg, its load in kW."""

    load_kw: float
    array_m2: float
    radiator_m2: float
    array_kg: float
    radiator_kg: float
    battery_kg: float
    payload_kg: float
    structure_kg: float
    mass_kg: float


@dataclass(frozen=True, slots=True)
class SizingFailure:
    """Why no satellite can be built as described; `shortfall` is required / given - 1."""

    detail: str
    shortfall: float = 0.0


def array_w_per_m2_at_end(system: System, orbit: Orbit) -> float:
    """Mean array output over an orbit at end of life: output when new x (1 - loss)^life x share of time in sun.

    The array carries the load in sun and charges the battery for the eclipse.
    """
    assert system.satellite is not None
    bus = system.satellite
    return float(bus.array_w_per_m2 * (1.0 - bus.array_loss_per_year) ** system.life_years * orbit.sun_fraction)


def mean_load_kw(system: System, orbit: Orbit) -> float:
    """Mean load over an orbit: all of it with storage; with duty the bus alone in eclipse (O4)."""
    assert system.satellite is not None
    if system.satellite.eclipse == "storage":
        return float(system.power_kw)
    return float(orbit.sun_fraction * system.power_kw + (1.0 - orbit.sun_fraction) * system.satellite.bus_power_kw)


def battery_kg(system: System, orbit: Orbit) -> float:
    """Battery for the longest eclipse: the load it carries then x hours x kg/kWh (O4).

    Where the orbit gives no length of an eclipse, the satellite's own mass for each kW it carries.
    """
    bus = system.satellite
    assert bus is not None
    carried_kw = system.power_kw if bus.eclipse == "storage" else bus.bus_power_kw
    per_kw = bus.battery_kg_per_kw if orbit.eclipse_hours is None else orbit.eclipse_hours * bus.battery_kg_per_kwh
    return float(carried_kw * per_kw)


def duty(system: System, orbit: Orbit | None) -> float:
    """Share of the time that a unit works (O4): less than 1 only for a satellite whose chips rest in eclipse."""
    bus = system.satellite
    return orbit.sun_fraction if orbit is not None and bus is not None and bus.eclipse == "duty" else 1.0


def radiator_w_per_m2(system: System) -> float:
    """Net heat a square metre of panel rejects: 2 sides x emissivity x sigma x T^4 - absorbed."""
    assert system.satellite is not None
    bus = system.satellite
    emitted = bus.radiator_emissivity * STEFAN_BOLTZMANN_W_PER_M2_K4 * bus.radiator_temperature_k**4
    return float(RADIATING_SIDES * emitted - bus.radiator_absorbed_w_per_m2)


def size(system: System, orbit: Orbit) -> SatelliteSizing | SizingFailure:
    """Array and radiator that carry the load (`power_kw`, bus included) at end of life, and the launch mass (O1, O4).

    The array carries the mean load over an orbit, the radiator the whole: all electricity becomes heat.
    Mass = (payload + array + radiator + battery) / (1 - structure share).
    An area fixed in the instance is kept, and refused where it is too small.
    """
    bus = system.satellite
    if bus is None:
        return SizingFailure("kind satellite without a satellite section")
    load_w = system.power_kw * 1000.0
    output, rejected = array_w_per_m2_at_end(system, orbit), radiator_w_per_m2(system)
    if output <= 0.0:
        return SizingFailure("the array gives no power at end of life")
    if rejected <= 0.0:
        return SizingFailure(f"the radiator absorbs more than it emits at {bus.radiator_temperature_k:g} K")
    if bus.structure_share >= 1.0:
        return SizingFailure("structure_share leaves no mass for anything else")
    array_m2, radiator_m2 = mean_load_kw(system, orbit) * 1000.0 / output, load_w / rejected
    for name, needed, given in (("array", array_m2, bus.array_m2), ("radiator", radiator_m2, bus.radiator_m2)):
        if given is not None and given < needed * (1.0 - 1e-9):
            shortfall = needed / given - 1.0 if given > 0 else float("inf")
            detail = f"{name} {given:.1f} m2, needs {needed:.1f} m2 at end of life for {system.power_kw:g} kW"
            return SizingFailure(detail, shortfall)
    array_m2 = array_m2 if bus.array_m2 is None else bus.array_m2
    radiator_m2 = radiator_m2 if bus.radiator_m2 is None else bus.radiator_m2
    array_kg, radiator_kg = array_m2 * bus.array_kg_per_m2, radiator_m2 * bus.radiator_kg_per_m2
    stored_kg = battery_kg(system, orbit)
    mass_kg = (bus.payload_kg + array_kg + radiator_kg + stored_kg) / (1.0 - bus.structure_share)
    return SatelliteSizing(
        load_kw=system.power_kw,
        array_m2=array_m2,
        radiator_m2=radiator_m2,
        array_kg=array_kg,
        radiator_kg=radiator_kg,
        battery_kg=stored_kg,
        payload_kg=bus.payload_kg,
        structure_kg=bus.structure_share * mass_kg,
        mass_kg=mass_kg,
    )


def survival(failures_per_year: float, age_years: float) -> float:
    """Share of units still working after `age_years` without repair (O3): (1 - f)^age."""
    return float((1.0 - failures_per_year) ** max(age_years, 0.0))
