"""From a file to a run folder, and what stands in it."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fleetopt import __version__
from fleetopt.instance.dump import dump_resolved
from fleetopt.instance.load import load
from fleetopt.instance.overrides import Override
from fleetopt.instance.schema import Instance
from fleetopt.pipeline import folder as runfolder
from fleetopt.pipeline.certificate import proof_line
from fleetopt.pipeline.explanation_words import binding_data
from fleetopt.pipeline.journal import journal
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.reports import STOPPED, WITH_A_RUN, Subject, report_files
from fleetopt.pipeline.side_files import BINDING
from fleetopt.pipeline.story import Result, Say, solve
from fleetopt.pipeline.versions import code_sha256, versions
from fleetopt.plan import Plan
from fleetopt.report.page import no_plan_page
from fleetopt.report.summary import headline

FIRST_ORDERS = 3
"""Orders of the first period that the summary names."""
SHOWN_FAILURES = 10
"""Failed checks that the summary prints; `fleetopt verify` prints all."""


@dataclass(frozen=True)
class RunResult:
    """A solve from a file, written to its folder."""

    exit_code: int
    folder: Path
    plan: Plan
    messages: tuple[str, ...]

    @property
    def summary_lines(self) -> tuple[str, ...]:
        """What to tell a person on stdout."""
        return self.messages


def solve_file(
    path: str | Path,
    out: str | Path | None = None,
    overrides: Iterable[str | Override] = (),
    options: SolveOptions | None = None,
    progress: Say | None = None,
    formats: Sequence[str] = WITH_A_RUN,
) -> RunResult:
    """Load, solve and write a run folder with reports in some formats; bad input raises InputError before any of it."""
    options, say, began = options or SolveOptions(), progress or (lambda _: None), time.time()
    loaded = load(path, overrides)
    resolved = dump_resolved(loaded.instance)
    folder = Path(out) if out is not None else runfolder.default_folder(loaded.instance.name, resolved)
    runfolder.check_target(folder)
    with journal(loaded, say, began) as kept:
        result = solve(loaded.instance, options, kept.tell, kept.solver_log)
        log = kept.text()
    files = run_files(result, loaded.instance, options, loaded.changes, began, formats)
    files["solve.log"] = log
    runfolder.write(folder, files)
    return RunResult(result.exit_code, folder, result.plan, _summary(result, folder))


def run_files(
    result: Result,
    instance: Instance,
    options: SolveOptions,
    changes: tuple[str, ...],
    began: float,
    formats: Sequence[str] = WITH_A_RUN,
) -> dict[str, str | bytes]:
    """The files of a run folder by name, but for solve.log; `began` is the time the run began."""
    resolved = dump_resolved(instance)
    files: dict[str, str | bytes] = {"resolved.yaml": resolved, **plan_files(result, instance, formats)}
    files["manifest.json"] = runfolder.to_json(manifest(result, options, resolved, changes, began))
    return files


def plan_files(result: Result, instance: Instance, formats: Sequence[str] = WITH_A_RUN) -> dict[str, str | bytes]:
    """The files that are the same bytes for the same input."""
    if result.plan.status in ("infeasible", "no_plan"):
        assert result.diagnosis is not None
        return {
            "plan.json": runfolder.to_json({"status": result.plan.status}),
            "diagnosis.json": runfolder.to_json(result.diagnosis.as_dict()),
            "diagnosis.md": result.diagnosis.markdown(),
            "report.html": no_plan_page(result.diagnosis.as_dict(), instance),
        }
    binds = None if result.binding is None else [binding_data(b) for b in result.binding]
    extras = {STOPPED: result.stop_reason, **proof_line(result.certificate)}
    subject = Subject(result.plan, instance, extras=extras, binding=binds)
    files: dict[str, str | bytes] = {"plan.json": runfolder.to_json(result.plan.as_dict())}
    files |= {BINDING: runfolder.to_json(binds)} if binds is not None else {}
    return files | report_files(subject, formats)


def manifest(
    result: Result, options: SolveOptions, resolved: str, changes: tuple[str, ...], began: float
) -> dict[str, Any]:
    """Versions, options, outcome, and what it took; the only file besides solve.log with wall-clock times."""
    plan, outcome = result.plan, result.outcome
    return {
        "kind": runfolder.MARK,
        "fleetopt": __version__,
        "versions": versions(),
        "code_sha256": code_sha256(),
        "options": asdict(options),
        "seed": options.seed,
        "overrides": list(changes),
        "instance_sha256": runfolder.instance_hash(resolved),
        "status": plan.status,
        "exit_code": result.exit_code,
        "stop_reason": result.stop_reason,
        "objective_usd": plan.objective_usd if outcome is not None and outcome.values is not None else None,
        "bound_usd": plan.bound_usd if outcome is not None and outcome.values is not None else None,
        "gap": plan.gap if outcome is not None and outcome.values is not None else None,
        "size": dict(result.size),
        **({} if result.certificate is None else {"certificate": dict(result.certificate)}),
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began)),
        "seconds": round(time.time() - began, 3),
        "phases": [dict(phase) for phase in result.phases],
    }


def no_plan_lines(result: Result, folder: Path) -> tuple[str, ...]:
    """Why there is no plan, the cheapest way out, and what would help."""
    why = result.diagnosis
    assert why is not None
    text = "infeasible" if result.plan.status == "infeasible" else "no plan"
    way_out = (why.remedy.text, why.remedy.law) if why.remedy is not None else ()
    return (f"{text}: {why.headline}", *filter(None, way_out), *why.advice, f"written to {folder}")


def _summary(result: Result, folder: Path) -> tuple[str, ...]:
    plan = result.plan
    if result.diagnosis is not None:
        return no_plan_lines(result, folder)
    lines = [*headline(plan, FIRST_ORDERS), f"search ended: {result.stop_reason}"]
    if plan.verification is not None:
        lines += plan.verification.failures[:SHOWN_FAILURES]
    return (*lines, f"written to {folder}")
