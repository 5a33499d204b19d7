"""The plan as flat tables, one for each kind of entry: what `tables/*.csv` hold."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from fleetopt.instance.schema import Instance
from fleetopt.plan import (
    Energy,
    Installed,
    MemoryPurchase,
    Parked,
    Plan,
    PowerBuild,
    Purchase,
    Retirement,
    SiteOpening,
    Unserved,
)
from fleetopt.report.text import safe_cell

Row = dict[str, Any]


def tables(plan: Plan, instance: Instance) -> dict[str, pd.DataFrame]:
    """Tables by name, in the order of the plan; an empty one keeps its header. Text cannot start a formula."""
    built = {name: _plain(kind, getattr(plan, field)) for name, (field, kind) in _ENTRIES.items()}
    built |= {name: (columns, list(rows(plan, instance))) for name, (columns, rows) in _DERIVED.items()}
    return {name: _frame(columns, rows) for name, (columns, rows) in sorted(built.items())}


_ENTRIES: dict[str, tuple[str, Any]] = {
    "purchases": ("purchases", Purchase),
    "memory": ("memory_purchases", MemoryPurchase),
    "power": ("power_builds", PowerBuild),
    "sites": ("sites_opened", SiteOpening),
    "retirements": ("retirements", Retirement),
    "installed": ("installed", Installed),
    "energy": ("energy", Energy),
    "parked": ("parked", Parked),
    "unserved": ("unserved", Unserved),
}


def _plain(kind: Any, entries: Iterable[Any]) -> tuple[list[str], list[Row]]:
    return [f.name for f in fields(kind)], [asdict(entry) for entry in entries]


def _training(plan: Plan, _: Instance) -> Iterator[Row]:
    """A row for each run and period."""
    for run in plan.training_runs:
        for period, share in run.share_of_period.items():
            yield {**asdict(run), "period": period, "share_of_period": share}


def _deployments(plan: Plan, instance: Instance) -> Iterator[Row]:
    """A row for each deployment and bucket, beside the bucket's targets."""
    for d in plan.deployments:
        workload = instance.workload(d.workload)
        targets = {b.id: workload.targets(b) for b in workload.buckets}
        for bucket, point in d.points.items():
            slo = targets[bucket]
            row = {"deployment": d.id, "bucket": bucket, **asdict(d), **point}
            yield row | {"ttft_target_s": slo.ttft_s, "tpot_target_s": slo.tpot_s, "completion_target_s": slo.completion_s}


def _placements(plan: Plan, _: Instance) -> Iterator[Row]:
    """A row for each placement and bucket; one without requests where replicas stand loaded and idle."""
    of = {d.id: d for d in plan.deployments}
    for p in plan.placements:
        d = of[p.deployment]
        where = {"workload": d.workload, "site": d.site, "system": d.system, "stage": d.stage}
        for bucket, rate in p.served_per_s.items() or [("", 0.0)]:
            yield {**asdict(p), **where, "bucket": bucket, "served_per_s": rate}


def _cost_lines(plan: Plan, _: Instance) -> Iterator[Row]:
    for name, usd in plan.cost_lines.items():
        yield {"line": name, "usd": usd}
    yield {"line": "total", "usd": plan.objective_usd}


def _flows(plan: Plan, _: Instance) -> Iterator[Row]:
    yield from (asdict(f) for f in plan.flows)


def _deferrals(plan: Plan, _: Instance) -> Iterator[Row]:
    yield from (asdict(d) for d in plan.deferrals)


def _rejections(plan: Plan, _: Instance) -> Iterator[Row]:
    yield from (dict(r) for r in plan.rejections)


_DERIVED: dict[str, tuple[list[str], Callable[[Plan, Instance], Iterator[Row]]]] = {
    "training": (
        "workload candidate site system units chips precision mfu goodput periods_needed period share_of_period".split(),
        _training,
    ),
    "deployments": (
        "deployment workload site system stage reuse precision kv_precision tensor pipeline expert units_per_replica "
        "whole weights_gb power_kw source bucket batch rate_per_s ttft_s ttft_target_s tpot_s tpot_target_s "
        "completion_s completion_target_s active_kv_gb kv_transfer_gb parked_gb_s".split(),
        _deployments,
    ),
    "placements": (
        "deployment workload site system stage period slice bucket served_per_s replicas utilisation ttft_s tpot_s "
        "slo".split(),
        _placements,
    ),
    "cost_lines": (["line", "usd"], _cost_lines),
    "flows": ("workload bucket region site period slice rate_per_s".split(), _flows),
    "deferrals": ("workload region period slice done_per_s backlog_requests".split(), _deferrals),
    "rejections": (
        "workload system rule reason count nearest nearest_site nearest_stage nearest_shortfall".split(),
        _rejections,
    ),
}


def _frame(columns: list[str], rows: list[Row]) -> pd.DataFrame:
    safe = [[safe_cell(row.get(column)) for column in columns] for row in rows]
    return pd.DataFrame(safe, columns=columns, dtype=object)
