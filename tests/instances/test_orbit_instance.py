"""The orbit instance and its suite: sound, as large as meant, and orbit neither barred nor fast by accident."""

from pathlib import Path

import pytest

from fleetopt.candidates.offers import offers
from fleetopt.instance.load import Loaded, load
from fleetopt.model.prices import Prices
from fleetopt.suite.load import load_suite

ROOT = Path(__file__).parents[2]
SATELLITES = {"sat-b200-8", "sat-a100-8", "sat-h100-8-dram"}


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load(ROOT / "instances" / "reference" / "orbit.yaml")


def test_it_loads_without_a_word(loaded: Loaded) -> None:
    """No warning, twelve years, three segments, two sites on the ground and one in orbit."""
    assert loaded.warnings == ()
    instance = loaded.instance
    assert (instance.time.period_ids[0], instance.time.period_ids[-1]) == ("2027", "2038")
    assert len(instance.workloads) == 3
    assert [s.kind for s in instance.sites] == ["ground", "ground", "orbit"]


def test_orbit_is_neither_barred_nor_fast(loaded: Loaded) -> None:
    """Every class of satellite can be bought, and none serves before 18 months and the launch are over: 2029."""
    up = {o.system: o for o in offers(loaded.instance).offers if o.site == "leo"}
    assert set(up) == SATELLITES
    assert {o.buy_periods[0] for o in up.values()} == {2}
    assert all(300 < o.mass_kg < 1000 for o in up.values())


def test_launch_gets_cheaper_as_projected(loaded: Loaded) -> None:
    """1,080 $/kg, 836 from 2028, 200 from 2035, for a satellite of each class."""
    prices, site = Prices(loaded.instance), loaded.instance.site("leo")
    for up in (o for o in offers(loaded.instance).offers if o.site == "leo"):
        paid = [prices.launch_price(site, up, t) / up.mass_kg for t in (0, 1, 7, 8, 11)]
        assert paid == pytest.approx([1080, 836, 836, 200, 200])


def test_grid_power_comes_late(loaded: Loaded) -> None:
    """Leads of the catalogue: 66 and 30 months for the grid, 15 engines, 19 solar, 72 turbines."""
    leads = {e.id: e.lead_months for s in loaded.instance.sites for e in s.power.sources}
    assert leads == {"grid-virginia": 66, "gas-engines": 15, "gas-ccgt": 72, "grid-texas": 30, "solar-storage": 19}


def test_its_suite_is_sound() -> None:
    """Every scenario of the suite is an instance, and the map has three classes at four launch prices."""
    suite = load_suite(ROOT / "instances" / "suites" / "orbit.yaml")
    names = set(suite.file.scenarios)
    assert {f"{c}-{p}" for c in ("lead", "older", "memory") for p in (20, 200, 1000, 3600)} <= names
