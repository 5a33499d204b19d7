"""The index sets of the MILP, worked out once from the instance, its candidates and its offers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from fleetopt.candidates.candidate import Candidate, CandidateSet, TrainingCandidate
from fleetopt.candidates.offer import Offer
from fleetopt.instance.arrivals import arrivals_per_s, region_ids
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.systems import System
from fleetopt.instance.time import Slice
from fleetopt.instance.workloads import Workload
from fleetopt.model.holdings import Holding, holdings, shared_gb
from fleetopt.network.graph import NetworkView, network_view, reach

Place = tuple[str, str]
"""(system id, site id)."""


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

    def arriving(self, workload: str, t: int, h: str) -> float:
        """Requests/s of a workload from all regions together."""
        return sum(rate for (w, _, at, slice_), rate in self.arrivals.items() if (w, at, slice_) == (workload, t, h))

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
    first_open = {s.id: s.opening.first_period(time) for s in sites.values() if s.opening is not None}
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
        holdings=holdings(instance),
        shared_gb=shared_gb(instance, serving),
        first_open=first_open,
        network=view,
    )


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
