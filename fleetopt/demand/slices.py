"""Rates by slice of the day or week, where the trace is long enough to tell them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fleetopt.demand.arrivals import ArrivalCounts, Ints, minute_of_cycle

_PEAK_S = 300
_COVERED = 0.9


@dataclass(frozen=True)
class Part:
    """A slice of the cycle."""

    id: str
    start_hour: float
    """Hour of the day, or of the week from Monday (UTC)."""
    hours: float


@dataclass(frozen=True)
class SliceRate:
    """What arrives in a slice."""

    id: str
    rate_per_s: float
    """Mean over all times of the trace in it."""
    factor: float
    """Over the mean of the cycle."""
    peak_factor: float
    """Rate in its busiest five minutes over its own mean."""


@dataclass(frozen=True)
class Cycle:
    """The slices of an instance."""

    parts: tuple[Part, ...]
    hours: float
    """24 or 168."""

    def part_of(self, seconds: Ints) -> Ints:
        """Index of the slice that each time (s since 1970) lies in."""
        return self.part_of_minute()[minute_of_cycle(seconds, self.hours)]

    def part_of_minute(self) -> Ints:
        """Index of the slice that each minute of the cycle begins in."""
        minutes = np.arange(int(self.hours * 60))
        found = np.zeros(len(minutes), dtype=np.int64)
        for n, part in enumerate(self.parts):
            found[((minutes / 60 - part.start_hour) % self.hours) < part.hours - 1e-9] = n
        return found


@dataclass(frozen=True)
class Told:
    """What a trace tells of slices: a rate for each, or why not."""

    rates: tuple[SliceRate, ...] = ()
    why_not: str = ""
    mean_per_s: float | None = None
    """Mean rate over the cycle."""
    busiest: int | None = None
    """Index of the slice with the highest rate."""


def told(counts: ArrivalCounts, cycle: Cycle | None, absolute: bool) -> Told:
    """Rates by slice where the trace covers them all."""
    if cycle is None:
        hours = counts.span_s / 3600
        return Told(why_not=f"it covers {hours:.3g} h of a day" if hours < 24 else "no slices were asked for")
    why_not = covers(counts, cycle, absolute)
    if why_not:
        return Told(why_not=why_not)
    rates = slice_rates(counts, cycle)
    mean = sum(rate.rate_per_s * part.hours for rate, part in zip(rates, cycle.parts, strict=True)) / cycle.hours
    return Told(rates, "", mean, max(range(len(rates)), key=lambda n: rates[n].rate_per_s))


def covers(counts: ArrivalCounts, cycle: Cycle, absolute: bool) -> str:
    """Why the trace does not say rates by slice; empty where it does."""
    if not absolute:
        return "its clock says no hour of the day"
    _, observed = counts.by_minute_of(cycle.hours)
    for n, part in enumerate(cycle.parts):
        seen = observed[cycle.part_of_minute() == n] > 0
        if seen.mean() < _COVERED:
            return f"it covers {counts.span_s / 3600:.3g} h, and of slice {part.id} {seen.mean():.0%}"
    return ""


def slice_rates(counts: ArrivalCounts, cycle: Cycle) -> tuple[SliceRate, ...]:
    """Rate, factor and peak of every slice; the trace must cover them all."""
    requests, observed = counts.by_minute_of(cycle.hours)
    inside = cycle.part_of_minute()
    size = len(cycle.parts)
    rates = np.bincount(inside, requests, size) / np.maximum(np.bincount(inside, observed, size), 1)
    mean = sum(rate * part.hours for rate, part in zip(rates, cycle.parts, strict=True)) / cycle.hours
    peaks = _peaks(counts, cycle)
    return tuple(
        SliceRate(part.id, float(rate), float(rate / mean), float(peak / rate) if rate else 1.0)
        for part, rate, peak in zip(cycle.parts, rates, peaks, strict=True)
    )


def hourly(counts: ArrivalCounts) -> list[float]:
    """Rate in each hour of the day (UTC) over the mean of them."""
    requests, observed = (each.reshape(24, 60).sum(axis=1) for each in counts.by_minute_of(24.0))
    rates = requests / np.maximum(observed, 1)
    return [float(rate) for rate in rates / rates.mean()]


def _peaks(counts: ArrivalCounts, cycle: Cycle) -> Sequence[float]:
    """Rate in the busiest five minutes that begin in each slice."""
    seconds = counts.by_second()
    whole = len(seconds) // _PEAK_S
    sums = np.add.reduceat(seconds[: whole * _PEAK_S], np.arange(0, whole * _PEAK_S, _PEAK_S), dtype=np.int64)
    where = cycle.part_of(counts.first_us // 1_000_000 + _PEAK_S * np.arange(whole, dtype=np.int64))
    most = np.zeros(len(cycle.parts))
    np.maximum.at(most, where, sums / _PEAK_S)
    return [float(rate) for rate in most]
