"""Scenarios side by side: figures of each plan, and the rows in which they differ."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Value = float | str
Figures = dict[tuple[str, str, str], Value]
"""Value by (group, name, unit)."""
_SHOWN_DIFFERENCE = 1e-9
_WITH_PLAN = ("optimal", "feasible")


@dataclass(frozen=True)
class Row:
    """One figure of every scenario: 0 or empty text where its plan has none of it, empty where there is no plan."""

    group: str
    name: str
    unit: str
    values: tuple[Value, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is a figure of."""
        return self.group, self.name, self.unit

    @property
    def differs(self) -> bool:
        """Whether scenarios disagree by more than rounding."""
        first = self.values[0]
        return any(_differ(first, value) for value in self.values[1:])


def _differ(one: Value, other: Value) -> bool:
    one, other = (0.0 if value == "" else value for value in (one, other))
    if isinstance(one, str) or isinstance(other, str):
        return one != other
    return abs(one - other) > _SHOWN_DIFFERENCE * max(abs(one), abs(other), 1.0)


WHY, HELP = ("result", "no plan because", ""), ("result", "what would help", "")
IN_WORDS = (WHY, HELP)
"""Keys of the rows that hold sentences; they are there whether or not they differ."""


def rows(plans: Sequence[Mapping[str, Any]], messages: Sequence[str] = ()) -> list[Row]:
    """Rows in which the plans (plan.json each, `{}` for one that did not run) differ, in the order of a plan.

    `messages` say, for each plan that is none, why not in the first line, and then what would help.
    """
    columns = [figures(plan) for plan in plans]
    for column, message in zip(columns, messages, strict=False):
        why, _, help_ = message.partition("\n")
        column |= {key: " ".join(text.split()) for key, text in ((WHY, why), (HELP, help_)) if text}
    keys = list(dict.fromkeys(key for column in columns for key in column))
    order = {group: number for number, group in enumerate(dict.fromkeys(key[0] for key in keys))}
    keys.sort(key=lambda key: order[key[0]])
    found = []
    for key in keys:
        texts = any(isinstance(column.get(key), str) for column in columns)
        none = ["" if texts or plan.get("status") not in _WITH_PLAN else 0.0 for plan in plans]
        found.append(Row(*key, tuple(column.get(key, n) for column, n in zip(columns, none, strict=True))))
    return [row for row in found if row.differs or row.key in IN_WORDS]


def figures(plan: Mapping[str, Any]) -> Figures:
    """Everything worth comparing in one plan."""
    found: Figures = {("result", "status", ""): plan.get("status", "did not run")}
    if plan.get("status") not in _WITH_PLAN:
        return found
    found["result", "cost", "USD"] = plan["objective_usd"]
    found["result", "bound", "USD"] = plan["bound_usd"]
    for name, cost_usd in plan["cost_lines"].items():
        found["cost", name, "USD"] = cost_usd
    for group, unit, lines in _counts(plan):
        sums: dict[str, float] = defaultdict(float)
        for name, amount in lines:
            sums[name] += amount
        found |= {(group, name, unit): total for name, total in sorted(sums.items())}
    for line in plan["sites_opened"]:
        found["site opened", line["site"], ""] = line["period"]
    for line in plan["training_runs"]:
        found["trained on", line["workload"], ""] = f"{line['units']} {line['system']} in {line['site']}"
    return found | _served_by(plan)


def _counts(plan: Mapping[str, Any]) -> list[tuple[str, str, list[tuple[str, float]]]]:
    purchases = plan["purchases"]
    return [
        ("bought", "units", [(p["system"], p["units"]) for p in purchases if p["acquisition"] == "buy"]),
        ("rented", "contracts x units", [(p["system"], p["units"]) for p in purchases if p["acquisition"] == "rent"]),
        ("memory", "GB", [(f"{m['tier']} ({m['acquisition']})", m["gb"]) for m in plan["memory_purchases"]]),
        ("power", "kW", [(f"{b['source']} in {b['site']}", b["power_kw"]) for b in plan["power_builds"]]),
        ("retired early", "units", [(f"{r['cohort']}", r["units"]) for r in plan["retirements"]]),
        ("not served", "requests", [(u["workload"], u["requests"]) for u in plan["unserved"]]),
    ]


def _served_by(plan: Mapping[str, Any]) -> Figures:
    """Per cent of each workload's rate by system and stage, mean over periods and slices."""
    rates: dict[tuple[str, str, str], float] = defaultdict(float)
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for placement in plan["placements"]:
        deployment = plan["deployments"][placement["deployment"]]
        stage = "prefill" if deployment["stage"] == "prefill" else "answers"
        served_per_s = sum(placement["served_per_s"].values())
        rates[deployment["workload"], stage, deployment["system"]] += served_per_s
        totals[deployment["workload"], stage] += served_per_s
    found: Figures = {}
    for (workload, stage, system), served_per_s in sorted(rates.items()):
        name = f"{workload} {stage}" if stage == "prefill" else workload
        if served_per_s > 0:
            found["served by", f"{name} on {system}", "%"] = 100 * served_per_s / totals[workload, stage]
    return found
