"""Courses of runs: each asks for runs, is sent their results, and returns what it found.

A scenario is a course of one run; a bisection asks for one run after another, a map for all at once. The runs of all
courses share the workers. What a run gives follows from its content alone (`kept.Content`), so results depend neither
on the number of workers nor on what an earlier, killed run of the suite had left; equal runs are solved once.
"""

import signal
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from fleetopt.errors import FleetoptError, UsageError
from fleetopt.pipeline.folder import check_target
from fleetopt.suite.kept import Content, content, copy_run, finished, sweep
from fleetopt.suite.locked import locked
from fleetopt.suite.runs import Run, ScenarioResult, SuiteOptions, in_short, result, stopped
from fleetopt.suite.standing import Going, Progress, Standing, silent
from fleetopt.suite.work import Task
from fleetopt.suite.workers import SHARE_OF_MEMORY, Ended, Line, Workers, default_workers, machine_gb

__all__ = ["Course", "Run", "ScenarioResult", "SuiteOptions", "one_run", "run_courses"]
T = TypeVar("T")
Course = Generator[tuple[Run, ...], Mapping[str, ScenarioResult], T]
"""Asks for runs, is sent their results by name, returns what it found."""
WAKE_S = 0.5
"""Seconds after which a silent worker is looked after."""


def one_run(run: Run) -> Course[ScenarioResult]:
    """The course of a scenario: one run."""
    results = yield (run,)
    return results[run.name]


def run_courses(
    courses: Mapping[str, Course[T]], out: Path, options: SuiteOptions | None = None, told: Progress = silent
) -> dict[str, T]:
    """Run the courses to their ends, run folders below `out`, and return what they found, by name.

    A run that fails has an exit code and a message, and no plan; the rest goes on. Ctrl-C stops the running solves at
    their best plans; whatever was not finished then, and all that a course asks for later, ends as `stopped`. Raises
    UsageError where two different runs have one name, or another suite is at work in `out`.
    """
    out.mkdir(parents=True, exist_ok=True)
    with locked(out) as lock, Workers(lock) as workers:
        sweep(out)
        return _Courses(courses, out, options or SuiteOptions(), told, workers).ran()


@dataclass
class _Job:
    """One run, or several equal ones, at work."""

    content: Content
    names: list[str]
    line: str = ""


