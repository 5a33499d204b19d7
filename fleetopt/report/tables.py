"""The plan as flat tables, one for each kind of entry: what `tables/*.csv` hold."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from fleetopt.instance.schema import Instance
from fleetopt.plan import (
    Carbon,
    Deferral,
    Deployment,
    Discount,
    Energy,
    Flow,
    Installed,
    MemoryPurchase,
    Parked,
    Placement,
    Plan,
    PowerBuild,
    Purchase,
    Retirement,
    SiteOpening,
    TrainingRun,
    Unserved,
)
from fleetopt.report.rows import Table, report_tables
from fleetopt.report.text import safe_cell

Row = dict[str, Any]
Rows = Callable[[Plan, Instance], Iterator[Row]]

ENTRIES: dict[str, tuple[str, Any]] = {
    "purchases": ("purchases", Purchase),
    "discounts": ("discounts", Discount),
    "memory": ("memory_purchases", MemoryPurchase),
    "power": ("power_builds", PowerBuild),
    "sites": ("sites_opened", SiteOpening),
    "retirements": ("retirements", Retirement),
    "installed": ("installed", Installed),
    "energy": ("energy", Energy),
    "carbon": ("carbon", Carbon),
    "parked": ("parked", Parked),
    "flows": ("flows", Flow),
    "deferrals": ("deferrals", Deferral),
    "unserved": ("unserved", Unserved),
}
"""Tables that are a list of the plan as it stands: the list's field, and what its entries are."""


SUBJECTS = (
    "orders",
    "materials",
    "objective",
    "cash",
    "annual",
    "sites_power",
    "power_sources",
    "slo",
    "memory_tiers",
    "assumptions",
    "changes",
)
"""Subjects of the workbook that are no list of the plan: each is a table too. Rejected options and the fleet are there
as `rejections` and `installed`."""


def tables(plan: Plan, instance: Instance, subjects: Mapping[str, Table] | None = None) -> dict[str, pd.DataFrame]:
    """Tables by name; an empty one keeps its header. Text cannot start a formula, numbers stay numbers.

    `subjects` are the tables of the other reports (`report_tables`), where they are there already.
    """
    found = {name: _frame(_names(kind), [asdict(e) for e in getattr(plan, of)]) for name, (of, kind) in ENTRIES.items()}
    found |= {name: _frame(columns, list(rows(plan, instance))) for name, (columns, rows) in _DERIVED.items()}
    made = report_tables(plan, instance) if subjects is None else subjects
    found |= {name: made[name].frame(safe_cell) for name in SUBJECTS if name in made}
    return dict(sorted(found.items()))


def _names(kind: Any) -> list[str]:
    return [f.name for f in fields(kind)]


def _training(plan: Plan, _: Instance) -> Iterator[Row]:
    """A row for each run and period."""
    for run in plan.training_runs:
        for period, share in run.share_of_period.items():
            yield {**asdict(run), "period": period, "share_of_period": share}


def _deployments(plan: Plan, instance: Instance) -> Iterator[Row]:
    """A row for each deployment and bucket, beside the bucket's targets and where the error bands come from."""
    for d in plan.deployments:
        workload = instance.workload(d.workload)
        targets = {b.id: workload.targets(b) for b in workload.buckets}
        bands = {f"{name}_band": said for name, said in d.bands.items()}
        for bucket, point in d.points.items():
            limits = {f"target_{name}": getattr(targets[bucket], name) for name in _TARGETS}
            yield {**asdict(d), "bucket": bucket, **point, **limits, **bands}


def _placements(plan: Plan, _: Instance) -> Iterator[Row]:
    """A row for each placement and bucket; one without requests where replicas stand loaded and idle."""
    of = {d.id: d for d in plan.deployments}
    for p in plan.placements:
        d = of[p.deployment]
        where = {"workload": d.workload, "site": d.site, "system": d.system, "stage": d.stage}
        for bucket, rate in p.served_per_s.items() or [("", 0.0)]:
            yield {**asdict(p), **where, "bucket": bucket, "served_per_s": rate}


def _cost_lines(plan: Plan, _: Instance) -> Iterator[Row]:
    """The lines, and their total: the objective."""
    for name, usd in plan.cost_lines.items():
        yield {"line": name, "usd": usd}
    yield {"line": "total", "usd": plan.objective_usd}


def _rejections(plan: Plan, _: Instance) -> Iterator[Row]:
    """What was rejected, by workload, system and rule."""
    yield from (dict(r) for r in plan.rejections)


_TARGETS = ["ttft_s", "tpot_s", "completion_s"]
_BANDED = ["rate_per_s", *_TARGETS]
_POINT = ["batch", *_BANDED, "active_kv_gb", "kv_transfer_gb", "parked_gb_s"]
_POINT += [f"{name}_{end}" for name in _BANDED for end in ("p10", "p90")]
_BANDS = ["rate_per_s_band", "ttft_s_band", "tpot_s_band"]
_REJECTION = ["workload", "system", "rule", "reason", "count"]
_REJECTION += ["nearest", "nearest_site", "nearest_stage", "nearest_shortfall"]
_DERIVED: dict[str, tuple[list[str], Rows]] = {
    "training": ([*_names(TrainingRun)[:-1], "period", "share_of_period"], _training),
    "deployments": (
        [n for n in _names(Deployment) if n not in ("points", "bands")]
        + ["bucket", *_POINT, *(f"target_{n}" for n in _TARGETS), *_BANDS],
        _deployments,
    ),
    "placements": (["workload", "site", "system", "stage", "bucket", *_names(Placement)], _placements),
    "cost_lines": (["line", "usd"], _cost_lines),
    "rejections": (_REJECTION, _rejections),
}
"""Tables worked out from the plan: their columns, and the rows by column (further keys are left out)."""


def _frame(columns: list[str], rows: list[Row]) -> pd.DataFrame:
    safe = [[safe_cell(row.get(column)) for column in columns] for row in rows]
    return pd.DataFrame(safe, columns=columns, dtype=object)
