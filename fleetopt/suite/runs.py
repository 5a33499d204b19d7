"""One run of a suite: what is asked for, with which options, and how it ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fleetopt.errors import UsageError
from fleetopt.instance.overrides import Override
from fleetopt.pipeline.options import SolveOptions

ANSWERED = (0, 3, 5)
"""Exit codes of `solve` that are an answer: a plan within the gap, proven infeasible, a plan above it."""
PLANNED = ("optimal", "feasible")
"""Statuses of plan.json that come with a plan."""
UNVERIFIED = 6
STOPPED = 4
"""Exit code of a run that was stopped, or never began."""


@dataclass(frozen=True)
class Run:
    """One solve (or evaluation), ready."""

    name: str
    """Folder below `--out`: `a`, `tpot-01`, `flips/wafer-enters/03`."""
    title: str
    base: Path
    """Instance file."""
    overrides: tuple[Override, ...] = ()
    plan_of: str = ""
    """Name of the run whose plan is held while the rest is operated freely; solved from nothing where empty."""


@dataclass(frozen=True)
class SuiteOptions:
    """Options of `solve` that every run gets, None leaving its default; and how the machine is shared."""

    gap: float | None = None
    time_limit_s: float | None = None
    solver: str | None = None
    workers: int | None = None
    """Runs at once; None: one a core, as far as memory goes."""
    memory_gb: float | None = None
    """Memory that a run may take; None: its share of the machine's."""

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"--workers {self.workers}: at least one; try 2")
        if self.memory_gb is not None and not self.memory_gb > 0:
            raise UsageError(f"--memory-gb {self.memory_gb:g}: not a positive size; try 4")

    def over(self, gap: float | None, time_limit_s: float | None, solver: str | None) -> "SuiteOptions":
        """These options, and where they do not say, those."""
        given = {"gap": gap, "time_limit_s": time_limit_s, "solver": solver}
        return replace(self, **{name: value for name, value in given.items() if getattr(self, name) is None})  # type: ignore[arg-type]

    def solve_options(self) -> SolveOptions:
        """Those of one solve."""
        given = {"gap": self.gap, "time_limit_s": self.time_limit_s, "solver": self.solver}
        return SolveOptions(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]


@dataclass(frozen=True)
class ScenarioResult:
    """How one run ended."""

    name: str
    title: str
    exit_code: int
    folder: Path
    plan: Mapping[str, Any]
    """plan.json, `{}` where none was written."""
    message: str
    """Why there is no plan, or what a run that failed said last; empty where there is one."""
    kept: bool = False
    """Whether an earlier run of the suite had left it."""

    @property
    def answered(self) -> bool:
        """Whether the run ended with an answer, be it that there is no plan."""
        return self.exit_code in ANSWERED and bool(self.plan)

    @property
    def stopped(self) -> bool:
        """Whether the suite was stopped before this run had an end."""
        return self.exit_code == STOPPED and not self.plan


def result(run: Run, folder: Path, exit_code: int, failure: str = "") -> ScenarioResult:
    """The result of a run that ended with that exit code; `failure` says why it wrote no folder, where it did not."""
    plan: Mapping[str, Any] = {}
    if not failure and exit_code in (*ANSWERED, STOPPED):
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    message = failure
    if not failure and exit_code == UNVERIFIED:
        message = f"the plan that was found does not agree with its instance; `fleetopt verify {folder}` says where"
    elif plan.get("status") not in PLANNED and (folder / "diagnosis.json").is_file():
        message = failure or _diagnosis(json.loads((folder / "diagnosis.json").read_text(encoding="utf-8")))
    return ScenarioResult(run.name, run.title, exit_code, folder, plan, message)


def stopped(run: Run, out: Path) -> ScenarioResult:
    """The result of a run that never began."""
    return ScenarioResult(run.name, run.title, STOPPED, out / run.name, {}, "not run: the suite was stopped before")


def in_short(its: ScenarioResult) -> str:
    """How a run ended, on one line."""
    if its.plan.get("status") in PLANNED:
        cost = f"{its.plan['status']}, {its.plan['objective_usd'] / 1e6:,.2f} M$, gap {its.plan['gap']:.3%}"
        return f"{cost}{' (kept)' if its.kept else ''}"
    why = its.message.splitlines()[0] if its.message else "no plan"
    return why if its.stopped else f"{its.plan.get('status') or 'failed'}: {why}"


def _diagnosis(data: Mapping[str, Any]) -> str:
    """Headline, the cheapest way out, and advice, a line each."""
    remedy = data.get("remedy") or {}
    return "\n".join(filter(None, [data["headline"], remedy.get("text"), remedy.get("law"), *data.get("advice", ())]))
