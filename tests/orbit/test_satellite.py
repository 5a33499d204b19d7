"""O1 and O3: sizing by hand, and survival without repair."""

from dataclasses import replace
from typing import Any

import pytest
from builders import SATELLITE, tiny_instance, with_orbit

from fleetopt.instance.systems import System
from fleetopt.orbit.array import array_w_per_m2_at_end
from fleetopt.orbit.radiator import radiator_w_per_m2
from fleetopt.orbit.satellite import (
    SatelliteSizing,
    SizingFailure,
    size,
    survival,
)


def satellite(power_kw: float = 5.0, **bus: Any) -> System:
    return System.model_validate({**SATELLITE, "power_kw": power_kw, "satellite": {**SATELLITE["satellite"], **bus}})


def orbit() -> Any:
    return tiny_instance(**with_orbit()).site("leo").orbit


def test_radiator_rejects_what_stefan_and_boltzmann_say() -> None:
    """330 K, 0.8, both sides: 2 x 0.8 x 5.670374e-8 x 330^4 = 1,075.93 W/m2, less 137 absorbed = 938.93."""
    assert radiator_w_per_m2(satellite(), orbit()) == pytest.approx(1075.93 - 137.0, abs=0.02)


def test_array_output_falls_with_age_and_eclipse() -> None:
    """270 W/m2 x 0.975^5 x 0.98 = 233.14 W/m2 at the end of five years."""
    assert array_w_per_m2_at_end(satellite(), orbit()) == pytest.approx(270 * 0.975**5 * 0.98)


def test_a_satellite_by_hand() -> None:
    """10 W/m2 of array and no loss, sun all the time: 1 kW needs 100 m2 at 1 kg; the rest by hand.

    Radiator 1000 / 938.93 = 1.065 m2 x 2 kg = 2.13 kg; battery 3 kg; payload 44.87 kg; sum 150 kg; structure a quarter
    of the whole: 150 / 0.75 = 200 kg.
    """
    bus = {
        "array_w_per_m2": 10.0,
        "array_loss_per_year": 0.0,
        "array_kg_per_m2": 1.0,
        "radiator_kg_per_m2": 2.0,
        "battery_kg_per_kw": 3.0,
        "payload_kg": 44.87,
        "structure_share": 0.25,
    }
    sized = size(satellite(1.0, **bus), orbit().model_copy(update={"sun_fraction": 1.0}))
    assert isinstance(sized, SatelliteSizing)
    assert (sized.array_m2, sized.battery_kg) == (pytest.approx(100.0), 3.0)
    assert sized.radiator_m2 == pytest.approx(1.0650, abs=1e-4)
    assert sized.mass_kg == pytest.approx(200.0, abs=0.01)
    parts = (sized.array_kg, sized.radiator_kg, sized.battery_kg, sized.payload_kg, sized.structure_kg)
    assert sum(parts) == pytest.approx(sized.mass_kg)


@pytest.mark.parametrize("part", ["array_m2", "radiator_m2"])
def test_o1_a_fixed_area_just_passes_and_just_fails(part: str) -> None:
    """An area of exactly what is needed is kept; 1 % less is refused with a shortfall of 1 / 0.99 - 1."""
    needed = size(satellite(), orbit())
    assert isinstance(needed, SatelliteSizing)
    area = getattr(needed, part)
    assert size(satellite(**{part: area}), orbit()) == replace(needed, **{part: area})
    failed = size(satellite(**{part: 0.99 * area}), orbit())
    assert isinstance(failed, SizingFailure)
    assert failed.shortfall == pytest.approx(1 / 0.99 - 1)


def test_a_larger_fixed_area_is_heavier() -> None:
    """Ten spare square metres of array at 3 kg, over 0.75: 40 kg more."""
    needed = size(satellite(), orbit())
    assert isinstance(needed, SatelliteSizing)
    larger = size(satellite(array_m2=needed.array_m2 + 10.0), orbit())
    assert isinstance(larger, SatelliteSizing)
    assert larger.mass_kg - needed.mass_kg == pytest.approx(30 / 0.75)


def test_impossible_satellites_say_why() -> None:
    """A cold radiator, an array worn out, a mass that is all structure, and no satellite section."""
    cold = size(satellite(radiator_temperature_k=150.0), orbit())
    worn = size(satellite(array_loss_per_year=1.0), orbit())
    heavy = size(satellite(structure_share=1.0), orbit())
    none = size(satellite().model_copy(update={"satellite": None}), orbit())
    reasons = [failure.detail for failure in (cold, worn, heavy, none) if isinstance(failure, SizingFailure)]
    assert len(reasons) == 4
    assert "absorbs more" in reasons[0] and "no power" in reasons[1] and "structure_share" in reasons[2]


def test_o3_survival_by_age() -> None:
    """9 % lost a year: 0.91^5 = 0.6240 left after five years, all of them on the first day and before."""
    assert survival(0.09, 5.0) == pytest.approx(0.6240, abs=1e-4)
    assert survival(0.09, 0.0) == survival(0.09, -1.0) == 1.0
