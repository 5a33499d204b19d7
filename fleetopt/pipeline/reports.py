"""Reports of a run: a registry of formats, and the way from a run folder to the files of some of them."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from fleetopt.errors import UsageError, VerificationError
from fleetopt.instance.load import load_resolved
from fleetopt.instance.schema import Instance
from fleetopt.pipeline import folder as runfolder
from fleetopt.pipeline.certificate import proof_line
from fleetopt.pipeline.side_files import binding, diagnosis
from fleetopt.plan import Plan
from fleetopt.report.markdown import plan_markdown
from fleetopt.report.rows import Table, report_tables
from fleetopt.report.rows.targets import STAGES
from fleetopt.report.tables import tables
from fleetopt.verify import read_run, verify_plan
from fleetopt.verify.reading import read_plan
from fleetopt.verify.references import check_references
from fleetopt.verify.witness import Witness

SHOWN_FAILURES = 10
PERIOD = re.compile("[1-9][0-9]{3}(q[1-4])?")
STOPPED = "Search ended"
"""What the head of plan.md calls the reason why the search stopped."""


@dataclass(frozen=True)
class Subject:
    """What is reported on."""

    plan: Plan
    instance: Instance
    previous: Plan | None = None
    """Plan that the change list is against."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """Lines for the head of plan.md."""
    binding: Sequence[Mapping[str, Any]] | None = None
    """What binds; None where the folder does not say."""

    @cached_property
    def tables(self) -> dict[str, Table]:
        """Typed rows of every subject."""
        return report_tables(self.plan, self.instance, self.previous)


Files = Mapping[str, str | bytes]
"""What to write, by path below the run folder; paths never come from an instance."""
Writer = Callable[[Subject], Files]


def _markdown(subject: Subject) -> Files:
    return {"plan.md": plan_markdown(subject.plan, subject.instance, subject.extras)}


def _csv(subject: Subject) -> Files:
    found = tables(subject.plan, subject.instance, subject.tables)
    return {f"tables/{name}.csv": frame.to_csv(index=False, lineterminator="\n") for name, frame in found.items()}


def _workbook(subject: Subject) -> Files:
    from fleetopt.report.workbook import procurement_workbook

    return {"procurement.xlsx": procurement_workbook(subject.plan, subject.instance, subject.tables)}


def _page(subject: Subject) -> Files:
    return {"report.html": _html(subject, paper=False)}


def _pdf(subject: Subject) -> Files:
    from fleetopt.report.pdf import pdf

    return {"report.pdf": pdf(_html(subject, paper=True))}


def _html(subject: Subject, paper: bool) -> str:
    from fleetopt.report.page import plan_page

    stopped = subject.extras.get(STOPPED, "")
    return plan_page(subject.plan, subject.instance, subject.binding, stopped, subject.previous, paper)


FORMATS: dict[str, Writer] = {"html": _page, "xlsx": _workbook, "pdf": _pdf, "csv": _csv, "md": _markdown}
"""Formats by name, in the order in which they are offered."""
WITH_A_RUN = ("md", "csv", "xlsx", "html")
"""Formats that `solve` writes."""


def report_files(subject: Subject, formats: Sequence[str]) -> dict[str, str | bytes]:
    """The files of some formats, by path."""
    found: dict[str, str | bytes] = {}
    for name in formats:
        found |= FORMATS[name](subject)
    return found


@dataclass(frozen=True)
class Reported:
    """Reports that were written."""

    folder: Path
    files: tuple[str, ...]
    notes: tuple[str, ...]
    """What to know of the plan reported on."""


def report_folder(
    folder: str | Path,
    formats: Sequence[str],
    *,
    previous: str | Path | None = None,
    out: str | Path | None = None,
    verify: bool = False,
) -> Reported:
    """Write reports of the run in a folder, from its resolved.yaml and plan.json alone, into it or into `out`.

    Raises UsageError for an unknown format or a folder without a plan, VerificationError where plan.json is none of
    resolved.yaml (with `verify`: where any figure does not agree).
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        known = ", ".join(FORMATS)
        raise UsageError(f"--format: {', '.join(map(repr, unknown)) or 'nothing'} is not a format; try {known}")
    if (why := diagnosis(Path(folder))) is not None:
        return _without_plan(Path(folder), why, formats, out)
    instance, plan = _read(Path(folder), verify)
    before = _read(Path(previous), False)[1] if previous is not None else None
    subject = Subject(plan, instance, before, _extras(Path(folder)), binding(Path(folder)))
    target = Path(out) if out is not None else Path(folder)
    files = report_files(subject, formats)
    runfolder.write_into(target, files)
    return Reported(target, tuple(files), tuple(_notes(subject, verify)))


