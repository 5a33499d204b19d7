"""The decisions. Each dictionary has a column for exactly the keys that can be non-zero."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from pulp import LpProblem

from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.workloads import Workload
from fleetopt.model.accounts import discount_accounts
from fleetopt.model.deliveries import buy_periods, least_order, order_periods
from fleetopt.model.holdings import SHARED
from fleetopt.model.sets import Place, Sets
from fleetopt.model.spares import spare_steps

Columns = dict[tuple[Any, ...], Any]
LEASE = "lease"
"""Id of a site's powered-space lease among its sources."""
LAUNCH = "launch"
"""What stands for launches among the sources of carbon of an orbit, which has no others."""


@dataclass(frozen=True)
class Variables:
    """Columns by family; system c, site s, period t, slice h, workload w, bucket b, region u, tier m, source e."""

    buy: Columns = field(default_factory=dict)
    """[c, s, t] units delivered in t."""
    lots: Columns = field(default_factory=dict)
    """[c, t] lots ordered for delivery in t, over all sites, where the system is sold in lots."""
    order: Columns = field(default_factory=dict)
    """[c, t] whether any unit is delivered in t, where the system has a least order."""
    level: Columns = field(default_factory=dict)
    """[d, t, l] whether step l of a discount is reached by the spend that counts at t."""
    spend: Columns = field(default_factory=dict)
    """[d, c, t, l] M$ of a system delivered in t, at list price, that fall in step l of a discount; 0 is below all."""
    rent: Columns = field(default_factory=dict)
    """[c, s, t] units whose rental contract starts in t."""
    contract: Columns = field(default_factory=dict)
    """[c, s, a, t] units whose rental contract of class a starts in t."""
    retire: Columns = field(default_factory=dict)
    """[c, s, cohort, t] units taken out at the start of t."""
    installed: Columns = field(default_factory=dict)
    """[c, s, t] units owned and in place."""
    busy: Columns = field(default_factory=dict)
    """[c, s, t, h] owned units in use."""
    running: Columns = field(default_factory=dict)
    """[c, s, t, h] owned units' worth of work done, where replicas counted whole may stand loaded with less to do."""
    serve: Columns = field(default_factory=dict)
    """[k, b, t, h] requests/s of a bucket on a candidate."""
    part: Columns = field(default_factory=dict)
    """[w, b, c, s, t, h] parts of a bucket's requests that a system serves at a site, where demand comes in parts."""
    choose: Columns = field(default_factory=dict)
    """[w, c, t] whether a system serves a workload that one system is to serve."""
    keep: Columns = field(default_factory=dict)
    """[k, t] replicas loaded, for candidates counted whole."""
    flow: Columns = field(default_factory=dict)
    """[w, b, u, s, t, h] requests/s from a region to a site."""
    done: Columns = field(default_factory=dict)
    """[w, u, t, h] requests/s done, for work that may wait."""
    backlog: Columns = field(default_factory=dict)
    """[w, u, t, h] work waiting at the end of a slice, in requests/s x hours."""
    short: Columns = field(default_factory=dict)
    """[w, u, t, h] requests/s not served, where priced."""
    train: Columns = field(default_factory=dict)
    """[k] whether a team trains a run."""
    trainrun: Columns = field(default_factory=dict)
    """[k, t] share of the period the team trains, as if all of it did: on average `units x trainrun` units train."""
    active: Columns = field(default_factory=dict)
    """[k, t] whether the team trains in the period at all."""
    mem: Columns = field(default_factory=dict)
    """[m, s, t] units of memory bought for service from t."""
    memrent: Columns = field(default_factory=dict)
    """[m, s, t] TB of memory rented in t."""
    park: Columns = field(default_factory=dict)
    """[w, holding, m, s, t, h] TB of a holding in a tier."""
    shared: Columns = field(default_factory=dict)
    """[w, m, s, t] whether a workload's shared prompts are held in a tier."""
    sharedread: Columns = field(default_factory=dict)
    """[w, m, s, t, h] GB/s of shared prompts read from a tier."""
    build: Columns = field(default_factory=dict)
    """[e, s, t] blocks of a source with first power in t."""
    expand: Columns = field(default_factory=dict)
    """[s, t] whether any power has been built by t at a site with a least build."""
    commit: Columns = field(default_factory=dict)
    """[e, s, t] whether any of a source with a least build has been built at a site by t."""
    lease: Columns = field(default_factory=dict)
    """[s, t] MW of powered space leased in t."""
    sign: Columns = field(default_factory=dict)
    """[s, t] MW of powered space whose lease starts in t, where leases run longer than a period."""
    draw: Columns = field(default_factory=dict)
    """[e, s, t, h] MW of facility power drawn from a source."""
    open: Columns = field(default_factory=dict)
    """[s, t] whether a site is open."""
    spare: Columns = field(default_factory=dict)
    """[rule, c, s, t, step] whether the load of a system takes the spares of a step of a rule."""
    counts: Columns = field(default_factory=dict)
    """[w, s, t] whether a site counts towards the least number of sites that serve a workload."""

    def contracts(self) -> Columns:
        """[c, s, a, t] units whose rental contract starts in t, of whatever class; `rent` has the empty one."""
        return {(c, s, "", t): column for (c, s, t), column in self.rent.items()} | self.contract

    def families(self) -> dict[str, Columns]:
        """Column dictionaries by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


class Some(Columns):
    """Columns of a family of which only some are there: the others are 0."""

    def __missing__(self, key: tuple[Any, ...]) -> float:
        return 0.0


UNNAMEABLE = re.compile(r"[^A-Za-z0-9_]")
"""What a column's name cannot carry."""
INTEGER = frozenset({"buy", "lots", "retire", "keep", "mem", "build", "part"})
BINARY = frozenset(
    {"order", "level", "train", "choose", "active", "shared", "open", "expand", "commit", "spare", "counts"}
)


