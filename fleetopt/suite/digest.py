"""A plan cut down to what comparisons read: summed over periods and slices, in the shape of plan.json.

Facts, expectations and figures say of a digest what they say of the plan; it is small enough to be kept beside a page.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from fleetopt.suite.runs import PLANNED

_KEPT = ("status", "objective_usd", "bound_usd", "gap", "gap_target", "cost_lines")


def digest(plan: Mapping[str, Any]) -> dict[str, Any]:
    """The digest of plan.json; of a run without a plan its status alone."""
    if plan.get("status") not in PLANNED:
        return {"status": plan["status"]} if "status" in plan else {}
    deployments, placements = _placed(plan)
    found = {key: plan[key] for key in _KEPT if key in plan}
    systems = ("system", "site", "vendor", "acquisition")
    return found | {
        "purchases": _summed(plan["purchases"], systems, ("units", "chips", "cost_usd")),
        "memory_purchases": _summed(plan["memory_purchases"], ("tier", "site", "acquisition"), ("gb", "cost_usd")),
        "power_builds": _summed(plan["power_builds"], ("source", "site"), ("power_kw",)),
        "sites_opened": [{"site": s["site"], "period": s["period"]} for s in plan["sites_opened"]],
        "retirements": _summed(plan["retirements"], ("system", "cohort"), ("units",)),
        "training_runs": [_only(r, ("workload", "system", "site", "units", "chips")) for r in plan["training_runs"]],
        "deployments": deployments,
        "placements": placements,
        "unserved": _summed(plan["unserved"], ("workload",), ("rate_per_s", "requests")),
        "parked": _parked(plan["parked"]),
    }


def _only(line: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: line[key] for key in keys}


def _summed(lines: Sequence[Mapping[str, Any]], by: Sequence[str], sums: Sequence[str]) -> list[dict[str, Any]]:
    totals: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * len(sums))
    for line in lines:
        total = totals[tuple(line[key] for key in by)]
        for n, key in enumerate(sums):
            total[n] += line[key]
    return [
        dict(zip(by, key, strict=True)) | dict(zip(sums, map(_short, total), strict=True))
        for key, total in sorted(totals.items())
    ]


def _placed(plan: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """Deployments by workload, system, site and stage, and the sum of what each serves."""
    keys = ("workload", "system", "site", "stage")
    rates: dict[tuple[str, ...], float] = defaultdict(float)
    for placement in plan["placements"]:
        deployment = plan["deployments"][placement["deployment"]]
        rates[tuple(deployment[key] for key in keys)] += sum(placement["served_per_s"].values())
    served = [(key, rate) for key, rate in sorted(rates.items()) if rate > 0]
    deployments = {f"d{n}": dict(zip(keys, key, strict=True)) for n, (key, _) in enumerate(served, start=1)}
    placements = [
        {"deployment": f"d{n}", "served_per_s": {"all": _short(rate)}} for n, (_, rate) in enumerate(served, start=1)
    ]
    return deployments, placements


def _parked(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Largest amount over time, by workload, tier and site."""
    now: dict[tuple[str, ...], float] = defaultdict(float)
    for line in lines:
        now[line["workload"], line["tier"], line["site"], line["period"], line["slice"]] += line["gb"]
    most: dict[tuple[str, ...], float] = defaultdict(float)
    for key, gb in now.items():
        most[key[:3]] = max(most[key[:3]], gb)
    names = ("workload", "tier", "site")
    return [dict(zip(names, key, strict=True)) | {"gb": _short(gb)} for key, gb in sorted(most.items()) if gb > 0]


def _short(value: float) -> float:
    return float(f"{value:.9g}")
