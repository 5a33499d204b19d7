"""What was rejected, and why: counts by rule, and the option that came nearest."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from fleetopt.instance.schema import Instance
from fleetopt.plan import Plan
from fleetopt.report.names import Names
from fleetopt.report.text import plain, share, table


def rejected_section(plan: Plan, instance: Instance) -> list[str]:
    """A row for each workload and rule, most frequent first."""
    names = Names(instance)
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for r in plan.rejections:
        groups[str(r["workload"]), str(r["rule"])].append(r)
    if not groups:
        return []
    order = {w.id: n for n, w in enumerate(instance.workloads)}
    rows = []
    for (workload, rule), found in sorted(
        groups.items(), key=lambda item: (order.get(item[0][0], -1), -_total(item[1]), item[0][1])
    ):
        nearest = min(found, key=_shortfall)
        rows.append(
            [
                "all" if workload == "*" else names.workload(workload),
                f"{plain(str(nearest['reason']))} ({plain(rule)})",
                f"{_total(found):,}",
                _where(nearest, names),
                _by(nearest),
                plain(str(nearest["nearest"])),
            ]
        )
    said = "Configurations that did not become an option, by the rule that stopped them, and the one that came nearest."
    header = ["workload", "rule", "configurations", "nearest", "short by", "because"]
    return ["## Rejected, and why", "", said, "", *table(header, rows)]


def _total(found: list[Mapping[str, Any]]) -> int:
    return sum(int(r["count"]) for r in found)


def _shortfall(r: Mapping[str, Any]) -> float:
    value = r["nearest_shortfall"]
    return float("inf") if value is None else float(value)


def _by(r: Mapping[str, Any]) -> str:
    short = _shortfall(r)
    return share(short) if 0.0 < short < 1e6 else "–"


def _where(r: Mapping[str, Any], names: Names) -> str:
    system = "" if r["system"] == "*" else names.system(str(r["system"]))
    site = "" if r["nearest_site"] == "*" else names.site(str(r["nearest_site"]))
    return ", ".join(part for part in (system, site) if part) or "–"
