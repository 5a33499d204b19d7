"""Request-size buckets: the fewest whose errors stay within a tolerance, placed where the errors are least.

A bucket stands for the requests of a cell (a range of inputs by a range of outputs) at their mean input and output.
Whatever is linear in tokens is then exact: tokens in and out, the linear part of prefill, steps of decode. Three sums
are not, and what a partition loses in them is its error, relative to the trace:

    prefill   sum of input²                        attention over the prompt
    decode    sum of input x output + output²/2    KV read: the context of every token generated
    spread    sum of output²                       variety of answers

The first and last lose the variance within cells; the second the covariance, whose sign may differ, so that absolute
values are added up and nothing cancels. Together they bound what is lost of the joint distribution: the mean square
distance between a request and its bucket is the first and the last.

Partitions are strips of inputs, each cut by outputs on its own. Among all of them on a grid of 40 x 40 lines (placed so
that each band carries the same part of requests and of squares), dynamic programming finds the least sum of the three
errors for every number of buckets; the smallest number within the tolerance is taken.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fleetopt.demand.sketch import LINES, MOMENTS, SizeSketch, band_start

Floats = NDArray[np.float64]
_CUTS = 40
ERRORS = ("prefill", "decode", "spread")


@dataclass(frozen=True)
class SizeBucket:
    """The requests of a cell, at their mean."""

    requests: int
    input_tokens: float
    output_tokens: float
    input_from: int
    """Least input of the cell."""
    output_from: int
    """Least output of the cell."""


@dataclass(frozen=True)
class Partition:
    """Buckets with what they lose."""

    buckets: tuple[SizeBucket, ...]
    """By input, then output."""
    errors: dict[str, float]
    """By name, as a share of the trace's sum."""
    correlation: float
    """Of input and output, over the buckets."""
    trace_correlation: float
    """Of input and output in the trace."""

    @property
    def error(self) -> float:
        """The largest of the errors."""
        return max(self.errors.values())


def partition(sketch: SizeSketch, tolerance: float, most: int) -> Partition:
    """The fewest buckets with every error at most `tolerance`, or the best of `most`; the sketch may not be empty."""
    grid = _Grid(sketch)
    strips, best = grid.strips(most), None
    for cells in _by_count(strips, len(grid.rows) - 1, most):
        best = grid.result(cells)
        if best.error <= tolerance:
            break
    assert best is not None, "there is always one bucket"
    return best


@dataclass(frozen=True)
class _Strips:
    """For each range of input bands and number of cells the least cost and the last cut that gives it."""

    cost: Floats
    """[cells - 1, from, to]."""
    cuts: dict[tuple[int, int], NDArray[np.int64]]
    """By (from, to): [cells - 1, output band] the start of the last cell."""


class _Grid:
    """The sketch on coarse lines, with sums of every rectangle by its corners."""

    def __init__(self, sketch: SizeSketch) -> None:
        self.total = sketch.totals()
        counts = dict(zip(MOMENTS, sketch.sums, strict=True))
        self.rows = _lines(counts["requests"].sum(axis=1), counts["input2"].sum(axis=1))
        self.columns = _lines(counts["requests"].sum(axis=0), counts["output2"].sum(axis=0))
        sums = np.zeros((len(MOMENTS), len(self.rows), len(self.columns)))
        upto = sketch.sums.cumsum(axis=1).cumsum(axis=2)
        sums[:, 1:, 1:] = upto[:, [r - 1 for r in self.rows[1:]]][:, :, [c - 1 for c in self.columns[1:]]]
        self.sums = sums
        t = self.total
        self.scale = {
            "prefill": t["input2"] or 1.0,
            "decode": t["product"] + t["output2"] / 2 or 1.0,
            "spread": t["output2"] or 1.0,
        }

    def losses(self, sums: Floats) -> dict[str, Floats]:
        """What cells with these sums (moments first) lose of each total, as a share of it."""
        n, i, o, i2, io, o2 = sums
        n = np.maximum(n, 1.0)
        spread_i, spread_o = np.maximum(i2 - i * i / n, 0.0), np.maximum(o2 - o * o / n, 0.0)
        decode = np.abs(io - i * o / n + spread_o / 2)
        lost = {"prefill": spread_i, "decode": decode, "spread": spread_o}
        return {name: each / self.scale[name] for name, each in lost.items()}

    def strips(self, most: int) -> _Strips:
        """Optimal cuts by outputs of every strip of inputs, for each number of cells."""
        bands = len(self.rows) - 1
        cost = np.full((most, bands, bands + 1), np.inf)
        cuts: dict[tuple[int, int], NDArray[np.int64]] = {}
        for low in range(bands):
            for high in range(low + 1, bands + 1):
                upto = self.sums[:, high] - self.sums[:, low]
                cells = sum(self.losses(upto[:, None, :] - upto[:, :, None]).values())
                best, cuts[low, high] = _cut(np.asarray(cells), most)
                cost[:, low, high] = best
        return _Strips(cost, cuts)

    def result(self, cells: list[tuple[int, int, int, int]]) -> Partition:
        """Buckets of rectangles (input from, to; output from, to); empty ones are none."""
        found, losses = [], dict.fromkeys(ERRORS, 0.0)
        for a, b, c, d in cells:
            sums = self.sums[:, b, d] - self.sums[:, a, d] - self.sums[:, b, c] + self.sums[:, a, c]
            if sums[0] < 0.5:
                continue
            for name, lost in self.losses(sums).items():
                losses[name] += float(lost)
            n = round(float(sums[0]))
            starts = band_start(self.rows[a]), band_start(self.columns[c])
            found.append(SizeBucket(n, float(sums[1]) / n, float(sums[2]) / n, *starts))
        t = self.total
        trace = _correlation(t["requests"], t["input"], t["output"], t["input2"], t["product"], t["output2"])
        w = [(k.requests, k.input_tokens, k.output_tokens) for k in found]
        squares = [sum(n * x for n, x in zip((k[0] for k in w), each, strict=True)) for each in _products(w)]
        return Partition(tuple(found), losses, _correlation(t["requests"], *squares), trace)


