"""Mélange's formulation, from the published maths (arXiv 2404.14527, section 5.3), given to PuLP and CBC.

Every slice i of the histogram goes to one GPU type j (a binary for each pair); type j carries what its slices take,
rate / throughput, within a whole number of GPUs; the cost an hour is least. fleetopt counts equal slices instead.
"""

import json
import time
from pathlib import Path
from random import Random
from typing import Any

import pulp
from running.clock import Watch
from running.plain import report, through_cbc

from fleetopt.pipeline.clock import cpu_s

PRICES = {"L4": 0.7, "A10G": 1.01, "A100": 3.67, "H100": 7.516}
"""$/h, as in the paper."""
SPEED = {"L4": 0.62, "A10G": 1.0, "A100": 3.9, "H100": 7.4}
"""Rough throughput against an A10G where requests are short."""
LENGTH = {"L4": 1.25, "A10G": 1.1, "A100": 0.95, "H100": 0.9}
"""How much worse each gets with longer requests, as a power."""


def case(buckets: int = 60, slices: int = 8, rate: float = 100.0, seed: int = 0) -> dict[str, Any]:
    """A configuration of Mélange's own size: 60 buckets of 8 slices are 480 slices, for 4 types of GPU."""
    draw = Random(f"melange {seed}")
    rows = min(6, buckets)
    columns = -(-buckets // rows)
    weights = [[draw.uniform(0.2, 1.0) for _ in range(columns)] for _ in range(rows)]
    total = sum(map(sum, weights))
    tables = {name: [[_rate(name, i, j, draw) for j in range(columns)] for i in range(rows)] for name in SPEED}
    return {
        "gpu_info": {name: {"cost": PRICES[name], "tputs": tables[name]} for name in PRICES},
        "workload_distribution": [[cell / total for cell in row] for row in weights],
        "total_request_rate": rate,
        "slice_factor": slices,
    }


def _rate(name: str, i: int, j: int, draw: Random) -> float:
    return round(SPEED[name] * 6.0 / (1 + 0.6 * i + 0.25 * j) ** LENGTH[name] * draw.uniform(0.8, 1.2), 4)


def problem_of(config: dict[str, Any]) -> Any:
    """The published formulation as a PuLP problem."""
    problem = pulp.LpProblem("melange", pulp.LpMinimize)
    types = config["gpu_info"]
    slices = [
        (i, j, config["total_request_rate"] * share / config["slice_factor"])
        for i, row in enumerate(config["workload_distribution"])
        for j, share in enumerate(row)
        for _ in range(config["slice_factor"])
        if share > 0
    ]
    gpus = {name: problem.add_variable(f"gpus_{name}", 0, None, "Integer") for name in types}
    load: dict[str, list[Any]] = {name: [] for name in types}
    problem += pulp.lpSum(types[name]["cost"] * gpus[name] for name in types)
    for number, (i, j, rate) in enumerate(slices):
        choices = []
        for name, entry in types.items():
            if entry["tputs"][i][j] > 0:
                chosen = problem.add_variable(f"on_{number}_{name}", 0, 1, "Integer")
                choices.append(chosen)
                load[name].append(rate / entry["tputs"][i][j] * chosen)
        problem.addConstraint(pulp.lpSum(choices) == 1, f"slice_{number}")
    for name in types:
        problem.addConstraint(pulp.lpSum(load[name]) <= gpus[name], f"load_{name}")
    return problem


def melange_run(file: Path, gap: float, limit_cpu_s: float) -> dict[str, Any]:
    """Solve a configuration file by its own formulation; costs are in $/h, told as if they were M$."""
    began, watch = time.perf_counter(), Watch()
    problem = problem_of(json.loads(file.read_text(encoding="utf-8")))
    built_s = cpu_s()
    through_cbc(problem, 0.0, gap, limit_cpu_s, watch)
    return report(problem, watch, gap, built_s, time.perf_counter() - began)
