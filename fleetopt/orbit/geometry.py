"""Where an orbit lies: how long a revolution takes, how much of it is dark, and how much of the Earth a panel sees."""

from math import acos, asin, atan, cos, degrees, pi, radians, sqrt

from fleetopt.instance.orbits import Orbit

EARTH_RADIUS_KM = 6371.0
"""Mean radius."""
EARTH_MU_KM3_PER_S2 = 398600.4418
"""Gravitational parameter (WGS 84)."""
HOURS_PER_YEAR = 8766.0
DAWN_DUSK_SUN_FRACTION = 0.98
"""Of an orbit of which nothing is said: the default of McCalip's calculator for a dawn-dusk orbit (estimate)."""


def period_hours(altitude_km: float) -> float:
    """Time of a revolution on a circular orbit: 2 pi sqrt(a^3 / mu)."""
    return float(2.0 * pi * sqrt((EARTH_RADIUS_KM + altitude_km) ** 3 / EARTH_MU_KM3_PER_S2) / 3600.0)


def eclipse_free_beta_deg(altitude_km: float) -> float:
    """Angle between sun and orbit plane from which a circular orbit never enters the Earth's shadow, a cylinder."""
    return degrees(asin(EARTH_RADIUS_KM / (EARTH_RADIUS_KM + altitude_km)))


def eclipse_share(altitude_km: float, beta_deg: float) -> float:
    """Share of a revolution in the Earth's shadow: arccos(sqrt(h^2 + 2 R h) / ((R + h) cos beta)) / pi; 0 above."""
    if beta_deg >= eclipse_free_beta_deg(altitude_km):
        return 0.0
    horizon_km = sqrt(altitude_km**2 + 2.0 * EARTH_RADIUS_KM * altitude_km)
    return acos(min(1.0, horizon_km / ((EARTH_RADIUS_KM + altitude_km) * cos(radians(beta_deg))))) / pi


def sun_fraction(orbit: Orbit) -> float:
    """Share of the time in sunlight: as given, or of the angle to the sun, or of a dawn-dusk orbit."""
    if orbit.sun_fraction is not None:
        return orbit.sun_fraction
    if orbit.beta_deg is not None:
        return 1.0 - eclipse_share(orbit.altitude_km, orbit.beta_deg)
    return DAWN_DUSK_SUN_FRACTION


def eclipse_hours(orbit: Orbit) -> float | None:
    """The longest eclipse: as given, or of the lowest angle to the sun; None where neither is known."""
    if orbit.eclipse_hours is not None or orbit.beta_deg is None:
        return orbit.eclipse_hours
    return eclipse_share(orbit.altitude_km, orbit.beta_deg) * period_hours(orbit.altitude_km)


def eclipses_in(orbit: Orbit, years: float) -> float:
    """Eclipses in so many years: revolutions in the season."""
    return years * HOURS_PER_YEAR / period_hours(orbit.altitude_km) * orbit.eclipse_season_share


def earth_view(altitude_km: float, attitude: str) -> float:
    """View factors of both faces of a panel to the Earth, summed.

    Face to the Earth: (R / (R + h))^2 for one face, nothing for the other. Edge to the Earth: each face sees
    (arctan(1 / q) - q / H^2) / pi with H = (R + h) / R and q = sqrt(H^2 - 1), a small plate beside a sphere.
    """
    ratio = (EARTH_RADIUS_KM + altitude_km) / EARTH_RADIUS_KM
    if attitude == "face":
        return ratio**-2
    q = sqrt(ratio**2 - 1.0)
    return 2.0 * (atan(1.0 / q) - q / ratio**2) / pi
