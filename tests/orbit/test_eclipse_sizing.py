"""O4: batteries and arrays by hand, with storage for the whole load or for the bus alone."""

from typing import Any

import pytest
from builders import SATELLITE, tiny_instance, with_orbit

from fleetopt.candidates.offers import offers
from fleetopt.instance.systems import System
from fleetopt.orbit.battery import battery_kg, duty, mean_load_kw
from fleetopt.orbit.satellite import SatelliteSizing, size


def satellite(**bus: Any) -> System:
    """5 kW, 1 kW of it the bus."""
    return System.model_validate({**SATELLITE, "satellite": {**SATELLITE["satellite"], **bus}})


def orbit(**fields: Any) -> Any:
    return tiny_instance(**with_orbit(sites={"leo": {"orbit": {"sun_fraction": 0.6, **fields}}})).site("leo").orbit


@pytest.mark.parametrize(
    ("eclipse", "hours", "kg"),
    [("storage", 0.6, 30.0), ("duty", 0.6, 6.0), ("storage", None, 10.0), ("duty", None, 2.0)],
)
def test_the_battery_carries_what_runs_in_the_dark(eclipse: str, hours: float | None, kg: float) -> None:
    """5 kW x 0.6 h at 10 kg/kWh are 30 kg, 1 kW of bus 6 kg; without a length 2 kg for each kW: 10 and 2."""
    system = satellite(eclipse=eclipse, battery_kg_per_kw=2.0, battery_kg_per_kwh=10.0)
    assert battery_kg(system, orbit(eclipse_hours=hours)) == pytest.approx(kg)


def test_the_array_carries_the_mean_load() -> None:
    """With storage 5 kW all the time; with duty 0.6 x 5 + 0.4 x 1 = 3.4 kW, for which 68 % of the array does.

    The radiator rejects 5 kW in sun either way.
    """
    stored, rested = (size(satellite(eclipse=e), orbit()) for e in ("storage", "duty"))
    assert isinstance(stored, SatelliteSizing) and isinstance(rested, SatelliteSizing)
    assert mean_load_kw(satellite(eclipse="duty"), orbit()) == pytest.approx(3.4)
    assert rested.array_m2 == pytest.approx(0.68 * stored.array_m2)
    assert rested.radiator_m2 == stored.radiator_m2


def test_only_satellites_that_rest_work_less() -> None:
    """Duty is the share of sun; storage, and anything on the ground, works all the time."""
    assert duty(satellite(eclipse="duty"), orbit()) == 0.6
    assert duty(satellite(), orbit()) == duty(satellite(eclipse="duty"), None) == 1.0


def test_a_longer_eclipse_is_more_to_launch() -> None:
    """Half an hour more x 5 kW x 6.25 kg/kWh, over 0.75 for the structure: 20.83 kg more to launch."""
    masses = []
    for hours in (0.5, 1.0):
        instance = tiny_instance(**with_orbit(sites={"leo": {"orbit": {"eclipse_hours": hours}}}))
        masses += [o.mass_kg for o in offers(instance).offers if o.site == "leo"]
    assert masses[1] - masses[0] == pytest.approx(0.5 * 5 * 6.25 / 0.75)
