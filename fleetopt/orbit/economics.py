"""What power in orbit costs, the ways that others publish it: launched power, and McCalip's calculator beside gas.

These reproduce published cases (docs/orbit.md has the tables); the plan itself prices satellites line by line.
"""

from dataclasses import dataclass
from math import ceil

HOURS_PER_CALCULATOR_YEAR = 8760.0


def launched_power_usd_per_kw_year(mass_kg: float, power_kw: float, life_years: float, usd_per_kg: float) -> float:
    """Launch price x mass / (power x life), as in Suncatcher's table 1 (arXiv:2511.19468)."""
    return usd_per_kg * mass_kg / (power_kw * life_years)


@dataclass(frozen=True, slots=True)
class OrbitCase:
    """Inputs of McCalip's calculator, with its defaults (math.js@e59571e: estimates of weak provenance)."""

    power_w: float = 1e9
    """Mean power asked for over the years."""
    years: int = 5
    launch_usd_per_kg: float = 500.0
    satellite_usd_per_w: float = 22.0
    satellite_w_per_kg: float = 36.5
    satellite_kw: float = 27.0
    array_m2_per_satellite: float = 116.0
    sun_fraction: float = 0.98
    cell_loss_per_year: float = 0.025
    failures_per_year: float = 0.09
    nre_usd: float = 1e9
    operations_share_per_year: float = 0.01


@dataclass(frozen=True, slots=True)
class OrbitBill:
    """What the calculator answers."""

    satellites: int
    mass_kg: float
    array_m2: float
    hardware_usd: float
    launch_usd: float
    operations_usd: float
    replacement_usd: float
    nre_usd: float

    @property
    def total_usd(self) -> float:
        """All of it, undiscounted."""
        running = self.operations_usd + self.replacement_usd
        return self.hardware_usd + self.launch_usd + running + self.nre_usd


def orbit_bill(case: OrbitCase) -> OrbitBill:
    """Satellites whose mean output over the years, cells fading, is the power asked for; then price by the watt and kg.

    Its failures cost the hardware's price of what fails each year, launch and age apart: cheaper than the model's own
    rule, by which what fails is gone (O3) and a whole satellite goes up for it.
    """
    kept = sum((1.0 - case.cell_loss_per_year) ** year for year in range(case.years)) / case.years
    satellites = ceil(case.power_w / (kept * case.sun_fraction) / (case.satellite_kw * 1e3))
    built_w = satellites * case.satellite_kw * 1e3
    hardware_usd, mass_kg = case.satellite_usd_per_w * built_w, built_w / case.satellite_w_per_kg
    return OrbitBill(
        satellites=satellites,
        mass_kg=mass_kg,
        array_m2=satellites * case.array_m2_per_satellite,
        hardware_usd=hardware_usd,
        launch_usd=case.launch_usd_per_kg * mass_kg,
        operations_usd=hardware_usd * case.operations_share_per_year * case.years,
        replacement_usd=hardware_usd * case.failures_per_year * case.years,
        nre_usd=case.nre_usd,
    )


@dataclass(frozen=True, slots=True)
class GasCase:
    """Inputs of the same calculator for gas turbines on site, with its defaults."""

    power_w: float = 1e9
    years: int = 5
    turbine_usd_per_w: float = 1.8
    building_usd_per_w: float = 5.25 + 3.0 + 2.5 + 1.75
    """Electrical, mechanical, shell, network."""
    pue: float = 1.2
    gas_usd_per_mmbtu: float = 4.30
    heat_rate_btu_per_kwh: float = 6200.0
    capacity_factor: float = 0.85


def gas_bill_usd(case: GasCase) -> float:
    """Turbines for the power with cooling, the building, and gas for the hours run; undiscounted."""
    built = (case.turbine_usd_per_w * case.pue + case.building_usd_per_w) * case.power_w
    mwh = case.power_w / 1e6 * HOURS_PER_CALCULATOR_YEAR * case.years * case.capacity_factor * case.pue
    return built + mwh * case.heat_rate_btu_per_kwh * case.gas_usd_per_mmbtu / 1e3
