"""The network between regions and sites: paths of least round trip, and who may serve whom (D3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from fleetopt.instance.arrivals import region_ids
from fleetopt.instance.network import Link, Network
from fleetopt.instance.schema import Instance
from fleetopt.instance.sites import Site
from fleetopt.instance.workloads import Bucket, Workload


@dataclass(frozen=True, slots=True)
class Path:
    """The way of least round trip from a region to a site."""

    rtt_ms: float
    links: tuple[int, ...]
    """Positions in `network.links`, from the region on."""
    usd_per_gb: float
    """Price of traffic, summed along the path."""
    forward: tuple[bool, ...] = ()
    """For each link, whether requests pass it from its end `a` to its end `b`; answers go the other way."""


@dataclass(frozen=True, slots=True)
class NetworkView:
    """All paths of an instance, as plain data; build it once with `network_view`."""

    paths: Mapping[tuple[str, str], Path]
    """By (region, site); absent where no path exists."""

    def round_trip_ms(self, region: str, site: str) -> float | None:
        """Round-trip time between a region and a site, or None where none leads there."""
        path = self.paths.get((region, site))
        return None if path is None else path.rtt_ms

    def path_links(self, region: str, site: str) -> tuple[int, ...]:
        """Links between a region and a site, as positions in `network.links`; empty where none lead there."""
        path = self.paths.get((region, site))
        return () if path is None else path.links

    def hops(self, region: str, site: str) -> tuple[tuple[int, bool], ...]:
        """Links between a region and a site, each with whether requests pass it from its `a` to its `b`."""
        path = self.paths.get((region, site))
        return () if path is None else tuple(zip(path.links, path.forward, strict=True))

    def usd_per_gb(self, region: str, site: str) -> float:
        """Price of traffic between a region and a site; 0 where no path exists."""
        path = self.paths.get((region, site))
        return 0.0 if path is None else path.usd_per_gb


def network_view(instance: Instance) -> NetworkView:
    """Least-round-trip paths between every region and every site.

    Traffic may pass through any node. Of parallel links the faster, then the cheaper, is taken; ties between paths fall
    by node name, never by the order of the file.
    """
    graph = _graph(instance.network)
    paths: dict[tuple[str, str], Path] = {}
    for region in instance.network.regions:
        if region.id not in graph:
            continue
        routes = nx.single_source_dijkstra_path(graph, region.id, weight="rtt_ms")
        for site in instance.sites:
            if site.id in routes:
                paths[region.id, site.id] = _path(graph, routes[site.id], instance.network.links)
    return NetworkView(paths)


def gb_per_request(network: Network, bucket: Bucket) -> float:
    """Bytes on the wire of one request, in GB: the whole context sent and the output returned."""
    return float(network.bytes_per_token * (bucket.input_tokens + bucket.output_tokens) / 1e9)


def gb_each_way(network: Network, bucket: Bucket) -> tuple[float, float]:
    """GB of one request towards the site (the context sent) and back to the region (the output returned)."""
    there, back = (network.bytes_per_token * tokens / 1e9 for tokens in (bucket.input_tokens, bucket.output_tokens))
    return float(there), float(back)


def _graph(network: Network) -> "nx.Graph[str]":
    links = network.links
    order = sorted(
        range(len(links)), key=lambda n: (*sorted((links[n].a, links[n].b)), links[n].rtt_ms, links[n].usd_per_gb)
    )
    graph: nx.Graph[str] = nx.Graph()
    for number in order:
        link = links[number]
        if not graph.has_edge(link.a, link.b):
            graph.add_edge(*sorted((link.a, link.b)), rtt_ms=link.rtt_ms, number=number)
    return graph


def _path(graph: "nx.Graph[str]", nodes: list[str], links: tuple[Link, ...]) -> Path:
    numbers = tuple(int(graph.edges[pair]["number"]) for pair in pairwise(nodes))
    rtt_ms, usd_per_gb = (float(sum(getattr(links[n], name) for n in numbers)) for name in ("rtt_ms", "usd_per_gb"))
    return Path(rtt_ms, numbers, usd_per_gb, tuple(links[n].a == node for n, node in zip(numbers, nodes, strict=False)))


@dataclass(frozen=True, slots=True)
class Barrier:
    """Why a site may not serve a region; `shortfall` is round trip / limit - 1, or 0 where law bars it."""

    region: str
    site: str
    detail: str
    shortfall: float = 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """Sites open to each region of a workload, in the order of the instance, and what bars the others."""

    sites: Mapping[str, tuple[str, ...]]
    barriers: tuple[Barrier, ...]

    def regions_of(self, site: str) -> tuple[str, ...]:
        """Regions that may send the workload to a site."""
        return tuple(region for region, sites in self.sites.items() if site in sites)


def rtt_limit_ms(instance: Instance, workload: Workload) -> float | None:
    """Longest round trip allowed: a share of the smallest TTFT target of any bucket; None without such a target."""
    targets = [t for b in workload.buckets if (t := workload.targets(b).ttft_s) is not None]
    return float(min(targets) * 1000.0 * instance.network.max_rtt_share_of_ttft) if targets else None


def reach(instance: Instance, view: NetworkView, workload: Workload) -> Reach:
    """Screen every enabled site for every region of a workload (D3)."""
    limit_ms = rtt_limit_ms(instance, workload)
    barriers: list[Barrier] = []
    open_to: dict[str, tuple[str, ...]] = {}
    for region in region_ids(workload):
        allowed = []
        for site in instance.sites:
            if not site.enabled:
                continue
            barrier = _barrier(instance, view, workload, region, site, limit_ms)
            if barrier is None:
                allowed.append(site.id)
            else:
                barriers.append(barrier)
        open_to[region] = tuple(allowed)
    return Reach(open_to, tuple(barriers))


def admissible_sites(instance: Instance, workload: Workload) -> Mapping[str, tuple[str, ...]]:
    """Sites that may serve each region of a workload (D3)."""
    return reach(instance, network_view(instance), workload).sites


def _barrier(
    instance: Instance, view: NetworkView, workload: Workload, region_id: str, site: Site, limit_ms: float | None
) -> Barrier | None:
    region = next(r for r in instance.network.regions if r.id == region_id)
    for whose, allowed in (("region", region.data_may_enter), ("workload", workload.jurisdictions)):
        if allowed and site.jurisdiction not in allowed:
            detail = f"data of {whose} may enter {', '.join(allowed)} only, not {site.jurisdiction}"
            return Barrier(region_id, site.id, detail)
    rtt_ms = view.round_trip_ms(region_id, site.id)
    if rtt_ms is None:
        return Barrier(region_id, site.id, f"no link leads from {region_id} to {site.id}")
    if limit_ms is not None and rtt_ms > limit_ms * (1.0 + 1e-9):
        shortfall = rtt_ms / limit_ms - 1.0 if limit_ms > 0 else float("inf")
        detail = f"round trip {rtt_ms:g} ms from {region_id}, limit {limit_ms:g} ms"
        return Barrier(region_id, site.id, detail, shortfall)
    return None
