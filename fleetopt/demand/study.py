"""From traces to what they say of a workload: one pass over the rows, then sizes, arrivals and reuse."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fleetopt.demand.arrivals import MOST_DAYS, ArrivalCounts, Ints, SpanError, Window
from fleetopt.demand.blocks import BlockSample, Prompts
from fleetopt.demand.buckets import Partition, partition
from fleetopt.demand.columns import Asked, Shape, shape_of
from fleetopt.demand.lines import TraceFile
from fleetopt.demand.reuse import Reuse, Routing, Spread, reuse, spreads
from fleetopt.demand.rows import batches
from fleetopt.demand.sketch import SizeSketch
from fleetopt.demand.slices import Cycle, Told, hourly, told
from fleetopt.demand.tally import Rows
from fleetopt.errors import InputError, Issue, UsageError

Report = Callable[[str], None]
WINDOWS_S = (1, 3, 10, 30, 60, 300, 3600)
_EVERY_S = 2.0
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Wanted:
    """What to make of the traces."""

    asked: Asked = field(default_factory=lambda: Asked({}))
    error: float = 0.10
    """Most error of the buckets."""
    most_buckets: int = 16
    utc_offset_h: float = 0.0
    """Of the times in the traces, where they say none: local time less UTC."""
    cycle: Cycle | None = None
    """Slices that rates are wanted by."""
    window_s: int = 10
    """Window of the index of dispersion."""
    block_tokens: int | None = None
    """Tokens of a block; concluded from the rows where absent."""
    shared_from: float = 0.05
    """Blocks in at least this share of requests are prompts shared by all."""
    warm_up: float = 0.0
    """Share of the span before hits count."""
    sites: int = 1
    """Sites that the traffic is split over."""
    routing: Routing = "prefix"
    most_bad: float = 0.01
    """Share of bad rows from which on the traces are refused."""


@dataclass(frozen=True)
class FileRead:
    """A trace as read."""

    name: str
    sha256: str
    rows: Rows
    shape: Shape


@dataclass(frozen=True)
class Study:
    """What traces say."""

    files: tuple[FileRead, ...]
    sizes: Partition
    totals: Mapping[str, float]
    """Sums over all requests: requests, input, output, input2, product, output2."""
    largest: Mapping[str, int]
    """Most tokens of a request: input, output, both."""
    span_s: float
    rate_per_s: float
    """Mean over the cycle where slices are told, else over the span."""
    start_us: int | None
    """First request, microseconds since 1970 (UTC); None where the clock does not say."""
    windows: tuple[Window, ...]
    dispersion: Window | None
    """The window that dispersion is taken at; None where no window is long enough."""
    slices: Told
    hours: tuple[float, ...]
    """Rate in each hour of the day over the mean, where the trace covers a day."""
    reuse: Reuse | None
    spreads: tuple[Spread, ...]
    prompts_sampled: float
    """Share of blocks that the reuse curve was measured with."""

    @property
    def requests(self) -> int:
        """Requests that count."""
        return round(self.totals["requests"])

    @property
    def lower_bound(self) -> bool:
        """Whether the reuse curve is one: sessions come back after hours, and the trace is shorter than a day."""
        return self.span_s < _DAY_S


def study(paths: Sequence[Path], wanted: Wanted, report: Report) -> Study:
    """Read the traces, all together one workload. Raises InputError or UsageError where they cannot be used."""
    shapes = [shape_of(path, wanted.asked) for path in paths]
    _agree(paths, shapes)
    sketch, counts, blocks = SizeSketch(), ArrivalCounts(), BlockSample()
    files: list[FileRead] = []
    for path, shape in zip(paths, shapes, strict=True):
        rows = Rows()
        file = TraceFile(path, _progress(path, report, rows))
        for batch in batches(file, shape, rows, 3600 * wanted.utc_offset_h):
            sketch.add(batch)
            blocks.add(batch)
            try:
                counts.add(batch)
            except SpanError as error:
                hint = f"at most {MOST_DAYS} are read; try --time-unit, or the file in parts"
                raise InputError([Issue(str(path), 1, "", str(error), hint)]) from None
        rows.repeated_blocks = blocks.repeated - sum(f.rows.repeated_blocks for f in files)
        files.append(FileRead(path.name, file.sha256, rows, shape))
    _enough(paths, files, counts, wanted)
    return _studied(files, sketch, counts, blocks.prompts(), wanted, report)


def _studied(
    files: Sequence[FileRead],
    sketch: SizeSketch,
    counts: ArrivalCounts,
    prompts: Prompts | None,
    wanted: Wanted,
    report: Report,
) -> Study:
    report("choosing buckets")
    sizes = partition(sketch, wanted.error, wanted.most_buckets)
    absolute = files[0].shape.absolute
    cycle, slices = wanted.cycle, told(counts, wanted.cycle, absolute)

    def busy(seconds: Ints) -> NDArray[np.bool_]:
        if cycle is None or slices.busiest is None:
            return np.ones(len(seconds), dtype=bool)
        return np.equal(cycle.part_of(seconds), slices.busiest)

    windows = counts.windows(tuple(sorted({*WINDOWS_S, wanted.window_s})), busy)
    known = [window for window in windows if window.dispersion is not None]
    window = min((w for w in known if w.window_s >= wanted.window_s), key=lambda w: w.window_s, default=None)
    whole_day = absolute and counts.span_s >= _DAY_S
    found, split = _reused(prompts, wanted, files, report)
    return Study(
        tuple(files),
        sizes,
        sketch.totals(),
        sketch.largest,
        counts.span_s,
        slices.mean_per_s or counts.rate_per_s,
        counts.first_us if absolute else None,
        windows,
        window or (known[-1] if known else None),
        slices,
        tuple(hourly(counts)) if whole_day else (),
        found,
        split,
        prompts.sampled if prompts is not None else 1.0,
    )


def _reused(
    prompts: Prompts | None, wanted: Wanted, files: Sequence[FileRead], report: Report
) -> tuple[Reuse | None, tuple[Spread, ...]]:
    """The reuse curve, and what it is where the trace is split; nothing without hashes."""
    if prompts is None:
        return None, ()
    report(f"reuse of {prompts.references:,} blocks")
    size = wanted.block_tokens or _block_tokens(prompts, files)
    found = reuse(prompts, size, wanted.shared_from, wanted.warm_up, wanted.sites, wanted.routing, 0.01)
    report("reuse with traffic split over sites")
    return found, tuple(spreads(prompts, size, wanted.shared_from, found, wanted.warm_up))


def _block_tokens(prompts: Prompts, files: Sequence[FileRead]) -> int:
    """The size that every prompt's length and number of blocks agree with: the one power of two, or whole number."""
    low, high = prompts.low_tokens, prompts.high_tokens
    powers = [1 << n for n in range(24) if low <= 1 << n < high]
    if len(powers) == 1:
        return powers[0]
    if low < high and int(low) < low and int(high - 1e-9) - int(low) == 1:
        return int(low) + 1
    said = f"{low:g} to {high:g}" if low < high else "no one size"
    message = f"lengths and numbers of blocks agree with {said} tokens a block"
    raise InputError([Issue(files[0].name, 1, "", message, "try saying it: --block-tokens 512")])


