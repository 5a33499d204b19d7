"""SLO compliance: each latency as predicted, with its error band, beside its target."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from fleetopt.plan import Deployment
from fleetopt.report.rows.book import SECONDS_PER_HOUR, Book
from fleetopt.report.rows.table import Column, Table, table

SAID = (
    "Latency at the highest load planned for, the worst of the layouts that serve a request size there. The band "
    "(p10–p90) is how far public measurements of the nearest kind lie from their predictions. Not at p90: the target "
    "holds as planned, and not at the pessimistic end."
)
STAGES = {"aggregated": "prefill and decode", "prefill": "prefill", "decode": "decode"}
MEASURES = {"ttft_s": "first token (TTFT)", "tpot_s": "each token (TPOT)", "completion_s": "completion"}
SLACK = 1e-9
Key = tuple[str, str, str, str, str, str, str]
"""Workload, bucket, site, system, stage, what the figures rest on, measure."""


@dataclass(frozen=True, slots=True)
class TargetLine:
    """One latency of a request size on a system at a site."""

    workload: Annotated[str, Column("Workload")]
    bucket: Annotated[str, Column("Request size")]
    site: Annotated[str, Column("Site")]
    system: Annotated[str, Column("System")]
    stage: Annotated[str, Column("Stage")]
    measure: Annotated[str, Column("Latency")]
    percentile: Annotated[float, Column("Percentile", "share", note="Share of requests the target is for.")]
    predicted_s: Annotated[float, Column("As planned", "seconds")]
    p10_s: Annotated[float | None, Column("p10", "seconds", note="Optimistic end of the error band.")]
    p90_s: Annotated[float | None, Column("p90", "seconds", note="Pessimistic end of the error band.")]
    target_s: Annotated[float | None, Column("Target", "seconds")]
    of_target: Annotated[float | None, Column("Of target", "share")]
    met: Annotated[str, Column("Met", note="Not at p90: misses at the pessimistic end of the band.")]
    requests: Annotated[float, Column("Requests", "count", note="Over the whole plan.")]
    share: Annotated[float | None, Column("Share of workload", "share")]
    source: Annotated[str, Column("Figures", note="Predicted, or measured by the planner.")]
    basis: Annotated[str, Column("Rest on", note="Measured, calibrated on such chips, or modelled.")]
    band: Annotated[str | None, Column("Band from")]
    workload_id: Annotated[str, Column("Workload id")]
    site_id: Annotated[str, Column("Site id")]
    system_id: Annotated[str, Column("System id")]


@dataclass
class _Worst:
    """The slowest deployment of a key, and the requests of them all."""

    deployment: Deployment | None = None
    value_s: float = -1.0
    requests: list[float] = field(default_factory=list)


def targets_table(book: Book) -> Table:
    """Rows by workload, request size, stage, then by what most requests use."""
    return table("slo", "SLO compliance", SAID, TargetLine, target_lines(book))


def target_lines(book: Book) -> list[TargetLine]:
    """Every latency that is planned for."""
    found: dict[Key, _Worst] = defaultdict(_Worst)
    entered: dict[str, float] = defaultdict(float)
    of = {d.id: d for d in book.plan.deployments}
    for p in book.plan.placements:
        d, seconds = of[p.deployment], book.hours[p.slice] * SECONDS_PER_HOUR
        for bucket, rate in p.served_per_s.items():
            entered[d.workload] += rate * seconds if d.stage != "decode" else 0.0
            for measure in _measures(d, bucket):
                worst = found[d.workload, bucket, d.site, d.system, d.stage, d.basis, measure]
                worst.requests.append(rate * seconds)
                if d.points[bucket][measure] > worst.value_s:
                    worst.deployment, worst.value_s = d, d.points[bucket][measure]
    order = {w: n for n, w in enumerate(book.workloads)}
    stages, measures = list(STAGES), list(MEASURES)
    keys = sorted(
        found,
        key=lambda k: (order[k[0]], k[1], stages.index(k[4]), -sum(found[k].requests), k[:6], measures.index(k[6])),
    )
    return [_line(book, key, found[key], entered[key[0]]) for key in keys]


def _measures(d: Deployment, bucket: str) -> Iterator[str]:
    """Latencies that a stage answers for, as far as they are known."""
    for name in MEASURES:
        other = {"ttft_s": "decode", "tpot_s": "prefill"}.get(name)
        if d.stage != other and name in d.points[bucket]:
            yield name


def _line(book: Book, key: Key, worst: _Worst, entered: float) -> TargetLine:
    workload_id, bucket_id, site, system, stage, basis, measure = key
    d, workload = worst.deployment, book.workloads[workload_id]
    assert d is not None
    slo = workload.targets(next(b for b in workload.buckets if b.id == bucket_id))
    target: float | None = getattr(slo, measure)
    point, value, requests = d.points[bucket_id], worst.value_s, sum(worst.requests)
    p90 = point.get(f"{measure}_p90")
    return TargetLine(
        workload=book.names.workload(workload_id),
        bucket=bucket_id,
        site=book.names.site(site),
        system=book.names.system(system),
        stage=STAGES[stage],
        measure=MEASURES[measure],
        percentile=slo.percentile,
        predicted_s=value,
        p10_s=point.get(f"{measure}_p10"),
        p90_s=p90,
        target_s=target,
        of_target=value / target if target else None,
        met=_met(value, p90, target),
        requests=requests,
        share=requests / entered if entered else None,
        source=d.source,
        basis=basis,
        band=d.bands.get(measure),
        workload_id=workload_id,
        site_id=site,
        system_id=system,
    )


def _met(value: float, p90: float | None, target: float | None) -> str:
    if target is None:
        return "no target"
    if value > target * (1 + SLACK):
        return "no"
    return "not at p90" if p90 is not None and p90 > target * (1 + SLACK) else "yes"
