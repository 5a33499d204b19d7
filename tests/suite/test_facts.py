"""Facts about plans: what is looked for, what proves it, and what switches forbid it."""

from typing import Any

import pytest
from builders import CPU_RACK, SRAM, tiny_instance, with_orbit
from coursed import buying, plan
from pydantic import ValidationError

from fleetopt.errors import UsageError
from fleetopt.instance.schema import Instance
from fleetopt.suite.facts import Fact, Truth, forbidding, truth
from fleetopt.suite.look import Look, found
from fleetopt.suite.short import look_of

OLD = {"chip": {"launch": "announced 2022-03, shipping 2023", "node_nm": 7.0}}


def instance() -> Instance:
    """A GPU server from 2022, a wafer machine, a CPU rack, a satellite; two sites, a tier, a lease."""
    tier = {"id": "dram", "kind": "cxl", "unit_gb": 1000.0, "price": {"usd_per_gb": 20.0}}
    systems = {"gpu8": OLD, "wafer": SRAM, "cpu": CPU_RACK}
    return tiny_instance(**with_orbit(systems=systems, memory=[tier]))


SERVED = plan(
    purchases=[
        {
            "period": "2027q1",
            "site": "virginia",
            "system": "gpu8",
            "vendor": "acme",
            "acquisition": "buy",
            "units": 3.0,
        },
        {
            "period": "2027q2",
            "site": "virginia",
            "system": "gpu8",
            "vendor": "acme",
            "acquisition": "rent",
            "units": 2.0,
        },
    ],
    deployments={
        "g": {"workload": "chat", "system": "gpu8", "site": "virginia", "stage": "prefill", "source": "predicted"},
        "d": {"workload": "chat", "system": "wafer", "site": "virginia", "stage": "decode", "source": "predicted"},
        "s": {"workload": "chat", "system": "sat", "site": "leo", "stage": "aggregated", "source": "predicted"},
    },
    placements=[
        {"deployment": "g", "served_per_s": {"b1": 3.0}},
        {"deployment": "d", "served_per_s": {"b1": 3.0}},
        {"deployment": "s", "served_per_s": {"b1": 1.0}},
    ],
    memory_purchases=[{"tier": "dram", "site": "virginia", "acquisition": "buy", "gb": 5.0}],
    parked=[{"workload": "chat", "tier": "dram", "site": "virginia", "gb": 2.0}],
    power_builds=[{"source": "lease", "site": "virginia", "period": "2027q1", "power_kw": 500.0}],
    sites_opened=[{"site": "virginia", "period": "2027q1"}],
    unserved=[{"workload": "chat", "rate_per_s": 1.0, "requests": 10.0}],
)
"""Three in four answers from a wafer that a GPU prefills for, one from orbit; one in five more is not served."""


@pytest.mark.parametrize(
    "look, words",
    [
        ({"system": "gpu8"}, "purchase gpu8 virginia"),
        ({"system": ["cpu", "wafer"]}, "placement chat wafer virginia"),
        ({"system": "cpu"}, ""),
        ({"system": "gpu8", "acquisition": "rent"}, "purchase gpu8 virginia"),
        ({"kind": "wafer", "workload": "chat"}, "placement chat wafer virginia"),
        ({"chip_memory": "SRAM"}, "placement chat wafer virginia"),
        ({"place": "orbit", "workload": "chat"}, "placement chat sat leo"),
        ({"launched_before": 2023}, "purchase gpu8 virginia"),
        ({"launched_before": 2023, "kind": "server"}, "purchase gpu8 virginia"),
        ({"node_nm_from": 7}, "purchase gpu8 virginia"),
        ({"stage": "decode"}, "placement chat wafer virginia"),
        ({"stage": "aggregated", "place": "ground"}, ""),
        ({"tier": "dram"}, "memory dram virginia"),
        ({"tier": "dram", "workload": "chat"}, "parked chat dram virginia"),
        ({"source": "lease"}, "power lease virginia"),
        ({"vendor": ["acme", "waferco"], "site": "virginia"}, "purchase gpu8 virginia"),
        ({"site": "leo"}, "placement chat sat leo"),
        ({"system": "gpu8", "units": 5}, "5 units"),
        ({"system": "gpu8", "units": 6}, ""),
        ({"system": "wafer", "workload": "chat", "share": 0.75}, "75 % of the rate"),
        ({"system": "wafer", "workload": "chat", "share": 0.76}, ""),
        ({"system": "gpu8", "workload": "chat", "stage": "prefill", "share": 1.0}, "100 % of the rate"),
    ],
)
def test_what_a_plan_uses(look: dict[str, Any], words: str) -> None:
    """Every part of a look must be true of the same line; shares are of answers, or of prefill where asked for."""
    assert found(SERVED, Look.model_validate(look).among(instance())) == words
    fact = Fact.model_validate({"uses": look}).among(instance())
    assert truth(fact, SERVED).state == ("holds" if words else "does not hold")
    avoids = Fact.model_validate({"avoids": look}).among(instance())
    assert truth(avoids, SERVED).state == ("does not hold" if words else "holds")


