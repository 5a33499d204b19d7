"""R2 where rates are given: each figure stands in a row of `measured`, or keeps a queue's targets and no more would.

The queue is worked out a second time and another way: state by state from the front, in plain products.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleetopt.instance.measured import MeasuredPoint, ServiceQueue
from fleetopt.instance.workloads import Bucket
from fleetopt.plan import Deployment
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness

GIVEN = "given"
"""What stands for formats that nobody said."""
NEAR = 1e-9
"""How far a queue's figures may be from those of the plan."""
MORE = 1e-6
"""A rate higher by this share misses a target, or is more than the queue is asked for."""
LIGHTEST = 0.001
"""Load from which a queue is believed, as a share of a request's alone."""


def is_given(ledger: Ledger, d: Deployment) -> bool:
    """Whether figures of a deployment are given: by a queue, or because model or chip is not described."""
    workload, system = ledger.workloads[d.workload], ledger.systems[d.system]
    queued = any(q.system == d.system and d.workload in q.workloads for q in ledger.instance.measured.queues)
    return queued or workload.model is None or system.chip is None


def check_given_words(d: Deployment, witness: Witness) -> None:
    """A given deployment says nothing of formats, layout and weights."""
    for name, found, expected in (
        ("precision", d.precision, GIVEN),
        ("kv_precision", d.kv_precision, GIVEN),
        ("stage", d.stage, "aggregated"),
        ("reuse", d.reuse, "none"),
        ("source", d.source, "measured"),
        ("basis", d.basis, "measured"),
        ("bands", dict(d.bands), {}),
        ("layout", (d.tensor, d.pipeline, d.expert), (None, None, None)),
        ("weights_gb", d.weights_gb, None),
    ):
        witness.same("R2", (d.id, name), found, expected)


def given_units(ledger: Ledger, d: Deployment) -> int:
    """Units of a replica: those of the queue, or of a measurement with so many units; 0 where there is none."""
    return next((row.units for row in _rows(ledger, d) if row.units == d.units_per_replica), 0)


def check_given(
    ledger: Ledger, d: Deployment, bucket_id: str, point: Mapping[str, float], witness: Witness
) -> None:  # fmt: skip
    """One operating point against its row."""
    workload = ledger.workloads[d.workload]
    bucket = next(b for b in workload.buckets if b.id == bucket_id)
    rows = [r for r in _rows(ledger, d) if r.units == d.units_per_replica and _is_size(r, bucket)]
    witness.holds("R2", (d.id, bucket_id), bool(rows), "expected a measurement or queue of this bucket, found none")
    if not rows:
        return
    row, view = rows[0], ledger.network
    regions = ledger.reached[workload.id].regions_of(d.site)
    rtt_s = max((view.round_trip_ms(region, d.site) or 0.0 for region in regions), default=0.0) / 1000.0
    if isinstance(row, MeasuredPoint):
        ttft_s = None if row.ttft_s is None else row.ttft_s + rtt_s
        expected = {"rate_per_s": row.requests_per_s, "ttft_s": ttft_s, "tpot_s": row.tpot_s}
        _check_figures((d.id, bucket_id), point, expected, witness)
    else:
        _check_queue(ledger, d, bucket, row, rtt_s, point, witness)


def _rows(ledger: Ledger, d: Deployment) -> list[ServiceQueue | MeasuredPoint]:
    """The queue of a workload on a system, or else its measurements."""
    queues = [q for q in ledger.instance.measured.queues if q.system == d.system and d.workload in q.workloads]
    return [*queues[:1]] if queues else [*ledger.most_measured.get((d.system, d.workload), [])]


def _is_size(row: ServiceQueue | MeasuredPoint, bucket: Bucket) -> bool:
    if isinstance(row, ServiceQueue) or row.bucket is not None:
        return isinstance(row, ServiceQueue) or row.bucket == bucket.id
    return (row.input_tokens, row.output_tokens) == (bucket.input_tokens, bucket.output_tokens)


