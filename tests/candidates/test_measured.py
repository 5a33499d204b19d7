"""Measured points in place of predictions: what they stand for, what they stand instead of, and what follows."""

import json
from math import log
from typing import Any

import pytest
from builders import GPU, tiny_instance

from fleetopt.candidates.candidate import Candidate, CandidateSet
from fleetopt.candidates.enumerate import candidates
from fleetopt.instance.schema import Instance
from fleetopt.pipeline import SolveOptions, solve
from fleetopt.plan import Plan
from fleetopt.verify import verify_plan

FREE = {"chat": {"slo": {"ttft_s": None, "tpot_s": None}}}
"""No targets, so that the rate is 0.9 of the saturated one."""
FULL = {"system": "gpu8", "workload": "chat", "bucket": "b1", "tensor": 1, "batch": 16, "ttft_s": 0.2, "tpot_s": 0.02}
MOST = {"system": "gpu8", "workload": "chat", "bucket": "b1", "requests_per_s": 2.0}


def instance(*points: dict[str, Any], replace: str = "all", **changes: Any) -> Instance:
    return tiny_instance(**changes, measured={"points": list(points), "replace": replace})


def found(*points: dict[str, Any], **changes: Any) -> CandidateSet:
    return candidates(instance(*points, **changes))


def only(result: CandidateSet) -> Candidate:
    (candidate,) = result.serving
    return candidate


def solved(case: Instance) -> Plan:
    plan = solve(case, SolveOptions(gap=0.0)).plan
    assert plan.verification is not None and plan.verification.passed, plan.verification
    return plan


def units_bought(case: Instance) -> float:
    return sum(p.units for p in solved(case).purchases)


def test_a_full_point_goes_through_the_queue() -> None:
    """16 requests of 0.2 + 199 x 0.02 = 4.18 s are 3.828/s saturated, and 0.9 of it planned; the trip adds 20 ms.

    At utilisation 0.9 of 16 slots few wait and the wait at p95 is W ln(P / 0.05), W = S / (16 x 0.1), S = 4.18 s;
    the engine is held min(0.2, 1 / 3.828) s a prompt, at load 0.9 x 3.828 x 0.2.
    """
    candidate = only(found(FULL, workloads=FREE))
    assert candidate.id == "chat.virginia.gpu8.agg.bf16.tp1.measured"
    assert (candidate.source, candidate.basis, candidate.units) == ("measured", "measured", 1 / 8)
    point = candidate.points["b1"]
    assert point.rate_per_s == pytest.approx(0.9 * 16 / 4.18)
    assert point.tpot_s == 0.02
    load = 0.9 * 16 / 4.18 * 0.2
    slots_s = 4.18 / 1.6 * log(0.9 ** (34**0.5 - 1) / 0.05)
    engine_s = 0.2 / (1 - load) * log(load / 0.05)
    assert point.ttft_s == pytest.approx(0.2 + 0.02 + slots_s + engine_s)
    assert point.active_kv_gb == pytest.approx((16 * 1100 + 100) * 131072e-9, rel=0.01)


def test_a_rate_measured_with_the_batch_is_the_saturated_one() -> None:
    """3/s measured beside the latencies: 2.7/s are planned."""
    candidate = only(found({**FULL, "requests_per_s": 3.0}, workloads=FREE))
    assert candidate.points["b1"].rate_per_s == pytest.approx(2.7)


def test_a_target_that_a_full_point_misses_rejects_it() -> None:
    """20 ms a token against 10: no candidate, and the prediction does not come back."""
    result = found(FULL, workloads={"chat": {"slo": {"tpot_s": 0.01}}})
    assert result.serving == ()
    (miss,) = [r for r in result.rejections if r.rule == "SLO"]
    assert miss.detail == "b1 tp1 bf16 batch 16 measured: TPOT 0.02 s exceeds 0.01 s"
    assert miss.shortfall == pytest.approx(1.0)


def test_the_best_batch_that_meets_the_targets_is_kept() -> None:
    """Batch 32 is faster but 60 ms a token; batch 8 is slower: batch 16 stands."""
    slow, small = {**FULL, "batch": 32, "tpot_s": 0.06}, {**FULL, "batch": 8, "tpot_s": 0.018}
    assert only(found(slow, FULL, small)).points["b1"].batch == 16