def build_variables(
    instance: Instance, sets: Sets, problem: LpProblem, serving: Iterable[tuple[Any, ...]] | None = None
) -> Variables:
    """Add every column to `problem`; of those that serve only the ones given, if any are given."""
    keys = column_keys(instance, sets)
    if serving is not None:
        keys["serve"] = serving
    taken: set[str] = set()
    columns: dict[str, Columns] = {}
    for family, indices in keys.items():
        columns[family] = Some() if family == "serve" and serving is not None else {}
        for key in indices:
            name = _unique(column_name(family, key), taken)
            if family in BINARY:
                columns[family][key] = problem.add_variable(name, 0, 1, "Integer")
            else:
                category = "Integer" if is_whole(sets, family, key) else "Continuous"
                columns[family][key] = problem.add_variable(name, 0, None, category)
    return Variables(**columns)


def is_whole(sets: Sets, family: str, key: tuple[Any, ...]) -> bool:
    """Whether a column is a whole number: by its family, and contracts where the offer says so."""
    if family in ("rent", "contract"):
        return sets.systems[key[0]].rentals[key[2] if family == "contract" else ""].whole
    return family in INTEGER or family in BINARY


def column_keys(instance: Instance, sets: Sets) -> dict[str, Iterable[tuple[Any, ...]]]:
    """Indices of the columns of each family."""
    return {
        **_fleet_keys(instance, sets),
        **_service_keys(instance, sets),
        **_site_keys(instance, sets),
        **_reliability_keys(instance, sets),
        **_split_keys(instance, sets),
    }


def _split_keys(instance: Instance, sets: Sets) -> dict[str, Iterable[tuple[Any, ...]]]:
    """Parts of demand by system and site, and the choice of one system for a workload."""
    part: dict[tuple[Any, ...], None] = {}
    choose: dict[tuple[Any, ...], None] = {}
    for k in sets.candidates:
        workload, live = sets.serving[k.workload], sets.live[k.system, k.site]
        if instance.one_system(workload):
            choose |= dict.fromkeys((k.workload, k.system, t) for t in live)
        if instance.parts(workload) is not None and k.stage != "decode":
            part |= dict.fromkeys(
                (k.workload, b, k.system, k.site, t, h)
                for b in k.points
                for t in live
                for h in sets.slices
                if sets.arriving(k.workload, t, h) > 0
            )
    return {"part": part, "choose": choose}


def _reliability_keys(instance: Instance, sets: Sets) -> dict[str, Iterable[tuple[Any, ...]]]:
    return {
        "spare": [
            (*key, n)
            for key, steps in spare_steps(instance, sets).items()
            for n, (_, spares) in enumerate(steps)
            if spares > 0
        ],
        "counts": [
            (w.id, s, t)
            for w in sets.serving.values()
            if w.min_sites is not None
            for t in spread_periods(instance, w)
            if has_demand(sets, w.id, t)
            for s in sites_serving(sets, w.id, t)
        ],
    }


