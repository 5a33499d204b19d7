"""Running a suite: each scenario in a fresh process, one after the other, then the comparison."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from fleetopt.errors import UsageError
from fleetopt.suite.compare import Row, rows
from fleetopt.suite.expect import PLANNED, Judgement, judge
from fleetopt.suite.load import LoadedSuite, Run, load_suite, stress_suite
from fleetopt.suite.stresses import STANDARD
from fleetopt.suite.write import write_comparison

MARK = "suite.json"
_ANSWERED = (0, 3, 5)
"""Exit codes of `solve` that are an answer: a plan within the gap, proven infeasible, a plan above it."""


@dataclass(frozen=True)
class SuiteOptions:
    """Options of `solve` that every scenario gets; None leaves its default."""

    gap: float | None = None
    time_limit_s: float | None = None
    solver: str | None = None

    def arguments(self) -> list[str]:
        """As `solve` takes them."""
        given = {"--gap": self.gap, "--time-limit": self.time_limit_s, "--solver": self.solver}
        return [word for name, value in given.items() if value is not None for word in (name, str(value))]


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario ended."""

    name: str
    title: str
    exit_code: int
    folder: Path
    plan: Mapping[str, Any]
    """plan.json, `{}` where none was written."""
    message: str
    """What a run that failed said last."""

    @property
    def answered(self) -> bool:
        """Whether the run ended with an answer, be it that there is no plan."""
        return self.exit_code in _ANSWERED and bool(self.plan)


@dataclass(frozen=True)
class SuiteResult:
    """Every scenario, the rows in which they differ, and what became of the expectations."""

    title: str
    scenarios: tuple[ScenarioResult, ...]
    rows: tuple[Row, ...]
    judgements: tuple[Judgement, ...]

    @property
    def exit_code(self) -> int:
        """0 where every scenario has an answer and every expectation holds; else of the first failed run, else 1."""
        failed = [s.exit_code or 1 for s in self.scenarios if not s.answered]
        return failed[0] if failed else int(not all(j.holds for j in self.judgements))


def run_suite(
    path: Path, out: Path, options: SuiteOptions | None = None, progress: Callable[[str], None] = lambda _: None
) -> SuiteResult:
    """Run the suite file `path`; run folders and comparison.md/.csv go to `out`.

    A scenario that fails or has no plan does not stop the rest. Raises InputError before anything runs where the suite,
    or the instance of any scenario, is not valid; UsageError where `out` holds something else.
    """
    return run_loaded(load_suite(path), out, options, progress, title=path.stem)


def run_stresses(
    instance: Path,
    out: Path,
    names: tuple[str, ...] = (STANDARD,),
    options: SuiteOptions | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> SuiteResult:
    """Run an instance file as it stands and under standard stresses, as `run_suite` does."""
    return run_loaded(stress_suite(instance, names), out, options, progress, title=instance.stem)


def run_loaded(
    suite: LoadedSuite, out: Path, options: SuiteOptions | None, progress: Callable[[str], None], title: str
) -> SuiteResult:
    """Run every scenario of a checked suite and compare them."""
    _prepare(out, suite)
    results = []
    for number, run in enumerate(suite.runs, start=1):
        label = f"{run.name} ({number} of {len(suite.runs)})"
        progress(label)
        report = partial(_report, progress, label)
        results.append(_solve(suite, run, out, options or SuiteOptions(), report))
    plans = {result.name: result.plan for result in results}
    judgements = tuple(judge(expectation, plans) for expectation in suite.file.expect)
    found = SuiteResult(suite.file.title or title, tuple(results), tuple(rows(list(plans.values()))), judgements)
    write_comparison(out, found.title, plans, found.rows, judgements)
    return found


def _report(progress: Callable[[str], None], label: str, line: str) -> None:
    progress(f"{label}: {line}")


def _prepare(out: Path, suite: LoadedSuite) -> None:
    """Make the folder, or take one an earlier run of a suite left."""
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: exists and is no folder of an earlier suite; try another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        scenarios = {run.name: [override.path for override in run.overrides] for run in suite.runs}
        text = json.dumps({"base": suite.file.base, "scenarios": scenarios}, indent=2, ensure_ascii=False)
        (out / MARK).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror}; try another --out") from None


def _solve(
    suite: LoadedSuite, run: Run, out: Path, options: SuiteOptions, progress: Callable[[str], None]
) -> ScenarioResult:
    folder = out / run.name
    command = [sys.executable, "-m", "fleetopt", "solve", str(suite.base), "--out", str(folder), *options.arguments()]
    for override in run.overrides:
        command += ["--set", f"{override.path}={json.dumps(override.value, ensure_ascii=False)}"]
    lines, exit_code = _run(command, progress)
    plan: Mapping[str, Any] = {}
    if exit_code in _ANSWERED:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    message = "" if plan.get("status") in PLANNED else "\n".join(lines[-5:])
    return ScenarioResult(run.name, run.title, exit_code, folder, plan, message)


def _run(command: Sequence[str], progress: Callable[[str], None]) -> tuple[list[str], int]:
    """Lines of stderr, passed on as they come, and the exit code; an interrupted run ends its own work first."""
    lines = []
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                lines.append(line.rstrip("\n"))
                progress(lines[-1])
        except KeyboardInterrupt:
            process.wait()
            raise
    return lines, process.returncode
