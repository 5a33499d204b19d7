"""Orbit: what a satellite weighs, what goes up when, what is left of it by age, and what its power costs."""

from fleetopt.instance.orbits import Orbit
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.orbit.launch import launch_usd_per_kg, lifted_kg, tonnage_kg
from fleetopt.orbit.radiation import lost_share, upsets
from fleetopt.orbit.satellite import SatelliteSizing, size, survival
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.power_cost import power_costs
from fleetopt.report.text import count, share, table, usd

KG_PER_T = 1e3
Built = tuple[System, Site, Orbit, SatelliteSizing]


def orbit_section(plan: Plan, instance: Instance) -> list[str]:
    """Every satellite that could be built in an orbit, the plan's launches, what survives, and the price of power."""
    built = _built(instance)
    if not built:
        return []
    names = Names(instance)
    return [
        "## Orbit",
        "",
        *_masses(built, names),
        *_launches(plan, instance, names),
        *_survival(plan, instance, built, names),
        *power_costs(instance, built, names),
    ]


def _built(instance: Instance) -> list[Built]:
    found: list[Built] = []
    for site in (s for s in instance.sites if s.enabled and s.orbit is not None):
        for system in (c for c in instance.systems if c.enabled and c.kind == "satellite"):
            assert site.orbit is not None
            sized = size(system, site.orbit)
            if isinstance(sized, SatelliteSizing):
                found.append((system, site, site.orbit, sized))
    return found


def _masses(built: list[Built], names: Names) -> list[str]:
    """Mass budget of each satellite at end of life (O1, O4)."""
    rows = []
    for system, site, _, sized in built:
        payload_kg = sized.payload_kg + sized.bus_kg + sized.shielding_kg
        parts_kg = (sized.array_kg, sized.radiator_kg, sized.battery_kg, payload_kg, sized.structure_kg, sized.mass_kg)
        rows.append(
            [
                names.system(system.id),
                names.site(site.id),
                f"{sized.load_kw:,.1f}",
                f"{sized.array_m2:,.1f}",
                f"{sized.radiator_m2:,.1f}",
                *(f"{kg:,.0f}" for kg in parts_kg),
                f"{sized.mass_kg / sized.load_kw:,.1f}" if sized.load_kw else "–",
            ]
        )
    header = ["satellite", "orbit", "kW", "array m2", "radiator m2", "array kg", "radiator kg", "battery kg"]
    header += ["payload, bus, shield kg", "structure kg", "all kg", "kg/kW"]
    return ["Mass of a satellite, sized for the end of its life:", "", *table(header, rows)]


def _launches(plan: Plan, instance: Instance, names: Names) -> list[str]:
    """What goes up in each period, with what is lost on the way, against what can (O2)."""
    rows = []
    for site in (s for s in instance.sites if s.enabled and s.orbit is not None):
        orbit = site.orbit
        assert orbit is not None
        for t, period in enumerate(plan.periods):
            buys = [p for p in plan.purchases if (p.site, p.period, p.acquisition) == (site.id, period, "buy")]
            if not buys:
                continue
            units = sum(p.units for p in buys)
            mass_kg = sum(p.units * _mass_kg(instance.system(p.system), orbit) for p in buys)
            up_kg, most_kg = lifted_kg(orbit, mass_kg), tonnage_kg(orbit, instance.time, t)
            flights = f"{up_kg / orbit.flight_kg:,.1f}" if orbit.flight_kg else "–"
            lost = units / (1.0 - orbit.launch_loss_share) - units
            price = usd(launch_usd_per_kg(orbit, instance.time, t))
            said = [count(units), f"{lost:,.1f}", f"{up_kg / KG_PER_T:,.1f}", f"{most_kg / KG_PER_T:,.1f}"]
            rows.append([names.site(site.id), period, *said, flights, price])
    if not rows:
        return ["No satellite is bought.", ""]
    header = ["orbit", "period", "satellites", "expected losses", "t launched", "t at most", "flights", "price of a kg"]
    return ["Launches, by the period in which the satellites enter service:", "", *table(header, rows)]


def _mass_kg(system: System, orbit: Orbit) -> float:
    sized = size(system, orbit)
    return sized.mass_kg if isinstance(sized, SatelliteSizing) else 0.0


def _survival(plan: Plan, instance: Instance, built: list[Built], names: Names) -> list[str]:
    """Share of capacity left by age without repair (O3), and units at work of those in orbit in each period."""
    years = [n for n in range(9) if n <= max(system.life_years for system, *_ in built)]
    rows = []
    for system, site, orbit, _ in built:
        left = [
            share(survival(system.failures_per_year, age) * (1.0 - lost_share(system, orbit)))
            if age <= system.life_years
            else "–"
            for age in years
        ]
        rows.append([names.system(system.id), names.site(site.id), _events(system, orbit), *left])
    header = ["satellite", "orbit", "upsets a chip and year", *(f"{age} y" for age in years)]
    said = (
        "Capacity left by age: nothing is repaired, and upsets cost retries and restarts. Upsets are silent errors / "
    )
    lines = [f"{said}memory errors / resets; `*` by the node alone.", "", *table(header, rows)]
    there = {(e.system, e.site, e.period): f"{e.usable_units:,.1f} of {count(e.owned_units)}" for e in plan.installed}
    places = [(system.id, site.id) for system, site, _, _ in built if any(k[:2] == (system.id, site.id) for k in there)]
    if places:
        cells = [
            [names.system(c), names.site(s), *(there.get((c, s, p), "–") for p in plan.periods)] for c, s in places
        ]
        lines += ["At work of those in orbit:", "", *table(["satellite", "orbit", *plan.periods], cells)]
    return lines


def _events(system: System, orbit: Orbit) -> str:
    found = upsets(system.chip, orbit)
    if found is None:
        return "not known"
    return f"{found.silent:.1f} / {found.memory:.1f} / {found.resets:.2f}{'*' if found.curve else ''}"