def _products(w: list[tuple[int, float, float]]) -> list[list[float]]:
    return [
        [i for _, i, _ in w],
        [o for _, _, o in w],
        [i * i for _, i, _ in w],
        [i * o for _, i, o in w],
        [o * o for _, _, o in w],
    ]


def _correlation(n: float, i: float, o: float, i2: float, io: float, o2: float) -> float:
    """Pearson's; 0 where either does not vary."""
    spread = (i2 - i * i / n) * (o2 - o * o / n)
    return float((io - i * o / n) / spread**0.5) if spread > 1e-9 * i2 * o2 else 0.0


def _lines(requests: Floats, squares: Floats) -> list[int]:
    """Bands at which cuts may lie, the ends included: equal parts of requests and of squares between them."""
    weight = requests / max(requests.sum(), 1.0) + squares / max(squares.sum(), 1.0)
    share = np.cumsum(weight) / max(weight.sum(), 1e-300)
    inner = np.searchsorted(share, np.arange(1, _CUTS) / _CUTS) + 1
    return sorted({0, *(int(line) for line in inner if 0 < line < LINES), LINES})


def _cut(cells: Floats, most: int) -> tuple[Floats, NDArray[np.int64]]:
    """Least cost of cutting all outputs into 1 to `most` cells, and for each end where the last cell starts.

    `cells[c, d]` is the cost of the cell from line c to line d.
    """
    lines = len(cells)
    valid = np.where(np.arange(lines)[:, None] < np.arange(lines), cells, np.inf)
    best, cuts = np.full((most, lines), np.inf), np.zeros((most, lines), dtype=np.int64)
    best[0] = valid[0]
    for k in range(1, min(most, lines - 1)):
        through = best[k - 1][:, None] + valid
        cuts[k] = np.argmin(through, axis=0)
        best[k] = np.take_along_axis(through, cuts[k][None], axis=0)[0]
    return best[:, -1], cuts


def _by_count(strips: _Strips, bands: int, most: int) -> list[list[tuple[int, int, int, int]]]:
    """The best rectangles for 1, 2, ... `most` buckets, as far as the grid gives so many."""
    best = np.full((most + 1, bands + 1), np.inf)
    best[0, 0] = 0.0
    via: dict[tuple[int, int], tuple[int, int]] = {}
    for count in range(1, most + 1):
        for high in range(1, bands + 1):
            for k in range(1, count + 1):
                through = best[count - k, :high] + strips.cost[k - 1, :high, high]
                low = int(np.argmin(through))
                if through[low] < best[count, high]:
                    best[count, high], via[count, high] = through[low], (low, k)
    reached = [count for count in range(1, most + 1) if np.isfinite(best[count, bands])]
    return [_rectangles(strips, via, count, bands) for count in reached]


def _rectangles(
    strips: _Strips, via: dict[tuple[int, int], tuple[int, int]], count: int, high: int
) -> list[tuple[int, int, int, int]]:
    """Walk back along the choices."""
    cells = []
    while count:
        low, k = via[count, high]
        cuts = strips.cuts[low, high]
        end, inner = cuts.shape[1] - 1, []
        for left in range(k - 1, -1, -1):
            start = int(cuts[left, end]) if left else 0
            inner.append((low, high, start, end))
            end = start
        cells += inner
        count, high = count - k, low
    return sorted(cells)
