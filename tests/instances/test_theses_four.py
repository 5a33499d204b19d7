"""Instances of theses 2, 3, 4 and 8, and the suite of all: sound, sized as said, and able to lose."""

from pathlib import Path

import pytest

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.load import load
from fleetopt.instance.schema import Instance
from fleetopt.suite.load import LoadedSuite, load_suite

ROOT = Path(__file__).parents[2] / "instances"
NAMES = ("speed", "pools", "fungible", "good_enough")


def _instance(name: str) -> Instance:
    return load(ROOT / "theses" / f"{name}.yaml").instance


@pytest.fixture(scope="module")
def suite() -> LoadedSuite:
    """The suite, every scenario and flip of which was merged and validated."""
    return load_suite(ROOT / "suites" / "theses.yaml")


@pytest.mark.parametrize("name", NAMES)
def test_they_load_without_a_word(name: str) -> None:
    """No warning, and the notes say where the figures come from."""
    loaded = load(ROOT / "theses" / f"{name}.yaml")
    assert loaded.warnings == ()
    assert "hesis" in loaded.instance.notes


@pytest.mark.parametrize("name", NAMES)
def test_every_workload_can_be_served(name: str) -> None:
    """Each workload that is on has a candidate, or a team."""
    instance = _instance(name)
    found = candidates(instance)
    served = {c.workload for c in found.serving} | {t.workload for t in found.training}
    assert served == {w.id for w in instance.workloads if w.enabled}


def test_nothing_is_barred_by_its_lead_time() -> None:
    """Machines of speed and pools can all be had in the only year there is, so none loses for being late."""
    for name in ("speed", "pools"):
        assert all(o.buy_periods == (0,) for o in offers(_instance(name)).offers)


def test_speed_offers_gpus_and_sram_of_two_makers() -> None:
    """Four systems of HBM stand against a wafer machine and a rack of LPUs."""
    kinds = [s.chip.memory_kind for s in _instance("speed").systems if s.chip is not None]
    assert (kinds.count("HBM"), kinds.count("SRAM")) == (4, 2)


def test_colossus_is_as_large_as_said() -> None:
    """18,750 H100 and 6,250 H200 servers and 278 GB200 racks: 220,016 GPUs, about 292 MW at rated power."""
    instance = _instance("fungible")
    first = {limit.systems[0]: limit.units_per_period[0] for limit in instance.supply.limits}
    systems = {system.id: system for system in instance.systems}
    assert sum(systems[s].chips * units for s, units in first.items()) == pytest.approx(220_000, abs=20)
    assert sum(systems[s].power_kw * units for s, units in first.items()) == pytest.approx(292_000, rel=0.01)


def test_machines_that_only_serve_are_cheaper() -> None:
    """Each chip comes with the training network, and at 5 % for those who do without: either may win."""
    systems = {system.id: system for system in _instance("fungible").systems}
    for chip in ("h100", "h200", "gb200"):
        for fleet in ("answers", "agents"):
            assert systems[f"{chip}-{fleet}"].price.network_share == 0.05 < systems[chip].price.network_share


def test_old_servers_are_older_than_new_ones() -> None:
    """Owned servers fail and cost more in old age, may be sold, and last to the end of the two years."""
    instance = _instance("good_enough")
    for holding in instance.fleet:
        system = instance.system(holding.system)
        assert holding.end_of_life == instance.time.period_ids[-1] == "2028q4"
        assert system.resale is not None and not system.buyable
        assert system.failures_per_year > instance.system("hgx-b200-8").failures_per_year


def test_all_eight_theses_are_asked(suite: LoadedSuite) -> None:
    """Some have several claims, each with a verdict of its own."""
    assert {thesis.id[:2] for thesis in suite.file.theses} == {f"T{number}" for number in range(1, 9)}


def test_the_suite_asks_both_ways(suite: LoadedSuite) -> None:
    """Each thesis names what would overturn it, and none of its expectations speaks of a scenario it does not show."""
    for thesis in suite.file.theses:
        assert thesis.claim and thesis.text and thesis.borne_out and thesis.refuted and thesis.overturns
        for expectation in thesis.expect:
            assert set(expectation.scenarios) <= set(thesis.scenarios)
            assert not expectation.flip or expectation.flip in thesis.flips