def _read(folder: Path, verify: bool) -> tuple[Instance, Plan]:
    """A run; its plan has every field, and names only what the instance has."""
    instance, data = read_run(folder)
    witness = Witness()
    plan = read_plan(data, witness)
    if plan is not None:
        check_references(instance, plan, witness)
    failures = list(witness.failures)
    if plan is not None and not failures:
        failures += _left_open(plan)
    if verify and not failures:
        failures = list(verify_plan(instance, data, sealed=True).failures)
    if failures or plan is None:
        summary = f"{folder}: plan.json is not a plan of resolved.yaml; `fleetopt verify` says more"
        raise VerificationError("\n".join([*failures[:SHOWN_FAILURES], summary]))
    return instance, plan


def _left_open(plan: Plan) -> list[str]:
    """What the structure of plan.json leaves open and a report needs: rejections, stages, and periods of orders."""
    found = []
    if not all(_is_rejection(r) for r in plan.rejections):
        found.append("structure (plan.rejections): expected workload, system, rule, reason, count and the nearest")
    if not {d.stage for d in plan.deployments} <= set(STAGES):
        found.append(f"structure (plan.deployments): expected a stage among {', '.join(STAGES)}")
    ordered = [p.order_period for p in plan.purchases] + [m.order_period for m in plan.memory_purchases]
    ordered += [b.order_period for b in plan.power_builds] + [o.order_period for o in plan.sites_opened]
    if not all(map(PERIOD.fullmatch, ordered)):
        found.append("structure (order_period): expected a period, such as 2027q1")
    return found


def _is_rejection(entry: Mapping[str, object]) -> bool:
    """Whether an entry of `rejections`, whose shape plan.json leaves open, is one."""
    texts = ("workload", "system", "rule", "reason", "nearest", "nearest_site", "nearest_stage")
    return (
        all(isinstance(entry.get(key), str) for key in texts)
        and isinstance(entry.get("count"), int)
        and isinstance(entry.get("nearest_shortfall"), int | float | None)
    )


def _extras(folder: Path) -> dict[str, str]:
    """Why the search stopped, where the manifest is there and says so."""
    try:
        manifest = json.loads((folder / runfolder.MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    reason = manifest.get("stop_reason") if isinstance(manifest, dict) else None
    certificate = manifest.get("certificate") if isinstance(manifest, dict) else None
    told = {STOPPED: reason} if isinstance(reason, str) else {}
    return told | proof_line(certificate if isinstance(certificate, dict) else None)


def _without_plan(folder: Path, why: dict[str, Any], formats: Sequence[str], out: str | Path | None) -> Reported:
    """The page of a run without a plan; the other formats have nothing to hold."""
    from jinja2 import TemplateError

    from fleetopt.report.page import no_plan_page
    from fleetopt.report.pdf import pdf

    wanted = [name for name in formats if name in ("html", "pdf")]
    if not wanted:
        raise UsageError(f"{folder}: the run ended {why.get('status')}, there is no plan to report; try --format html")
    instance = load_resolved(folder / "resolved.yaml")
    files: dict[str, str | bytes] = {}
    try:
        if "html" in wanted:
            files["report.html"] = no_plan_page(why, instance)
        if "pdf" in wanted:
            files["report.pdf"] = pdf(no_plan_page(why, instance, paper=True))
    except (KeyError, TypeError, ValueError, AttributeError, TemplateError) as error:
        raise UsageError(f"{folder}: diagnosis.json is not what `fleetopt solve` writes; solve again") from error
    target = Path(out) if out is not None else folder
    runfolder.write_into(target, files)
    return Reported(target, tuple(files), (f"{why['status']}: the page says why there is no plan",))


def _notes(subject: Subject, verified: bool) -> list[str]:
    """Whether the plan was checked, and whether its payments come to its objective."""
    found = subject.plan.verification
    if verified:
        notes = ["verified now"]
    elif found is None:
        notes = ["NOT VERIFIED: plan.json says nothing of a check; `fleetopt verify` makes one"]
    elif found.passed:
        notes = [f"plan.json says it was verified, {found.checks} checks; --verify checks it again"]
    else:
        notes = [f"NOT VERIFIED: {len(found.failures)} of {found.checks} checks failed when the plan was made"]
    usd = subject.plan.objective_usd
    off = abs(subject.tables["objective"].total("difference_usd"))
    if off > max(0.005, 1e-11 * abs(usd)):
        notes.append(f"DIFFERS: the payments of the plan come to {off:,.2f} USD more or less than its objective")
    return notes
