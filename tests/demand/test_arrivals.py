"""Arrivals: counts exactly, burstiness of known processes, slices of known days."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetopt.demand.arrivals import ArrivalCounts, SpanError
from fleetopt.demand.columns import Asked, shape_of
from fleetopt.demand.lines import TraceFile
from fleetopt.demand.rows import Batch, batches
from fleetopt.demand.slices import Cycle, Part, covers, hourly, slice_rates, told
from fleetopt.demand.tally import Rows

TRACES = Path(__file__).parents[3] / "shared" / "data" / "traces"
DAY = Cycle((Part("night", 0, 6), Part("day", 6, 12), Part("evening", 18, 6)), 24.0)
MONDAY_S = 4 * 86_400
"""5 January 1970."""


def counted(times_s: np.ndarray) -> ArrivalCounts:
    """Counts of arrivals at these seconds, given in two batches."""
    found, none = ArrivalCounts(), np.empty(0, dtype=np.int64)
    for part in np.array_split(np.round(times_s * 1e6).astype(np.int64), 2):
        found.add(Batch(part, part, part, none, none))
    return found


def everywhere(seconds: np.ndarray) -> np.ndarray:
    """All times are wanted."""
    return np.ones(len(seconds), dtype=bool)


@given(st.lists(st.integers(-5000, 500_000), min_size=1, max_size=50))
def test_counts_are_exact_in_any_order(seconds: list[int]) -> None:
    """Every second has its arrivals, whatever the order of the rows."""
    found = counted(np.array(seconds, dtype=float))
    low = min(seconds)
    assert found.by_second().tolist() == np.bincount(np.array(seconds) - low).tolist()
    assert found.requests == len(seconds) and found.span_s == max(seconds) - low


def test_poisson_has_one() -> None:
    """Poisson arrivals, 20 a second for two hours, have an index of dispersion of 1 at every window."""
    times = np.sort(np.random.default_rng(0).uniform(0, 7200, 144_000))
    windows = {w.window_s: w for w in counted(times).windows((1, 10, 60), everywhere)}
    assert windows[1].dispersion == pytest.approx(1.0, abs=0.05)
    assert windows[10].dispersion == pytest.approx(1.0, abs=0.12)
    assert windows[60].dispersion == pytest.approx(1.0, abs=0.3)
    assert windows[60].peak_factor == pytest.approx(1.0, abs=0.15)


def test_batches_have_their_size() -> None:
    """Poisson moments at each of which 8 requests come: the index is 8."""
    moments = np.sort(np.random.default_rng(1).uniform(0, 7200, 20_000))
    (window,) = counted(np.repeat(moments, 8)).windows((10,), everywhere)
    assert window.dispersion == pytest.approx(8.0, rel=0.1)


def test_a_metronome_has_none_and_drift_is_no_burst() -> None:
    """One a second: 0. A rate that doubles over two hours, as regular as that: nearly 0, though the counts vary."""
    (regular,) = counted(np.arange(7200.0)).windows((10,), everywhere)
    assert regular.dispersion == 0
    drifting = np.sqrt(np.linspace(1, 4, 72_000)) * 7200 - 7200
    (slow,) = counted(drifting).windows((10,), everywhere)
    assert slow.dispersion is not None and slow.dispersion < 0.2


def test_too_short_for_a_window() -> None:
    """A minute has no 30 windows of 10 s, so there is no index, but a peak factor."""
    (window,) = counted(np.arange(60.0)).windows((10,), everywhere)
    assert window.dispersion is None and window.peak_factor == pytest.approx(1.0, abs=0.02)


def test_peak_factor() -> None:
    """600 requests in the first 10 s and 600 in the other 590: a mean of 2 a second, 60 in the busiest window."""
    times = np.concatenate([np.linspace(0, 9.99, 600), np.linspace(10, 600, 600)])
    (window,) = counted(times).windows((10,), everywhere)
    assert window.peak_factor == pytest.approx(30, rel=0.01)


def test_a_clock_that_ticks() -> None:
    """Ten requests at every third second: windows are whole ticks, and the clock of a Poisson log does not tick."""
    ticking = counted(np.repeat(np.arange(0, 3600, 3.0), 10))
    assert ticking.tick_s() == 3
    assert [w.window_s for w in ticking.windows((1, 10, 60), everywhere)] == [3, 12, 60]
    assert counted(np.sort(np.random.default_rng(0).uniform(0, 3600, 900))).tick_s() == 1


def test_times_too_far_apart() -> None:
    """More than 400 days is no trace but a clock misread."""
    with pytest.raises(SpanError, match="days apart"):
        counted(np.array([0.0, 401 * 86400.0]))


def daily(per_hour: list[int], days: int, start_s: float = 0.0) -> np.ndarray:
    """So many evenly spaced arrivals in each hour of each day."""
    hours = [(24 * d + h, n) for d in range(days) for h, n in enumerate(per_hour)]
    return start_s + np.concatenate([3600 * (at + np.arange(n) / n) for at, n in hours if n])


def test_slices_by_hand() -> None:
    """600 an hour by night, 1,800 by day, 1,200 in the evening: 0.1667, 0.5 and 0.3333 a second, mean 0.375."""
    found = counted(daily([600] * 6 + [1800] * 12 + [1200] * 6, 2))
    rates = slice_rates(found, DAY)
    assert [r.rate_per_s for r in rates] == pytest.approx([1 / 6, 1 / 2, 1 / 3], rel=1e-3)
    assert [r.factor for r in rates] == pytest.approx([0.4444, 1.3333, 0.8889], rel=1e-3)
    assert [r.peak_factor for r in rates] == pytest.approx([1, 1, 1], rel=0.02)
    assert hourly(found)[0] == pytest.approx(0.4444, rel=1e-3) and hourly(found)[12] == pytest.approx(1.3333, rel=1e-3)
    assert told(found, DAY, True).busiest == 1
    assert told(found, DAY, True).mean_per_s == pytest.approx(0.375, rel=1e-3)


def test_a_part_of_a_second_day_does_not_shift_the_mean() -> None:
    """A day and six hours: what is seen twice counts as the mean of both, not double."""
    times = daily([600] * 6 + [1800] * 12 + [1200] * 6, 2)
    found = slice_rates(counted(times[times < 30 * 3600]), DAY)
    assert [r.rate_per_s for r in found] == pytest.approx([1 / 6, 1 / 2, 1 / 3], rel=1e-3)


def test_a_week_begins_on_monday() -> None:
    """Twice the rate at the weekend, in a cycle of a week whose hour 120 is Saturday, 00:00 UTC."""
    week = Cycle((Part("work", 0, 120), Part("weekend", 120, 48)), 168.0)
    days = [daily([600] * 24 if d < 5 else [1200] * 24, 1, MONDAY_S + 86400.0 * d) for d in range(7)]
    rates = slice_rates(counted(np.concatenate(days)), week)
    assert [r.rate_per_s for r in rates] == pytest.approx([1 / 6, 1 / 3], rel=1e-3)


def test_an_hour_says_nothing_of_the_day() -> None:
    """One hour covers a sixth of a slice of six; a clock that starts with the trace covers none."""
    hour = counted(np.arange(3600.0))
    assert "of slice night 17%" in covers(hour, DAY, True)
    assert "no hour of the day" in covers(counted(np.arange(90_000.0)), DAY, False)
    assert told(hour, None, True).why_not == "it covers 1 h of a day"
    assert told(counted(np.arange(90_000.0)), None, True).why_not == "no slices were asked for"


def test_dispersion_of_the_busiest_slice_alone() -> None:
    """Bursts of 50 by night and a metronome by day: the index wanted is that of the day, 0."""
    night = np.repeat(np.arange(0, 6 * 3600, 600.0), 50)
    found = counted(np.sort(np.concatenate([night, np.arange(6 * 3600, 24 * 3600, 0.5)])))
    (day,) = found.windows((10,), lambda s: DAY.part_of(s) == 1)
    (all_,) = found.windows((10,), everywhere)
    assert day.dispersion == 0 and all_.dispersion is not None and all_.dispersion > 0.5


@pytest.mark.skipif(not TRACES.is_dir(), reason="the traces are not here (../shared/data/traces)")
@pytest.mark.parametrize(
    ("name", "requests", "rate", "dispersion"),
    [
        ("AzureLLMInferenceTrace_conv.csv", 19_366, 5.53, 1.79),
        ("AzureLLMInferenceTrace_code.csv", 8_819, 2.57, 71.7),
        ("mooncake_conversation_trace.jsonl", 12_031, 3.40, 2.46),
    ],
)
def test_public_traces(name: str, requests: int, rate: float, dispersion: float) -> None:
    """All requests are counted, at the published rates; the index is at 10 s (Mooncake's clock ticks in 3: 12 s)."""
    found = ArrivalCounts()
    for part in batches(TraceFile(TRACES / name), shape_of(TRACES / name, Asked({})), Rows()):
        found.add(part)
    assert int(found.by_second().sum()) == found.requests == requests
    assert found.rate_per_s == pytest.approx(rate, rel=0.003)
    (window,) = found.windows((10,), everywhere)
    assert window.window_s == (12 if "mooncake" in name else 10)
    assert window.dispersion == pytest.approx(dispersion, rel=0.005)
