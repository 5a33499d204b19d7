from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.offers import offers
from fleetopt.model.sets import build_sets
from fleetopt.solve.diagnosis import Diagnosis
from fleetopt.solve.precheck import precheck

LIFE = {"in_service": "2025q1", "end_of_life": "2027q1"}
RUN = {"kind": "training", "model": "small", "training": {"tokens": 1e10, "start": "2027q1", "deadline": "2027q2"}}


def found(**changes: Any) -> Diagnosis | None:
    """What the check says of a tiny instance."""
    instance = tiny_instance(**changes)
    offered = offers(instance)
    columns = candidates(instance, offered)
    return precheck(instance, build_sets(instance, columns, offered.offers), columns)


def test_demand_somebody_can_serve_passes() -> None:
    """The base instance has a server from the first period on."""
    assert found() is None


def test_a_target_nobody_meets_names_the_closest() -> None:
    """A mean token time of 1 microsecond: every configuration falls on latency, and the nearest is told."""
    diagnosis = found(workloads={"chat": {"slo": {"tpot_s": 1e-6}}})
    assert diagnosis is not None and diagnosis.status == "infeasible"
    assert "none of" in diagnosis.headline and "meets its SLO. Closest: gpu8 virginia" in diagnosis.headline
    assert "latency" in diagnosis.headline and diagnosis.rejections[0]["workload"] == "chat"


def test_demand_before_the_first_lead_time_is_told_with_the_first_service() -> None:
    """Orders take two quarters: of four quarters the first two have nobody."""
    diagnosis = found(time={"periods": 4}, systems={"gpu8": {"lead_months": 5.0}})
    assert diagnosis is not None and diagnosis.findings[0].equation == "D1"
    assert diagnosis.headline == (
        "workload 'chat', region 'east': demand in 2027q1 exceeds the existing fleet; earliest service 2027q3: "
        "rent, existing fleet, or priced shortfall"
    )


def test_a_fleet_that_ends_leaves_later_demand_alone() -> None:
    """Servers not sold, and the existing ones gone after 2027q1: nobody serves 2027q2."""
    held = [{"id": "old", "system": "gpu8", "site": "virginia", "units": 5, **LIFE}]
    diagnosis = found(fleet=held, systems={"gpu8": {"buyable": False}})
    assert (
        diagnosis is not None
        and "demand in 2027q2" in diagnosis.headline
        and "no service from then on" in diagnosis.headline
    )


def test_priced_demand_may_go_unserved() -> None:
    """Where a shortfall has a price the same instance is left to the solver."""
    late: dict[str, Any] = {"time": {"periods": 4}, "systems": {"gpu8": {"lead_months": 5.0}}}
    assert found(**late, workloads={"chat": {"shortfall_usd_per_request": 0.01}}) is None


@pytest.mark.parametrize(
    ("changes", "equation", "words"),
    [
        ({"network": {"links": []}}, "D3", "no site may serve"),
        ({"systems": {"gpu8": {"lead_months": 60.0}}}, "B2", "no system that could serve it"),
        ({"sites": {"virginia": {"cooling": {"max_kw": 1e4, "max_kw_per_slot": 9.0}}}}, "P3", "can be cooled"),
    ],
)
def test_the_way_and_the_offer_are_told_from_latency(changes: Any, equation: str, words: str) -> None:
    """No link is D3, a lead beyond the horizon is B2, a rack too dense is P3: none is a matter of targets."""
    diagnosis = found(**changes)
    assert diagnosis is not None and diagnosis.findings[0].equation == equation and words in diagnosis.headline


def test_a_run_no_team_finishes_is_told() -> None:
    """A billion times the tokens in two quarters."""
    assert found(workloads={"run": RUN}) is None
    longer = {**RUN, "training": {**RUN["training"], "tokens": 1e19}}  # type: ignore[dict-item]
    diagnosis = found(workloads={"run": longer})
    assert diagnosis is not None and diagnosis.findings[0].equation == "T1" and "'run'" in diagnosis.headline


def test_a_decision_that_cannot_be_carried_out_is_told_with_when_it_could() -> None:
    """A system on sale from the second quarter cannot have been decided on for the first; one barred never comes."""
    decided = {"frozen_until": "2027q1", "purchases": [{"period": "2027q1", "site": "virginia", "system": "gpu8"}]}
    held = [{"id": "old", "system": "gpu8", "site": "virginia", "units": 90, **LIFE, "end_of_life": "2029q4"}]
    late = found(policy=decided, fleet=held, systems={"gpu8": {"available_from": "2027q2"}})
    assert late is not None and late.findings[0].equation == "G2.frozen"
    assert late.headline.endswith("decided: 1 x gpu8 (buy) for virginia in 2027q1, but it can be had there in 2027q2")
    rules = {"rules": [{"id": "no", "destinations": ["US"], "effect": "barred"}]}
    never = found(policy=decided, fleet=held, trade=rules)
    assert never is not None and "it never can be there" in never.headline
    assert found(policy=decided, fleet=held) is None


def test_too_few_sites_are_told_before_solving() -> None:
    """Two sites are asked for and one is linked; from a period in which there are two on, nothing is said."""
    sites = {"texas": {"jurisdiction": "us", "power": {"sources": [{"id": "grid", "existing_kw": 1000.0}]}}}
    links = [{"a": "east", "b": "virginia", "rtt_ms": 20.0}, {"a": "east", "b": "texas", "rtt_ms": 40.0}]
    chat = {"chat": {"min_sites": 2}}
    alone = found(sites=sites, workloads=chat)
    assert alone is not None and alone.findings[0].equation == "R1.sites"
    assert alone.headline == "workload 'chat' needs 2 sites in 2027q1, and could be served at virginia only"
    assert found(sites=sites, workloads=chat, network={"links": links}) is None


def test_a_vendor_that_is_out_is_the_reason_and_not_a_site_that_never_counted() -> None:
    """The one system a workload may use is not to be had at the one site it may use: what bars others is no news."""
    far = {"texas": {"jurisdiction": "us", "power": {"sources": [{"id": "grid", "existing_kw": 1000.0}]}}}
    out = found(sites=far, systems={"gpu8": {"buyable": False}})
    assert out is not None and out.findings[0].equation == "B2"
    assert "no system that could serve it can be had" in out.headline and "gpu8 virginia, neither sold" in out.headline


def test_a_site_that_opens_too_late_is_told() -> None:
    """The only site east may use opens after the horizon; another that it may not use is told after it."""
    sites = {
        "virginia": {"opening": {"cost_usd": 1.0, "lead_months": 12.0}},
        "texas": {"jurisdiction": "us", "power": {"sources": [{"id": "grid", "existing_kw": 1000.0}]}},
    }
    wide = {"regions": [{"id": "east", "jurisdiction": "us"}, {"id": "west", "jurisdiction": "us"}]}
    links = [{"a": "east", "b": "virginia", "rtt_ms": 20.0}, {"a": "west", "b": "texas", "rtt_ms": 20.0}]
    demand = {"regions": [{"region": "east", "rate_per_s": 1.0}, {"region": "west", "rate_per_s": 1.0}]}
    late = found(sites=sites, network={**wide, "links": links}, workloads={"chat": {"demand": demand}})
    assert late is not None
    assert "nobody can serve region 'east': virginia cannot open within the horizon; no link leads" in late.headline
