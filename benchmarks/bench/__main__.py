"""fleetopt beside the plain formulation and its peers, in one run on one machine.

python benchmarks/bench [--quick] [--sizes tiny,small] [--tight all] [--methods auto,pulp-highs] [--out reports/bench]

Every run is a fresh process. Rows of cases and methods that were run before stay in the CSV, so that a long bench can
be done in pieces; the page says with what versions it was written.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fleets import SIZES, TIGHT, fleet_text
from running.melange import case as melange_case
from running.table import FIELDS, NAMES, as_csv, from_csv, page, picture, row_of

from fleetopt.files import whole_file
from fleetopt.imports.melange import melange_text

ONE = Path(__file__).parent / "running" / "one.py"
QUICK = ("tiny", "small")
METHODS = ("auto", "pulp-highs", "pulp-cbc")
WIDER = {"huge": 1e-2}
"""Gap asked for at the least where a size is too large for the usual one."""
LONGEST_FACTOR = 40
"""A run is killed after so many seconds by the clock for each of its processor seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, print, and write the report."""
    options = _options(arguments)
    report = options.out / "bench.csv"
    before = from_csv(report.read_text(encoding="utf-8")) if report.is_file() and not options.fresh else []
    rows: list[dict[str, Any]] = before
    with tempfile.TemporaryDirectory() as place:
        for case, method, file, gap, unit in cases(options, Path(place)):
            found = measured(file, method, gap, options.cpu_s)
            row = row_of(case, method, {**found, "asked": gap, "limit_cpu_s": options.cpu_s}, unit)
            rows = [r for r in rows if (r["case"], r["method"]) != (case, method)] + [row]
            print(said(row), flush=True)
            write(options, rows)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)} and Mélange's size")
    parser.add_argument("--sizes", default=None, help=f"of {', '.join(SIZES)}; `none` for none")
    parser.add_argument("--methods", default=",".join(METHODS), help=f"of {', '.join(NAMES)}")
    parser.add_argument("--tight", default="", help=f"small tight fleets: `all`, or of {', '.join(TIGHT)}")
    parser.add_argument("--no-melange", action="store_true", help="without the case of Mélange's size")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--cpu-s", type=float, default=600.0, help="processor seconds after which a run ends")
    parser.add_argument("--melange-buckets", type=int, default=60, help="buckets, of 8 slices each")
    parser.add_argument("--fresh", action="store_true", help="forget what the report holds already")
    parser.add_argument("--out", type=Path, default=Path("reports") / "bench")
    options = parser.parse_args(arguments)
    chosen = options.sizes or ",".join(QUICK if options.quick else SIZES)
    options.sizes = [] if chosen == "none" else chosen.split(",")
    options.methods = options.methods.split(",")
    options.tight = list(TIGHT) if options.tight == "all" else [name for name in options.tight.split(",") if name]
    for what, given, known in (
        ("--sizes", options.sizes, SIZES), ("--methods", options.methods, NAMES), ("--tight", options.tight, TIGHT)
    ):  # fmt: skip
        if wrong := [name for name in given if name not in known]:
            parser.error(f"{what}: there is no {wrong[0]!r}, try one of {', '.join(known)}")
    return options


def cases(options: argparse.Namespace, place: Path) -> Any:
    """(case, method, file, gap, unit of cost in M$) of every run, each file written when it is due."""
    shapes = {name: SIZES[name] for name in options.sizes} | {f"tight/{name}": TIGHT[name] for name in options.tight}
    for name, shape in shapes.items():
        file = place / f"{name.replace('/', '-')}.yaml"
        file.write_text(fleet_text(shape), encoding="utf-8")
        for method in options.methods:
            if method != "melange-cbc":
                yield name, method, file, max(options.gap, WIDER.get(name, 0.0)), 1.0
    if not options.no_melange:
        config, instance = place / "melange.json", place / "melange.yaml"
        config.write_text(json.dumps(melange_case(options.melange_buckets)), encoding="utf-8")
        instance.write_text(melange_text(config), encoding="utf-8")
        name = f"melange {options.melange_buckets * 8} x 4"
        yield name, "auto", instance, 0.0, 1e6
        yield name, "melange-cbc", config, 0.0, 1.0


def measured(file: Path, method: str, gap: float, limit_cpu_s: float) -> dict[str, Any]:
    """One run in a fresh process; what went wrong stands in `stop_reason`."""
    command = [sys.executable, str(ONE), str(file), "--method", method, "--gap", str(gap), "--cpu-s", str(limit_cpu_s)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60 + LONGEST_FACTOR * limit_cpu_s
        )
    except subprocess.TimeoutExpired:
        return {"status": "failed", "stop_reason": "killed by the clock"}
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
        return {"status": "failed", "stop_reason": last[0][:200]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def said(row: dict[str, Any]) -> str:
    """One line for the terminal."""
    to_gap, gap = row.get("to_gap_cpu_s"), row.get("gap")
    reached = f"to the gap in {to_gap:.1f} s" if to_gap is not None else f"{row.get('cpu_s') or 0:.1f} s, not there"
    size = "" if row.get("columns") is None else f", {row['columns']:,.0f} columns, {row.get('peak_mb') or 0:,.0f} MB"
    left = "" if gap is None else f", gap {gap:.3%}"
    reason = f" ({row['stop_reason']})" if row.get("status") in ("failed", "no_plan") else ""
    return f"{row['case']}: {NAMES[row['method']]}: {row.get('status')}{reason}, {reached}{left}{size}"


def write(options: argparse.Namespace, rows: list[dict[str, Any]]) -> None:
    """CSV, page and picture, each whole or not at all."""
    order = {name: number for number, name in enumerate((*SIZES, *(f"tight/{name}" for name in TIGHT)))}
    rows = sorted(rows, key=lambda r: (order.get(r["case"], len(order)), r["case"], list(NAMES).index(r["method"])))
    sizes = {name: shape.potential_columns for name, shape in SIZES.items()}
    rows = [{**dict.fromkeys(FIELDS), **row} for row in rows]
    options.out.mkdir(parents=True, exist_ok=True)
    files = {"bench.csv": as_csv(rows), "README.md": page(rows, sizes)}
    if any(row["case"] in sizes and row["cpu_s"] for row in rows):
        files["time.svg"] = picture(rows, sizes)
    for name, text in files.items():
        with whole_file(options.out / name) as stream:
            stream.write(text)


if __name__ == "__main__":
    sys.exit(main())
