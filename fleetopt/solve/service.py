"""What runs where: the operating half of a plan, from cleaned decisions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from fleetopt.candidates.candidate import Candidate
from fleetopt.model.context import GB_PER_TB, KW_PER_MW, Context
from fleetopt.model.objective import emissions
from fleetopt.plan import Carbon, Deferral, Deployment, Energy, Flow, Parked, Placement, TrainingRun, Unserved
from fleetopt.solve.clean import Decisions, significant

SECONDS_PER_HOUR = 3600.0


def lines(decisions: Decisions) -> dict[str, Any]:
    """The plan's fields on operation, in the order of the instance."""
    m = decisions.context
    period = m.instance.time.period_id
    return {
        "training_runs": tuple(_training(m)),
        "deployments": tuple(_deployment(m, k) for k in m.sets.candidates if _is_used(m, k)),
        "placements": tuple(_placements(m)),
        "flows": tuple(Flow(w, b, u, s, period(t), h, x) for (w, b, u, s, t, h), x in m.var.flow.items() if x),
        "deferrals": tuple(
            Deferral(w, u, period(t), h, done, significant(m.var.backlog[w, u, t, h] * SECONDS_PER_HOUR))
            for (w, u, t, h), done in m.var.done.items()
        ),
        "unserved": tuple(_unserved(m)),
        "parked": tuple(
            Parked(w, i, s, tier, period(t), h, significant(tb * GB_PER_TB))
            for (w, i, tier, s, t, h), tb in m.var.park.items()
            if tb
        ),
        "energy": tuple(
            Energy(s, e, period(t), h, significant(mw * KW_PER_MW)) for (e, s, t, h), mw in m.var.draw.items() if mw
        ),
        "carbon": tuple(_carbon(m)),
    }


def _carbon(m: Context) -> Iterator[Carbon]:
    """Tonnes by period, site and source."""
    total: dict[tuple[str, str, int], float] = defaultdict(float)
    for key, tonnes, amount in emissions(m):
        total[key] += tonnes * amount
    for (e, s, t), tonnes in sorted(total.items(), key=lambda item: (item[0][2], item[0][1], item[0][0])):
        if tonnes > 0:
            yield Carbon(m.sets.periods[t], s, e, significant(tonnes))


def _served(m: Context, k: Candidate, t: int, h: str) -> dict[str, float]:
    return {b: rate for b in k.points if (rate := m.var.serve[k.id, b, t, h]) > 0}


def _is_used(m: Context, k: Candidate) -> bool:
    periods = m.sets.live[k.system, k.site]
    return any(m.var.keep.get((k.id, t), 0.0) for t in periods) or any(
        _served(m, k, t, h) for t in periods for h in m.sets.slices
    )


def _deployment(m: Context, k: Candidate) -> Deployment:
    points: dict[str, Mapping[str, float]] = {}
    for b, point in k.points.items():
        figures = asdict(point)
        figures.pop("bucket")
        points[b] = {name: significant(value) for name, value in figures.items() if value is not None}
    return Deployment(
        id=k.id,
        workload=k.workload,
        site=k.site,
        system=k.system,
        stage=k.stage,
        reuse=k.reuse,
        precision=k.precision,
        kv_precision=k.kv_precision,
        tensor=None if k.layout is None else k.layout.tensor,
        pipeline=None if k.layout is None else k.layout.pipeline,
        expert=None if k.layout is None else k.layout.expert,
        units_per_replica=significant(k.units),
        whole=k.whole,
        weights_gb=None if k.weights_gb is None else significant(k.weights_gb),
        power_kw=significant(k.units * m.instance.system(k.system).power_kw),
        points=points,
        source=k.source,
        basis=k.basis,
        bands=k.bands,
    )


def _placements(m: Context) -> list[Placement]:
    found = []
    for k in m.sets.candidates:
        for t in m.sets.live[k.system, k.site]:
            for h in m.sets.slices:
                served = _served(m, k, t, h)
                loaded = m.var.keep.get((k.id, t), 0.0)
                if not served and not loaded:
                    continue
                busy = sum(rate / k.points[b].rate_per_s for b, rate in served.items())
                replicas = loaded if k.whole else busy
                found.append(
                    Placement(
                        deployment=k.id,
                        period=m.sets.periods[t],
                        slice=h,
                        replicas=significant(replicas),
                        served_per_s=served,
                        utilisation=significant(busy / replicas) if replicas else 0.0,
                        ttft_s=_worst(k.points[b].ttft_s for b in served),
                        tpot_s=_worst(k.points[b].tpot_s for b in served),
                        slo=all(_meets(m, k, b) for b in served),
                    )
                )
    return found


def _meets(m: Context, k: Candidate, bucket_id: str) -> bool:
    workload = m.sets.serving[k.workload]
    slo = workload.targets(next(b for b in workload.buckets if b.id == bucket_id))
    point = k.points[bucket_id]
    limits = ((slo.ttft_s, point.ttft_s), (slo.tpot_s, point.tpot_s), (slo.completion_s, point.completion_s))
    return all(limit is None or value is None or value <= limit * (1 + 1e-9) for limit, value in limits)


def _worst(values: Iterable[float | None]) -> float | None:
    """The longest; None where one is not known, 0 where there is none."""
    known = list(values)
    found = [value for value in known if value is not None]
    return None if len(found) < len(known) else significant(max(found, default=0.0))


def _training(m: Context) -> list[TrainingRun]:
    found = []
    for k in m.sets.training:
        if m.var.train[(k.id,)]:
            shares = {m.sets.periods[t]: x for (team, t), x in m.var.trainrun.items() if team == k.id and x}
            found.append(
                TrainingRun(
                    workload=k.workload,
                    candidate=k.id,
                    site=k.site,
                    system=k.system,
                    units=k.units,
                    chips=k.chips,
                    least_units=k.least_units,
                    precision=k.precision,
                    mfu=significant(k.mfu),
                    goodput=significant(k.goodput),
                    periods_needed=significant(k.periods_needed),
                    periods_needed_p10=significant(k.periods_needed_p10),
                    periods_needed_p90=significant(k.periods_needed_p90),
                    band=k.band,
                    share_of_period=shares,
                    basis=k.basis,
                )
            )
    return found


def _unserved(m: Context) -> list[Unserved]:
    found = []
    for (w, u, t, h), rate in m.var.short.items():
        if rate:
            seconds = m.instance.time.slice_hours_in_period(m.sets.slices[h]) * SECONDS_PER_HOUR
            price = m.sets.serving[w].shortfall_usd_per_request or 0.0
            requests = significant(rate * seconds)
            found.append(Unserved(w, u, m.sets.periods[t], h, rate, requests, significant(requests * price)))
    return found
