"""The instances of theses 1, 5, 6 and 7: sound, small, and nobody's winner by what is left out."""

from pathlib import Path

import pytest

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.instance.load import Loaded, load
from fleetopt.instance.overrides import Override

THESES = Path(__file__).parents[2] / "instances" / "theses"
NAMES = ("segments", "unbundle", "export", "orbit")


@pytest.fixture(scope="module", params=NAMES)
def loaded(request: pytest.FixtureRequest) -> Loaded:
    """Each instance with its warnings."""
    return load(THESES / f"{request.param}.yaml")


def test_it_loads_without_a_warning(loaded: Loaded) -> None:
    """Nothing in it is doubtful."""
    assert loaded.warnings == ()


def test_all_of_it_must_be_served(loaded: Loaded) -> None:
    """No price of shortfall: what a thesis costs is the cost of serving, not of an assumed penalty."""
    assert all(w.shortfall_usd_per_request is None for w in loaded.instance.workloads)


def test_nothing_is_owned(loaded: Loaded) -> None:
    """A green field: no fleet of the past decides what fits."""
    assert loaded.instance.fleet == ()


def test_segments_share_their_model() -> None:
    """Answers and agents use one model, so a difference of fleets is no difference of models."""
    instance = load(THESES / "segments.yaml").instance
    assert {w.model for w in instance.workloads if w.kind != "training"} == {"gpt-oss-120b"}
    assert {w.kind for w in instance.workloads} == {"answer", "agentic", "training"}


def test_agents_may_leave_memory_with_high_bandwidth() -> None:
    """Chips with GDDR and with HBM can both serve agents: leaving HBM is a choice, not a matter of what fits."""
    instance = load(THESES / "unbundle.yaml").instance
    serving = {c.system for c in candidates(instance).serving}
    chips = {s.id: s.chip for s in instance.systems if s.chip is not None}
    assert {chips[id_].memory_kind for id_ in serving} == {"HBM", "GDDR"}


def test_agents_are_the_catalogue_s_session() -> None:
    """The written-out sizes have the shares, turns and gaps that reading the catalogue's session gives."""
    agents = load(THESES / "unbundle.yaml").instance.workload("agents")
    segments = load(THESES / "segments.yaml").instance.workload("agents")
    assert agents.agent is not None and segments.agent is not None and agents.idle_kv is not None
    assert agents.agent.turns_per_task == segments.agent.turns_per_task
    assert agents.agent.tool_s == pytest.approx(segments.agent.tool_s, rel=1e-4)
    tokens = sum(b.share * b.input_tokens for b in agents.buckets)
    assert sum(b.share for b in agents.buckets) == pytest.approx(1.0)
    assert tokens == pytest.approx(sum(b.share * b.input_tokens for b in segments.buckets), rel=1e-3)
    assert sum(b.share * b.cached_tokens for b in agents.buckets) / tokens == pytest.approx(0.956, abs=0.01)
    assert {g.id for g in agents.idle_kv.gaps} == {b.gap for b in agents.buckets if b.gap}


def test_the_rules_bar_what_leads() -> None:
    """Under the rules no segment may have a chip of the last years from abroad; domestic and older ones remain."""
    found = {o.system for o in offers(load(THESES / "export.yaml").instance).offers}
    assert found == {"a800-8", "ascend-910b-8", "ascend-910c-8", "ascend-950dt-8", "cpu-rack"}


def test_without_rules_everything_is_on_offer() -> None:
    """The comparison is with the same field and the leading chips beside."""
    instance = load(THESES / "export.yaml", [Override("trade.regulation.enabled", False)]).instance
    assert {o.system for o in offers(instance).offers} == {s.id for s in instance.systems}


def test_both_classes_of_chip_may_fly() -> None:
    """Old and new chips, each with and without more memory, can serve both workloads in orbit."""
    instance = load(THESES / "orbit.yaml").instance
    flown = {(c.workload, c.system) for c in candidates(instance).serving if c.site == "leo"}
    for workload in ("digest", "agents"):
        for system in ("sat-b200-8", "sat-b200-8-dram", "sat-a100-8", "sat-a100-8-dram"):
            assert (workload, system) in flown


def test_added_memory_is_charged_alike() -> None:
    """4 TB more cost, weigh and draw the same on every satellite that has them, bus at 22 $/W included."""
    instance = load(THESES / "orbit.yaml").instance
    for plain, more in (("sat-b200-8", "sat-b200-8-dram"), ("sat-a100-8", "sat-a100-8-dram")):
        one, two = instance.system(plain), instance.system(more)
        assert one.satellite is not None and two.satellite is not None
        assert two.usable_dram_gb - one.usable_dram_gb == 4096
        assert two.power_kw - one.power_kw == pytest.approx(4096 * 0.37 / 1000, abs=0.01)
        assert two.price.buy_usd is not None and one.price.buy_usd is not None
        assert two.price.buy_usd - one.price.buy_usd == pytest.approx(64 * 1586, abs=100)
        assert two.satellite.payload_kg - one.satellite.payload_kg == 5
        assert two.satellite.bus_usd == pytest.approx(22_000 * two.power_kw, rel=0.001)
