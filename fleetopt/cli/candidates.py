"""`candidates`: the columns to come, and every rejection with its reason."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleetopt.cli.load import read_instance
from fleetopt.cli.options import InstanceFile, Overrides
from fleetopt.cli.output import print_table, say, warn
from fleetopt.errors import UsageError

if TYPE_CHECKING:
    from fleetopt.candidates.candidate import CandidateSet

LATENCY_COLUMNS = ("rate_per_s", "ttft_s", "tpot_s", "completion_s")
BAND_COLUMNS = tuple(f"{name}_{end}" for name in LATENCY_COLUMNS for end in ("p10", "p90"))
POINT_COLUMNS = ("batch", *LATENCY_COLUMNS, *BAND_COLUMNS)
TRAINING_COLUMNS = ("mfu", "goodput", "periods_needed", "periods_needed_p10", "periods_needed_p90")
CSV_COLUMNS = (
    "id", "workload", "site", "system", "stage", "reuse", "precision", "kv_precision",
    "tensor", "pipeline", "expert", "units", "whole", "weights_gb", "source", "basis", "bucket", *POINT_COLUMNS,
    "chips", *TRAINING_COLUMNS,
)  # fmt: skip
TEAM_COLUMNS = (
    "id", "workload", "site", "system", "precision", "units", "chips", *TRAINING_COLUMNS, "basis",
)  # fmt: skip


def candidates(
    file: InstanceFile,
    csv_: Annotated[
        Path | None, typer.Option("--csv", metavar="OUT", help="Write every candidate, a row a bucket, to this file.")
    ] = None,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="List what was rejected, by which rule, and how near it came.")
    ] = False,
    set_: Overrides = None,
) -> None:
    """Show which systems could serve each workload where, before any solver runs.

    A candidate is a workload on a system at a site in one layout; dominated ones are dropped already.

    Example: `fleetopt candidates fleet.yaml --rejected --csv candidates.csv`
    """
    from fleetopt.candidates.enumerate import candidates as enumerate_candidates

    found = enumerate_candidates(read_instance(file, set_))
    if csv_ is not None:
        _write(csv_, _csv_rows(found))
    _print_counts(found)
    if rejected:
        _print_rejections(found)


def _print_counts(found: CandidateSet) -> None:
    keys = [(c.workload, c.system, str(c.stage), str(c.basis)) for c in found.serving]
    counts = Counter(keys + [(t.workload, t.system, "training", str(t.basis)) for t in found.training])
    rows = [(*key, str(count)) for key, count in counts.items()]
    print_table("Candidates", ("workload", "system", "stage", "figures", "candidates"), rows, ("candidates",))
    say(
        f"{found.configurations} configurations tried, {found.admissible} admissible, "
        f"{len(found.serving)} serving and {len(found.training)} training candidates kept"
    )


def _print_rejections(found: CandidateSet) -> None:
    rows = [
        (r.workload, r.site, r.system, r.stage, r.rule, str(r.count), r.detail)
        for r in sorted(found.rejections, key=lambda r: (r.workload, r.system, r.site, r.stage, r.rule))
    ]
    columns = ("workload", "site", "system", "stage", "rule", "count", "nearest")
    print_table("Rejected", columns, rows, ("count",))


def _csv_rows(found: CandidateSet) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for c in found.serving:
        shared = {name: getattr(c, name) for name in CSV_COLUMNS[:8]} | {
            "tensor": c.layout and c.layout.tensor,
            "pipeline": c.layout and c.layout.pipeline,
            "expert": c.layout and c.layout.expert,
            "units": c.units,
            "whole": c.whole,
            "weights_gb": c.weights_gb,
            "source": c.source,
            "basis": c.basis,
        }
        for bucket, point in c.points.items():
            rows.append(shared | {"bucket": bucket} | {name: getattr(point, name) for name in POINT_COLUMNS})
    teams = ({"stage": "training"} | {name: getattr(t, name) for name in TEAM_COLUMNS} for t in found.training)
    return [*rows, *teams]


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, CSV_COLUMNS, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; try a folder that exists") from None
    warn(f"wrote {len(rows)} rows to {path}")


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(candidates)