@pytest.mark.parametrize(
    "look, message",
    [
        ({}, "says nothing to look for"),
        ({"workload": "chat"}, "says nothing to look for"),
        ({"vendor": "acme", "workload": "chat"}, "a vendor serves no workload"),
        ({"system": "gpu8", "share": 0.5}, "a share is a share of a workload's rate"),
        ({"system": "gpu8", "workload": "chat", "units": 2}, "units are bought for no workload"),
    ],
)
def test_looks_that_mean_nothing(look: dict[str, Any], message: str) -> None:
    """A look says a thing, and a share or a number of what there is one of."""
    with pytest.raises(ValidationError, match=message):
        Look.model_validate(look)


@pytest.mark.parametrize(
    "look, message",
    [
        ({"system": "gpu9"}, "there is no system 'gpu9'; did you mean 'gpu8'"),
        ({"system": ["gpu8", "x"]}, "there is no system 'x'"),
        ({"launched_before": 2000}, "no system has launched_before 2000"),
        ({"kind": "memory"}, "no system has kind memory"),
    ],
)
def test_looks_for_what_is_not_there(look: dict[str, Any], message: str) -> None:
    """A name or kind that the instance has none of is refused before anything runs."""
    with pytest.raises(ValueError, match=message):
        Look.model_validate(look).among(instance())


def test_a_kind_means_nothing_without_an_instance() -> None:
    """A look by kind that was never told which systems are so raises, and does not quietly match all."""
    with pytest.raises(ValueError, match="means nothing before an instance"):
        found(SERVED, Look(kind="wafer"))


@pytest.mark.parametrize(
    "fact, its_plan, state, proven",
    [
        ({"feasible": True}, buying("a"), "holds", True),
        ({"feasible": True}, {"status": "infeasible"}, "does not hold", True),
        ({"feasible": False}, {"status": "infeasible"}, "holds", True),
        ({"feasible": True}, {"status": "no_plan"}, "unknown", False),
        ({"feasible": True}, {}, "unknown", False),
        ({"cost_above": 90}, buying("a", 100, 95), "holds", True),
        ({"cost_above": 97}, buying("a", 100, 95), "holds", False),
        ({"cost_above": 100}, buying("a", 100, 95), "does not hold", True),
        ({"cost_below": 101}, buying("a", 100, 95), "holds", True),
        ({"cost_below": 97}, buying("a", 100, 95), "does not hold", False),
        ({"cost_below": 95}, buying("a", 100, 95), "does not hold", True),
        ({"cost_below": 95}, {"status": "infeasible"}, "infeasible", True),
        ({"opens": "virginia"}, SERVED, "holds", False),
        ({"opens": "leo"}, SERVED, "does not hold", False),
        ({"power_above": "400 kW"}, SERVED, "holds", False),
        ({"power_above": "1 MW"}, SERVED, "does not hold", False),
        ({"unserved_above": 0.19}, SERVED, "holds", False),
        ({"unserved_above": 0.2}, SERVED, "does not hold", False),
        ({"uses": {"system": "gpu8"}}, {"status": "infeasible"}, "infeasible", True),
    ],
)
def test_states_and_proofs(fact: dict[str, Any], its_plan: dict[str, Any], state: str, proven: bool) -> None:
    """Costs are proven by bounds alone; what a plan uses never is; without a plan only its absence is known.

    Of the rates 3 + 1 are answered and 1 is not: 20 %.
    """
    found_ = truth(Fact.model_validate(fact), its_plan)
    assert (found_.state, found_.proven) == (state, proven)
    assert isinstance(found_, Truth) and found_.because


@pytest.mark.parametrize("fact", [{}, {"feasible": True, "opens": "x"}])
def test_one_fact_at_a_time(fact: dict[str, Any]) -> None:
    """A fact says one thing."""
    with pytest.raises(ValidationError, match="must say one of"):
        Fact.model_validate(fact)