def spread_periods(instance: Instance, workload: Workload) -> range:
    """Periods in which a workload must be spread over sites."""
    since = workload.sites_since
    return range(max(0, instance.time.period_index(since)) if since else 0, instance.time.periods)


def has_demand(sets: Sets, workload: str, t: int) -> bool:
    """Whether anything of a workload arrives in a period."""
    return any(rate > 0 for (w, _, at, _), rate in sets.arrivals.items() if (w, at) == (workload, t))


def sites_serving(sets: Sets, workload: str, t: int) -> list[str]:
    """Sites that could serve some of a workload's demand in a period."""
    reached = {s for (w, _), sites in sets.routes.items() if w == workload for s in sites}
    buckets = [b.id for b in sets.serving[workload].buckets]
    return [s for s in sets.sites if s in reached and any(_can_serve(sets, workload, b, s, t) for b in buckets)]


def column_name(family: str, key: tuple[Any, ...]) -> str:
    """`buy__hgx_b200_8__virginia__3`: letters, digits and underscores, parts joined by two."""
    return UNNAMEABLE.sub("_", "__".join(map(str, (family, *key))))


def _unique(name: str, taken: set[str]) -> str:
    """`name`, or with a number where two ids differ only in letters that names cannot carry."""
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}__n{number}", number + 1
    taken.add(candidate)
    return candidate


def _fleet_keys(instance: Instance, sets: Sets) -> dict[str, Iterable[tuple[Any, ...]]]:
    slices, accounts = sets.slices, discount_accounts(instance, sets)
    used = [p for p in sets.live if p in sets.on or p in sets.teams_on]
    retire = [
        (*place, cohort.id, t)
        for place, cohorts in sets.cohorts.items()
        for cohort in cohorts
        for t in range(cohort.first, cohort.last + 1)
    ]
    for c, s in sets.live:
        if sets.systems[c].resale is not None:
            retire += [(c, s, bought(b), t) for b in buy_periods(sets, c, s) for t in sets.live[c, s] if t > b]
    contracts = [
        (c, s, a, t)
        for c, s in sets.live
        for a, offered in sets.systems[c].rentals.items()
        if offered.max_units != 0
        for t in sets.offers[c, s].rent_periods
        if t in sets.live[c, s]
    ]
    return {
        "buy": [(c, s, t) for c, s in sets.live for t in buy_periods(sets, c, s)],
        "lots": [(c, t) for c, x in sets.systems.items() if (x.lot or 1) > 1 for t in order_periods(sets, c)],
        "order": [(c, t) for c, x in sets.systems.items() if least_order(x) > 0 for t in order_periods(sets, c)],
        "level": [(a.discount.id, a.at, x.number) for a in accounts for x in a.chosen],
        "spend": [key for a in accounts for key in a.spend_keys],
        "rent": [(c, s, t) for c, s, a, t in contracts if not a],
        "contract": [key for key in contracts if key[2]],
        "retire": retire,
        "installed": [(c, s, t) for (c, s), periods in sets.live.items() for t in periods],
        "busy": [(*p, t, h) for p in used for t in sets.live[p] for h in slices],
        "running": [(*p, t, h) for p in used if _may_idle(sets, p) for t in sets.live[p] for h in slices],
    }


def _may_idle(sets: Sets, place: Place) -> bool:
    """Whether units in use may have less to do than they could: where replicas on our own power are counted whole."""
    return sets.sites[place[1]].kind == "ground" and any(k.whole for k in sets.on.get(place, ()))


def bought(t: int) -> str:
    """Id of the cohort of units delivered in period t."""
    return f"bought-{t}"