def _check_figures(
    index: tuple[str, str], point: Mapping[str, float], expected: Mapping[str, Any], witness: Witness
) -> None:
    """Every figure as expected, and no other; what is None is not said, and nothing moves or parks KV."""
    all_ = {**expected, "kv_transfer_gb": 0.0, "parked_gb_s": 0.0}
    said = {name: value for name, value in all_.items() if value is not None}
    witness.same("R2", (*index, "fields"), sorted(point), sorted(said))
    for name in said.keys() & point.keys():
        witness.equal("R2", (*index, name), point[name], float(said[name]), NEAR)


@dataclass(frozen=True)
class _Means:
    ttft_s: float
    tpot_s: float


def _check_queue(
    ledger: Ledger, d: Deployment, bucket: Bucket, row: ServiceQueue, rtt_s: float, point: Mapping[str, float],
    witness: Witness,
) -> None:  # fmt: skip
    """The rate keeps both means within the targets, and a little more would not, or is more than is believed."""
    index, slo = (d.id, bucket.id), ledger.workloads[d.workload].targets(bucket)
    batch = row.max_batch
    if row.at_tokens is not None:
        batch = max(int(row.max_batch * row.at_tokens // bucket.output_tokens), 1)
    rate = point["rate_per_s"]
    now, more = (_means(row, bucket, batch, rate * factor) for factor in (1.0, 1.0 + MORE))
    expected = {
        "rate_per_s": rate,
        "batch": batch,
        "ttft_s": now.ttft_s + rtt_s,
        "tpot_s": now.tpot_s,
        "completion_s": now.ttft_s + rtt_s + max(bucket.output_tokens - 1.0, 0.0) * now.tpot_s,
    }
    _check_figures(index, point, expected, witness)
    targets = (slo.ttft_s, slo.tpot_s)
    for name, found, limit in zip(("ttft_s", "tpot_s"), (now.ttft_s + rtt_s, now.tpot_s), targets, strict=True):
        if limit is not None:
            witness.at_most("R2", (*index, name), found, limit)
    most = row.most_load * batch / _service_s(row, bucket, batch)
    pairs = zip((more.ttft_s + rtt_s, more.tpot_s), targets, strict=True)
    beyond = any(limit is not None and found > limit for found, limit in pairs) or rate * (1.0 + MORE) > most
    witness.holds("R2", (*index, "rate_per_s"), beyond, f"expected the highest rate under the targets, found {rate!r}")
    witness.at_most("R2", (*index, "rate_per_s"), rate, most)
    witness.at_least("R2", (*index, "rate_per_s"), rate, LIGHTEST / _service_s(row, bucket, 1))


def _pass_s(row: ServiceQueue, bucket: Bucket, n: float) -> float:
    i, o = bucket.input_tokens, bucket.output_tokens
    return row.base_s + n * row.token_s * (i + o) / (o + 1.0) + n * row.context_s * (i + 0.5 * o)


def _prefill_s(row: ServiceQueue, bucket: Bucket, n: float) -> float:
    return _pass_s(row, bucket, n) + bucket.input_tokens * (row.token_s + row.context_s)


def _service_s(row: ServiceQueue, bucket: Bucket, n: float) -> float:
    """A prompt and all its tokens, with n requests in service."""
    step_s = _pass_s(row, bucket, n) + row.token_s + row.context_s * (bucket.input_tokens + 0.5 * bucket.output_tokens)
    return _prefill_s(row, bucket, n) + bucket.output_tokens * step_s


def _means(row: ServiceQueue, bucket: Bucket, batch: int, rate: float) -> _Means:
    """Mean latency at an arrival rate, from the balance of each state with the next."""
    state, states = 1.0, [1.0]
    last = batch * (1 + row.queue_batches)
    for n in range(1, last + 1):
        busy = min(n, batch)
        state *= rate * _service_s(row, bucket, busy) / busy
        states.append(state)
        if state > 1e250:
            states = [each / state for each in states]
            state = 1.0
    total = sum(states)
    serving = sum(min(n, batch) * each for n, each in enumerate(states)) / total
    waiting = sum(max(n - batch, 0) * each for n, each in enumerate(states)) / total
    through = rate * (1.0 - states[-1] / total)
    prefill_s = _prefill_s(row, bucket, serving)
    tpot_s = (serving / through - prefill_s) / bucket.output_tokens
    return _Means(waiting / through + prefill_s + tpot_s, tpot_s)
