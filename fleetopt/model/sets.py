"""The index sets of the MILP, worked out once from the instance, its candidates and its offers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fleetopt.candidates.candidate import Candidate, CandidateSet, TrainingCandidate
from fleetopt.candidates.offer import Offer
from fleetopt.candidates.prefix import hit_levels
from fleetopt.instance.arrivals import arrivals_per_s, region_ids
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.instance.time import Slice
from fleetopt.instance.workloads import ReuseCurve, Workload
from fleetopt.network.graph import NetworkView, network_view, reach
from fleetopt.prediction.kv_cache import kv_gb_per_sequence, kv_shape_of

Place = tuple[str, str]
"""(system id, site id)."""
SHARED = "shared"
"""Id of the holding that is a workload's shared prompts."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Units of a system at a site that are there already or on order (B5)."""

    id: str
    units: int
    first: int
    last: int
    entered: int
    """Period of entry into service, negative before the horizon."""
    ends: int
    """Last period of its life, maybe past the horizon."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Something a workload keeps in memory at a site: `gb_s` GB for each request/s served, or with a training team."""

    workload: str
    id: str
    tiers: tuple[str, ...]
    gb_s: float
    """GB for each request/s; where candidates hold it by their `reuse` their operating points say how much; for
    `checkpoint` and `shared` the whole amount."""
    mean: bool = False
    """Whether it is kept for a cycle or more, so that its stock follows the mean rate of the cycle."""
    reads_per_s: float = 0.0
    """GB read each second for each GB held (M3)."""
    writes_per_s: float = 0.0
    """GB written each second for each GB held (M3)."""
    reuse: str = ""
    """Candidates that hold it, by their `reuse`; all of the workload's where empty."""


@dataclass(frozen=True)
class Sets:
    """Index sets; every mapping is complete for the keys that exist, absent keys mean no column."""

    periods: tuple[str, ...]
    slices: Mapping[str, Slice]
    sites: Mapping[str, Site]
    systems: Mapping[str, System]
    serving: Mapping[str, Workload]
    offers: Mapping[Place, Offer]
    live: Mapping[Place, tuple[int, ...]]
    """Periods in which capacity of the system may be in service at the site."""
    cohorts: Mapping[Place, tuple[Cohort, ...]]
    at: Mapping[str, tuple[Place, ...]]
    """Live (system, site) pairs by site."""
    candidates: tuple[Candidate, ...]
    training: tuple[TrainingCandidate, ...]
    on: Mapping[Place, tuple[Candidate, ...]]
    teams_on: Mapping[Place, tuple[TrainingCandidate, ...]]
    serves: Mapping[tuple[str, str, str], tuple[Candidate, ...]]
    """Candidates by (workload, bucket, site)."""
    routes: Mapping[tuple[str, str], tuple[str, ...]]
    """Sites by (workload, region) that its demand may go to and that have a candidate."""
    arrivals: Mapping[tuple[str, str, int, str], float]
    """Requests/s of all buckets by (workload, region, period, slice)."""
    holdings: tuple[Holding, ...]
    shared_gb: Mapping[tuple[str, str], float]
    """GB of shared prompts that a request reads at a hit level, by (workload, bucket), where there are any (M4)."""
    first_open: Mapping[str, int]
    """First period in which a site not open yet can be."""
    network: NetworkView
    """Paths between regions and sites."""

    def hours(self, slice_id: str) -> float:
        """Hours of the slice in a cycle (eta in the formulas)."""
        return self.slices[slice_id].hours

    def weights(self, slice_id: str, holding: Holding) -> dict[str, float]:
        """By slice, how much its rate counts in what is held in a slice (M2.hold): its own, or all by their hours."""
        if not holding.mean:
            return {slice_id: 1.0}
        cycle = sum(h.hours for h in self.slices.values())
        return {h.id: h.hours / cycle for h in self.slices.values()}

    def places_at(self, site: str) -> tuple[Place, ...]:
        """(system, site) pairs at a site."""
        return self.at.get(site, ())


def build_sets(instance: Instance, candidates: CandidateSet, offers: tuple[Offer, ...]) -> Sets:
    """Work out every index set; candidates on a place that can never be in service are left out."""
    time = instance.time
    horizon = range(time.periods)
    sites = {s.id: s for s in instance.sites if s.enabled}
    first_open = {s.id: _first_open(instance, s) for s in sites.values() if s.opening is not None}
    usable = {(o.system, o.site): o for o in offers if o.site in sites}
    live = {place: periods for place, o in usable.items() if (periods := _live(instance, o, first_open.get(o.site, 0)))}
    kept = tuple(c for c in candidates.serving if (c.system, c.site) in live)
    serving = {w.id: w for w in instance.workloads if w.enabled and w.kind != "training"}
    view = network_view(instance)
    serves: dict[tuple[str, str, str], list[Candidate]] = defaultdict(list)
    on: dict[Place, list[Candidate]] = defaultdict(list)
    for candidate in kept:
        on[candidate.system, candidate.site].append(candidate)
        for bucket in candidate.points:
            serves[candidate.workload, bucket, candidate.site].append(candidate)
    teams = tuple(t for t in candidates.training if (t.system, t.site) in live)
    teams_on: dict[Place, list[TrainingCandidate]] = defaultdict(list)
    for team in teams:
        teams_on[team.system, team.site].append(team)
    return Sets(
        periods=time.period_ids,
        slices={s.id: s for s in time.slices},
        sites=sites,
        systems={c.id: c for c in instance.systems},
        serving=serving,
        offers=usable,
        live=live,
        cohorts=_cohorts(instance, live),
        at={s: tuple(place for place in live if place[1] == s) for s in sites},
        candidates=kept,
        training=teams,
        on={k: tuple(v) for k, v in on.items()},
        teams_on={k: tuple(v) for k, v in teams_on.items()},
        serves={k: tuple(v) for k, v in serves.items()},
        routes=_routes(instance, view, serving, serves),
        arrivals={
            (w.id, u, t, h.id): arrivals_per_s(instance, w, u, t, h.id)
            for w in serving.values()
            for u in region_ids(w)
            for t in horizon
            for h in time.slices
        },
        holdings=_holdings(instance),
        shared_gb=_shared_gb(instance, serving),
        first_open=first_open,
        network=view,
    )


