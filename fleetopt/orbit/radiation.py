"""What radiation does to a chip in orbit: events a year, the dose of a life, and the work lost to it."""

from dataclasses import dataclass

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.satellites import Radiation
from fleetopt.instance.systems import Chip, System
from fleetopt.orbit.geometry import HOURS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Upsets:
    """Events of one chip a year; `curve` says that they follow from its process node alone."""

    silent: float
    memory: float
    resets: float
    dose_limit_rad: float | None
    curve: bool


def upsets(chip: Chip | None, orbit: Orbit) -> Upsets | None:
    """Events of a chip: dose a year over dose an event, measured or by the curve of its node; None where not known."""
    if chip is None:
        return None
    if chip.radiation is not None:
        return _events(chip.radiation, orbit, 1.0, curve=False)
    curve = orbit.upset_curve
    if curve is None or chip.node_nm is None:
        return None
    return _events(curve, orbit, (curve.node_nm / chip.node_nm) ** curve.exponent, curve=True)


def _events(known: Radiation, orbit: Orbit, worse: float, curve: bool) -> Upsets:
    def a_year(rad_per_event: float | None) -> float:
        return 0.0 if rad_per_event is None else orbit.dose_rad_per_year / rad_per_event * worse

    return Upsets(
        silent=a_year(known.rad_per_silent_error),
        memory=a_year(known.rad_per_memory_error),
        resets=a_year(known.rad_per_reset),
        dose_limit_rad=None if known.dose_limit_rad is None else known.dose_limit_rad / worse,
        curve=curve,
    )


def lost_share(system: System, orbit: Orbit | None) -> float:
    """Share of a satellite's work lost to upsets, all its chips stopping together: retries, restarts, and checks (O3).

    Silent errors cost `upset_retry_h` of a unit each, memory errors and resets `upset_restart_h`.
    """
    bus = system.satellite
    if orbit is None or bus is None:
        return 0.0
    found = upsets(system.chip, orbit)
    hours = 0.0
    if found is not None:
        hours = found.silent * bus.upset_retry_h + (found.memory + found.resets) * bus.upset_restart_h
    return min(1.0, float(bus.check_share + (1.0 - bus.check_share) * system.chips * hours / HOURS_PER_YEAR))


def life_dose_rad(system: System, orbit: Orbit) -> float:
    """Dose over a satellite's life."""
    return float(orbit.dose_rad_per_year * system.life_years)
