"""A graph of regions and sites: the longer the round trip, the further apart."""

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx
from markupsafe import Markup

from fleetopt.report.charts import svg
from fleetopt.report.charts.columns import NARROW, WIDE
from fleetopt.report.charts.figure import Figure, Legend

REGION, SITE, ORBIT, IDLE = 1, 0, 6, svg.REST
Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """A region or a site."""

    id: str
    name: str
    slot: int
    size: float
    """From 0 to 1."""
    detail: str
    """Written below its name."""
    said: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A link."""

    a: str
    b: str
    rtt_ms: float
    width: float
    """From 0 (unused) to 1."""
    said: str


@dataclass(frozen=True, slots=True)
class SiteMap:
    """Nodes joined by edges."""

    id: str
    title: str
    said: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def figure(self) -> Figure:
        """The chart, drawn."""
        names = {REGION: "region with demand", SITE: "site on the ground", ORBIT: "site in orbit", IDLE: "not used"}
        legend = tuple(Legend(said, slot) for slot, said in names.items() if any(n.slot == slot for n in self.nodes))
        rows = tuple((n.name, n.said) for n in self.nodes) + tuple(
            (f"{self._name(e.a)} – {self._name(e.b)}", e.said) for e in self.edges
        )
        wide, narrow = self._draw(WIDE, 430.0), self._draw(NARROW, 420.0)
        return Figure(self.id, self.title, self.said, wide, narrow, legend, ("", ""), rows)

    def _name(self, id_: str) -> str:
        return next(n.name for n in self.nodes if n.id == id_)

    def _draw(self, width: float, height: float) -> Markup:
        spots = self._spots(width, height)
        parts = [*self._edges(spots), *self._nodes(spots, width)]
        return svg.picture(width, height, f"{self.title}. {self.said}", parts)

    def _spots(self, width: float, height: float) -> dict[str, Spot]:
        """Each connected part by itself (Kamada-Kawai on round trips), side by side, wider parts with more room."""
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(n.id for n in self.nodes)
        for e in self.edges:
            graph.add_edge(e.a, e.b, weight=max(e.rtt_ms, 1.0))
        order = {n.id: place for place, n in enumerate(self.nodes)}
        parts = sorted((sorted(c, key=order.__getitem__) for c in nx.connected_components(graph)), key=lambda c: (-len(c), order[c[0]]))
        along, spots = width > height, dict[str, Spot]()
        weights = [len(c) ** 0.5 if len(c) > 1 else 0.7 for c in parts]
        length, at = (width if along else height), 0.0
        for members, weight in zip(parts, weights, strict=True):
            room = length * weight / sum(weights)
            box = (at, 0.0, room, height) if along else (0.0, at, width, room)
            spots |= _placed(graph.subgraph(members), members, box)
            at += room
        return spots

    def _edges(self, spots: dict[str, Spot]) -> Iterator[Markup]:
        for e in self.edges:
            (x1, y1), (x2, y2) = spots[e.a], spots[e.b]
            ends: list[tuple[str, object]] = [("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2)]
            used = e.width > 0
            kind, stroke = ("e", svg.PALETTE[4]) if used else ("g", svg.FAINT)
            thick: list[tuple[str, object]] = [("stroke", stroke), ("stroke-width", 1.5 + 7 * e.width)]
            yield svg.element("line", [("class", kind), *ends, *thick])
            unseen: list[tuple[str, object]] = [("stroke", "#fff"), ("stroke-opacity", "0"), ("stroke-width", 14.0)]
            yield svg.hit("line", [*ends, *unseen], f"{self._name(e.a)} – {self._name(e.b)}: {e.said}")
        for e in self.edges:
            (x1, y1), (x2, y2) = spots[e.a], spots[e.b]
            yield svg.text((x1 + x2) / 2, (y1 + y2) / 2 - 4, f"{e.rtt_ms:,.0f} ms", "middle", "th", 10.0)

    def _nodes(self, spots: dict[str, Spot], width: float) -> Iterator[Markup]:
        for n in self.nodes:
            x, y = spots[n.id]
            size = 8 + 14 * n.size**0.5
            if n.slot == REGION:
                shape: list[tuple[str, object]] = [("cx", x), ("cy", y), ("r", 9.0)]
                yield svg.mark("circle", shape, n.slot, f"{n.name}: {n.said}")
            else:
                square: list[tuple[str, object]] = [("x", x - size), ("y", y - size), ("width", 2 * size)]
                yield svg.mark("rect", [*square, ("height", 2 * size), ("rx", 3.0)], n.slot, f"{n.name}: {n.said}")
            below = y + (9.0 if n.slot == REGION else size) + 14
            anchor, at = "middle", x
            room = max(len(n.name), len(n.detail)) * svg.FONT * svg.LETTER / 2
            at = min(max(x, room + 2), width - room - 2)
            yield svg.text(at, below, svg.fitted(n.name, width), anchor, "tb")
            yield svg.text(at, below + 14, n.detail, anchor, "th")


def _placed(graph: "nx.Graph[str]", members: list[str], box: tuple[float, float, float, float]) -> dict[str, Spot]:
    """Positions of one part, stretched to its box; a start on a circle in a fixed order makes them the same always."""
    x0, y0, width, height = box
    inner = (x0 + 64, y0 + 34, max(width - 128, 1.0), max(height - 92, 1.0))
    if len(members) == 1:
        return {members[0]: (x0 + width / 2, y0 + height / 2 - 12)}
    ordered: nx.Graph[str] = nx.Graph()
    ordered.add_nodes_from(members)
    ordered.add_weighted_edges_from((a, b, graph.edges[a, b]["weight"]) for a, b in graph.edges)
    found = nx.kamada_kawai_layout(ordered, pos=nx.circular_layout(ordered))
    xs, ys = ([round(float(found[m][axis]), 3) for m in members] for axis in (0, 1))
    if (max(ys) - min(ys)) > (max(xs) - min(xs)) and width > height:
        xs, ys = ys, xs
    return {
        m: (_between(xs, xs[n], inner[0], inner[2]), _between(ys, ys[n], inner[1], inner[3]))
        for n, m in enumerate(members)
    }


def _between(values: list[float], value: float, start: float, length: float) -> float:
    spread = max(values) - min(values)
    return start + length * ((value - min(values)) / spread if spread > 0.02 else 0.5)
