"""O1, O3, O4: a satellite's array, radiator, battery and mass at end of life, and how many work, without repair."""

from dataclasses import dataclass

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.satellites import Satellite
from fleetopt.instance.systems import System
from fleetopt.orbit.array import array_w_per_m2_at_end
from fleetopt.orbit.battery import battery_kg, cycles_needed, mean_load_kw
from fleetopt.orbit.radiation import life_dose_rad, upsets
from fleetopt.orbit.radiator import absorbed_w_per_m2, radiator_temperature_k, radiator_w_per_m2

ALUMINIUM_KG_PER_M2_MM = 2.7
"""A square metre of aluminium a millimetre thick."""
_ROUNDING = 1e-9


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
    bus_kg: float
    shielding_kg: float
    structure_kg: float
    mass_kg: float


@dataclass(frozen=True, slots=True)
class SizingFailure:
    """Why no satellite can be built as described; `shortfall` is required / given - 1."""

    detail: str
    shortfall: float = 0.0


def shielding_kg(bus: Satellite) -> float:
    """Mass of the shield around the chips: area x thickness of aluminium."""
    return float(ALUMINIUM_KG_PER_M2_MM * bus.shielding_mm * bus.shielded_m2)


def size(system: System, orbit: Orbit) -> SatelliteSizing | SizingFailure:
    """Array and radiator that carry the load (`power_kw`, bus included) at end of life, and the launch mass (O1, O4).

    The array carries the mean load over an orbit, the radiator the whole: all electricity becomes heat.
    Mass = (payload + bus + shield + array + radiator + battery) / (1 - structure share).
    An area fixed in the instance is kept, and refused where it is too small.
    """
    bus = system.satellite
    if bus is None:
        return SizingFailure("kind satellite without a satellite section")
    refusal = _cannot_be_built(system, bus, orbit)
    if refusal is not None:
        return refusal
    array_m2 = mean_load_kw(system, orbit) * 1000.0 / array_w_per_m2_at_end(system, orbit)
    radiator_m2 = system.power_kw * 1000.0 / radiator_w_per_m2(system, orbit)
    for name, needed, given in (("array", array_m2, bus.array_m2), ("radiator", radiator_m2, bus.radiator_m2)):
        if given is not None and given < needed * (1.0 - _ROUNDING):
            shortfall = needed / given - 1.0 if given > 0 else float("inf")
            detail = f"{name} {given:.1f} m2, needs {needed:.1f} m2 at end of life for {system.power_kw:g} kW"
            return SizingFailure(detail, shortfall)
    array_m2 = array_m2 if bus.array_m2 is None else bus.array_m2
    radiator_m2 = radiator_m2 if bus.radiator_m2 is None else bus.radiator_m2
    array_kg, radiator_kg = array_m2 * bus.array_kg_per_m2, radiator_m2 * bus.radiator_kg_per_m2
    stored_kg, shield_kg = battery_kg(system, orbit), shielding_kg(bus)
    parts_kg = bus.payload_kg + array_kg + radiator_kg + stored_kg + bus.bus_kg + shield_kg
    mass_kg = parts_kg / (1.0 - bus.structure_share)
    return SatelliteSizing(
        load_kw=system.power_kw,
        array_m2=array_m2,
        radiator_m2=radiator_m2,
        array_kg=array_kg,
        radiator_kg=radiator_kg,
        battery_kg=stored_kg,
        payload_kg=bus.payload_kg,
        bus_kg=bus.bus_kg,
        shielding_kg=shield_kg,
        structure_kg=bus.structure_share * mass_kg,
        mass_kg=mass_kg,
    )


def _cannot_be_built(system: System, bus: Satellite, orbit: Orbit) -> SizingFailure | None:
    """Why no size would do: no power, no way to lose heat, no mass left, a battery or a chip that does not last."""
    if array_w_per_m2_at_end(system, orbit) <= 0.0:
        return SizingFailure("the array gives no power at end of life")
    if radiator_w_per_m2(system, orbit) <= 0.0:
        taken, at_k = absorbed_w_per_m2(system, orbit), radiator_temperature_k(system)
        return SizingFailure(f"the radiator absorbs more than it emits at {at_k:g} K ({taken:.0f} W/m2)")
    if bus.structure_share >= 1.0:
        return SizingFailure("structure_share leaves no mass for anything else")
    cycles = cycles_needed(system, orbit)
    if bus.battery_cycles is not None and cycles > bus.battery_cycles * (1.0 + _ROUNDING):
        detail = f"the battery stands {bus.battery_cycles:,.0f} cycles, {cycles:,.0f} eclipses come in its life"
        return SizingFailure(detail, cycles / bus.battery_cycles - 1.0)
    found, dose = upsets(system.chip, orbit), life_dose_rad(system, orbit)
    limit = found.dose_limit_rad if found is not None else None
    if limit is not None and dose > limit * (1.0 + _ROUNDING):
        detail = f"its chips stand {limit:,.0f} rad, {dose:,.0f} come in {system.life_years:g} years"
        return SizingFailure(detail, dose / limit - 1.0)
    return None


def survival(failures_per_year: float, age_years: float) -> float:
    """Share of units still working after `age_years` without repair (O3): (1 - f)^age."""
    return float((1.0 - failures_per_year) ** max(age_years, 0.0))
