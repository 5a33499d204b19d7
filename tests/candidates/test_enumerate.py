"""The enumeration as a whole: screens with reasons, ids, pools in pairs, order, determinism."""

from collections import Counter
from typing import Any

import pytest
from builders import CPU_RACK, GPU, SRAM, tiny_instance, tiny_raw, with_orbit

from fleetopt.candidates.candidate import CandidateSet, Rejection
from fleetopt.candidates.enumerate import candidates
from fleetopt.instance.schema import Instance

SPLIT = {"workloads": {"chat": {"disaggregated": True}}}


def found(**changes: Any) -> CandidateSet:
    return candidates(tiny_instance(**changes))


def rejected(result: CandidateSet, rule: str, stage: str | None = None) -> list[Rejection]:
    return [r for r in result.rejections if r.rule == rule and (stage is None or r.stage == stage)]


def test_a_tiny_instance_has_one_best_way() -> None:
    """One bucket, shared units: dominance leaves a single candidate with a readable id."""
    result = found()
    assert [c.id for c in result.serving] == ["chat.virginia.gpu8.agg.bf16.tp1"]
    (only,) = result.serving
    assert (only.units, only.whole, list(only.points)) == (0.125, False, ["b1"])
    assert result.admissible + sum(r.count for r in rejected(result, "SLO")) == result.configurations


def test_disaggregated_serving_has_pools_in_pairs() -> None:
    """Aggregated, prefill and decode, each with its best layout."""
    assert [c.stage for c in found(**SPLIT).serving] == ["aggregated", "prefill", "decode"]


def test_d4_a_pool_without_a_partner_is_dropped_with_a_reason() -> None:
    """No decode pool meets 1 ms a token, so prefill pools have nobody to send to."""
    result = found(workloads={"chat": {"disaggregated": True, "slo": {"tpot_s": 0.001}}})
    assert result.serving == ()
    assert "no decode pool" in rejected(result, "D4", "prefill")[0].detail
    assert rejected(result, "SLO", "decode") and rejected(result, "SLO", "aggregated")


def test_d4_satellites_and_chips_without_network_are_not_split() -> None:
    """Satellites share no fabric; a chip without a network link cannot send KV."""
    orbit = found(**with_orbit(**SPLIT))
    assert {c.stage for c in orbit.serving if c.system == "sat"} == {"aggregated"}
    assert any(r.system == "sat" for r in rejected(orbit, "D4"))
    alone = found(**SPLIT, systems={"gpu8": {"chip": {"scale_out_gb_s": 0.0}}})
    assert {c.stage for c in alone.serving} == {"aggregated"}
    assert rejected(alone, "D4", "prefill") and rejected(alone, "D4", "decode")


@pytest.mark.parametrize(("memory_gb", "fits"), [(18.02, True), (18.0, False)])
def test_m1_memory_just_fits_and_just_does_not(memory_gb: float, fits: bool) -> None:
    """One chip: 16.060 GB of weights and 0.157 GB of KV (1,200 tokens) need 16.217 / 0.9 = 18.02 GB."""
    alone = {"chip": {"memory_gb": memory_gb, "scale_up_gb_s": 0.0, "scale_out_gb_s": 0.0}, "chips": 1}
    result = found(systems={"gpu8": alone}, models={"small": {"layers": 32}})
    assert bool(result.serving) is fits
    if not fits:
        assert rejected(result, "C2") or rejected(result, "M1")
        assert rejected(result, "M1")[0].shortfall == pytest.approx(0.0, abs=0.01)


def test_d3_bars_a_site_with_the_figures() -> None:
    """600 ms against 500: no candidate, and the rejection says by how much (20 %)."""
    result = found(network={"links": [{"a": "east", "b": "virginia", "rtt_ms": 600.0}]})
    assert result.serving == ()
    (barrier,) = rejected(result, "D3")
    assert (barrier.site, barrier.shortfall) == ("virginia", pytest.approx(0.2))


def test_the_nearest_miss_is_told_with_its_configuration() -> None:
    """With 3 ms a token everything fails; the closest is the widest group at batch 1."""
    result = found(workloads={"chat": {"slo": {"tpot_s": 0.003}}})
    (miss,) = rejected(result, "SLO")
    assert miss.detail.startswith("b1 tp8 bf16 batch 1: TPOT")
    assert miss.count == result.configurations


def test_offers_that_can_never_be_had_are_told_too() -> None:
    """A system without price or rent appears among the rejections, not among the candidates."""
    result = found(systems={"gpu8": {"price": {"buy_usd": None}}})
    assert result.serving == ()
    assert [r.rule for r in result.rejections] == ["B7"]


def test_sram_machines_span_units_as_whole_replicas() -> None:
    """16.06 GB on machines of 9 GB usable: two machines a replica, counted whole."""
    result = found(systems={"gpu8": None, "wafer": {**SRAM, "chip": {**SRAM["chip"], "memory_gb": 10.0}}})
    assert result.serving
    assert all(c.whole and c.units >= 2.0 and c.layout.pipeline == c.units for c in result.serving)


