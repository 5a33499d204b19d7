"""Candidates from the planner's own measurements, and which predictions they stand instead of.

A full point goes the way of a predicted one: queueing, targets, at most the planned utilisation (R2). A maximum
throughput is a rate at which the targets were met, so it is taken as it stands; latency measured with it is shown, with
what comes on top (round trip, restore, transfer), and must meet the targets; latency not measured stays unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from fleetopt.candidates.asked import held_gb_s, slowest_restore_s, turns_of, work_of
from fleetopt.candidates.candidate import RESIDENT, Candidate, OperatingPoint, without_band
from fleetopt.candidates.evaluate import operate
from fleetopt.candidates.family import Family, layout_name
from fleetopt.candidates.layouts import layout_of, replica_units
from fleetopt.candidates.tally import Tally
from fleetopt.instance.measured import Measured, MeasuredPoint
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Bucket
from fleetopt.prediction.measured import full_point
from fleetopt.prediction.serving import Predictor
from fleetopt.prediction.types import Layout, Refusal, Stage

MARK = "measured"
"""How the ids of measured candidates end."""
_POOLS: dict[Stage, Stage] = {"prefill": "decode", "decode": "prefill"}


@dataclass(frozen=True, slots=True)
class Stands:
    """Which measurements stand for a family, and instead of which predictions."""

    measured: Measured
    family: Family

    def rows(self, bucket: Bucket) -> Iterator[MeasuredPoint]:
        """Measurements of the family's stage, format and use of the cache."""
        f = self.family
        cached = work_of(f.workload, bucket, f.reuse).cached_tokens > 0
        for row in self._of(bucket):
            if row.stage == f.stage and row.format_for(f.workload) == f.precision and (row.cached_tokens > 0) == cached:
                yield row

    def instead_of(self, bucket: Bucket, layout: Layout | None = None) -> bool:
        """Whether predictions of the family give way: all of them, or those of a layout.

        A pool measured alone keeps its partner predicted; else a system measured at all is predicted no more.
        """
        if self.measured.replace == "matching":
            own = layout and (layout.tensor, layout.pipeline, layout.expert)
            rows = self.rows(bucket) if own else iter(())
            return any(row.tensor is None or (row.tensor, row.pipeline, row.expert) == own for row in rows)
        stages = {row.stage for row in self._of(bucket)}
        partner = _POOLS.get(self.family.stage)
        return bool(stages) and (self.family.stage in stages or partner not in stages)

    def refusal(self, bucket: Bucket) -> Refusal:
        """What is said of predictions that give way."""
        return Refusal("MEASURED", f"{bucket.id}: the planner's measurements stand instead", 0.0)

    def _of(self, bucket: Bucket) -> Iterator[MeasuredPoint]:
        f = self.family
        return (row for row in self.measured.of(f.workload, f.system.id) if row.is_of(f.workload, bucket))


def measured_candidates(
    instance: Instance, family: Family, sites: Mapping[float, list[str]], tally: Tally
) -> list[Candidate]:
    """A candidate for each layout measured and site, with the best point of each bucket."""
    if family.reuse == RESIDENT:
        return []  # no measurement says how much KV stayed in fast memory between turns
    stands = Stands(instance.measured, family)
    found: dict[tuple[str, Layout | None], Candidate] = {}
    for bucket in family.buckets():
        for row in stands.rows(bucket):
            layout, units = measured_layout(family.predictor, row), measured_units(family, row)
            for rtt_s, names in sites.items():
                tally.configurations += len(names)
                point = units if isinstance(units, Refusal) else operate_measured(instance, family, bucket, row, rtt_s)
                for site in names:
                    if isinstance(units, Refusal) or isinstance(point, Refusal):
                        _reject(tally, family, site, bucket, row, layout, point)
                        continue
                    tally.admissible += 1
                    key = (site, layout)
                    candidate = found.get(key) or _candidate(family, site, row, layout, units)
                    best = candidate.points.get(bucket.id)
                    if best is None or point.rate_per_s > best.rate_per_s:
                        candidate = replace(candidate, points={**candidate.points, bucket.id: point})
                    found[key] = candidate
    return list(found.values())


def _reject(
    tally: Tally,
    family: Family,
    site: str,
    bucket: Bucket,
    row: MeasuredPoint,
    layout: Layout | None,
    point: OperatingPoint | Refusal,
) -> None:
    assert isinstance(point, Refusal), "only refusals are rejected"
    batch = f" batch {row.batch}" if row.full else ""
    name = f"{bucket.id} {layout_name(layout)} {family.precision}{batch} measured"
    tally.reject(family.workload.id, site, family.system.id, family.stage, point, name)


