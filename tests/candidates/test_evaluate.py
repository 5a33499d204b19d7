"""One configuration evaluated: who answers for which target, and the same answer twice."""

from typing import Any

import pytest
from builders import tiny_instance

from fleetopt.candidates.candidate import OperatingPoint
from fleetopt.candidates.enumerate import candidates
from fleetopt.candidates.evaluate import predictor_for, recompute
from fleetopt.instance.schema import Instance
from fleetopt.prediction.types import Layout, Refusal, ServingPoint, Work

AGENT: dict[str, Any] = {
    "kind": "agentic",
    "buckets": {"b1": {"input_tokens": 10_000.0, "cached_tokens": 9_000.0}},
    "slo": {"ttft_s": None, "tpot_s": None, "completion_s": 300.0},
    "agent": {"turns_per_task": 10.0, "tool_s": 5.0},
    "idle_kv": {"mean_gap_s": 60.0, "tiers": ["dram"]},
    "disaggregated": True,
}
DRAM = {"dram": {"kind": "dram", "price": {"usd_per_gb": 10.0}, "read_gb_s": 50.0, "latency_s": 0.001}}


def agents(**workload: Any) -> Instance:
    return tiny_instance(workloads={"chat": {**AGENT, **workload}}, memory=[{"id": "dram", **DRAM["dram"]}])


def point(
    instance: Instance, stage: Any, reuse: Any = "none", batch: int = 4, site: str = "virginia"
) -> OperatingPoint:
    found = recompute(instance, "chat", site, "gpu8", stage, reuse, "bf16", 1, 1, 1, "b1", batch)
    assert isinstance(found, OperatingPoint), found
    return found


def refusal(instance: Instance, stage: Any, reuse: Any = "none", batch: int = 4) -> Refusal:
    found = recompute(instance, "chat", "virginia", "gpu8", stage, reuse, "bf16", 1, 1, 1, "b1", batch)
    assert isinstance(found, Refusal), found
    return found


def test_recompute_returns_every_candidates_points_exactly() -> None:
    """What the search found is found again from the instance alone, figure for figure."""
    instance = agents(precisions=["bf16", "fp8"])
    found = candidates(instance).serving
    assert {c.stage for c in found} == {"aggregated", "prefill", "decode"}
    for c in found:
        for bucket, was in c.points.items():
            wide = (c.layout.tensor, c.layout.pipeline, c.layout.expert)
            again = recompute(
                instance, c.workload, c.site, c.system, c.stage, c.reuse, c.precision, *wide, bucket, was.batch
            )  # type: ignore[arg-type]
            assert again == was


def test_the_round_trip_counts_in_ttft() -> None:
    """At the same load 80 ms more of round trip is 80 ms more of TTFT, where no target binds."""
    free = {"workloads": {"chat": {"slo": {"ttft_s": None, "tpot_s": None}}}}
    far = {"links": [{"a": "east", "b": "virginia", "rtt_ms": 100.0}]}
    slow, quick = tiny_instance(**free, network=far), tiny_instance(**free)
    assert point(slow, "aggregated").ttft_s - point(quick, "aggregated").ttft_s == pytest.approx(0.08)


def test_r2_a_replica_is_planned_at_most_at_max_utilisation() -> None:
    """Without any target the rate is 0.9 of the saturated one: lowering it to 0.45 halves the rate."""
    free = {"workloads": {"chat": {"slo": {"ttft_s": None, "tpot_s": None}}}}
    full = point(tiny_instance(**free), "aggregated").rate_per_s
    half = point(tiny_instance(**free, prediction={"max_utilisation": 0.45}), "aggregated").rate_per_s
    assert half == pytest.approx(full / 2)


def test_r2_burstier_arrivals_lower_the_rate_at_the_same_target() -> None:
    """A target that binds leaves less at dispersion 4 than at 1."""
    slo = {"ttft_s": 0.3, "tpot_s": 0.05}
    calm = tiny_instance(workloads={"chat": {"slo": slo}})
    bursty = tiny_instance(workloads={"chat": {"slo": slo, "demand": {"dispersion": 4.0}}})
    assert point(bursty, "aggregated", batch=64).rate_per_s < point(calm, "aggregated", batch=64).rate_per_s


@pytest.mark.parametrize("factor", [1.0001, 0.9999])
def test_slo_tpot_just_passes_and_just_fails(factor: float) -> None:
    """A target a hair above the time per token passes, a hair below is refused by that hair."""
    tpot_s = point(tiny_instance(), "aggregated", batch=8).tpot_s
    instance = tiny_instance(workloads={"chat": {"slo": {"tpot_s": tpot_s * factor}}})
    if factor > 1:
        assert point(instance, "aggregated", batch=8).tpot_s == tpot_s
    else:
        assert refusal(instance, "aggregated", batch=8).shortfall == pytest.approx(1 / factor - 1)


