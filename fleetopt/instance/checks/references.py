"""Every id that names another entity must exist."""

from collections.abc import Iterable, Iterator

from fleetopt.catalog import load as catalog
from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance
from fleetopt.instance.suggest import did_you_mean
from fleetopt.instance.workloads import Workload

Reference = tuple[Path, str, str]
"""Path, kind of entity, id."""


def check_references(instance: Instance) -> Iterator[Finding]:
    """Each reference names something that is there; close names are suggested."""
    known = _known(instance)
    for path, kind, name in _references(instance):
        if name not in known[kind]:
            hint = did_you_mean(name, known[kind], f"try adding a {kind} of that id")
            if kind == "model" and not hint.startswith("did"):
                hint = did_you_mean(name, [*known[kind], *catalog.ids("model")])
            yield Finding(path, f"there is no {kind} {name!r}", hint)


def _known(instance: Instance) -> dict[str, set[str]]:
    regions = {region.id for region in instance.network.regions}
    sites = {site.id for site in instance.sites}
    return {
        "jurisdiction": {jurisdiction.id for jurisdiction in instance.jurisdictions},
        "region": regions,
        "site": sites,
        "region or site": regions | sites,
        "slice": {part.id for part in instance.time.slices},
        "model": {model.id for model in instance.models},
        "system": {system.id for system in instance.systems},
        "memory tier": {tier.id for tier in instance.memory},
        "workload": {workload.id for workload in instance.workloads},
        "workload or model": {one.id for one in (*instance.workloads, *instance.models)},
        "vendor": {s.vendor for s in instance.systems} | {s.chip.vendor for s in instance.systems if s.chip},
    }


def _references(instance: Instance) -> Iterator[Reference]:
    for r, region in enumerate(instance.network.regions):
        at: Path = ("network", "regions", r)
        yield (*at, "jurisdiction"), "jurisdiction", region.jurisdiction
        yield from _each((*at, "data_may_enter"), "jurisdiction", region.data_may_enter)
    for n, link in enumerate(instance.network.links):
        yield ("network", "links", n, "a"), "region or site", link.a
        yield ("network", "links", n, "b"), "region or site", link.b
    for s, site in enumerate(instance.sites):
        yield ("sites", s, "jurisdiction"), "jurisdiction", site.jurisdiction
    for w, workload in enumerate(instance.workloads):
        yield from _of_workload(("workloads", w), workload)
    for h, holding in enumerate(instance.fleet):
        yield ("fleet", h, "system"), "system", holding.system
        yield ("fleet", h, "site"), "site", holding.site
    for n, point in enumerate(instance.measured.points):
        for kind in ("system", "workload", "model"):
            if getattr(point, kind) is not None:
                yield ("measured", "points", n, kind), kind, getattr(point, kind)
    for name, speculation in instance.prediction.speculative.items():
        here: Path = ("prediction", "speculative", name)
        yield here, "workload or model", name
        if speculation.draft_model is not None:
            yield (*here, "draft_model"), "model", speculation.draft_model
    for n, queue in enumerate(instance.measured.queues):
        yield ("measured", "queues", n, "system"), "system", queue.system
        yield from _each(("measured", "queues", n, "workloads"), "workload", queue.workloads)
    yield from _of_trade(instance)
    yield from _of_limits(instance)
    yield from _each(("stress", "vendors_out"), "vendor", instance.stress.vendors_out)
    for site_id in instance.stress.power_late_months:
        yield ("stress", "power_late_months", site_id), "site", site_id


def _of_workload(at: Path, workload: Workload) -> Iterator[Reference]:
    if workload.model is not None:
        yield (*at, "model"), "model", workload.model
    yield from _each((*at, "systems"), "system", workload.systems)
    yield from _each((*at, "jurisdictions"), "jurisdiction", workload.jurisdictions)
    for r, demand in enumerate(workload.demand.regions):
        here: Path = (*at, "demand", "regions", r)
        yield (*here, "region"), "region", demand.region
        for name in demand.slice_factors:
            yield (*here, "slice_factors", name), "slice", name
    for r, row in enumerate(workload.demand.table):
        yield (*at, "demand", "table", r, "region"), "region", row.region
        yield (*at, "demand", "table", r, "slice"), "slice", row.slice
    if workload.idle_kv:
        yield from _each((*at, "idle_kv", "tiers"), "memory tier", workload.idle_kv.tiers)
    if workload.reuse_curve:
        yield from _each((*at, "reuse_curve", "tiers"), "memory tier", workload.reuse_curve.tiers)
    for n, store in enumerate(workload.stores):
        yield from _each((*at, "stores", n, "tiers"), "memory tier", store.tiers)
    if workload.training:
        yield from _each((*at, "training", "checkpoint_tiers"), "memory tier", workload.training.checkpoint_tiers)


def _of_trade(instance: Instance) -> Iterator[Reference]:
    for n, licence in enumerate(instance.trade.licences):
        at: Path = ("trade", "licences", n)
        yield from _each((*at, "systems"), "system", licence.systems)
        yield (*at, "jurisdiction"), "jurisdiction", licence.jurisdiction
    for n, duty in enumerate(instance.trade.duties):
        at = ("trade", "duties", n)
        yield from _each((*at, "jurisdictions"), "jurisdiction", duty.jurisdictions)
        yield from _each((*at, "systems"), "system", duty.systems)
    for n, seller in enumerate(instance.trade.seller_shipments):
        yield from _each(("trade", "seller_shipments", n, "systems"), "system", seller.systems)


def _of_limits(instance: Instance) -> Iterator[Reference]:
    for n, limit in enumerate(instance.policy.limits):
        at: Path = ("policy", "limits", n)
        yield from _each((*at, "systems"), "system", limit.systems)
        yield from _each((*at, "vendors"), "vendor", limit.vendors)
        yield from _each((*at, "sites"), "site", limit.sites)
    for n, spares in enumerate(instance.policy.spares):
        at = ("policy", "spares", n)
        yield from _each((*at, "systems"), "system", spares.systems)
        yield from _each((*at, "sites"), "site", spares.sites)
    for n, decision in enumerate(instance.policy.purchases):
        at = ("policy", "purchases", n)
        yield (*at, "site"), "site", decision.site
        if decision.system is not None:
            yield (*at, "system"), "system", decision.system
        if decision.tier is not None:
            yield (*at, "tier"), "memory tier", decision.tier
    for n, supply in enumerate(instance.supply.limits):
        at = ("supply", "limits", n)
        yield from _each((*at, "systems"), "system", supply.systems)
        yield from _each((*at, "jurisdictions"), "jurisdiction", supply.jurisdictions)
        if supply.vendor is not None:
            yield (*at, "vendor"), "vendor", supply.vendor
    for n, discount in enumerate(instance.supply.discounts):
        at = ("supply", "discounts", n)
        yield from _each((*at, "systems"), "system", discount.systems)
        yield (*at, "vendor"), "vendor", discount.vendor
    for name in instance.supply.max_vendor_share:
        yield ("supply", "max_vendor_share", name), "vendor", name


def _each(at: Path, kind: str, names: Iterable[str]) -> Iterator[Reference]:
    for index, name in enumerate(names):
        yield (*at, index), kind, name