def _candidate(family: Family, site: str, row: MeasuredPoint, layout: Layout | None, units: float) -> Candidate:
    workload, predictor = family.workload, family.predictor
    return Candidate(
        id=family.candidate_id(site, layout_name(layout), MARK),
        workload=workload.id,
        site=site,
        system=family.system.id,
        stage=family.stage,
        reuse=family.reuse,
        precision=family.precision,
        kv_precision=workload.kv_precision,
        layout=layout,
        units=units,
        whole=workload.whole_replicas or units > 1.0,
        weights_gb=None if layout is None else predictor.memory.weights_gb(predictor.step, layout),
        source="measured",
        basis="measured",
    )


def measured_layout(predictor: Predictor, row: MeasuredPoint) -> Layout | None:
    """The layout measured; None for a whole unit."""
    return None if row.tensor is None else layout_of(predictor, row.tensor, row.pipeline, row.expert)


def measured_units(family: Family, row: MeasuredPoint) -> float | Refusal:
    """Units of the system that what was measured takes (C2)."""
    layout = measured_layout(family.predictor, row)
    return 1.0 if layout is None else replica_units(family.system, layout)


def operate_measured(
    instance: Instance, family: Family, bucket: Bucket, row: MeasuredPoint, rtt_s: float
) -> OperatingPoint | Refusal:
    """What was measured, under load at a site: R2 for a full point, as it stands for a maximum throughput."""
    if row.full:
        return _operate_full(instance, family, bucket, row, rtt_s)
    return _operate_most(instance, family, bucket, row, rtt_s)


def _operate_full(
    instance: Instance, family: Family, bucket: Bucket, row: MeasuredPoint, rtt_s: float
) -> OperatingPoint | Refusal:
    predictor, workload = family.predictor, family.workload
    known = measured_layout(predictor, row)
    layout = known or Layout(tensor=family.system.chips)
    point = full_point(predictor, row, layout, work_of(workload, bucket, family.reuse))
    if isinstance(point, Refusal):
        return point
    found = operate(instance, predictor, workload, bucket, family.stage, family.reuse, layout, point, rtt_s)
    if isinstance(found, Refusal):
        return found
    found = without_band(found)
    return found if known is not None else replace(found, active_kv_gb=None)


def _operate_most(
    instance: Instance, family: Family, bucket: Bucket, row: MeasuredPoint, rtt_s: float
) -> OperatingPoint | Refusal:
    predictor, workload, stage = family.predictor, family.workload, family.stage
    if not row.requests_per_s:
        return Refusal("SLO", "no load meets the targets", float("inf"))
    work = work_of(workload, bucket, family.reuse)
    layout = measured_layout(predictor, row) or Layout(tensor=family.system.chips)
    sent_s, sent_gb = predictor.kv_transfer(layout, work) if stage != "aggregated" else (0.0, 0.0)
    if sent_s is None:
        return Refusal("D4", f"{predictor.chip.id} has no network to move KV over")
    restored_gb = predictor.kv_gb_per_request(work.cached_tokens) if work.cached_tokens > 0 else 0.0
    extra_s = rtt_s + slowest_restore_s(instance, workload, restored_gb)
    ttft_s = None if row.ttft_s is None else row.ttft_s + extra_s + (sent_s if stage == "prefill" else 0.0)
    tpot_s = row.tpot_s
    completion_s = None
    if stage == "aggregated" and ttft_s is not None and tpot_s is not None:
        span, steps = turns_of(workload), max(bucket.output_tokens - 1.0, 0.0)
        completion_s = span.turns * (ttft_s + steps * tpot_s) + (span.turns - 1.0) * span.tool_s
    slo = workload.targets(bucket)
    for name, value, limit in (
        ("TTFT", ttft_s, slo.ttft_s),
        ("TPOT", tpot_s, slo.tpot_s),
        ("completion", completion_s, slo.completion_s),
    ):
        if value is not None and limit is not None and value > limit:
            return Refusal("SLO", f"{name} {value:.4g} s exceeds {limit:.4g} s", value / limit - 1.0)
    return OperatingPoint(
        bucket=bucket.id,
        batch=None,
        rate_per_s=row.requests_per_s,
        ttft_s=0.0 if stage == "decode" else ttft_s,
        tpot_s=0.0 if stage == "prefill" else tpot_s,
        completion_s=completion_s,
        active_kv_gb=None,
        kv_transfer_gb=sent_gb,
        parked_gb_s=held_gb_s(predictor, workload, bucket, family.reuse),
    )
