"""Ids are unique where they are looked up; regions and sites are nodes of one network."""

from collections.abc import Hashable, Iterator, Sequence

from fleetopt.instance.located import Finding, Path
from fleetopt.instance.schema import Instance

LEASE = "lease"
"""What a plan calls leased power where it names a source."""
BOUGHT = "bought-"
"""How a plan's ids of cohorts bought within the horizon begin."""


def check_duplicates(instance: Instance) -> Iterator[Finding]:
    """No id twice in a list, nor for a region and a site."""
    i = instance
    for path, items in (
        (("jurisdictions",), i.jurisdictions),
        (("time", "slices"), i.time.slices),
        (("models",), i.models),
        (("workloads",), i.workloads),
        (("systems",), i.systems),
        (("memory",), i.memory),
        (("network", "regions"), i.network.regions),
        (("sites",), i.sites),
        (("fleet",), i.fleet),
        (("trade", "rules"), i.trade.rules),
        (("trade", "licences"), i.trade.licences),
        (("trade", "duties"), i.trade.duties),
        (("trade", "seller_shipments"), i.trade.seller_shipments),
        (("supply", "limits"), i.supply.limits),
        (("supply", "discounts"), i.supply.discounts),
        (("policy", "limits"), i.policy.limits),
        (("policy", "spares"), i.policy.spares),
    ):
        yield from _twice(path, "id", [item.id for item in items])
    for w, workload in enumerate(i.workloads):
        yield from _twice(("workloads", w, "buckets"), "id", [bucket.id for bucket in workload.buckets])
        yield from _twice(("workloads", w, "stores"), "id", [store.id for store in workload.stores])
        if workload.idle_kv is not None:
            yield from _twice(("workloads", w, "idle_kv", "gaps"), "id", [gap.id for gap in workload.idle_kv.gaps])
        demand = workload.demand
        yield from _twice(("workloads", w, "demand", "regions"), "region", [row.region for row in demand.regions])
        rows = [(row.period, row.slice, row.region) for row in demand.table]
        yield from _twice(("workloads", w, "demand", "table"), None, rows)
    for s, system in enumerate(i.systems):
        yield from _twice(("systems", s, "rental_classes"), "id", [offer.id for offer in system.rental_classes])
    for s, site in enumerate(i.sites):
        sources = [source.id for source in site.power.sources]
        yield from _twice(("sites", s, "power", "sources"), "id", sources)
    yield from _shared_nodes(instance)


def _shared_nodes(instance: Instance) -> Iterator[Finding]:
    regions = {region.id for region in instance.network.regions}
    for s, site in enumerate(instance.sites):
        if site.id in regions:
            message = f"a region has the id {site.id!r} too, and links could mean either"
            yield Finding(("sites", s, "id"), message, "try another id for one of them")


def check_plan_words(instance: Instance) -> Iterator[Finding]:
    """No id that a plan uses for something else."""
    for s, site in enumerate(instance.sites):
        for e, source in enumerate(site.power.sources):
            if source.id == LEASE:
                message = f"a plan calls leased power {LEASE!r}, and this is a source"
                yield Finding(("sites", s, "power", "sources", e, "id"), message, "try another id")
    for h, holding in enumerate(instance.fleet):
        if holding.id.startswith(BOUGHT):
            message = f"a plan's own purchases have ids that begin with {BOUGHT!r}, and these are units already held"
            yield Finding(("fleet", h, "id"), message, "try another id")


def _twice(path: Path, field: str | None, keys: Sequence[Hashable]) -> Iterator[Finding]:
    first: dict[Hashable, int] = {}
    for index, key in enumerate(keys):
        if key in first:
            name = repr(key) if isinstance(key, str) else ", ".join(map(str, key)) if isinstance(key, tuple) else ""
            at: Path = (*path, index, field) if field else (*path, index)
            yield Finding(at, f"{name} is given twice", "try removing or renaming one")
        first.setdefault(key, index)


def check_links(instance: Instance) -> Iterator[Finding]:
    """A link joins two different nodes, once; a region with demand has one."""
    pairs: set[frozenset[str]] = set()
    for n, link in enumerate(instance.network.links):
        pair = frozenset((link.a, link.b))
        if link.a == link.b:
            yield Finding(("network", "links", n, "b"), f"the link joins {link.a!r} to itself", "try its other end")
        elif pair in pairs:
            message = f"{link.a!r} and {link.b!r} are linked twice"
            yield Finding(("network", "links", n), message, "try one link with the capacity of both")
        pairs.add(pair)
    linked = {node for pair in pairs for node in pair}
    for r, region in enumerate(instance.network.regions):
        if region.id not in linked:
            message = "no link reaches this region, so no site can serve it"
            hint = "try a link under network.links"
            yield Finding(("network", "regions", r), message, hint, warning=True)
