"""`alternatives`: plans that differ most at nearly the same cost, each verified and written as a run of its own."""

import json
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fleetopt.errors import UsageError, VerificationError
from fleetopt.instance.dump import dump_resolved
from fleetopt.model.context import USD_PER_MUSD
from fleetopt.pipeline import folder as runfolder
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.reopened import Reopened, reopen
from fleetopt.pipeline.run import run_files, solve_file
from fleetopt.pipeline.story import Result, Say
from fleetopt.plan import Plan
from fleetopt.report.text import count, share, table, usd
from fleetopt.solve.alternatives import KINDS, Alternative, alternatives, shares, spend
from fleetopt.solve.solver import Limits, Outcome, Status
from fleetopt.verify import verify_plan

BEST = "plan"
"""Name of the plan that the others are alternatives to."""
SHOWN = 0.005
"""Shares of the money spent below this are not listed."""


@dataclass(frozen=True)
class AlternativesOptions:
    """How far and how long to look."""

    within: float = 0.02
    """Share of its cost that an alternative may cost more than the plan."""
    most: int = 4
    gap: float | None = None
    """Gap of each search; None asks for that of the plan (or 0.001 where it is to be solved first)."""
    time_limit_s: float = 600.0
    """Seconds for all searches together, that for the plan apart."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.within <= 1:
            raise UsageError(f"--within {self.within:g}: not a share from 0 to 1; try 2% or 0.02")


@dataclass(frozen=True)
class Alternatives:
    """The plan, its alternatives, and the folder they stand in."""

    plan: Plan
    found: tuple[tuple[str, Alternative], ...]
    """With the name of each one's run folder below `folder`."""
    folder: Path
    within: float

    @property
    def lines(self) -> list[str]:
        """The comparison for people."""
        said = f"{len(self.found)} plans within {share(self.within)} of {usd(self.plan.objective_usd)}"
        lines = [said if self.found else f"{said}: nothing that differs by 1 % of the money spent costs so little"]
        for name, a in self.found:
            more = a.plan.objective_usd - self.plan.objective_usd
            cost = f"{_signed(more)} ({_percent(self.plan, a.plan)})"
            lines.append(f"  {name}: {cost}, {a.direction.name}: {_changed(self.plan, a)}")
        return [*lines, f"written to {self.folder}"]

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        plans = [(BEST, None, self.plan), *((name, a, a.plan) for name, a in self.found)]
        return {
            "within": self.within,
            "plans": [
                {
                    "name": name,
                    "objective_usd": plan.objective_usd,
                    "cost_more": (plan.objective_usd - self.plan.objective_usd)
                    / max(abs(self.plan.objective_usd), 1.0),
                    "direction": None if a is None else a.direction.name,
                    "distance": None if a is None else dict(a.distance),
                    **{f"{by}_usd": dict(sorted(spend(plan, by).items())) for by in KINDS},
                    "units": dict(sorted(_units(plan).items())),
                }
                for name, a, plan in plans
            ],
        }

    def markdown(self) -> str:
        """alternatives.md: a column a plan."""
        plans = {BEST: self.plan} | {name: a.plan for name, a in self.found}
        rows = [["cost", *(usd(p.objective_usd) for p in plans.values())]]
        rows.append(["more than the plan", "–", *(_percent(self.plan, a.plan) for _, a in self.found)])
        for by in KINDS:
            keys = sorted({key for p in plans.values() for key, money in shares(p, by).items() if money >= SHOWN})
            rows += [[f"{by}: {key}", *(share(shares(p, by).get(key, 0.0)) for p in plans.values())] for key in keys]
        for system in sorted({system for p in plans.values() for system in _units(p)}):
            rows.append([f"units: {system}", *(count(_units(p).get(system, 0.0)) for p in plans.values())])
        said = "Shares are of the money spent on systems, bought and rented, undiscounted. Every plan is verified."
        return "\n".join(["# Plans at nearly the same cost", "", said, "", *table(["", *plans], rows)])


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else ''}{usd(value)}"


def _percent(plan: Plan, other: Plan) -> str:
    more = (other.objective_usd - plan.objective_usd) / max(abs(plan.objective_usd), 1.0)
    return f"{100 * more:+.2f} %"


def _units(plan: Plan) -> dict[str, float]:
    units: dict[str, float] = {}
    for p in plan.purchases:
        units[p.system] = units.get(p.system, 0.0) + p.units
    return units