def test_m1_the_largest_batch_that_fits_and_one_more() -> None:
    """KV of 1,100 tokens is 144 MB: (72 - 16.06) GB hold 387 requests at 144 MB and one at its end; 388 are refused."""
    loose = tiny_instance(workloads={"chat": {"slo": {"ttft_s": None, "tpot_s": None}}})
    assert point(loose, "aggregated", batch=387).active_kv_gb < 72.0 - 16.06
    assert refusal(loose, "aggregated", batch=388).rule == "M1"


def test_parked_kv_is_its_size_times_the_gap_and_restoring_it_takes_time() -> None:
    """9,000 cached tokens x 131,072 bytes = 1.1796 GB, idle for 60 s: 70.8 GB for each request/s.

    Restoring takes 1.1796 / 50 + 0.001 = 0.0246 s from the slowest tier, on top of a prefill of 1,000 tokens.
    """
    parked, recomputed = point(agents(), "prefill", "parked"), point(agents(), "prefill", "recomputed")
    assert parked.parked_gb_s == pytest.approx(9000 * 131072e-9 * 60)
    assert recomputed.parked_gb_s == 0.0
    assert parked.rate_per_s > recomputed.rate_per_s
    quicker = tiny_instance(
        workloads={"chat": AGENT}, memory=[{"id": "dram", **DRAM["dram"], "read_gb_s": 1e9, "latency_s": 0.0}]
    )
    saved_s = parked.ttft_s - point(quicker, "prefill", "parked").ttft_s
    assert saved_s == pytest.approx(1.179648 / 50 + 0.001, rel=1e-3)


def test_a_task_is_all_its_turns_with_tools_between() -> None:
    """Nine tools of 5 s, 10 x 199 tokens and the waits: between one and ten of them late; 45 s alone is too short."""
    found = point(agents(), "aggregated", "parked")
    busy_s = 45.0 + 10 * 199 * found.tpot_s
    assert busy_s + found.ttft_s < found.completion_s < busy_s + 10 * found.ttft_s
    assert refusal(agents(slo={"completion_s": 45.0}), "aggregated", "parked").rule == "SLO"


def test_the_completion_of_split_pools_adds_up_within_the_target() -> None:
    """Without a TTFT target each pool has half of what tools leave: any pair meets 300 s."""
    prefill, decode = point(agents(), "prefill", "parked"), point(agents(), "decode")
    assert prefill.completion_s <= (300 - 45) / 2
    assert prefill.completion_s + decode.completion_s + 45.0 <= 300.0
    tight = agents(slo={"completion_s": 45.0 + 2 * 10 * 199 * 0.005})
    assert refusal(tight, "decode").rule == "SLO"


def test_prefill_answers_for_ttft_and_decode_for_tpot() -> None:
    """A decode pool has no TTFT of its own; its TPOT holds what stalls a request after the first token."""
    instance = tiny_instance(workloads={"chat": {"disaggregated": True}})
    prefill, decode = point(instance, "prefill"), point(instance, "decode")
    assert (prefill.tpot_s, decode.ttft_s) == (0.0, 0.0)
    predictor = predictor_for(instance, instance.workloads[0], "gpu8", "bf16")
    alone = predictor.decode(Layout(), Work(1000.0, 0.0, 200.0), 4)
    assert isinstance(alone, ServingPoint)
    assert alone.tpot_s + alone.ttft_s / 199 < decode.tpot_s <= 0.05
    assert prefill.kv_transfer_gb == decode.kv_transfer_gb == pytest.approx(1000 * 131072e-9)


def test_slow_links_spoil_the_time_per_token_of_a_decode_pool() -> None:
    """131 MB over 1 MB/s x 0.42 take 312 s: over 199 tokens 1.6 s each, far above 50 ms."""
    slow = tiny_instance(systems={"gpu8": {"chip": {"scale_out_gb_s": 0.001}}})
    found = refusal(slow, "decode")
    assert found.rule == "SLO"
    assert "KV transfer" in found.detail


def test_a_system_without_accelerators_cannot_be_evaluated() -> None:
    """Asking for one is a mistake of the caller."""
    instance = tiny_instance(systems={"gpu8": {"chip": None, "chips": 0}})
    with pytest.raises(ValueError, match="no accelerators"):
        recompute(instance, "chat", "virginia", "gpu8", "aggregated", "none", "bf16", 1, 1, 1, "b1", 1)


def test_drafts_are_those_of_the_workload_or_its_model() -> None:
    """Two tokens of three gained in a pass: decoding is faster, marked as modelled, and nothing else changes."""
    drafts = {"draft_tokens": 2, "tokens_per_pass": 2.0, "draft_layers": 0}
    plain = point(tiny_instance(), "aggregated")
    for name in ("chat", "small"):
        instance = tiny_instance(prediction={"speculative": {name: drafts}})
        drafted = point(instance, "aggregated")
        assert drafted.tpot_s < plain.tpot_s
        assert drafted.active_kv_gb == plain.active_kv_gb
        assert {column.basis for column in candidates(instance).serving} == {"modelled"}