@pytest.mark.parametrize(
    "fact, said, denied",
    [
        ({"uses": {"system": ["a", "b"], "workload": "chat"}}, "uses a or b for chat", "does not use a or b for chat"),
        ({"avoids": {"kind": "wafer", "site": "x"}}, "avoids any wafer at x", "uses any wafer at x"),
        ({"uses": {"stage": "prefill", "place": "orbit"}}, "uses a prefill pool in orbit",
         "does not use a prefill pool in orbit"),
        ({"feasible": True}, "has a plan", "has no plan"),
        ({"feasible": False}, "has no plan", "has a plan"),
        ({"opens": "x"}, "opens x", "does not open x"),
        ({"cost_above": 1000}, "costs more than 1,000 USD", "does not cost more than 1,000 USD"),
        ({"cost_below": 1000}, "costs less than 1,000 USD", "does not cost less than 1,000 USD"),
        ({"power_above": 5}, "builds more than 5 kW", "does not build more than 5 kW"),
        ({"unserved_above": 0.1}, "leaves unserved more than 10 %", "leaves unserved no more than 10 %"),
    ],
)  # fmt: skip
def test_facts_in_words(fact: dict[str, Any], said: str, denied: str) -> None:
    """Each fact and its opposite, as a sentence about the plan goes on."""
    found_ = Fact.model_validate(fact)
    assert (found_.said, found_.denied) == (said, denied)


@pytest.mark.parametrize(
    "look, paths",
    [
        ({"system": ["wafer", "cpu"]}, ["systems.cpu.enabled", "systems.wafer.enabled"]),
        ({"kind": "wafer"}, ["systems.wafer.enabled"]),
        ({"vendor": "waferco"}, ["systems.wafer.enabled"]),
        ({"place": "orbit"}, ["sites.leo.enabled"]),
        ({"tier": "dram"}, ["memory.dram.enabled"]),
        ({"system": "wafer", "workload": "chat"}, ["workloads.chat.systems"]),
        ({"stage": "prefill", "workload": "chat"}, ["workloads.chat.disaggregated"]),
        ({"system": "wafer", "site": "leo"}, []),
        ({"system": "wafer", "workload": "chat", "share": 0.5}, []),
    ],
)
def test_switches_that_forbid(look: dict[str, Any], paths: list[str]) -> None:
    """What is looked for is switched off by system, tier, site, or for one workload; a share cannot be."""
    fact = Fact.model_validate({"uses": look}).among(instance())
    overrides = forbidding(fact, instance())
    assert [override.path for override in overrides] == paths
    if paths == ["workloads.chat.systems"]:
        assert "wafer" not in overrides[0].value and "gpu8" in overrides[0].value


@pytest.mark.parametrize(
    "text, fields",
    [
        ("gpu8", {"system": "gpu8"}),
        ("gpu8 for chat", {"system": "gpu8", "workload": "chat"}),
        ("any wafer for chat over 20%", {"kind": "wafer", "workload": "chat", "share": 0.2}),
        ("orbit for chat", {"place": "orbit", "workload": "chat"}),
        ("HBM at virginia", {"chip_memory": "HBM", "site": "virginia"}),
        ("rented from acme", {"acquisition": "rent", "vendor": "acme"}),
        ("before 2023", {"launched_before": 2023}),
        ("dram", {"tier": "dram"}),
        ("virginia", {"site": "virginia"}),
        ("lease", {"source": "lease"}),
        ("waferco", {"vendor": "waferco"}),
        ("prefill for chat", {"stage": "prefill", "workload": "chat"}),
    ],
)
def test_short_forms(text: str, fields: dict[str, Any]) -> None:
    """Words of the command line are names of the instance first, then kinds."""
    assert look_of(text, instance()).model_dump(exclude_none=True) == fields


@pytest.mark.parametrize(
    "text, message",
    [
        ("gpu9", "'gpu9' is nothing of this instance; did you mean 'gpu8'"),
        ("gpu8 for chatt", "there is no workload 'chatt'"),
        ("gpu8 for chat for chat", "says workload twice"),
        ("gpu8 for chat over much", "over 'much'"),
        ("any for chat", "says nothing to look for"),
    ],
)
def test_short_forms_that_mean_nothing(text: str, message: str) -> None:
    """They are refused with what was meant."""
    with pytest.raises(UsageError, match=message):
        look_of(text, instance())