def test_a_workload_may_ask_for_whole_replicas_and_name_its_systems() -> None:
    """`whole_replicas` counts replicas that share a unit; `systems` leaves out the rest."""
    changes = {"workloads": {"chat": {"whole_replicas": True, "systems": ["gpu8"]}}, "systems": {"wafer": SRAM}}
    result = found(**changes)
    assert {(c.system, c.whole) for c in result.serving} == {("gpu8", True)}


def test_reuse_follows_what_is_cached_and_where_it_may_lie() -> None:
    """A bucket with cached tokens is parked or recomputed, one without neither; parked needs an enabled tier."""
    tier = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0}, "read_gb_s": 50.0}
    warm = {"id": "warm", "share": 0.5, "input_tokens": 1000.0, "cached_tokens": 900.0, "output_tokens": 200.0}
    chat: dict[str, Any] = {"buckets": {"b1": {"share": 0.5}, "warm": warm}}
    chat["idle_kv"] = {"mean_gap_s": 60.0, "tiers": ["dram"]}

    def reuses(**changes: Any) -> Counter[tuple[str, str]]:
        result = found(workloads={"chat": {**chat, **changes.pop("chat", {})}}, memory=[{**tier, **changes}])
        return Counter((c.reuse, bucket) for c in result.serving for bucket in c.points)

    assert reuses() == {("none", "b1"): 1, ("parked", "warm"): 1, ("recomputed", "warm"): 1}
    assert reuses(enabled=False) == {("none", "b1"): 1, ("recomputed", "warm"): 1}
    no_recompute = {"idle_kv": {"mean_gap_s": 60.0, "tiers": ["dram"], "may_recompute": False}}
    assert reuses(chat=no_recompute) == {("none", "b1"): 1, ("parked", "warm"): 1}
    assert reuses(chat={"idle_kv": None}) == {("none", "b1"): 1, ("recomputed", "warm"): 1}


def test_disabled_workloads_and_empty_buckets_need_no_columns() -> None:
    """Neither a workload that is off nor a bucket without requests becomes a candidate."""
    assert found(workloads={"chat": {"enabled": False}}).serving == ()
    empty = {"id": "none", "share": 0.0, "input_tokens": 10.0, "output_tokens": 10.0}
    result = found(workloads={"chat": {"buckets": {"none": empty}}})
    assert {bucket for c in result.serving for bucket in c.points} == {"b1"}


def wide() -> dict[str, Any]:
    """Two sites, three systems, two buckets, split pools."""
    second = {"id": "b2", "share": 0.4, "input_tokens": 4000.0, "output_tokens": 100.0}
    return {
        "systems": {"gpu9": {**GPU, "price": {"buy_usd": 1.0}}, "wafer": SRAM, "cpu": CPU_RACK},
        "sites": {"texas": {"jurisdiction": "us"}},
        "network": {"links": [{"a": "east", "b": "virginia", "rtt_ms": 20}, {"a": "east", "b": "texas", "rtt_ms": 40}]},
        "workloads": {"chat": {"disaggregated": True, "buckets": {"b1": {"share": 0.6}, "b2": second}}},
    }


def as_set(result: CandidateSet) -> tuple[Any, ...]:
    serving = sorted((c.id, sorted(c.points.items())) for c in result.serving)
    return serving, sorted(result.rejections, key=repr), result.configurations, result.admissible


def test_ids_are_unique_and_the_same_input_gives_the_same_set() -> None:
    """Two runs agree in every figure and in order; no id occurs twice."""
    one, two = found(**wide()), found(**wide())
    assert one == two
    assert len({c.id for c in one.serving}) == len(one.serving)
    assert {c.site for c in one.serving} == {"virginia", "texas"}


def test_the_order_of_the_instance_does_not_matter() -> None:
    """Reversed systems, sites, links and buckets give the same candidates and rejections."""
    raw = tiny_raw(**wide())
    turned = {**raw, "systems": raw["systems"][::-1], "sites": raw["sites"][::-1]}
    turned["network"] = {**raw["network"], "links": raw["network"]["links"][::-1]}
    turned["workloads"] = [{**w, "buckets": w["buckets"][::-1]} for w in raw["workloads"]]
    one, two = (candidates(Instance.model_validate(data)) for data in (raw, turned))
    assert as_set(one) == as_set(two)


@pytest.mark.parametrize(("memory_gb", "fits"), [(5.0, True), (4.0, False)])
def test_c2_a_model_too_large_for_one_satellite_is_not_spread_over_two(memory_gb: float, fits: bool) -> None:
    """16.2 GB on four chips of 5 x 0.9 GB (18) fit; on four of 4 x 0.9 GB (14.4) they would need a second satellite."""
    chip = {"chip": {"memory_gb": memory_gb}}
    result = found(**with_orbit(systems={"gpu8": None, "sat": chip}))
    assert bool(result.serving) is fits
    assert bool(rejected(result, "C2")) is not fits
