"""What `demand` found, as plain data and as tables."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleetopt.cli.output import print_table, say

if TYPE_CHECKING:
    from fleetopt.demand.study import Study


def document(study: Study, out: Path | None) -> dict[str, Any]:
    """Everything as plain data."""
    files = [
        {
            "name": f.name,
            "sha256": f.sha256,
            "rows": f.rows.read,
            "good": f.rows.good,
            "left_out": f.rows.left_out,
            "bad": f.rows.bad,
            "first_lines": f.rows.first_lines,
            "out_of_order": f.rows.out_of_order,
            "time_unit": f.shape.unit,
            "columns": dict(f.shape.columns),
        }
        for f in study.files
    ]
    return {
        "out": None if out is None else str(out),
        "files": files,
        "requests": study.requests,
        "input_tokens": study.totals["input"],
        "output_tokens": study.totals["output"],
        "span_s": study.span_s,
        "rate_per_s": study.rate_per_s,
        "buckets": [asdict(bucket) for bucket in study.sizes.buckets],
        "errors": study.sizes.errors,
        "correlation": {"buckets": study.sizes.correlation, "trace": study.sizes.trace_correlation},
        "windows": [asdict(window) for window in study.windows],
        "dispersion": None if study.dispersion is None else asdict(study.dispersion),
        "slices": [asdict(part) for part in study.slices.rates],
        "no_slices": study.slices.why_not,
        "hours": list(study.hours),
        "reuse": None if study.reuse is None else asdict(study.reuse) | {"lower_bound": study.lower_bound},
        "sites": [asdict(spread) for spread in study.spreads],
    }


def print_tables(study: Study) -> None:
    """Tables of what was found."""
    rows, requests = sum(f.rows.read for f in study.files), study.requests
    say(f"{rows:,} rows, {requests:,} requests in {study.span_s:,.0f} s: {requests / study.span_s:.4g} a second")
    buckets = [
        (f"{b.requests / requests:.2%}", f"{b.input_tokens:,.1f}", f"{b.output_tokens:,.1f}")
        for b in study.sizes.buckets
    ]
    lost = ", ".join(f"{name} {value:.2%}" for name, value in study.sizes.errors.items())
    print_table(f"Request sizes, losing {lost}", ("share", "input", "output"), buckets, {"share", "input", "output"})
    windows = [
        (f"{w.window_s} s", "too short" if w.dispersion is None else f"{w.dispersion:.3g}", f"{w.peak_factor:.3g}")
        for w in study.windows
    ]
    print_table("Arrivals", ("window", "dispersion", "peak factor"), windows, {"dispersion", "peak factor"})
    if study.slices.rates:
        parts = [(s.id, f"{s.rate_per_s:.4g}", f"{s.factor:.3f}", f"{s.peak_factor:.2f}") for s in study.slices.rates]
        columns = ("slice", "rate a second", "factor", "peak factor")
        print_table("Slices", columns, parts, set(columns[1:]))
    else:
        say(f"no rates by slice: {study.slices.why_not}")
    if study.reuse is not None:
        shared = study.reuse.shared_hit_share
        curve = [(f"{x:,.0f} s of input", f"{y + shared:.2%}") for x, y in study.reuse.corners]
        title = f"Prefix cache, an endless one {study.reuse.ideal:.2%}{', a lower bound' if study.lower_bound else ''}"
        print_table(title, ("size", "input found"), curve, {"input found"})