def _agree(paths: Sequence[Path], shapes: Sequence[Shape]) -> None:
    if len({shape.absolute for shape in shapes}) > 1:
        relative = next(path for path, shape in zip(paths, shapes, strict=True) if not shape.absolute)
        message = "its clock starts with the trace, while others say the time of day"
        raise InputError([Issue(str(relative), 1, "", message, "try them apart, or --time-unit")])
    names = [path.resolve() for path in paths]
    twice = next((path for path, real in zip(paths, names, strict=True) if names.count(real) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice}: given twice; try each trace once")


def _enough(paths: Sequence[Path], files: Sequence[FileRead], counts: ArrivalCounts, wanted: Wanted) -> None:
    """Refuse traces of which too little is left, with the reasons."""
    issues = []
    for path, file in zip(paths, files, strict=True):
        bad, read = file.rows.bad_rows, file.rows.read
        if file.rows.good == 0 or bad > wanted.most_bad * read:
            if file.rows.good == 0:
                what, hint = f"none of {read:,} rows counts", "try the columns and --time-unit"
            else:
                what = f"{bad:,} of {read:,} rows are bad, more than {wanted.most_bad:.3g} of them"
                hint = "try --max-bad to accept that"
            if file.rows.left_out:
                what += f"; --where leaves {file.rows.left_out:,} out"
            issues.append(Issue(str(path), 1, "", "; ".join([what, *file.rows.reasons()]), hint))
    if not issues and counts.span_s <= 0:
        message = "all requests come at the same moment, so there is no rate"
        issues.append(Issue(str(paths[0]), 1, "", message, "try a longer trace"))
    if issues:
        raise InputError(issues)


def _progress(path: Path, report: Report, rows: Rows) -> Callable[[int], None]:
    """A line every two seconds with the share of the file that is read."""
    size = max(path.stat().st_size, 1)
    said = time.monotonic()

    def tell(read_bytes: int) -> None:
        nonlocal said
        if time.monotonic() - said > _EVERY_S:
            said = time.monotonic()
            report(f"{path.name}: {read_bytes / size:.0%}, {rows.read:,} rows")

    return tell
