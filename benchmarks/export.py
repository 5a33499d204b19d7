"""What each export rule costs: a Markdown table from the run folder of a suite of export scenarios.

python benchmarks/export.py runs/export

Every scenario against `base`: cost a year, the difference, what is left unserved by workload, and what is bought or
rented instead, in units over the horizon.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

LEAST_UNITS = 10
"""Differences of fewer units are left out."""


def main(folder: Path) -> int:
    """Print the table of a suite's folder."""
    scenarios = json.loads((folder / "suite.json").read_text(encoding="utf-8"))["scenarios"]
    plans = {name: json.loads((folder / name / "plan.json").read_text(encoding="utf-8")) for name in scenarios}
    base = plans["base"]
    print("| scenario | M$ a year | against the base | of it shortfall | gap | unserved | bought or rented instead |")
    print("|---|---:|---:|---:|---:|---|---|")
    for name, plan in plans.items():
        if plan.get("objective_usd") is None:
            print(f"| {name} | – | – | – | – | no plan ({plan['status']}) | – |")
            continue
        years = len(plan["periods"]) / 4
        cost, against = (
            plan["objective_usd"] / 1e6 / years,
            (plan["objective_usd"] - base["objective_usd"]) / 1e6 / years,
        )
        shortfall = plan["cost_lines"]["unserved"] / 1e6 / years
        figures = f"{cost:,.1f} | {against:+,.1f} | {shortfall:,.1f} | {plan['gap']:.2%}"
        print(f"| {name} | {figures} | {_unserved(plan)} | {_instead(plan, base) if name != 'base' else '–'} |")
    return 0


def _unserved(plan: dict[str, Any]) -> str:
    """Requests left unserved, by workload, as a share of its own."""
    left: dict[str, float] = defaultdict(float)
    for row in plan["unserved"]:
        left[row["workload"]] += row["requests"]
    served = {name: share for name, requests in left.items() if (share := _share(plan, name, requests)) >= 0.0005}
    return ", ".join(f"{name} {share:.1%}" for name, share in sorted(served.items())) or "none"


def _share(plan: dict[str, Any], workload: str, requests: float) -> float:
    """`requests` over all requests of a workload, placed or not; slices are of one length and nothing is split here."""
    row = plan["unserved"][0]
    seconds = row["requests"] / row["rate_per_s"]
    own = {id_ for id_, deployment in plan["deployments"].items() if deployment["workload"] == workload}
    placed = sum(sum(p["served_per_s"].values()) for p in plan["placements"] if p["deployment"] in own) * seconds
    return float(requests / (placed + requests))


def _instead(plan: dict[str, Any], base: dict[str, Any]) -> str:
    """Systems of which more, or fewer, units are had than in the base; rented ones in units and quarters."""
    more, had = _units(plan), _units(base)
    changes = {key: more.get(key, 0.0) - had.get(key, 0.0) for key in {**more, **had}}
    told = sorted((key for key, change in changes.items() if abs(change) >= LEAST_UNITS), key=lambda key: -changes[key])
    return ", ".join(f"{changes[key]:+,.0f} {key}" for key in told) or "nothing much"


def _units(plan: dict[str, Any]) -> dict[str, float]:
    units: dict[str, float] = defaultdict(float)
    for p in plan["purchases"]:
        units[p["system"] + (" rented for a quarter" if p["acquisition"] == "rent" else "")] += p["units"]
    return units


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
