"""The report's section on orbit: masses, launches, survival and the price of power."""

from dataclasses import replace
from typing import Any

import pytest
from builders import tiny_instance, with_orbit
from handmade import plan, purchase

from fleetopt.report.orbit import orbit_section
from fleetopt.report.power_cost import annuity

ORBIT = {"launch_usd_per_kg": 1000.0, "launch_kg_per_period": 40_000.0, "flight_kg": 10_000.0, "launch_loss_share": 0.2}


def instance(**changes: Any) -> Any:
    return tiny_instance(**with_orbit(sites={"leo": {"orbit": ORBIT}}, **changes))


def text(made: Any, given: Any) -> str:
    return "\n".join(orbit_section(made, given))


def test_an_instance_on_the_ground_has_no_such_section() -> None:
    """Nothing is said of orbit where there is none, or it is not enabled, or no satellite is."""
    assert orbit_section(plan(), tiny_instance()) == []
    assert orbit_section(plan(), tiny_instance(**with_orbit(sites={"leo": {"enabled": False}}))) == []
    assert orbit_section(plan(), tiny_instance(**with_orbit(systems={"sat": {"enabled": False}}))) == []


def test_a_plan_without_satellites_still_says_what_they_would_weigh_and_cost() -> None:
    """Mass, survival and power are there; launches are none."""
    said = text(plan(), instance())
    assert "No satellite is bought." in said
    assert "Mass of a satellite" in said and "Launched power" in said and "| grid (there already) |" in said


def test_launches_count_what_is_lost() -> None:
    """20 satellites of m kg in service where a fifth is lost: 5 lost, 25 m kg launched, on flights of 10 t."""
    given = instance()
    said = text(plan(purchases=(purchase(system="sat", site="leo", units=20.0),)), given)
    row = next(line for line in said.splitlines() if line.startswith("| leo | 2027q1 |"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    mass_t = float(next(x for x in said.splitlines() if x.startswith("| sat | leo | 5.0")).split("|")[-3]) / 1e3
    assert cells[2:4] == ["20", "5.0"]
    assert float(cells[4]) == pytest.approx(25 * mass_t, rel=0.01)
    assert float(cells[6]) == pytest.approx(25 * mass_t / 10, abs=0.06)
    assert cells[5] == "40.0" and cells[7] == "$1,000"


def test_survival_by_age_and_in_each_period() -> None:
    """A fifth fails a year: 80, 64, 51.2 % and so on; 16 of 20 at work where the plan says so."""
    given = instance(systems={"sat": {"failures_per_year": 0.2}})
    rows = tuple(replace(e, system="sat", site="leo", owned_units=20.0, usable_units=16.0) for e in plan().installed)
    said = text(plan(installed=rows), given)
    assert "| not known | 100.0 % | 80.0 % | 64.0 % | 51.2 % | 41.0 % | 32.8 % |" in said
    assert "16.0 of 20" in said


def test_upsets_are_marked_by_where_they_come_from() -> None:
    """Measured ones plain, those of the node's curve with a star."""
    known = {"rad_per_silent_error": 15.0, "rad_per_memory_error": 50.0, "rad_per_reset": 1500.0}
    given = instance(systems={"sat": {"chip": {"radiation": known}}})
    assert "| 10.0 / 3.0 / 0.10 |" in text(plan(), given)
    orbit = {"upset_curve": {"node_nm": 5, "exponent": 1, **known}}
    curved = tiny_instance(**with_orbit(sites={"leo": {"orbit": orbit}}, systems={"sat": {"chip": {"node_nm": 5}}}))
    assert "| 10.0 / 3.0 / 0.10* |" in text(plan(), curved)


def test_power_by_hand() -> None:
    """Launched power is launch price x mass / (5 kW x 5 years); the rest are annuities of bus and way up over 5 kW."""
    given = instance(systems={"sat": {"satellite": {"bus_usd": 100_000.0}}})
    lines = text(plan(), given).splitlines()
    mass_kg = float(next(x for x in lines if x.startswith("| sat | leo | 5.0")).split("|")[-3])
    cells = next(
        [c.strip().strip("$").replace(",", "") for c in x.strip("|").split("|")]
        for x in lines
        if x.startswith("| sat | leo | 2027q1")
    )
    assert float(cells[3]) == pytest.approx(1000 * mass_kg / 25, rel=0.01)
    assert float(cells[4]) == pytest.approx(annuity(0.1, 5) * 100_000 / 5, abs=1.0)
    lifted = 1000 * mass_kg + 0.25 * (100_000 + 1000 * mass_kg)
    assert float(cells[5]) == pytest.approx(annuity(0.1, 5) * lifted / 5, rel=0.01)
    assert float(cells[7]) == pytest.approx(sum(float(c) for c in cells[4:7]), abs=2.0)
    grid = next(x for x in lines if x.startswith("| grid (there already) | virginia"))
    assert f"${60 / 1e3 * 8766 * 1.2:,.0f}" in grid


def test_an_annuity_by_hand() -> None:
    """Two payments, at once and after a year at 10 %, are worth 1 + 1/1.1 of themselves: 0.5238 each."""
    assert annuity(0.1, 2) == pytest.approx(1 / (1 + 1 / 1.1))