def test_a_maximum_throughput_is_taken_as_it_stands() -> None:
    """2/s of a whole unit: neither derated nor queued; latency, batch, layout and memory are not known."""
    candidate = only(found(MOST))
    assert (candidate.id, candidate.units) == ("chat.virginia.gpu8.agg.bf16.unit.measured", 1.0)
    assert (candidate.layout, candidate.weights_gb) == (None, None)
    point = candidate.points["b1"]
    assert (point.rate_per_s, point.batch, point.ttft_s, point.tpot_s) == (2.0, None, None, None)


def test_latency_of_a_maximum_throughput_is_shown_and_must_meet_the_targets() -> None:
    """0.3 s and the round trip of 20 ms; completion 0.32 + 199 x 0.04; above 0.32 s of target it is refused."""
    row = {**MOST, "ttft_s": 0.3, "tpot_s": 0.04}
    point = only(found(row)).points["b1"]
    assert (point.ttft_s, point.tpot_s) == (pytest.approx(0.32), 0.04)
    assert point.completion_s == pytest.approx(0.32 + 199 * 0.04)
    assert found(row, workloads={"chat": {"slo": {"ttft_s": 0.31}}}).serving == ()


def test_a_maximum_throughput_of_nought_is_a_refusal() -> None:
    """0/s says that the system cannot serve the bucket under its targets, and no prediction contradicts it."""
    result = found({**MOST, "requests_per_s": 0.0})
    assert result.serving == ()
    assert {r.rule for r in result.rejections} == {"SLO", "MEASURED"}


def test_twice_the_throughput_is_half_the_fleet() -> None:
    """15/s at the peak: 8 units (7.5) at 2/s, 4 (3.75) at 4/s; energy of the work is halved as well."""
    slow, fast = instance(MOST), instance({**MOST, "requests_per_s": 4.0})
    assert (units_bought(slow), units_bought(fast)) == (8.0, 4.0)
    assert solved(fast).objective_usd == pytest.approx(solved(slow).objective_usd / 2)


def test_a_full_point_twice_as_fast_is_half_the_fleet() -> None:
    """A replica of 8 chips: 8 x 0.9 / (0.2 + 199 x 0.038) = 0.9276/s needs 17 units; in half the time 9 (8.09)."""
    slow = {**FULL, "tensor": 8, "batch": 8, "ttft_s": 0.2, "tpot_s": 0.038}
    fast = {**slow, "ttft_s": 0.1, "tpot_s": 0.019}
    assert units_bought(instance(slow, workloads=FREE)) == 17.0
    assert units_bought(instance(fast, workloads=FREE)) == 9.0


def test_other_systems_stay_predicted_and_say_what_they_rest_on() -> None:
    """The measurement is of gpu8 alone; acme's chips are in no calibration, so the other one is modelled."""
    result = found(MOST, systems={"gpu9": GPU})
    assert {(c.system, c.source, c.basis) for c in result.serving} == {
        ("gpu8", "measured", "measured"),
        ("gpu9", "predicted", "modelled"),
    }


def test_replace_all_or_the_layout_measured() -> None:
    """A slow tp8 measured: alone with `all`; with `matching` the others stay predicted and the best wins."""
    row = {**FULL, "tensor": 8}
    assert only(found(row)).source == "measured"
    free = found(row, replace="matching")
    assert only(free).source == "predicted"
    assert only(free).layout != only(found(row)).layout
    (given_way,) = [r for r in free.rejections if r.rule == "MEASURED"]
    assert given_way.count == 1


def test_buckets_not_measured_stay_predicted_in_candidates_of_their_own() -> None:
    """b1 is measured and b2 is not: no candidate has points of both kinds."""
    second = {"id": "b2", "share": 0.5, "input_tokens": 4000.0, "output_tokens": 100.0}
    result = found(MOST, workloads={"chat": {"buckets": {"b1": {"share": 0.5}, "b2": second}}})
    assert {(c.source, tuple(c.points)) for c in result.serving} == {("measured", ("b1",)), ("predicted", ("b2",))}


def test_whole_replicas_of_several_units_keep_their_measured_layouts() -> None:
    """Two measured layouts of two units, each for one bucket, both stay: nothing else could serve them."""
    second = {"id": "b2", "share": 0.5, "input_tokens": 4000.0, "output_tokens": 100.0}
    two = {**MOST, "tensor": 8, "pipeline": 2}
    four = {**MOST, "bucket": "b2", "tensor": 8, "pipeline": 4}
    result = found(two, four, workloads={"chat": {"buckets": {"b1": {"share": 0.5}, "b2": second}}})
    assert {(c.units, c.whole, tuple(c.points)) for c in result.serving} == {
        (2.0, True, ("b1",)),
        (4.0, True, ("b2",)),
    }