def _service_keys(instance: Instance, sets: Sets) -> dict[str, Iterable[tuple[Any, ...]]]:
    arrivals = sets.arrivals
    waiting = {w.id for w in sets.serving.values() if w.max_delay_h > 0}
    priced = {w.id for w in sets.serving.values() if w.shortfall_usd_per_request is not None}
    live = {c.id: sets.live[c.system, c.site] for c in sets.candidates}
    return {
        "serve": ((c.id, b, t, h) for c in sets.candidates for b in c.points for t in live[c.id] for h in sets.slices),
        "keep": [(c.id, t) for c in sets.candidates if c.whole for t in live[c.id]],
        "flow": [
            (w, b.id, u, s, t, h)
            for (w, u), sites in sets.routes.items()
            for b in sets.serving[w].buckets
            for s in sites
            for t in range(instance.time.periods)
            for h in sets.slices
            if (arrivals[w, u, t, h] > 0 or w in waiting) and _can_serve(sets, w, b.id, s, t)
        ],
        "done": [key for key in arrivals if key[0] in waiting],
        "backlog": [key for key in arrivals if key[0] in waiting],
        "short": [key for key in arrivals if key[0] in priced],
        "train": [(k.id,) for k in sets.training],
        "trainrun": [(k.id, t) for k in sets.training for t in team_periods(sets, k)],
        "active": [(k.id, t) for k in sets.training for t in team_periods(sets, k)],
    }


def team_periods(sets: Sets, team: Any) -> list[int]:
    """Periods in which a training team may run."""
    live = set(sets.live[team.system, team.site])
    return [t for t in range(team.first_period, team.last_period + 1) if t in live]


def lease_terms(instance: Instance, site: Site) -> int:
    """Periods a lease of powered space runs (P2)."""
    lease = site.power.lease
    return max(1, instance.time.periods_of_months(lease.min_term_months if lease else 0.0))


def _can_serve(sets: Sets, workload: str, bucket: str, site: str, t: int) -> bool:
    return any(t in sets.live[c.system, c.site] for c in sets.serves.get((workload, bucket, site), ()))


def _site_keys(instance: Instance, sets: Sets) -> dict[str, Iterable[tuple[Any, ...]]]:
    time = instance.time
    horizon = range(time.periods)
    ground = [s for s in sets.sites.values() if s.kind == "ground"]
    tiers = [m for m in instance.memory if m.enabled]
    held_at = {(w, s) for w, _, s in sets.serves} | {(k.workload, k.site) for k in sets.training}
    bought = [m for m in tiers if m.price.usd_per_gb is not None]
    rented = [m for m in tiers if m.price.usd_per_gb_month is not None]
    sources = [(e, s) for s in ground for e in s.power.sources if e.enabled]
    build = [
        (e.id, s.id, t)
        for e, s in sources
        if e.max_new_kw * e.scale * s.power.scale >= e.block_kw > 0
        for t in horizon
        if t >= time.periods_of_months(e.lead_months)
    ]
    leases = [
        (s.id, t)
        for s in ground
        if s.power.lease is not None
        for t in horizon
        if t >= max(time.periods_of_months(s.power.lease.lead_months), sets.first_open.get(s.id, 0))
    ]
    built = set(build)
    can_build = {(e, s) for e, s, _ in build}
    park = [
        (k.workload, k.id, m, s.id, t, h)
        for k in sets.holdings
        for s in sets.sites.values()
        if (k.workload, s.id) in held_at
        for m in k.tiers
        if s.kind == "ground" or instance.tier(m).kind == "dram"
        for t in horizon
        for h in sets.slices
    ]
    sharedread = [(w, m, s, t, h) for w, i, m, s, t, h in park if i == SHARED]
    draw = [
        (e.id, s.id, t, h)
        for e, s in sources
        if e.existing_kw > 0 or (e.id, s.id) in can_build
        for t in horizon
        for h in sets.slices
    ]
    return {
        "mem": [
            (m.id, s.id, t)
            for m in bought
            for s in ground
            for t in horizon
            if t >= max(time.periods_of_months(m.lead_months), sets.first_open.get(s.id, 0))
        ],
        "memrent": [
            (m.id, s.id, t) for m in rented for s in ground for t in horizon if t >= sets.first_open.get(s.id, 0)
        ],
        "park": park,
        "shared": list(dict.fromkeys(key[:4] for key in sharedread)),
        "sharedread": sharedread,
        "build": build,
        "expand": sorted({(s, t) for _, s, t in build if sets.sites[s].min_new_kw}),
        "commit": [
            (e.id, s.id, t) for e, s in sources if e.min_new_kw > 0 for t in horizon if (e.id, s.id, t) in built
        ],
        "lease": leases,
        "sign": [(s, t) for s, t in leases if lease_terms(instance, sets.sites[s]) > 1],
        "draw": draw + [(LEASE, s, t, h) for s, t in leases for h in sets.slices],
        "open": [(s, t) for s, first in sets.first_open.items() for t in horizon if t >= first],
    }
