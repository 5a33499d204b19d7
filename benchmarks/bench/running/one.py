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

from fleetopt.instance.load import load
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.story import solve
from running.clock import Watch, cpu_s, peak_mb, stop_after


def main(arguments: list[str] | None = None) -> int:
    """Solve and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--method", default="auto")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--cpu-s", type=float, default=60.0, help="processor seconds after which the search ends")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    print(json.dumps(fleetopt_run(options.file, options.method, options.gap, options.cpu_s, options.seed)))
    return 0


def fleetopt_run(file: Path, method: str, gap: float, limit_cpu_s: float, seed: int = 0) -> dict[str, Any]:
    """The whole story of a file: reading, predicting, building, searching, checking."""
    watch, began = Watch(), time.perf_counter()
    options = SolveOptions(gap=gap, time_limit_s=20 * limit_cpu_s, method=method, seed=seed)  # type: ignore[arg-type]
    stop_after(limit_cpu_s)
    instance = load(file).instance
    loaded_s = cpu_s()
    marks: list[tuple[str, float]] = []

    def said(line: str) -> None:
        marks.append((line, cpu_s()))

    try:
        found = solve(instance, options, said, progress=watch)
    except KeyboardInterrupt:
        return {"status": "stopped before the search", "cpu_s": cpu_s(), "peak_mb": peak_mb()}
    plan = found.plan
    ended = found.outcome
    if plan.status in ("optimal", "feasible"):
        watch.take("end", plan.objective_usd / 1e6, plan.bound_usd / 1e6, cpu_s())
    return {
        "status": plan.status,
        "stop_reason": found.stop_reason,
        "objective_musd": plan.objective_usd / 1e6 if ended is not None and ended.values is not None else None,
        "bound_musd": None if ended is None else ended.bound,
        "gap": plan.gap if plan.status in ("optimal", "feasible") else None,
        "cpu_s": round(cpu_s(), 3),
        "wall_s": round(time.perf_counter() - began, 3),
        "peak_mb": round(peak_mb(), 1),
        "loaded_cpu_s": round(loaded_s, 3),
        "first_plan_cpu_s": watch.first_plan(),
        "to_1_percent_cpu_s": watch.within(0.01),
        "to_gap_cpu_s": watch.within(gap),
        "size": dict(found.size),
        "phases": [dict(phase) for phase in found.phases],
        "steps": watch.as_list(),
    }


if __name__ == "__main__":
    sys.exit(main())
