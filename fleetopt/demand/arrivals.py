"""When requests come: counts by second in bounded memory, in any order; from them rates, peaks and burstiness.

**Index of dispersion.** Variance over mean of the counts in windows of w seconds: 1 for Poisson arrivals at any w, more
for bursts. Which w matters? A queue before a batching server forgets what happened before it was last empty: at
utilisation rho and with s seconds of engine time a request, a few s / (1 - rho)^2, which is seconds to tens of seconds
(0.05 s at 90 % give 5 s, at 95 % 20 s). Bursts shorter than that are smoothed by the batch, and longer swings are no
bursts but drift, which slices and peak factors say. So the variance is taken about the mean of the 30 windows around.
A share p of such traffic, taken at random, has 1 + p (I - 1); independent sources together have the I of each.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fleetopt.demand.rows import Batch

Ints = NDArray[np.int64]
MOST_DAYS = 400
"""Longest trace: a clock misread by a factor of 1,000 is longer."""
_PAGE_S = 3600
_AROUND = 30
_DAY_S = 86_400
_DAYS_FROM_MONDAY = 3
"""1 January 1970 was a Thursday."""
_US = 1_000_000


class SpanError(ValueError):
    """Times lie further apart than any trace's."""


@dataclass(frozen=True)
class Window:
    """What counts in windows of one length say."""

    window_s: int
    dispersion: float | None
    """Index of dispersion; None where the trace has fewer than 30 windows."""
    peak_factor: float
    """Rate in the busiest window / mean rate."""


class ArrivalCounts:
    """Requests by second, kept by the hour; hours without any take no room."""

    def __init__(self) -> None:
        self._pages: dict[int, NDArray[np.int32]] = {}
        self.first_us, self.last_us = np.iinfo(np.int64).max, np.iinfo(np.int64).min
        self.requests = 0

    def add(self, batch: Batch) -> None:
        """Count the arrivals of a batch. Raises SpanError where they lie more than 400 days apart."""
        times = batch.time_us
        if not len(times):
            return
        self.first_us = min(self.first_us, int(times.min()))
        self.last_us = max(self.last_us, int(times.max()))
        if self.span_s > MOST_DAYS * 86400:
            raise SpanError(f"times lie {self.span_s / 86400:,.0f} days apart")
        self.requests += len(times)
        seconds, counts = np.unique(times // _US, return_counts=True)
        hours, starts = np.unique(seconds // _PAGE_S, return_index=True)
        for hour, low, high in zip(hours.tolist(), starts, [*starts[1:], len(seconds)], strict=True):
            page = self._pages.setdefault(hour, np.zeros(_PAGE_S, dtype=np.int32))
            page[seconds[low:high] % _PAGE_S] += counts[low:high].astype(np.int32)

    @property
    def span_s(self) -> float:
        """Seconds from the first request to the last."""
        return max(self.last_us - self.first_us, 0) / _US

    @property
    def rate_per_s(self) -> float:
        """Mean arrival rate; the span must not be 0."""
        return self.requests / self.span_s

    def tick_s(self) -> int:
        """Whole seconds that the clock ticks in, about: 1 where it is finer, or cannot be told from silence.

        It ticks where nine of ten gaps between seconds with requests are as long as the median, give or take one, and
        so many requests share a second that a finer clock would have shown.
        """
        gaps = np.diff(np.flatnonzero(self.by_second()))
        if len(gaps) < _AROUND:
            return 1
        tenth, median = np.quantile(gaps, (0.1, 0.5), method="inverted_cdf")
        return int(median) if median - tenth <= 1 and self.rate_per_s * median >= 3 else 1

    def by_second(self) -> NDArray[np.int32]:
        """Counts of every second from that of the first request to that of the last."""
        low, high = self.first_us // _US, self.last_us // _US
        found = np.zeros(high - low + 1, dtype=np.int32)
        for hour, page in self._pages.items():
            start = hour * _PAGE_S
            begin, end = max(low, start), min(high + 1, start + _PAGE_S)
            found[begin - low : end - low] = page[begin - start : end - start]
        return found

    def windows(self, lengths_s: tuple[int, ...], busy: Callable[[Ints], NDArray[np.bool_]]) -> tuple[Window, ...]:
        """For each length, rounded up to ticks of the clock; `busy` says which times (s) dispersion is wanted of."""
        counts, tick_s, found = self.by_second(), self.tick_s(), {}
        for wanted in lengths_s:
            length = -(-wanted // tick_s) * tick_s
            whole = len(counts) // length
            if whole:
                sums = np.add.reduceat(counts[: whole * length], np.arange(0, whole * length, length), dtype=np.int64)
                starts = self.first_us // _US + length * np.arange(whole, dtype=np.int64)
                peak = float(sums.max()) / length / self.rate_per_s
                found[length] = Window(length, _dispersion(sums, busy(starts)), peak)
        return tuple(found.values())

    def by_minute_of(self, cycle_hours: float) -> tuple[Ints, Ints]:
        """Requests, and seconds observed, in each minute of the day or of the week (from Monday, UTC)."""
        minutes, counts = int(cycle_hours * 60), self.by_second()
        requests, observed = np.zeros(minutes, dtype=np.int64), np.zeros(minutes, dtype=np.int64)
        for start in range(0, len(counts), _DAY_S):
            part = counts[start : start + _DAY_S]
            times = self.first_us // _US + np.arange(start, start + len(part), dtype=np.int64)
            at = minute_of_cycle(times, cycle_hours)
            requests += np.bincount(at, part, minlength=minutes).astype(np.int64)
            observed += np.bincount(at, minlength=minutes)
        return requests, observed


def minute_of_cycle(seconds: Ints, cycle_hours: float) -> Ints:
    """Minute of the day, or of the week from Monday, of times in seconds since 1970."""
    days = _DAYS_FROM_MONDAY if cycle_hours > 24 else 0
    return (seconds // 60 + days * 1440) % int(cycle_hours * 60)


def _dispersion(counts: Ints, wanted: NDArray[np.bool_]) -> float | None:
    """Variance over mean, about the mean of each 30 windows; what is left over at the end joins in."""
    squares, freedom, total, windows = 0.0, 0, 0, 0
    for start in range(0, len(counts), _AROUND):
        around = slice(start, start + _AROUND)
        part = counts[around][wanted[around]]
        if len(part) > 1:
            squares += float(((part - part.mean()) ** 2).sum())
            freedom += len(part) - 1
            total, windows = total + int(part.sum()), windows + len(part)
    if windows < _AROUND or total == 0:
        return None
    return squares / freedom / (total / windows)
