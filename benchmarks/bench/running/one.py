"""One search in a fresh process: `python benchmarks/bench/running/one.py FILE --method auto --gap 0.001 --cpu-s 60`.

Prints one JSON document: what the search ended with, when it got how far, what it took, and how large the model was.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from running.clock import Watch, peak_mb, stop_after
from running.melange import melange_run
from running.plain import plain_run

from fleetopt.errors import StoppedError
from fleetopt.instance.load import load
from fleetopt.pipeline.clock import cpu_s
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve

WALL_FOR_CPU = 20
"""The time limit of a search, in seconds by the clock for each of the processor: the latter is what ends it."""


def main(arguments: list[str] | None = None) -> int:
    """Solve and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--method", default="auto")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--cpu-s", type=float, default=60.0, help="processor seconds after which the search ends")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    print(json.dumps(run(options.file, options.method, options.gap, options.cpu_s, options.seed)))
    return 0


def run(file: Path, method: str, gap: float, limit_cpu_s: float, seed: int = 0) -> dict[str, Any]:
    """One way to solve one file."""
    if method == "melange-cbc":
        return melange_run(file, gap, limit_cpu_s)
    if method in ("pulp-highs", "pulp-cbc"):
        return plain_run(file, method, gap, limit_cpu_s)
    return fleetopt_run(file, method, gap, limit_cpu_s, seed)


def fleetopt_run(file: Path, method: str, gap: float, limit_cpu_s: float, seed: int = 0) -> dict[str, Any]:
    """The whole story of a file: reading, predicting, building, searching, checking."""
    watch, began = Watch(), time.perf_counter()
    options = SolveOptions(gap=gap, time_limit_s=WALL_FOR_CPU * limit_cpu_s, method=method, seed=seed)  # type: ignore[arg-type]
    stop_after(limit_cpu_s)
    instance = load(file).instance
    loaded_s = cpu_s()
    try:
        found = solve(instance, options, progress=watch)
    except StoppedError as stopped:
        return {"status": "no_plan", "stop_reason": str(stopped), "cpu_s": cpu_s(), "peak_mb": peak_mb(), "steps": []}
    plan, has_plan = found.plan, found.plan.status in ("optimal", "feasible")
    if has_plan:
        watch.take("end", plan.objective_usd / 1e6, plan.bound_usd / 1e6, cpu_s())
    inside = sum(phase.get("cpu_seconds", 0.0) for phase in found.phases if phase["phase"] in ("search", "diagnose"))
    return {
        "status": plan.status,
        "stop_reason": found.stop_reason,
        "objective_musd": plan.objective_usd / 1e6 if has_plan else None,
        "bound_musd": plan.bound_usd / 1e6 if has_plan else None,
        "gap": plan.gap if has_plan else None,
        "cpu_s": round(cpu_s(), 3),
        "wall_s": round(time.perf_counter() - began, 3),
        "peak_mb": round(peak_mb(), 1),
        "first_plan_cpu_s": watch.first_plan(),
        "to_1_percent_cpu_s": watch.within(0.01),
        "to_gap_cpu_s": watch.within(gap),
        "size": dict(found.size),
        "outside_cpu_s": round(cpu_s() - inside, 3),
        "phases": [{"phase": "start and load", "cpu_seconds": round(loaded_s, 3)}, *(dict(p) for p in found.phases)],
        "steps": watch.as_list(),
    }


if __name__ == "__main__":
    sys.exit(main())
