"""O1: the Stefan-Boltzmann balance of a radiator: what it emits from both faces, less what sun and Earth put in."""

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.systems import System
from fleetopt.orbit.array import SOLAR_CONSTANT_W_PER_M2
from fleetopt.orbit.geometry import earth_view

STEFAN_BOLTZMANN_W_PER_M2_K4 = 5.670374419e-8
"""CODATA 2018, exact."""
RADIATING_SIDES = 2
"""A deployed panel radiates from both faces."""
EARTH_INFRARED_W_PER_M2 = 237.0
"""What the Earth emits, mean over the globe (McCalip, math.js: estimate)."""
ALBEDO = 0.30
"""Sunlight that the Earth sends back, mean over the globe (McCalip, math.js: estimate)."""
UNKNOWN_CHIP_RADIATOR_K = 330.0
"""Radiator of a chip whose limit is not known: ideal panels at 330 K take 0.83 m2/kW (isohub digest)."""


def radiator_temperature_k(system: System) -> float:
    """Surface temperature: as given, or the chip's limit less the drop through coolant and panel, or 330 K."""
    assert system.satellite is not None
    bus = system.satellite
    if bus.radiator_temperature_k is not None:
        return float(bus.radiator_temperature_k)
    limit = system.chip.temperature_limit_k if system.chip is not None else None
    return UNKNOWN_CHIP_RADIATOR_K if limit is None else limit - bus.temperature_drop_k


def absorbed_w_per_m2(system: System, orbit: Orbit) -> float:
    """Heat that a square metre of panel takes in, both faces together: as given, or worked out.

    absorptivity x sun x (mean cosine + albedo x view of the Earth) + emissivity x Earth infrared x view of the Earth.
    The Earth below counts as lit all through: the hot case, and no more than a few watts too much over a terminator.
    """
    assert system.satellite is not None
    bus = system.satellite
    if bus.radiator_absorbed_w_per_m2 is not None:
        return float(bus.radiator_absorbed_w_per_m2)
    view = earth_view(orbit.altitude_km, bus.radiator_attitude)
    light = bus.radiator_absorptivity * SOLAR_CONSTANT_W_PER_M2 * (bus.radiator_sun_share + ALBEDO * view)
    return light + bus.radiator_emissivity * EARTH_INFRARED_W_PER_M2 * view


def emitted_w_per_m2(emissivity: float, temperature_k: float) -> float:
    """What both faces of a square metre of panel emit: 2 x emissivity x sigma x T^4."""
    return float(RADIATING_SIDES * emissivity * STEFAN_BOLTZMANN_W_PER_M2_K4 * temperature_k**4)


def radiator_w_per_m2(system: System, orbit: Orbit) -> float:
    """Net heat a square metre of panel rejects: emitted - absorbed."""
    assert system.satellite is not None
    emitted = emitted_w_per_m2(system.satellite.radiator_emissivity, radiator_temperature_k(system))
    return emitted - absorbed_w_per_m2(system, orbit)