@dataclass
class _Courses(Generic[T]):
    """The courses on their way."""

    courses: Mapping[str, Course[T]]
    out: Path
    options: SuiteOptions
    told: Progress
    workers: Workers
    found: dict[str, T] = field(default_factory=dict)
    asked: dict[str, tuple[Run, ...]] = field(default_factory=dict)
    """What each course waits for."""
    runs: dict[str, Run] = field(default_factory=dict)
    results: dict[str, ScenarioResult] = field(default_factory=dict)
    waiting: deque[str] = field(default_factory=deque)
    """Names of runs in the order in which they were asked for."""
    jobs: dict[str, _Job] = field(default_factory=dict)
    """By name of the run that is at work."""
    done: dict[str, Path] = field(default_factory=dict)
    """Folder of a finished run by the key of its content."""
    standing: Standing = field(default_factory=Standing)
    interrupts: int = 0
    stopping: int = 0
    """Interrupts that have been acted upon."""

    def ran(self) -> dict[str, T]:
        """What the courses found, in their order."""
        self.standing.workers = self.options.workers or default_workers()
        with _interrupts_counted(self):
            for name in self.courses:
                self._advance(name)
            while len(self.found) < len(self.courses):
                if self.interrupts > self.stopping:
                    self._stop()
                while self.waiting and len(self.workers.running) < self.standing.workers and self._begin_next():
                    pass
                if self.workers.running:
                    for event in self.workers.hear(WAKE_S):
                        self._take(event)
        return {name: self.found[name] for name in self.courses}

    def _advance(self, name: str) -> None:
        """Let a course go on as far as it can."""
        course = self.courses[name]
        while name not in self.found:
            known = [self.results.get(run.name) for run in self.asked.get(name, ())]
            if None in known:
                return
            try:
                runs = course.send({r.name: r for r in known if r is not None}) if name in self.asked else next(course)
            except StopIteration as end:
                self.found[name] = end.value
                return
            self.asked[name] = runs
            for run in runs:
                self._ask(run)

    def _ask(self, run: Run) -> None:
        known = self.runs.setdefault(run.name, run)
        if known is not run and (known.base, known.overrides, known.plan_of) != (run.base, run.overrides, run.plan_of):
            raise UsageError(f"two runs are named {run.name}; try other names")
        if known is run:
            self.standing.asked += 1
            if self.stopping:
                self.standing.failed += 1
                self.results[run.name] = stopped(run, self.out)
            else:
                self.waiting.append(run.name)

    def _begin_next(self) -> bool:
        """Begin the next run that can begin, or settle it where it need not; False where all wait for others."""
        for _ in range(len(self.waiting)):
            name = self.waiting.popleft()
            plan_of = self.runs[name].plan_of
            if not plan_of or plan_of in self.results or plan_of not in self.runs:
                self._begin(self.runs[name])
                return True
            self.waiting.append(name)
        return False

    def _begin(self, run: Run) -> None:
        folder, options = self.out / run.name, self.options.solve_options()
        try:
            held = self._held(run)
            its = content(run, options, held)
            code = finished(folder, its)
            if code is None and its.key in self.done:
                check_target(folder)
                copy_run(self.done[its.key], folder)
                code = finished(folder, its)
        except FleetoptError as error:
            self._settle(result(run, folder, error.exit_code, str(error)))
            return
        if code is not None:
            self.done[its.key] = folder
            self._settle(replace(result(run, folder, code), kept=True))
            return
        equal = next((job for job in self.jobs.values() if job.content.key == its.key), None)
        if equal is not None:
            equal.names.append(run.name)
            return
        optimum = self.done.get(replace(its, held_sha256="").key) if held is not None else None
        memory_gb = self.options.memory_gb or machine_gb() * SHARE_OF_MEMORY / self.standing.workers
        self.jobs[run.name] = _Job(its, [run.name])
        self.standing.running[run.name] = Going(time.monotonic())
        self.workers.begin(Task(run, folder, options, memory_gb, held, optimum))
        self.told(f"{self._label(run.name)}: begins", self.standing)

    def _held(self, run: Run) -> Path | None:
        """Folder of the plan that a run holds."""
        if not run.plan_of:
            return None
        its = self.results.get(run.plan_of)
        if its is None or its.plan.get("status") not in ("optimal", "feasible"):
            raise UsageError(f"{run.name}: there is no plan of {run.plan_of} to hold")
        return its.folder

    def _take(self, event: Line | Ended) -> None:
        going = self.standing.running[event.run]
        if isinstance(event, Line):
            going.line = event.text
            self.told(f"{self._label(event.run)}: {event.text}", self.standing)
            return
        job = self.jobs.pop(event.run)
        del self.standing.running[event.run]
        self.standing.solved_s.append(time.monotonic() - going.began)
        first = result(self.runs[event.run], self.out / event.run, event.exit_code, event.failure)
        if finished(first.folder, job.content) is not None:
            self.done[job.content.key] = first.folder
        self._settle(first)
        for name in reversed(job.names[1:]):
            if self.stopping:
                self._settle(stopped(self.runs[name], self.out))
            else:
                self.waiting.appendleft(name)

    def _settle(self, its: ScenarioResult) -> None:
        """Note a result, and let the courses that waited for it go on."""
        self.results[its.name] = its
        standing = self.standing
        standing.finished += its.answered
        standing.failed += not its.answered
        standing.kept += its.kept
        self.told(f"{self._label(its.name)}: {in_short(its)}", standing)
        for name in [name for name, runs in self.asked.items() if any(run.name == its.name for run in runs)]:
            self._advance(name)

    def _label(self, name: str) -> str:
        return f"{name} ({list(self.runs).index(name) + 1} of {self.standing.asked})"

    def _stop(self) -> None:
        """Stop: what runs ends with its best plan, or at once where we were asked twice; what waits never begins."""
        self.stopping = self.interrupts
        at_once = self.stopping > 1
        how = "at once" if at_once else "at their best plans; Ctrl-C again drops them"
        self.told(f"stopping {len(self.workers.running)} runs {how}", self.standing)
        for name in list(self.workers.running):
            self.workers.stop(name, at_once)
        while self.waiting:
            self._settle(stopped(self.runs[self.waiting.popleft()], self.out))


@contextmanager
def _interrupts_counted(courses: _Courses[T]) -> Iterator[None]:
    """Count Ctrl-C in place of raising, so that it finds nothing half done; the third is as usual."""

    def count(number: int, frame: Any) -> None:
        courses.interrupts += 1
        if courses.interrupts > 2:
            signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, count)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