def _changed(plan: Plan, a: Alternative) -> str:
    """Units gained and lost by system, the largest change in money first; where they go, if only sites differ."""
    before, after = _units(plan), _units(a.plan)
    money_before, money_after = spend(plan, "systems"), spend(a.plan, "systems")
    moved = {c: after.get(c, 0.0) - before.get(c, 0.0) for c in sorted(before.keys() | after.keys())}
    order = sorted(moved, key=lambda c: -abs(money_after[c] - money_before[c]))
    said = [f"{moved[c]:+,.6g} {c}" for c in order if abs(moved[c]) > 1e-9][:4]
    if a.direction.by == "sites" or not said:
        mine, theirs = shares(a.plan, "sites"), shares(plan, "sites")
        sites = sorted(mine.keys() | theirs.keys(), key=lambda s: -abs(mine.get(s, 0.0) - theirs.get(s, 0.0)))
        said += [f"{s} {share(theirs.get(s, 0.0))} → {share(mine.get(s, 0.0))} of the money" for s in sites[:2]]
    return ", ".join(said)


def find_alternatives(
    source: str | Path,
    out: str | Path | None = None,
    options: AlternativesOptions | None = None,
    say: Say | None = None,
) -> Alternatives:
    """Alternatives to the plan in a run folder, or to that of an instance file, which is solved first.

    Written as a folder with `alternatives.md`, `alternatives.json`, and a run folder for each plan. Raises UsageError
    where there is no plan, VerificationError where one does not hold.
    """
    options, say, began = options or AlternativesOptions(), say or (lambda _: None), time.time()
    source = Path(source)
    target = Path(out) if out is not None else None
    if target is not None:
        runfolder.check_target(target)
    if not source.is_dir():
        gap = 1e-3 if options.gap is None else options.gap
        solved = solve_file(source, None, (), SolveOptions(gap, options.time_limit_s, seed=options.seed), say)
        source = solved.folder
    run = reopen(source)
    if target is None:
        resolved = dump_resolved(run.instance)
        base = runfolder.default_folder(run.instance.name, resolved)
        target = base.with_name(f"{base.name}-alternatives")
        runfolder.check_target(target)
    gap = run.plan.gap_target if options.gap is None else options.gap
    limits = Limits(gap, options.time_limit_s, seed=options.seed)
    found = alternatives(run.model, run.matrix, run.plan, options.within, options.most, limits, say)
    named = tuple((_folder_name(n, a), a) for n, a in enumerate(found, start=1))
    result = Alternatives(run.plan, tuple((name, _verified(run, name, a)) for name, a in named), target, options.within)
    runfolder.write(target, _files(run, result, options, began))
    return result


def _folder_name(number: int, a: Alternative) -> str:
    """`1-less-acme`, whatever a vendor is called."""
    return f"{number}-{re.sub('[^A-Za-z0-9_.]+', '-', a.direction.name).strip('-.').lower()}"


def _verified(run: Reopened, name: str, a: Alternative) -> Alternative:
    """The alternative with its verification. Raises VerificationError where it does not hold."""
    data = json.loads(runfolder.to_json(a.plan.as_dict()))
    verification = verify_plan(run.instance, data, found=run.found)
    if not verification.passed:
        raise VerificationError("\n".join([*verification.failures[:10], f"{name} does not hold; nothing was written"]))
    return replace(a, plan=replace(a.plan, verification=verification))


def _files(run: Reopened, result: Alternatives, options: AlternativesOptions, began: float) -> dict[str, str | bytes]:
    """Everything by relative path: the comparison, and each plan as a run folder."""
    manifest = {
        "kind": runfolder.MARK,
        "alternatives": [name for name, _ in result.found],
        "within": options.within,
        "seconds": round(time.time() - began, 3),
    }
    files: dict[str, str | bytes] = {
        runfolder.MANIFEST: runfolder.to_json(manifest),
        "alternatives.json": runfolder.to_json(result.as_dict()),
        "alternatives.md": result.markdown(),
    }
    solved = SolveOptions(run.plan.gap_target, options.time_limit_s, seed=options.seed)
    for name, plan in [(BEST, result.plan), *((name, a.plan) for name, a in result.found)]:
        written = run_files(Result(plan, _ended(name, plan)), run.instance, solved, (), began)
        files |= {f"{name}/{path}": content for path, content in written.items()}
    return files


def _ended(name: str, plan: Plan) -> Outcome:
    """How the search for one plan ended, as its run folder tells it."""
    status: Status = "optimal" if plan.status == "optimal" else "feasible"
    reason = "as solved before" if name == BEST else "an alternative; the bound is that of the plan"
    bound, objective = plan.bound_usd / USD_PER_MUSD, plan.objective_usd / USD_PER_MUSD
    return Outcome(status, objective, bound, np.empty(0), reason, 0.0)