def test_sizes_match_by_tokens_and_models_by_id() -> None:
    """The same row by model and tokens; other tokens or another format of weights stand for nothing."""
    row = {"system": "gpu8", "model": "small", "input_tokens": 1000.0, "output_tokens": 200.0, "requests_per_s": 2.0}
    assert only(found(row)).source == "measured"
    assert only(found({**row, "input_tokens": 1001.0})).source == "predicted"
    assert only(found({**row, "precision": "fp8"})).source == "predicted"
    assert only(found({**row, "kv_precision": "fp8"})).source == "predicted"


def test_pools_are_measured_one_by_one() -> None:
    """A prefill pool measured alone keeps predicted decode pools, and no aggregated replica is predicted any more.

    Four prompts in 0.4 s are 10/s, 9/s planned. A decode pool of 16: 16 / (199 x 0.02 + transfer) saturated.
    """
    split = {"chat": {**FREE["chat"], "disaggregated": True}}
    pool = {**FULL, "stage": "prefill", "batch": 4, "ttft_s": 0.4, "tpot_s": None}
    result = found(pool, workloads=split)
    assert {(c.stage, c.source) for c in result.serving} == {("prefill", "measured"), ("decode", "predicted")}
    (prefill,) = [c for c in result.serving if c.stage == "prefill"]
    assert prefill.points["b1"].rate_per_s == pytest.approx(9.0)
    decode = {**FULL, "stage": "decode", "ttft_s": None}
    both = found(pool, decode, workloads=split)
    assert {(c.stage, c.source) for c in both.serving} == {("prefill", "measured"), ("decode", "measured")}
    rate = next(c for c in both.serving if c.stage == "decode").points["b1"].rate_per_s
    transfer_s = prefill.points["b1"].kv_transfer_gb / (50.0 * instance().prediction.link_efficiency)
    assert rate == pytest.approx(0.9 * 16 / (199 * 0.02 + transfer_s))
    assert {c.source for c in found(FULL, workloads=split).serving} == {"measured"}


def test_cached_tokens_match_the_use_of_the_cache() -> None:
    """Measured with the bucket's cached tokens: parked; without: recomputed. Restoring comes on top of the first."""
    tier = {"id": "dram", "kind": "dram", "price": {"usd_per_gb": 10.0}, "read_gb_s": 50.0}
    warm = {"buckets": {"b1": {"cached_tokens": 900.0}}, "idle_kv": {"mean_gap_s": 60.0, "tiers": ["dram"]}}
    case = {"workloads": {"chat": {**FREE["chat"], **warm}}, "memory": [tier]}
    row = {**MOST, "ttft_s": 0.3}
    assert {c.reuse for c in found(row, **case).serving} == {"recomputed"}
    parked = only(found({**row, "cached_tokens": 900.0}, **case))
    assert parked.reuse == "parked"
    assert parked.points["b1"].parked_gb_s == pytest.approx(900 * 131072e-9 * 60)
    assert parked.points["b1"].ttft_s == pytest.approx(0.32 + 900 * 131072e-9 / 50)


@pytest.mark.parametrize("row", [FULL, MOST, {**MOST, "ttft_s": 0.3}, {**MOST, "tensor": 4}])
def test_a_measured_plan_says_so_and_is_verified_from_the_rows(row: dict[str, Any]) -> None:
    """plan.json marks the deployment; a measurement changed afterwards no longer carries the plan."""
    case = instance(row)
    plan = json.loads(json.dumps(solved(case).as_dict()))
    (deployment,) = plan["deployments"].values()
    assert (deployment["source"], deployment["basis"]) == ("measured", "measured")
    assert verify_plan(case, plan, sealed=True).passed
    name = "tpot_s" if "batch" in row else "requests_per_s"
    other = verify_plan(instance({**row, name: row[name] * 1.01}), plan, sealed=True)
    assert any(failure.startswith("R2") and "rate_per_s" in failure for failure in other.failures)
    unmarked = {**deployment, "source": "predicted"}
    relabelled = {**plan, "deployments": dict.fromkeys(plan["deployments"], unmarked)}
    assert not verify_plan(case, relabelled, sealed=True).passed
