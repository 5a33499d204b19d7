"""O1 and O4 by hand: geometry, radiator, array and battery against published and worked figures."""

from typing import Any

import pytest
from builders import SATELLITE, tiny_instance, with_orbit
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.instance.systems import System
from fleetopt.orbit.array import array_w_per_m2_when_new
from fleetopt.orbit.battery import battery_kg_per_kwh, cycles_needed
from fleetopt.orbit.geometry import (
    earth_view,
    eclipse_free_beta_deg,
    eclipse_hours,
    eclipse_share,
    period_hours,
    sun_fraction,
)
from fleetopt.orbit.radiator import absorbed_w_per_m2, emitted_w_per_m2, radiator_temperature_k, radiator_w_per_m2
from fleetopt.orbit.satellite import SatelliteSizing, SizingFailure, size
from fleetopt.verify.orbits import in_sunlight

PHYSICS = {"array_w_per_m2": None, "radiator_absorbed_w_per_m2": None, "battery_kg_per_kwh": None}


def satellite(chip: dict[str, Any] | None = None, **bus: Any) -> System:
    """5 kW, sized from physics unless the test says otherwise."""
    changed = {**SATELLITE, "satellite": {**SATELLITE["satellite"], **PHYSICS, **bus}}
    return System.model_validate({**changed, "chip": {**SATELLITE["chip"], **(chip or {})}})


def orbit(**fields: Any) -> Any:
    return tiny_instance(**with_orbit(sites={"leo": {"orbit": fields}})).site("leo").orbit


@pytest.mark.parametrize(("celsius", "w_per_m2"), [(20, 754.0), (45, 1046.0), (60, 1257.0), (85, 1679.0), (97, 1916.0)])
def test_ideal_panels_emit_what_is_published(celsius: float, w_per_m2: float) -> None:
    """2 x 0.9 x 5.670374e-8 x T^4, as the digest of papers tabulates it, to its rounding."""
    assert emitted_w_per_m2(0.9, celsius + 273.15) == pytest.approx(w_per_m2, abs=1.0)


def test_an_ideal_panel_at_330_k() -> None:
    """1,000 W / (2 x 0.9 x 5.670374e-8 x 330^4 = 1,210.4 W/m2) = 0.83 m2/kW, as published."""
    assert 1000.0 / emitted_w_per_m2(0.9, 330.0) == pytest.approx(0.83, abs=0.005)


def test_a_radiator_by_hand() -> None:
    """At 650 km, edge to the Earth, chip at 85 C less 10 K: 348.15 K.

    H = 7021 / 6371 = 1.10202, q = 0.46310; view =
    2 (arctan(1 / q) - q / H^2) / pi = 2 (1.13710 - 0.38132) / pi = 0.48115.
    Emitted 2 x 0.8 x 5.670374e-8 x 348.15^4 = 1,332.9; infrared 0.8 x 237 x 0.48115 = 91.2; albedo
    0.3 x 1361 x 0.3 x 0.48115 = 58.9; net 1,182.7 W/m2, so 5 kW take 4.228 m2.
    """
    system, at = satellite({"temperature_limit_k": 358.15}, radiator_temperature_k=None), orbit()
    assert earth_view(650.0, "edge") == pytest.approx(0.48115, abs=1e-5)
    assert radiator_temperature_k(system) == pytest.approx(348.15)
    assert absorbed_w_per_m2(system, at) == pytest.approx(91.23 + 58.94, abs=0.02)
    assert radiator_w_per_m2(system, at) == pytest.approx(1182.75, abs=0.1)
    sized = size(system, at)
    assert isinstance(sized, SatelliteSizing) and sized.radiator_m2 == pytest.approx(4.228, abs=1e-3)


def test_a_panel_face_to_the_earth_sees_its_disc() -> None:
    """(6371 / 7021)^2 = 0.8234 of one face; the sun at a mean cosine of 0.1 adds 0.3 x 1361 x 0.1 = 40.8 W/m2."""
    face, lit = satellite(radiator_attitude="face"), satellite(radiator_attitude="face", radiator_sun_share=0.1)
    assert earth_view(650.0, "face") == pytest.approx(0.8234, abs=1e-4)
    assert absorbed_w_per_m2(lit, orbit()) - absorbed_w_per_m2(face, orbit()) == pytest.approx(40.83)


def test_absorbed_heat_is_near_what_starcloud_says() -> None:
    """Starcloud says 137 W/m2 absorbed at 20 C (vendor claim); emissivity 0.92 and absorptivity 0.15 give 134.4."""
    system = satellite(radiator_emissivity=0.92, radiator_absorptivity=0.15)
    assert absorbed_w_per_m2(system, orbit()) == pytest.approx(137.0, rel=0.03)


def test_an_array_from_sun_cells_and_packing() -> None:
    """1,361 W/m2 x 0.22 x 0.90 = 269.5; a figure given stands instead."""
    assert array_w_per_m2_when_new(satellite()) == pytest.approx(269.478)
    assert array_w_per_m2_when_new(satellite(array_w_per_m2=233.0)) == 233.0


