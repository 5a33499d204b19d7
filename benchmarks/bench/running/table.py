"""The figures of a bench as CSV, and as a page with pictures."""

import csv
import io
import math
import os
import platform
import sys
from collections.abc import Sequence
from typing import Any

import highspy
import pulp
from running.chart import Points, against_size

from fleetopt import __version__

FIELDS = (
    "case", "method", "status", "objective", "asked", "limit_cpu_s", "gap", "first_plan_cpu_s", "to_1_percent_cpu_s",
    "to_gap_cpu_s", "cpu_s", "wall_s", "peak_mb", "columns", "rows", "terms", "integers", "outside_share",
    "stop_reason",
)  # fmt: skip
MINUTE_S = 60.0
NAMES = {
    "auto": "fleetopt", "pricing": "fleetopt, pricing", "monolithic": "fleetopt, monolithic",
    "pulp-highs": "PuLP + HiGHS", "pulp-cbc": "PuLP + CBC", "melange-cbc": "Mélange's formulation, CBC",
}  # fmt: skip
Row = dict[str, Any]


def row_of(case: str, method: str, found: Row, unit: float = 1.0) -> Row:
    """One run as a row of the table."""
    size = found.get("size", {})
    objective, used, outside = found.get("objective_musd"), found.get("cpu_s"), found.get("outside_cpu_s")
    return {
        "case": case,
        "method": method,
        **{name: found.get(name) for name in FIELDS if name in found},
        "objective": None if objective is None else round(objective * unit, 6),
        "columns": size.get("columns"),
        "rows": size.get("rows"),
        "terms": size.get("terms"),
        "integers": size.get("integers"),
        "outside_share": round(outside / used, 4) if outside is not None and used else None,
    }


