"""The export-constrained instances: clean, ruled by the packaged rules, and short of what the rules hold back."""

from pathlib import Path

import pytest

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import OfferSet, offers
from fleetopt.instance.load import Loaded, load
from fleetopt.suite.load import load_suite

ROOT = Path(__file__).parents[2]
NAMES = ("export_constrained", "export_constrained_gulf")


def loaded(name: str) -> Loaded:
    return load(ROOT / "instances" / "reference" / f"{name}.yaml")


def had(found: OfferSet) -> set[tuple[str, str]]:
    """(system, site) that can be bought or rented at some time."""
    return {(offer.system, offer.site) for offer in found.offers if offer.buy_periods or offer.rent_periods}


@pytest.mark.parametrize("name", NAMES)
def test_it_loads_without_a_warning(name: str) -> None:
    """Both are clean and use the packaged rules."""
    assert loaded(name).warnings == ()
    assert loaded(name).instance.trade.regulation is not None


def test_china_gets_what_licences_and_its_own_makers_give() -> None:
    """H20, H200 and MI325X under licence, domestic servers freely; B200 only as a provider's, abroad."""
    found = had(offers(loaded("export_constrained").instance))
    assert {"hgx-h20-8", "hgx-h200-8", "mi325x-8", "ascend-950dt-8"} <= {c for c, s in found if s == "guizhou"}
    assert {s for c, s in found if c == "hgx-b200-8"} == {"johor-rented"}
    assert not any(c == "groq3-lpx-rack" for c, _ in found)


def test_h200_pays_duty_and_h20_a_share() -> None:
    """25 % on the one, 15 % on the other, nothing on domestic servers, by the rules alone."""
    found = {(o.system, o.site): o for o in offers(loaded("export_constrained").instance).offers}
    rates = {c: set(found[c, "guizhou"].duty_rate.values()) for c in ("hgx-h200-8", "mi325x-8", "hgx-h20-8")}
    assert rates == {"hgx-h200-8": {0.25}, "mi325x-8": {0.25}, "hgx-h20-8": {0.15}}
    assert set(found["ascend-950dt-8", "guizhou"].duty_rate.values()) == {0.0}


def test_at_5_ms_a_token_nothing_serves_china_and_x1_says_why() -> None:
    """Premium chat at 5 ms has no candidate; the LPX rack, which would make it, is rejected by X1."""
    path = ROOT / "instances" / "reference" / "export_constrained.yaml"
    instance = load(path, ["workloads.chat-premium.slo.tpot_s=0.005"]).instance
    found = offers(instance)
    columns = candidates(instance, found).serving
    assert not [c for c in columns if c.workload == "chat-premium"]
    barred = {r.system for r in found.rejections if r.rule == "X1" and r.site == "guizhou"}
    assert {"hgx-b200-8", "groq3-lpx-rack"} <= barred


def test_the_gulf_waits_for_its_licences() -> None:
    """B200 may be delivered to the Emirates from 2027q3 on; a parent in China bars it whatever the licence."""
    path = ROOT / "instances" / "reference" / "export_constrained_gulf.yaml"
    own = {(o.system, o.site): o for o in offers(load(path).instance).offers}
    assert own["hgx-b200-8", "abu-dhabi"].rent_periods[0] == 2
    changed = load(path, ["trade.parent_country=CN", "trade.regulation.denial=barred"]).instance
    assert ("hgx-b200-8", "abu-dhabi") not in had(offers(changed))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["export", "export_gulf"])
def test_each_scenario_of_the_suites_loads(name: str) -> None:
    """Every override exists and every scenario is a valid instance."""
    suite = load_suite(ROOT / "instances" / "suites" / f"{name}.yaml")
    assert "no-licences" in [run.name for run in suite.runs]