def test_a_chip_of_unknown_limit_has_a_radiator_at_330_k() -> None:
    """Without a limit 330 K; a temperature given stands before the chip's."""
    assert radiator_temperature_k(satellite(radiator_temperature_k=None)) == 330.0
    assert radiator_temperature_k(satellite({"temperature_limit_k": 358.15}, radiator_temperature_k=300.0)) == 300.0


def test_eclipses_by_altitude_and_sun() -> None:
    """650 km: 97.6 minutes a revolution, no shadow above 65.2 degrees; in the plane of the sun 36.2 % of it, 35.3 min.

    At 58.6 degrees (dawn-dusk at the worst) arccos(2950.3 / (7021 x 0.5210)) / pi = 0.2015: 19.7 minutes.
    """
    assert period_hours(650.0) * 60 == pytest.approx(97.58, abs=0.05)
    assert eclipse_free_beta_deg(650.0) == pytest.approx(65.15, abs=0.02)
    assert eclipse_share(650.0, 65.2) == 0.0
    assert eclipse_share(650.0, 0.0) == pytest.approx(0.3620, abs=1e-4)
    assert eclipse_share(650.0, 58.6) * period_hours(650.0) * 60 == pytest.approx(19.7, abs=0.1)


def test_what_is_given_stands_before_geometry() -> None:
    """A sun fraction or an eclipse given is kept; an orbit of which nothing is said is lit 0.98 of the time."""
    assert sun_fraction(orbit()) == 0.98 and eclipse_hours(orbit()) is None
    assert sun_fraction(orbit(beta_deg=0.0)) == pytest.approx(1 - 0.3620, abs=1e-4)
    assert sun_fraction(orbit(beta_deg=0.0, sun_fraction=0.7)) == 0.7
    assert eclipse_hours(orbit(beta_deg=0.0, eclipse_hours=0.5)) == 0.5
    assert eclipse_hours(orbit(beta_deg=90.0)) == 0.0


@given(st.floats(200.0, 40_000.0), st.floats(0.0, 90.0))
def test_the_witness_finds_the_same_sunlight(altitude_km: float, beta_deg: float) -> None:
    """Two formulas of the shadow, one by its cosine and one by its sine, agree everywhere."""
    at = orbit(altitude_km=altitude_km, beta_deg=beta_deg)
    assert sun_fraction(at) == pytest.approx(in_sunlight(at), abs=1e-6)


def test_a_battery_from_its_cells() -> None:
    """1,000 / (160 Wh/kg x 0.4 x 0.95) = 16.45 kg/kWh; a figure given stands instead."""
    assert battery_kg_per_kwh(satellite().satellite) == pytest.approx(16.447, abs=1e-3)
    assert battery_kg_per_kwh(satellite(battery_kg_per_kwh=6.25).satellite) == 6.25


@pytest.mark.parametrize(("share", "passes"), [(1.0, True), (0.999, False)])
def test_o4_a_battery_just_lasts_and_just_does_not(share: float, passes: bool) -> None:
    """5 years of 97.58 minutes a revolution, a quarter of them dark: 6,738 eclipses; a thousandth fewer fails."""
    at = orbit(beta_deg=58.6, eclipse_season_share=0.25)
    needed = cycles_needed(satellite(), at)
    assert needed == pytest.approx(5 * 8766 * 60 / 97.58 / 4, rel=1e-3)
    found = size(satellite(battery_cycles=needed * share), at)
    assert isinstance(found, SatelliteSizing) == passes
    if isinstance(found, SizingFailure):
        assert "cycles" in found.detail and found.shortfall == pytest.approx(1 / 0.999 - 1)


def test_where_the_sun_always_shines_no_battery_is_cycled() -> None:
    """Above the eclipse-free angle there are no eclipses, so any battery lasts."""
    assert isinstance(size(satellite(battery_cycles=1.0), orbit(beta_deg=80.0)), SatelliteSizing)


def test_bus_and_shield_are_mass() -> None:
    """30 kg of bus and 10 mm x 2 m2 x 2.7 kg/m2/mm = 54 kg of aluminium, over 0.75 for the structure: 112 kg more."""
    plain, heavy = size(satellite(), orbit()), size(satellite(bus_kg=30, shielding_mm=10, shielded_m2=2), orbit())
    assert isinstance(plain, SatelliteSizing) and isinstance(heavy, SatelliteSizing)
    assert heavy.shielding_kg == pytest.approx(54.0)
    assert heavy.mass_kg - plain.mass_kg == pytest.approx(84.0 / 0.75)


@given(st.floats(220.0, 400.0), st.floats(0.1, 100.0), st.floats(300.0, 2000.0), st.sampled_from(["edge", "face"]))
def test_a_hotter_radiator_never_needs_more_area(at_k: float, more_k: float, km: float, attitude: str) -> None:
    """What it absorbs does not depend on its temperature, and what it emits only grows."""
    areas = []
    for temperature in (at_k, at_k + more_k):
        found = size(satellite(radiator_temperature_k=temperature, radiator_attitude=attitude), orbit(altitude_km=km))
        areas.append(found.radiator_m2 if isinstance(found, SatelliteSizing) else float("inf"))
    assert areas[1] <= areas[0]