def _first_open(instance: Instance, site: Site) -> int:
    assert site.opening is not None, "asked only of sites that are not open"
    earliest = site.opening.earliest
    lead = instance.time.periods_of_months(site.opening.lead_months)
    return max(lead, instance.time.period_index(earliest) if earliest else 0)


def _live(instance: Instance, offer: Offer, first_open: int) -> tuple[int, ...]:
    """Periods at or after the first delivery or rent, or within an existing cohort, with the site open."""
    starts = [p[0] for p in (offer.buy_periods, offer.rent_periods) if p]
    first = min(starts, default=instance.time.periods)
    owned = set(offer.owned_periods)
    return tuple(t for t in range(instance.time.periods) if t >= first_open and (t >= first or t in owned))


def _cohorts(instance: Instance, live: Mapping[Place, tuple[int, ...]]) -> dict[Place, tuple[Cohort, ...]]:
    found: dict[Place, list[Cohort]] = defaultdict(list)
    for held in instance.fleet:
        place = (held.system, held.site)
        entered, end = (instance.time.period_index(p) for p in (held.in_service, held.end_of_life))
        first, last = max(entered, 0), min(end, instance.time.periods - 1)
        if held.enabled and held.units and place in live and first <= last:
            found[place].append(Cohort(held.id, held.units, first, last, entered, end))
    return {place: tuple(cohorts) for place, cohorts in found.items()}


def _routes(
    instance: Instance,
    view: NetworkView,
    serving: Mapping[str, Workload],
    serves: Mapping[tuple[str, str, str], list[Candidate]],
) -> dict[tuple[str, str], tuple[str, ...]]:
    able = {(w, s) for w, _, s in serves}
    return {
        (w.id, region): tuple(s for s in sites if (w.id, s) in able)
        for w in serving.values()
        for region, sites in reach(instance, view, w).sites.items()
    }


def _holdings(instance: Instance) -> tuple[Holding, ...]:
    enabled = {m.id for m in instance.memory if m.enabled}
    host = tuple(m.id for m in instance.memory if m.enabled and m.kind in ("dram", "cxl", "rack"))

    def tiers(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(i for i in ids if i in enabled)

    def per_s(times: float, held_s: float) -> float:
        """What is held for no time is never there, so it moves nothing."""
        return times / held_s if held_s > 0 else 0.0

    found: list[Holding] = []
    for w in (w for w in instance.workloads if w.enabled):
        if w.idle_kv is not None:
            reads = per_s(1.0, w.idle_kv.mean_gap_s)
            writes = per_s(w.idle_kv.writes_per_restore, w.idle_kv.mean_gap_s)
            found.append(Holding(w.id, "kv", tiers(w.idle_kv.tiers), 0.0, False, reads, writes, "parked"))
        if w.reuse_curve is not None:
            found += _prefix_holdings(instance, w, w.reuse_curve, tiers(w.reuse_curve.tiers))
        if w.agent is not None and w.agent.sandbox_gb * w.agent.sandbox_s > 0:
            found.append(Holding(w.id, "sandbox", host, w.agent.sandbox_gb * w.agent.sandbox_s))
        for s in w.stores:
            gb_s, mean = s.gb_per_request * s.retention_h * 3600, s.retention_h >= instance.time.cycle_hours
            reads, writes = per_s(s.reads_per_write, s.retention_h * 3600), per_s(1.0, s.retention_h * 3600)
            found.append(Holding(w.id, f"store:{s.id}", tiers(s.tiers), gb_s, mean, reads, writes))
        if w.training is not None and w.training.checkpoint_gb > 0:
            run = w.training
            writes = per_s(1.0, (run.checkpoint_every_h or 0.0) * 3600 * run.checkpoints_kept)
            held = tiers(run.checkpoint_tiers)
            found.append(Holding(w.id, "checkpoint", held, run.checkpoint_gb, writes_per_s=writes))
    return tuple(found)


def _prefix_holdings(instance: Instance, w: Workload, curve: ReuseCurve, tiers: tuple[str, ...]) -> Iterator[Holding]:
    """A prefix cache by hit level (hits are read, missed tokens written), and the shared prompts (M4)."""
    for level in hit_levels(curve):
        if level.held_s > 0:
            reads, missed = level.hit_share / level.held_s, (1.0 - level.cached_share) / level.held_s
            writes = missed * curve.written_share
            yield Holding(w.id, level.reuse, tiers, 0.0, False, reads, writes, level.reuse)
    if curve.shared_tokens > 0:
        yield Holding(w.id, SHARED, tiers, _kv_gb(instance, w, curve.shared_tokens))


def _shared_gb(instance: Instance, serving: Mapping[str, Workload]) -> dict[tuple[str, str], float]:
    return {
        (w.id, b.id): _kv_gb(instance, w, w.reuse_curve.shared_hit_share * b.input_tokens)
        for w in serving.values()
        if w.reuse_curve is not None and w.reuse_curve.shared_tokens > 0
        for b in w.buckets
    }


def _kv_gb(instance: Instance, w: Workload, tokens: float) -> float:
    return kv_gb_per_sequence(kv_shape_of(instance.model(w.model)), w.kv_precision, tokens)
