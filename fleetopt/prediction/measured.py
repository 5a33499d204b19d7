"""A measured point in place of a predicted one: the same figures, so that queueing and targets treat it alike (R2).

What was not measured follows from what was, on the safe side:

- the saturated rate, by Little's law: a batch of B completes B / residence a second; residence is TTFT + (n - 1) TPOT
  where prefill and decode run together, TTFT in a prefill pool, (n - 1) TPOT and the transfer of KV in a decode pool;
- the time a prompt keeps the engine to itself is at most its TTFT, and at most 1 / rate, or the rate were lower.

Sizes are counted, not measured: weights and KV held, KV moved. So the time to send KV between pools is predicted.
"""

from fleetopt.instance.measured import MeasuredPoint
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.types import Layout, Refusal, ServingPoint, Work


def full_point(predictor: Predictor, row: MeasuredPoint, layout: Layout, work: Work) -> ServingPoint | Refusal:
    """The replica with an empty queue; D4 where a pool has no network. `row` has a batch and its stage's latencies."""
    assert row.batch is not None, "a maximum throughput has no batch"
    ttft_s, tpot_s = row.ttft_s or 0.0, row.tpot_s or 0.0
    transfer_s, transfer_gb = 0.0, 0.0
    if row.stage != "aggregated":
        sent_s, transfer_gb = predictor.kv_transfer(layout, work)
        if sent_s is None:
            return Refusal("D4", f"{predictor.chip.id} has no network to move KV over")
        transfer_s = sent_s
    steps = max(work.output_tokens - 1, 0.0)
    residence_s = {
        "aggregated": ttft_s + steps * tpot_s,
        "prefill": ttft_s,
        "decode": max(steps, 1.0) * tpot_s + transfer_s,
    }[row.stage]
    rate = row.requests_per_s or row.batch / residence_s
    if row.stage != "aggregated":
        rate = min(rate, 1 / transfer_s) if transfer_s else rate
    weights_gb, kv_gb = predictor.held_gb(layout, work, row.batch, row.stage)
    return ServingPoint(
        batch=row.batch,
        ttft_s=transfer_s if row.stage == "decode" else ttft_s,
        tpot_s=tpot_s,
        requests_per_s=rate,
        service_s=1 / rate,
        weights_gb=weights_gb,
        kv_gb=kv_gb,
        kv_transfer_gb=transfer_gb,
        slots=1 if row.stage == "prefill" else row.batch,
        prefill_s=min(ttft_s, 1 / rate) if row.stage == "aggregated" else 0.0,
    )
