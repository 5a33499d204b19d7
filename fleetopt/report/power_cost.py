"""What a kW for chips costs a year: in orbit, as launched power and with the satellite around it, and on the ground."""

from collections.abc import Sequence

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.orbit.economics import launched_power_usd_per_kw_year
from fleetopt.orbit.launch import launch_usd_per_kg, risk_usd, transport_usd
from fleetopt.orbit.satellite import SatelliteSizing
from fleetopt.report.names import Names
from fleetopt.report.text import plain, table, whole_usd

HOURS_PER_YEAR = 8766.0
KWH_PER_MWH = 1e3
MONTHS_PER_YEAR = 12

SAID = (
    "What a kW for chips costs a year, chips and the site's opening apart, before and after the way up. *Launched "
    "power* is launch price x mass / (power x life), undiscounted; the rest are equal instalments at the WACC. "
    "The satellite is the list price of its bus, the way up launch with losses or insurance, deployment and de-orbit. "
    "On the ground plant and fixed cost are for the worst hour's PUE, energy for the average."
)


def power_costs(
    instance: Instance, built: Sequence[tuple[System, Site, Orbit, SatelliteSizing]], names: Names
) -> list[str]:
    """A row for each satellite, at the launch prices of the first and the last period, and for each source of power."""
    header = [
        "power",
        "at",
        "period",
        "launched power",
        "satellite or plant",
        "way up",
        "running",
        "all, a kW and year",
    ]
    rows = []
    last = instance.time.periods - 1
    for system, site, orbit, sized in built:
        changes = launch_usd_per_kg(orbit, instance.time, 0) != launch_usd_per_kg(orbit, instance.time, last)
        for t in (0, last) if changes else (0,):
            figures = power_in_orbit(instance, system, orbit, sized, t)
            period = instance.time.period_id(t)
            rows.append([names.system(system.id), names.site(site.id), period, *map(whole_usd, figures)])
    for site in (s for s in instance.sites if s.enabled and s.kind == "ground"):
        for name, plant, running in _on_the_ground(instance, site):
            costs = [whole_usd(plant), "–", whole_usd(running), whole_usd(plant + running)]
            rows.append([plain(name), names.site(site.id), "–", "–", *costs])
    return [SAID, "", *table(header, rows)]


def power_in_orbit(
    instance: Instance, system: System, orbit: Orbit, sized: SatelliteSizing, t: int
) -> tuple[float, float, float, float, float]:
    """(launched power, satellite, way up, operations, all) of a satellite in service from t, in USD a kW and year."""
    assert system.satellite is not None
    a_year, kw = annuity(instance.finance.wacc, system.life_years), max(system.power_kw, 1e-9)
    price = launch_usd_per_kg(orbit, instance.time, t)
    bare = launched_power_usd_per_kw_year(sized.mass_kg, kw, system.life_years, price)
    bus_usd = system.satellite.bus_usd * system.price.scale
    transport = transport_usd(orbit, instance.time, t, sized.mass_kg)
    lifted = transport + risk_usd(orbit, bus_usd, transport) + orbit.deorbit_usd_per_kg * sized.mass_kg
    operations = orbit.operations_share_per_year * bus_usd / kw
    satellite, way_up = a_year * bus_usd / kw, a_year * lifted / kw
    return bare, satellite, way_up, operations, satellite + way_up + operations


def _on_the_ground(instance: Instance, site: Site) -> list[tuple[str, float, float]]:
    """(source, plant, running) of each source that has power and of the lease, in USD a kW of chips and year."""
    power, found = site.power, []
    for e in (e for e in power.sources if e.enabled and (e.existing_kw or e.max_new_kw)):
        firm = power.pue_peak / max(e.firm_share, 1e-9)
        plant = annuity(instance.finance.wacc, e.life_years) * e.capex_usd_per_kw * firm
        running = e.fixed_usd_per_kw_year * firm + _energy(site, e.energy_usd_per_mwh * e.energy_scale)
        lead = f" ({e.lead_months:g} months)" if e.max_new_kw else " (there already)"
        found.append((e.id + lead, plant if e.max_new_kw else 0.0, running))
    if power.lease is not None and power.lease.max_kw > 0:
        rent = power.lease.usd_per_kw_month * MONTHS_PER_YEAR * power.pue_peak
        found.append(("lease", rent, _energy(site, power.lease.energy_usd_per_mwh)))
    return found


def _energy(site: Site, usd_per_mwh: float) -> float:
    """A kW of chips drawn all year, with the average PUE."""
    return usd_per_mwh / KWH_PER_MWH * HOURS_PER_YEAR * site.power.pue_average


def annuity(wacc: float, life_years: float) -> float:
    """Share of a price paid at the start of each year of a life."""
    years = max(1, round(life_years))
    return 1.0 / sum((1.0 + wacc) ** -n for n in range(years))
