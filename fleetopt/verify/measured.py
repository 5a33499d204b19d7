"""R2 for measured deployments: every figure leads back to a row of the instance's `measured` section."""

from collections.abc import Mapping
from typing import Any

from fleetopt.candidates.evaluate import predictor_for, round_trip_s
from fleetopt.candidates.family import Family
from fleetopt.candidates.layouts import layout_of
from fleetopt.candidates.measured import operate_measured
from fleetopt.instance.measured import MeasuredPoint
from fleetopt.plan import Deployment
from fleetopt.prediction.types import Refusal
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness


def check_measured(
    ledger: Ledger, d: Deployment, bucket_id: str, point: Mapping[str, float], witness: Witness
) -> None:  # fmt: skip
    """One operating point: the row it rests on, its rate as measured or from its latencies, and nothing else."""
    index = (d.id, bucket_id)
    row = _row(ledger, d, bucket_id, point.get("batch"))
    witness.holds("R2", index, row is not None, "expected a measurement of this configuration, found none")
    if row is None:
        return
    if not row.full:
        witness.equal("R2", (*index, "rate_per_s"), point["rate_per_s"], row.requests_per_s or 0.0)
    instance, workload = ledger.instance, ledger.workloads[d.workload]
    bucket = next(b for b in workload.buckets if b.id == bucket_id)
    predictor = predictor_for(instance, workload, d.system, row.format_for(workload))
    stage, reuse, precision = row.stage, d.reuse, row.format_for(workload)
    family = Family(workload, ledger.systems[d.system], stage, reuse, precision, predictor, "measured", {})
    rtt_s = round_trip_s(ledger.network, ledger.reached[workload.id], d.site)
    found = operate_measured(instance, family, bucket, row, rtt_s)
    if isinstance(found, Refusal):
        witness.holds(found.rule, index, False, f"expected a measurement that meets the targets; {found.detail}")
        return
    expected: dict[str, Any] = {
        name: getattr(found, name) for name in found.__slots__ if name != "bucket" and getattr(found, name) is not None
    }
    witness.same("R2", (*index, "fields"), sorted(point), sorted(expected))
    for name in expected.keys() & point.keys():
        witness.equal("R2", (*index, name), point[name], float(expected[name]))
    _check_weights(d, row, family, witness)


def _row(ledger: Ledger, d: Deployment, bucket_id: str, batch: float | None) -> MeasuredPoint | None:
    """The one row for a deployment's configuration, bucket and batch."""
    workload = ledger.workloads[d.workload]
    bucket = next(b for b in workload.buckets if b.id == bucket_id)
    widths = (d.tensor, d.pipeline or 1, d.expert or 1)
    for row in ledger.instance.measured.points:
        if (
            row.system == d.system
            and row.is_for(workload)
            and row.is_of(workload, bucket)
            and (row.stage, row.format_for(workload)) == (d.stage, d.precision)
            and (row.tensor, row.pipeline, row.expert) == widths
            and row.batch == batch
            and (row.cached_tokens > 0) == (d.reuse == "parked")
        ):
            return row
    return None


def _check_weights(d: Deployment, row: MeasuredPoint, family: Family, witness: Witness) -> None:
    """M1: weights are counted for a layout, and not said without."""
    if row.tensor is None:
        witness.same("M1", (d.id, "weights_gb"), d.weights_gb, None)
        return
    predictor = family.predictor
    layout = layout_of(predictor, row.tensor, row.pipeline, row.expert)
    known = d.weights_gb is not None
    witness.holds("M1", (d.id, "weights_gb"), known, "expected the size of the weights")
    witness.equal("M1", (d.id, "weights_gb"), d.weights_gb or 0.0, predictor.memory.weights_gb(predictor.step, layout))
