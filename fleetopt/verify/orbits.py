"""Orbit, worked out apart from the model: what a launch costs and carries by date, what works, what links carry."""

from math import asin, cos, pi, radians, sin, sqrt

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.systems import System
from fleetopt.instance.time import Time

EARTH_RADIUS_KM = 6371.0
HOURS_PER_YEAR = 8766.0
UNSAID_SUN_FRACTION = 0.98


def price_usd_per_kg(orbit: Orbit, time: Time, t: int) -> float:
    """Launch price in period t: that of the latest date not after it."""
    price = orbit.launch_usd_per_kg
    for point in orbit.launch_price_by_date:
        if time.period_index(point.since) <= t:
            price = point.usd_per_kg
    return price * orbit.launch_scale


def capacity_kg(orbit: Orbit, time: Time, t: int) -> float:
    """Mass that goes up in period t at most."""
    most = orbit.launch_kg_per_period
    for point in orbit.tonnage_by_date:
        if time.period_index(point.since) <= t:
            most = point.kg_per_period
    return most * orbit.tonnage_scale


def launched_per_arrival(orbit: Orbit) -> float:
    """Satellites launched for each that arrives."""
    return 1.0 / (1.0 - orbit.launch_loss_share)


def loss_usd(orbit: Orbit, at_stake_usd: float) -> float:
    """Cost of losses on the way for each satellite that arrives, or of insuring every launch instead."""
    launched = launched_per_arrival(orbit)
    if orbit.insurance_share > 0:
        return at_stake_usd * orbit.insurance_share * launched
    return at_stake_usd * (launched - 1.0)


def in_sunlight(orbit: Orbit) -> float:
    """Share of the time in sunlight; by the half angle of the shadow on the orbit where only its geometry is known."""
    if orbit.sun_fraction is not None:
        return orbit.sun_fraction
    if orbit.beta_deg is None:
        return UNSAID_SUN_FRACTION
    beta, disc = radians(orbit.beta_deg), EARTH_RADIUS_KM / (EARTH_RADIUS_KM + orbit.altitude_km)
    if disc <= sin(beta):
        return 1.0
    return 1.0 - asin(min(1.0, sqrt(disc**2 - sin(beta) ** 2) / cos(beta))) / pi


def at_work(system: System, orbit: Orbit) -> float:
    """Share of a surviving satellite that is at work: in sunlight where its chips rest, and less what upsets cost."""
    bus = system.satellite
    if bus is None:
        return 1.0
    lit = in_sunlight(orbit) if bus.eclipse == "duty" else 1.0
    return lit * (1.0 - min(1.0, bus.check_share + (1.0 - bus.check_share) * _upset_hours(system, orbit)))


def _upset_hours(system: System, orbit: Orbit) -> float:
    """Hours of upsets in an hour: each of its chips' events, its dose a year by the dose of an event."""
    bus, chip = system.satellite, system.chip
    if bus is None or chip is None:
        return 0.0
    figures, worse = chip.radiation, 1.0
    if figures is None:
        if orbit.upset_curve is None or chip.node_nm is None:
            return 0.0
        figures = orbit.upset_curve
        worse = (orbit.upset_curve.node_nm / chip.node_nm) ** orbit.upset_curve.exponent
    hours = 0.0
    for rad, each in (
        (figures.rad_per_silent_error, bus.upset_retry_h),
        (figures.rad_per_memory_error, bus.upset_restart_h),
        (figures.rad_per_reset, bus.upset_restart_h),
    ):
        hours += each * orbit.dose_rad_per_year / rad if rad is not None else 0.0
    return system.chips * worse * hours / HOURS_PER_YEAR
