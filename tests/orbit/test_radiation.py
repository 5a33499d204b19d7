"""Upsets, dose and the work they cost, by hand."""

from typing import Any

import pytest
from builders import SATELLITE, tiny_instance, with_orbit

from fleetopt.instance.systems import System
from fleetopt.orbit.radiation import lost_share, upsets
from fleetopt.orbit.satellite import SatelliteSizing, SizingFailure, size
from fleetopt.verify.orbits import at_work

V6E = {"rad_per_silent_error": 17.0, "rad_per_memory_error": 44.0, "rad_per_reset": 5000.0, "dose_limit_rad": 2000.0}
"""Suncatcher's beam test of TPU v6e (arXiv:2511.19468)."""


def satellite(chip: dict[str, Any] | None = None, **bus: Any) -> System:
    changed = {**SATELLITE, "satellite": {**SATELLITE["satellite"], **bus}}
    return System.model_validate({**changed, "chip": {**SATELLITE["chip"], **(chip or {})}})


def orbit(**fields: Any) -> Any:
    return tiny_instance(**with_orbit(sites={"leo": {"orbit": fields}})).site("leo").orbit


def test_events_are_those_of_the_paper() -> None:
    """150 rad a year over 17, 44 and 5,000 rad: 8.8 silent errors, 3.4 memory errors and 0.03 resets a chip."""
    found = upsets(satellite({"radiation": V6E}).chip, orbit())
    assert found is not None and not found.curve
    assert (found.silent, found.memory, found.resets) == (
        pytest.approx(8.8, abs=0.05),
        pytest.approx(3.4, abs=0.05),
        pytest.approx(0.03, abs=0.005),
    )


def test_a_chip_of_which_nothing_is_known_is_assumed_nothing_of() -> None:
    """Neither figures of its own nor a node with a curve: no events, and nothing lost."""
    assert upsets(satellite().chip, orbit()) is None
    assert upsets(satellite({"node_nm": 7}).chip, orbit()) is None
    assert upsets(None, orbit()) is None
    assert lost_share(satellite(), orbit()) == 0.0


@pytest.mark.parametrize(("exponent", "worse"), [(1.0, 2.0), (-1.0, 0.5), (0.0, 1.0)])
def test_the_curve_goes_the_way_it_is_told(exponent: float, worse: float) -> None:
    """A chip of half the node has twice the events with exponent 1, half with -1; its dose limit the other way."""
    curve = {"node_nm": 8.0, "exponent": exponent, **V6E}
    found = upsets(satellite({"node_nm": 4.0}).chip, orbit(upset_curve=curve))
    assert found is not None and found.curve
    assert found.silent == pytest.approx(150 / 17 * worse)
    assert found.dose_limit_rad == pytest.approx(2000 / worse)


def test_a_chip_that_was_measured_keeps_its_figures() -> None:
    """A curve says nothing of a chip with figures of its own."""
    curve = {"node_nm": 8.0, "exponent": 1.0, "rad_per_silent_error": 1.0}
    system = satellite({"node_nm": 4.0, "radiation": {"rad_per_silent_error": 15.0}})
    found = upsets(system.chip, orbit(upset_curve=curve))
    assert found is not None and found.silent == pytest.approx(10.0)


def test_work_lost_by_hand() -> None:
    """4 chips x (8.824 x 0.01 h + (3.409 + 0.03) x 0.25 h) = 3.792 h of 8,766: 0.0433 %; with 2 % of checks 2.042 %."""
    system = satellite({"radiation": V6E})
    assert lost_share(system, orbit()) == pytest.approx(3.792 / 8766, rel=1e-3)
    checked = satellite({"radiation": V6E}, check_share=0.02)
    assert lost_share(checked, orbit()) == pytest.approx(0.02 + 0.98 * 3.792 / 8766, rel=1e-4)
    assert lost_share(system, None) == 0.0


@pytest.mark.parametrize("chip", [{}, {"radiation": V6E}, {"node_nm": 4.0}])
@pytest.mark.parametrize("bus", [{}, {"check_share": 0.5}, {"eclipse": "duty", "upset_restart_h": 24.0}])
def test_the_witness_finds_the_same_work(chip: dict[str, Any], bus: dict[str, Any]) -> None:
    """What is at work is 1 - what is lost, in sunlight only where chips rest, by separate arithmetic."""
    at = orbit(sun_fraction=0.6, upset_curve={"node_nm": 7.0, "exponent": 1.5, **V6E})
    system = satellite(chip, **bus)
    lit = 0.6 if "eclipse" in bus else 1.0
    assert at_work(system, at) == pytest.approx(lit * (1 - lost_share(system, at)))


@pytest.mark.parametrize(("limit", "passes"), [(750.0, True), (749.0, False)])
def test_o1_chips_just_stand_the_dose_and_just_do_not(limit: float, passes: bool) -> None:
    """150 rad a year for 5 years are 750 rad."""
    found = size(satellite({"radiation": {"dose_limit_rad": limit}}), orbit())
    assert isinstance(found, SatelliteSizing) == passes
    if isinstance(found, SizingFailure):
        assert "749 rad, 750 come in 5 years" in found.detail and found.shortfall == pytest.approx(1 / 749)