def as_csv(rows: Sequence[Row]) -> str:
    """Comma-separated values, one row a run."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: row.get(name) for name in FIELDS} for row in rows)
    return text.getvalue()


def from_csv(text: str) -> list[Row]:
    """Rows written before; numbers are numbers again."""
    return [{k: _value(k, v) for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))]


def _value(name: str, text: str) -> Any:
    if name in ("case", "method", "status", "stop_reason"):
        return text
    return None if text == "" else float(text)


def page(rows: Sequence[Row], sizes: dict[str, int]) -> str:
    """The page: what was run, the tables, the ratios."""
    fleets = [row for row in rows if row["case"] in sizes]
    lines = [
        "# Benchmarks",
        "",
        f"What `nox -s bench` found on {machine()}; every run in a fresh process, on one thread (but problems of "
        "single periods, which fleetopt solves one a core). "
        "Seconds are processor seconds from the start of Python, reading and predicting included, and each run ended "
        "at the gap asked for or soon after its *limit* of them; by the *clock* it is less where two cores worked. "
        "[docs/benchmarks.md](../../docs/benchmarks.md) says how to read it.",
        "",
        f"fleetopt {__version__}, HiGHS {highspy.Highs().version()}, PuLP {pulp.__version__}, "
        f"Python {platform.python_version()}.",
        "",
    ]
    if fleets:
        lines += ["## Fleets by size", "", "![time against size](time.svg)", ""]
        lines += [*_table(fleets, sizes), "", *_ratios(fleets), ""]
    others = [row for row in rows if row["case"].startswith("melange")]
    if others:
        lines += ["## A case of Mélange's size", "", "Slices of demand x types of GPU, a gap of 0; costs in $/h.", ""]
        lines += [*_table(others, {}, "$/h"), "", *_ratios(others), ""]
    small = [row for row in rows if row["case"].startswith("tight/")]
    if small:
        lines += ["## Small tight fleets", "", *_table(small, {}), "", *_ratios(small), "", *_medians(small), ""]
    return "\n".join(lines).rstrip() + "\n"


def machine() -> str:
    """The class of machine, without its name."""
    return f"{os.cpu_count()} cores of a shared virtual machine ({platform.machine()}, {sys.platform})"


def _table(rows: Sequence[Row], sizes: dict[str, int], money: str = "M$") -> list[str]:
    head = [
        "case",
        "method",
        "columns",
        "rows",
        "terms",
        "whole",
        "first plan",
        "to 1 %",
        "asked for",
        "to it",
        "ended",
    ]
    head += ["limit", "clock"]
    head += ["gap", f"cost {money}", "peak MB", "outside the solver"]
    lines = ["| " + " | ".join(head) + " |", "|---|---|" + "---:|" * (len(head) - 2)]
    for row in rows:
        case = f"{row['case']} ({sizes[row['case']]:,} potential)" if row["case"] in sizes else row["case"]
        cells = [case, NAMES.get(row["method"], row["method"])]
        cells += [_whole(row[name]) for name in ("columns", "rows", "terms", "integers")]
        cells += [_seconds(row[name]) for name in ("first_plan_cpu_s", "to_1_percent_cpu_s")]
        cells.append("–" if row["asked"] is None else f"{row['asked']:.1%}")
        cells += [_seconds(row[name]) for name in ("to_gap_cpu_s", "cpu_s", "limit_cpu_s", "wall_s")]
        share = row["outside_share"]
        cells += ["–" if row["gap"] is None else f"{row['gap']:.3%}", _cost(row["objective"]), _whole(row["peak_mb"])]
        cells.append("–" if share is None else f"{share:.0%}")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _ratios(rows: Sequence[Row]) -> list[str]:
    """How much longer others took than fleetopt to the gap, case by case; `>` where they did not get there."""
    own = {row["case"]: row for row in rows if row["method"] == "auto"}
    lines = []
    for row in rows:
        mine = own.get(row["case"])
        if row["method"] == "auto" or mine is None or mine["to_gap_cpu_s"] is None:
            continue
        reached = row["to_gap_cpu_s"]
        times = (reached or row["cpu_s"]) / mine["to_gap_cpu_s"]
        name = NAMES.get(row["method"], row["method"])
        lines.append(f"- {row['case']}: {name} took {'' if reached else 'more than '}{times:.1f} times as long.")
    return lines


def _medians(rows: Sequence[Row]) -> list[str]:
    """Seconds to the gap for half of the fleets that both were run on: of all, and of those that took PuLP and HiGHS a
    minute or more. Of two in the middle fleetopt's is the longer, the other's the shorter."""
    own, plain = ({r["case"]: r for r in rows if r["method"] == method} for method in ("auto", "pulp-highs"))
    both = [case for case in own if case in plain]
    long = [case for case in both if (plain[case]["to_gap_cpu_s"] or math.inf) >= MINUTE_S]
    lines = []
    for cases, said in ((both, "that both were run on"), (long, "that took PuLP + HiGHS a minute or more")):
        if cases:
            mine, more = _middle([own[case] for case in cases], len(cases) // 2)
            theirs, longer = _middle([plain[case] for case in cases], (len(cases) - 1) // 2)
            ratio = "no ratio" if more else f"{longer}{theirs / mine:.1f} times"
            text = f"fleetopt {more}{mine:,.1f} s, PuLP + HiGHS {longer}{theirs:,.1f} s: {ratio}."
            lines.append(f"- Median of the {len(cases)} {said}: {text}")
    return lines


def _middle(rows: Sequence[Row], rank: int) -> tuple[float, str]:
    """Seconds to the gap of the run at a rank; where it did not get there, the least that such a run spent, and
    "more than"."""
    reached = sorted(row["to_gap_cpu_s"] for row in rows if row["to_gap_cpu_s"] is not None)
    if rank < len(reached):
        return reached[rank], ""
    return min(row["cpu_s"] for row in rows if row["to_gap_cpu_s"] is None), "more than "


def _whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.1f}"


def _cost(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3f}"


def picture(rows: Sequence[Row], sizes: dict[str, int]) -> str:
    """Processor seconds to the gap against potential columns; where it was not reached, seconds spent."""
    lines: dict[str, list[tuple[float, float, bool]]] = {}
    for row in rows:
        if row["case"] in sizes and row["cpu_s"]:
            reached = row["to_gap_cpu_s"]
            point = (float(sizes[row["case"]]), float(reached or row["cpu_s"]), reached is not None)
            lines.setdefault(NAMES.get(row["method"], row["method"]), []).append(point)
    shown: dict[str, Points] = dict(lines)
    drawn = against_size("Time to the gap asked for", "potential serving columns", "processor seconds", shown)
    return f"{drawn}\n"
