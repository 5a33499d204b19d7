"""Pricing against the whole problem: `python benchmarks/pricing.py [INSTANCE...] [--gap 0.001] [--time-limit 600]`.

Solves each instance both ways, one after the other, and prints cost, bound, gap and processor seconds; exits 1 where
one way's bound lies above the other's plan. Without names: every reference instance.
"""

import argparse
import sys
import time
from pathlib import Path

from fleetopt.instance.load import load
from fleetopt.pipeline import SolveOptions, solve

REFERENCE = Path(__file__).parents[1] / "instances" / "reference"


def main() -> int:
    """Print a line for each instance and method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instances", nargs="*", type=Path, default=sorted(REFERENCE.glob("*.yaml")))
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--time-limit", type=float, default=600.0)
    options = parser.parse_args()
    agree = True
    for path in options.instances:
        instance, plans = load(path).instance, []
        for method in ("auto", "pricing"):
            began = time.process_time()
            plan = solve(instance, SolveOptions(gap=options.gap, time_limit_s=options.time_limit, method=method)).plan
            plans.append(plan)
            seconds = time.process_time() - began
            figures = f"{plan.objective_usd:>18,.0f} {plan.bound_usd:>18,.0f} {plan.gap:>8.3%} {seconds:>7.1f} s"
            print(f"{path.stem:<26} {method:<8} {plan.status:<9} {figures}", flush=True)
        least = min(p.objective_usd for p in plans)
        agree = agree and all(p.bound_usd <= least * (1 + 1e-9) for p in plans)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
