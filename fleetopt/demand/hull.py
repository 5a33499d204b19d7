"""Concave envelopes: what splitting traffic between two sizes of cache can reach."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

_ROUNDING = 1e-9
Corner = tuple[float, float]
"""(seconds of input held, share of input tokens found)."""


def envelope(points: Iterable[Corner]) -> tuple[Corner, ...]:
    """Corners of the upper concave envelope of no cache and the points, up to the highest share; (0, 0) left out."""
    corners: list[Corner] = [(0.0, 0.0)]
    for x, y in sorted(points):
        while len(corners) > 1 and _bends_up(corners[-2], corners[-1], (x, y)):
            corners.pop()
        corners.append((x, y))
    rising = [b for a, b in pairwise(corners) if b[1] > a[1]]
    return tuple(rising)


def _bends_up(a: Corner, b: Corner, c: Corner) -> bool:
    """Whether b lies on or below the line from a to c, but for rounding."""
    return (b[1] - a[1]) * (c[0] - a[0]) <= (c[1] - a[1]) * (b[0] - a[0]) * (1 + _ROUNDING)


def fewest(corners: Sequence[Corner], tolerance: float) -> tuple[Corner, ...]:
    """The fewest of an envelope's corners, the last among them, that lie nowhere more than `tolerance` below it.

    What is left is on or below the envelope: it promises no more than was measured.
    """
    path = [(0.0, 0.0), *corners]
    count, via = [0] + [len(path)] * (len(path) - 1), [0] * len(path)
    for end in range(1, len(path)):
        for start in range(end):
            if count[start] + 1 < count[end] and _loss(path[start : end + 1]) <= tolerance:
                count[end], via[end] = count[start] + 1, start
    kept, at = [], len(path) - 1
    while at > 0:
        kept.append(path[at])
        at = via[at]
    return tuple(reversed(kept))


def _loss(path: Sequence[Corner]) -> float:
    """How far the chord from the first corner to the last lies below those between."""
    (x0, y0), (x1, y1) = path[0], path[-1]
    return max((y - y0 - (y1 - y0) * (x - x0) / (x1 - x0) for x, y in path[1:-1]), default=0.0)
