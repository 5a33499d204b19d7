"""The tables of docs/orbit.md, worked out by the code they describe; `filled` puts them between their marks."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from fleetopt.catalog.load import entry, ids
from fleetopt.instance.load import load
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.orbit.economics import GasCase, OrbitCase, gas_bill_usd, launched_power_usd_per_kw_year, orbit_bill
from fleetopt.orbit.radiation import upsets
from fleetopt.orbit.radiator import radiator_temperature_k, radiator_w_per_m2
from fleetopt.orbit.satellite import SatelliteSizing, size, survival
from fleetopt.report.power_cost import power_in_orbit

Row = tuple[str, float, float]
"""What, as published, as worked out here."""

SUNCATCHER = (
    ("Starlink v2 mini (optimised)", 575.0, 28.0, 5.0, 14_700.0, 810.0),
    ("Starlink v1", 260.0, 7.0, 5.0, 26_600.0, 1_470.0),
    ("OneWeb", 150.0, 0.8, 5.0, 135_800.0, 7_500.0),
    ("Iridium NEXT", 860.0, 2.0, 12.5, 124_600.0, 6_900.0),
)
"""Name, kg, kW, years, and $/kW/year at 3,600 and 200 $/kg, as printed in table 1 of arXiv:2511.19468."""


def suncatcher() -> Iterator[Row]:
    """Launched power at both launch prices."""
    for name, kg, kw, years, *printed in SUNCATCHER:
        for usd_per_kg, published in zip((3600.0, 200.0), printed, strict=True):
            found = launched_power_usd_per_kw_year(kg, kw, years, usd_per_kg)
            yield f"{name}, {usd_per_kg:,.0f} $/kg", published, found


def mccalip() -> Iterator[Row]:
    """The calculator's defaults line by line, its launch price of 200 $/kg, and gas."""
    bill = orbit_bill(OrbitCase())
    yield "total at 500 $/kg, G$", 51.10, bill.total_usd / 1e9
    yield "hardware, G$", 23.60, bill.hardware_usd / 1e9
    yield "launch, G$", 14.70, bill.launch_usd / 1e9
    yield "operations, G$", 1.18, bill.operations_usd / 1e9
    yield "replacement, G$", 10.62, bill.replacement_usd / 1e9
    yield "engineering (NRE), G$", 1.0, bill.nre_usd / 1e9
    yield "mass, kt", 29.39, bill.mass_kg / 1e6
    yield "satellites", 39_731, bill.satellites
    yield "array, km2", 4.609, bill.array_m2 / 1e6
    yield "total at 200 $/kg, G$", 42.28, orbit_bill(OrbitCase(launch_usd_per_kg=200.0)).total_usd / 1e9
    yield "gas on the ground, G$", 15.85, gas_bill_usd(GasCase()) / 1e9


def side_by_side(rows: Iterator[Row], places: int) -> str:
    """Published and worked out, with what lies between them."""
    lines = ["| | published | here | off |", "|---|---|---|---|"]
    for name, published, found in rows:
        digits = 0 if published >= 1e4 else places
        lines.append(f"| {name} | {published:,.{digits}f} | {found:,.{digits}f} | {found / published - 1:+.2%} |")
    return "\n".join(lines)


def satellites() -> str:
    """The catalogue's satellites in its dawn-dusk orbit."""
    orbit = Site.model_validate(entry("site", "orbit-dawn-dusk")).orbit
    assert orbit is not None
    header = (
        "| satellite | kW | radiator K | W/m2 | array m2 | radiator m2 | kg | kg/kW | silent errors a chip and year |"
    )
    lines = [f"{header} left after 5 years |", "|---|---|---|---|---|---|---|---|---|---|"]
    for id_ in (id_ for id_ in ids("system") if id_.startswith("sat-")):
        system = System.model_validate(entry("system", id_))
        sized, found = size(system, orbit), upsets(system.chip, orbit)
        assert isinstance(sized, SatelliteSizing) and found is not None
        events = f"{found.silent:.1f}{' (curve)' if found.curve else ''}"
        heat = f"{radiator_temperature_k(system):.0f} | {radiator_w_per_m2(system, orbit):,.0f}"
        areas = f"{sized.array_m2:.1f} | {sized.radiator_m2:.1f}"
        mass = f"{sized.mass_kg:,.0f} | {sized.mass_kg / sized.load_kw:.1f}"
        left = f"{survival(system.failures_per_year, 5.0):.1%}"
        lines.append(f"| `{id_}` | {sized.load_kw:g} | {heat} | {areas} | {mass} | {events} | {left} |")
    return "\n".join(lines)


def break_even() -> str:
    """What a kW for chips has to cost on the ground before the same kW in orbit is no dearer, by launch price."""
    instance = load(PAGE.parents[1] / "instances" / "reference" / "orbit.yaml").instance
    site = instance.site("leo")
    assert site.orbit is not None
    launch_prices = (0.0, 20.0, 200.0, 1000.0, 3600.0)
    lines = ["| satellite | " + " | ".join(f"{price:,.0f} $/kg" for price in launch_prices) + " |"]
    lines += ["|---" * (len(launch_prices) + 1) + "|"]
    for system in (c for c in instance.systems if c.kind == "satellite"):
        sized = size(system, site.orbit)
        assert isinstance(sized, SatelliteSizing)
        years = range(round(system.life_years))
        working = sum(survival(system.failures_per_year, year) for year in years) / len(years)
        cells = []
        for price in launch_prices:
            orbit = site.orbit.model_copy(update={"launch_usd_per_kg": price, "launch_price_by_date": ()})
            *_, a_year = power_in_orbit(instance, system, orbit, sized, 0)
            cells.append(f"{a_year:,.0f} ({a_year / working:,.0f})")
        lines.append(f"| `{system.id}` | {' | '.join(cells)} |")
    return "\n".join(lines)


TABLES: dict[str, Callable[[], str]] = {
    "suncatcher": lambda: side_by_side(suncatcher(), 0),
    "mccalip": lambda: side_by_side(mccalip(), 3),
    "satellites": satellites,
    "break-even": break_even,
}
"""Tables by the name in their mark."""
PAGE = Path(__file__).parents[1] / "docs" / "orbit.md"


def filled() -> str:
    """The page with every table between `<!-- table: NAME -->` and `<!-- end -->` written anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        mark = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = mark.subn(lambda m, table=table: f"{m[1]}\n{table()}\n\n{m[2]}", text)
        assert count == 1, f"docs/orbit.md has {count} marks for the table {name}"
    return text
