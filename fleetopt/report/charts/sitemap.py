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
        parts = self._parts()
        wide, narrow = self._draw(parts, WIDE, 430.0), self._draw(parts, NARROW, 420.0)
        return Figure(self.id, self.title, self.said, wide, narrow, legend, ("", ""), rows)

    def _name(self, id_: str) -> str:
        return next(n.name for n in self.nodes if n.id == id_)

    def _draw(self, parts: "list[dict[str, Spot]]", width: float, height: float) -> Markup:
        spots = _side_by_side(parts, width, height)
        return svg.picture(
            width, height, f"{self.title}. {self.said}", [*self._edges(spots), *self._nodes(spots, width)]
        )

    def _parts(self) -> "list[dict[str, Spot]]":
        """A layout of each connected part by itself (Kamada-Kawai on round trips), the largest first.

        The start is a circle in the order of the instance, and places are rounded, so that they are the same always.
        """
        graph: nx.Graph[str] = nx.Graph()
        graph.add_nodes_from(n.id for n in self.nodes)
        graph.add_weighted_edges_from((e.a, e.b, max(e.rtt_ms, 1.0)) for e in self.edges)
        order = {n.id: place for place, n in enumerate(self.nodes)}
        found = []
        for members in nx.connected_components(graph):
            part: nx.Graph[str] = nx.Graph()
            ordered: list[str] = sorted(members, key=order.__getitem__)
            part.add_nodes_from(ordered)
            part.add_edges_from((a, b, d) for a, b, d in graph.edges(data=True) if a in members)
            spots = (
                nx.kamada_kawai_layout(part, pos=nx.circular_layout(part))
                if len(part) > 1
                else dict.fromkeys(part, (0, 0))
            )
            found.append({n: (round(float(x), 2), round(float(y), 2)) for n, (x, y) in spots.items()})
        return sorted(found, key=lambda part: (-len(part), min(order[n] for n in part)))

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


def _side_by_side(parts: list[dict[str, Spot]], width: float, height: float) -> dict[str, Spot]:
    """Parts beside each other (below each other on a phone), larger ones with more room, each stretched to its box."""
    along, found, at = width > height, dict[str, Spot](), 0.0
    weights = [len(part) ** 0.5 if len(part) > 1 else 0.7 for part in parts]
    for part, weight in zip(parts, weights, strict=True):
        room = (width if along else height) * weight / sum(weights)
        x, y, w, h = (at, 0.0, room, height) if along else (0.0, at, width, room)
        xs, ys = ([spot[axis] for spot in part.values()] for axis in (0, 1))
        if max(ys) - min(ys) > max(xs) - min(xs) and w > h:
            xs, ys = ys, xs
        for n, id_ in enumerate(part):
            found[id_] = (_between(xs, xs[n], x + 70, max(w - 140, 1.0)), _between(ys, ys[n], y + 34, max(h - 92, 1.0)))
        at += room
    return found


def _between(values: list[float], value: float, start: float, length: float) -> float:
    spread = max(values) - min(values)
    return start + length * ((value - min(values)) / spread if spread > 0.05 else 0.5)
