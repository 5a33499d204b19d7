"""Enumeration: every way to serve or train each workload, predicted, screened, and thinned to what could be best."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from fleetopt.candidates.asked import Asked, serve_point, work_of
from fleetopt.candidates.candidate import RESIDENT, Candidate, CandidateSet, OperatingPoint, Reuse
from fleetopt.candidates.choice import one_whole_layout
from fleetopt.candidates.dominance import undominated
from fleetopt.candidates.evaluate import predictor_for, round_trip_s
from fleetopt.candidates.family import Family, layout_name
from fleetopt.candidates.layouts import batches, layouts, replica_units
from fleetopt.candidates.measured import Stands, measured_candidates
from fleetopt.candidates.offers import OfferSet, offers
from fleetopt.candidates.prefix import hit_levels
from fleetopt.candidates.rated import is_rated, rated_candidates
from fleetopt.candidates.tally import Tally
from fleetopt.candidates.training import training_candidates
from fleetopt.instance.schema import Instance
from fleetopt.instance.systems import System
from fleetopt.instance.workloads import Bucket, Workload
from fleetopt.network.graph import network_view, reach
from fleetopt.prediction.bands import origins
from fleetopt.prediction.basis import basis_of
from fleetopt.prediction.types import Layout, Refusal, ServingPoint, Stage


@dataclass
class _Replica:
    """One layout of a family at one round trip: its best point by bucket."""

    units: float
    weights_gb: float = 0.0
    points: dict[str, OperatingPoint] = field(default_factory=dict)


def candidates(instance: Instance, offered: OfferSet | None = None) -> CandidateSet:
    """All candidates of an instance after dominance, all rejections, and how many configurations were tried.

    The order follows the instance; ids are readable: workload, site, system, stage, reuse, precision, layout.
    """
    offered = offers(instance) if offered is None else offered
    tally = Tally()
    serving: list[Candidate] = []
    training = [
        team
        for workload in instance.workloads
        if workload.enabled and workload.kind == "training"
        for team in training_candidates(instance, workload, offered.offers, tally)
    ]
    for workload in instance.workloads:
        if workload.enabled and workload.kind != "training":
            serving += _of_workload(instance, workload, offered, tally)
    return CandidateSet(
        serving=undominated(serving),
        training=tuple(training),
        rejections=offered.rejections + tally.rejections(),
        configurations=tally.configurations,
        admissible=tally.admissible,
    )


def _of_workload(instance: Instance, workload: Workload, offered: OfferSet, tally: Tally) -> list[Candidate]:
    view = network_view(instance)
    open_to = reach(instance, view, workload)
    for barrier in open_to.barriers:
        refusal = Refusal("D3", f"from {barrier.region}: {barrier.detail}", barrier.shortfall)
        tally.reject(workload.id, barrier.site, "*", "*", refusal)
    sites_of: dict[str, dict[float, list[str]]] = {}
    for offer in offered.offers:
        if open_to.regions_of(offer.site):
            rtt_s = round_trip_s(view, open_to, offer.site)
            sites_of.setdefault(offer.system, {}).setdefault(rtt_s, []).append(offer.site)
    tables = instance.measured.tables(workload)
    found: list[Candidate] = []
    for system in instance.systems:
        sites = sites_of.get(system.id, {})
        if not sites or system.chips == 0 or (workload.systems and system.id not in workload.systems):
            continue
        if is_rated(instance, workload, system):
            found += rated_candidates(instance, workload, system, sites, tables.get(system.id, ()), tally)
        else:
            for family in _families(instance, workload, system, tally):
                found += measured_candidates(instance, family, sites, tally)
                found += _of_family(instance, family, sites, tally)
    return _paired(workload, one_whole_layout(workload, found, tally), tally)


def _families(instance: Instance, workload: Workload, system: System, tally: Tally) -> Iterator[Family]:
    """Stages x reuse x precision; satellites share no fabric, so they cannot split prefill from decode (D4)."""
    stages: list[Stage] = ["aggregated"]
    if workload.disaggregated and system.kind == "satellite":
        refusal = Refusal("D4", "satellites share no fabric to move KV over")
        tally.reject(workload.id, "*", system.id, "prefill", refusal)
    elif workload.disaggregated:
        stages += ["prefill", "decode"]
    for precision in dict.fromkeys(workload.precisions):
        predictor = predictor_for(instance, workload, system.id, precision)
        basis = basis_of(predictor.chip, instance.prediction, speculative=predictor.drafting is not None)
        for stage in stages:
            bands = origins(stage, predictor.chip.vendor, instance.prediction)
            for reuse in _reuses(instance, workload, stage, tally):
                yield Family(workload, system, stage, reuse, precision, predictor, basis, bands)


def _reuses(instance: Instance, workload: Workload, stage: Stage, tally: Tally) -> list[Reuse]:
    """How cached tokens may be had again: parked or recomputed, at hit levels of a reuse curve, or not at all."""
    if stage != "decode" and workload.reuse_curve is not None:
        levels = [level.reuse for level in hit_levels(workload.reuse_curve)]
        if any(instance.tier(t).enabled for t in workload.reuse_curve.tiers):
            return ["none", *levels]
        tally.reject(workload.id, "*", "*", stage, Refusal("M4", "no tier that may hold its prefix cache is enabled"))
        return ["none"]
    if stage == "decode" or not any(b.cached_tokens > 0 for b in workload.buckets):
        return ["none"]
    found: list[Reuse] = ["none"] if any(b.cached_tokens <= 0 for b in workload.buckets) else []
    if workload.idle_kv is None:
        return [*found, "recomputed"]
    if not workload.idle_kv.may_park:
        tally.reject(workload.id, "*", "*", stage, Refusal("M2", "idle_kv.may_park is false"))
    elif any(instance.tier(t).enabled for t in workload.idle_kv.tiers):
        found.append("parked")
    else:
        tally.reject(workload.id, "*", "*", stage, Refusal("M2", "no tier that may hold idle KV is enabled"))
    if workload.idle_kv.may_stay and stage == "aggregated":  # pools hand their KV on: nothing stays in them
        found.append(RESIDENT)
    return [*found, "recomputed"] if workload.idle_kv.may_recompute else found


def _of_family(instance: Instance, family: Family, sites: Mapping[float, list[str]], tally: Tally) -> list[Candidate]:
    """Candidates at every site: prediction once, targets once for each round trip."""
    replicas: dict[tuple[float, Layout], _Replica] = {}
    passed: dict[float, set[tuple[Layout, int]]] = {rtt_s: set() for rtt_s in sites}
    stands = Stands(instance.measured, family)
    for bucket in family.buckets():
        if stands.instead_of(bucket):
            tally.reject(family.workload.id, "*", family.system.id, family.stage, stands.refusal(bucket))
            continue
        for layout, units, points in _predicted(family, bucket, sites, tally):
            if stands.instead_of(bucket, layout):
                tally.reject(family.workload.id, "*", family.system.id, family.stage, stands.refusal(bucket))
                continue
            for rtt_s, names in sites.items():
                best = _best(instance, family, bucket, layout, points, rtt_s, names, passed[rtt_s], tally)
                if best is not None:
                    replica = replicas.setdefault((rtt_s, layout), _Replica(units, points[0].weights_gb))
                    replica.points[bucket.id] = best
    tally.admissible += sum(len(passed[rtt_s]) * len(names) for rtt_s, names in sites.items())
    return [
        _candidate(family, site, layout, replica)
        for (rtt_s, layout), replica in replicas.items()
        for site in sites[rtt_s]
    ]


def _predicted(
    family: Family, bucket: Bucket, sites: Mapping[float, list[str]], tally: Tally
) -> Iterator[tuple[Layout, float, list[ServingPoint]]]:
    """Layouts with their units and the points of every batch that fits; what does not is counted (C2, M1, D4)."""
    work = work_of(family.workload, bucket, family.reuse)
    places = sum(len(names) for names in sites.values())

    def refuse(refusal: Refusal, layout: Layout) -> None:
        tally.configurations += places
        name = f"{bucket.id} {layout_name(layout)} {family.precision}"
        tally.reject(family.workload.id, "*", family.system.id, family.stage, refusal, name, places)

    for layout in layouts(family.predictor, work, family.stage):
        units = replica_units(family.system, layout)
        if isinstance(units, Refusal):
            refuse(units, layout)
            continue
        most = family.predictor.max_batch(layout, work, family.stage)
        points: list[ServingPoint] = []
        for batch in batches(most, family.stage) or [1]:
            point = serve_point(family.predictor, family.stage, layout, work, batch)
            if isinstance(point, Refusal):
                refuse(point, layout)
                break
            points.append(point)
        if points:
            yield layout, units, points


def _best(
    instance: Instance,
    family: Family,
    bucket: Bucket,
    layout: Layout,
    points: list[ServingPoint],
    rtt_s: float,
    sites: list[str],
    passed: set[tuple[Layout, int]],
    tally: Tally,
) -> OperatingPoint | None:
    """The batch with the highest rate that meets the targets; larger ones than the first that fails fail too."""
    workload, stage = family.workload, family.stage
    asked = Asked(instance, family.predictor, workload, bucket, stage, family.reuse, layout, rtt_s)
    passing, refusal = asked.passing(points)
    tally.configurations += len(points) * len(sites)
    if refusal is not None:
        name = f"{bucket.id} {layout_name(layout)} {family.precision} batch {points[passing].batch}"
        for site in sites:
            tally.reject(workload.id, site, family.system.id, stage, refusal, name, len(points) - passing)
    passed.update((layout, point.batch) for point in points[:passing])
    best = asked.fastest(points[:passing])
    return None if best is None else asked.operating_point(best)


def _candidate(family: Family, site: str, layout: Layout, replica: _Replica) -> Candidate:
    workload, system = family.workload, family.system
    return Candidate(
        id=family.candidate_id(site, layout_name(layout)),
        workload=workload.id,
        site=site,
        system=system.id,
        stage=family.stage,
        reuse=family.reuse,
        precision=family.precision,
        kv_precision=workload.kv_precision,
        layout=layout,
        units=replica.units,
        whole=workload.whole_replicas or replica.units > 1.0,
        weights_gb=replica.weights_gb,
        points=dict(replica.points),
        basis=family.basis,
        bands=family.bands,
    )


def _paired(workload: Workload, found: list[Candidate], tally: Tally) -> list[Candidate]:
    """Drop pools without a partner: a bucket needs both stages at a site (D4)."""
    able: dict[Stage, set[tuple[str, str]]] = {"aggregated": set(), "prefill": set(), "decode": set()}
    for c in found:
        able[c.stage].update((c.site, bucket) for bucket in c.points)
    partner: dict[Stage, Stage] = {"prefill": "decode", "decode": "prefill"}
    kept: list[Candidate] = []
    for c in found:
        if c.stage == "aggregated":
            kept.append(c)
            continue
        points = {b: p for b, p in c.points.items() if (c.site, b) in able[partner[c.stage]]}
        if len(points) < len(c.points):
            detail = f"no {partner[c.stage]} pool at the site for a bucket"
            missing = len(c.points) - len(points)
            tally.reject(workload.id, c.site, c.system, c.stage, Refusal("D4", detail), layout_name(c.layout), missing)
        if points:
            kept.append(replace(c, points=points))
    return kept
