"""Running a suite: its scenarios as courses, then the comparison."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleetopt.errors import UsageError
from fleetopt.files import whole_file
from fleetopt.pipeline.folder import write_into
from fleetopt.suite.answers import Answers, answered, question_courses, write_answers
from fleetopt.suite.compare import Row, rows
from fleetopt.suite.courses import Course, one_run, run_courses
from fleetopt.suite.expect import Judgement, judge
from fleetopt.suite.load import LoadedSuite, load_suite, stress_suite
from fleetopt.suite.runs import STOPPED, ScenarioResult, SuiteOptions
from fleetopt.suite.spread import spread_tables
from fleetopt.suite.standing import Progress, silent
from fleetopt.suite.stresses import STANDARD
from fleetopt.suite.tables import TextTable, overview, sweep_table
from fleetopt.suite.write import sweep_csv, write_comparison

MARK = "suite.json"


@dataclass(frozen=True)
class SuiteResult:
    """Every scenario, the rows in which they differ, and what became of the expectations."""

    title: str
    scenarios: tuple[ScenarioResult, ...]
    rows: tuple[Row, ...]
    judgements: tuple[Judgement, ...]
    tables: tuple[TextTable, ...] = ()
    """A line a scenario, the values of sweeps, and what samples say."""
    answers: Answers = field(default_factory=Answers)
    """Flips, maps, regret, and what became of the theses."""

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its end."""
        return any(s.stopped for s in self.scenarios) or self.answers.stopped

    @property
    def exit_code(self) -> int:
        """0 where every scenario has an answer and every expectation holds; else of the first failed run, else 1."""
        if self.stopped:
            return STOPPED
        failed = [s.exit_code or 1 for s in self.scenarios if not s.answered]
        return failed[0] if failed else int(not all(j.holds for j in self.judgements) or self.answers.unknown)


def run_suite(path: Path, out: Path, options: SuiteOptions | None = None, progress: Progress = silent) -> SuiteResult:
    """Run the suite file `path`; run folders and comparison.md/.csv/.html go to `out`.

    A scenario that fails or has no plan does not stop the rest; what an earlier, killed run of the suite finished is
    not run again. Raises InputError before anything runs where the suite, or the instance of any scenario, is not
    valid; UsageError where `out` holds something else.
    """
    return run_loaded(load_suite(path), out, options, progress, title=path.stem)


def run_stresses(
    instance: Path,
    out: Path,
    names: tuple[str, ...] = (STANDARD,),
    options: SuiteOptions | None = None,
    progress: Progress = silent,
) -> SuiteResult:
    """Run an instance file as it stands and under standard stresses, as `run_suite` does."""
    return run_loaded(stress_suite(instance, names), out, options, progress, title=instance.stem)


def run_loaded(
    suite: LoadedSuite, out: Path, options: SuiteOptions | None, progress: Progress, title: str
) -> SuiteResult:
    """Run every scenario of a checked suite and compare them."""
    _prepare(out, suite)
    courses: dict[str, Course[Any]] = {run.name: one_run(run) for run in suite.runs}
    said = suite.file.options
    options = (options or SuiteOptions()).over(said.gap, said.time_limit_s, said.solver)
    found = run_courses(courses | question_courses(suite.questions), out, options, progress)
    results: dict[str, ScenarioResult] = {run.name: found[run.name] for run in suite.runs}
    plans = {name: result.plan for name, result in results.items()}
    answers = answered(suite, plans, found)
    compared = _compared(out, suite, results, answers, title)
    write_answers(out, suite, answers)
    return compared


def _compared(
    out: Path, suite: LoadedSuite, results: Mapping[str, ScenarioResult], answers: Answers, title: str
) -> SuiteResult:
    """The scenarios side by side, written too where there are any."""
    scenarios, plans = tuple(results.values()), {name: result.plan for name, result in results.items()}
    judgements = tuple(judge(expectation, plans, answers.flips) for expectation in suite.file.expect)
    title = suite.file.title or title
    if not scenarios:
        return SuiteResult(title, (), (), judgements, (), answers)
    compared = tuple(rows(list(plans.values()), [s.message for s in scenarios]))
    tables = _tables(suite, results)
    found = SuiteResult(title, scenarios, compared, judgements, tables, answers)
    messages = {s.name: s.message for s in scenarios}
    write_comparison(out, title, plans, found.rows, judgements, tables, messages, answers.lines)
    write_into(out, {f"sweep-{sweep.name}.csv": sweep_csv(sweep, plans) for sweep in suite.sweeps})
    return found


def _tables(suite: LoadedSuite, results: Mapping[str, ScenarioResult]) -> tuple[TextTable, ...]:
    """A line a scenario; the values of each sweep; what a sample says."""
    tables = [overview(list(results.values()))]
    for sweep in suite.sweeps:
        tables.append(sweep_table(sweep, results))
        tables += spread_tables(sweep, results) if sweep.sampled else []
    return tuple(tables)


def _prepare(out: Path, suite: LoadedSuite) -> None:
    """Make the folder, or take one an earlier run of a suite left."""
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: exists and is no folder of an earlier suite; try another --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror}; try another --out") from None
    scenarios = {run.name: [override.path for override in run.overrides] for run in suite.runs}
    text = json.dumps({"base": suite.file.base, "scenarios": scenarios}, indent=2, ensure_ascii=False)
    with whole_file(out / MARK) as stream:
        stream.write(text + "\n")
