"""Runs in processes of their own: each ends with a code or a diagnosis, and none outlives the suite."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from fleetopt.errors import UsageError
from fleetopt.pipeline.options import SolveOptions
from fleetopt.suite.locked import LOCK, locked
from fleetopt.suite.runs import Run
from fleetopt.suite.work import Task, task_of
from fleetopt.suite.workers import Ended, Line, Workers, default_workers, machine_gb

Act = Callable[[Workers], None]


@pytest.fixture
def orbit(root: Path) -> Path:
    """An instance that takes a second or more."""
    return root / "instances" / "reference" / "orbit.yaml"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Workers with a nursery that several tests share."""
    with Workers(forks=True) as found:
        yield found


def ended(workers: Workers, tasks: list[Task], act: Act = lambda _: None) -> dict[str, Ended]:
    """Run tasks to their ends; `act` is called once, with the first line of the first of them."""
    for task in tasks:
        workers.begin(task)
    found: dict[str, Ended] = {}
    acted = False
    while workers.running:
        for event in workers.hear(0.2):
            if isinstance(event, Ended):
                found[event.run] = event
            elif not acted:
                acted = True
                act(workers)
    return found


def task(base: Path, out: Path, name: str = "a", memory_gb: float = 8.0) -> Task:
    """A run of an instance as it stands."""
    return Task(Run(name, name, base), out / name, SolveOptions(), memory_gb)


@pytest.mark.parametrize("forks", [True, False])
def test_runs_write_their_folders(tutorial: Path, tmp_path: Path, workers: Workers, forks: bool) -> None:
    """Two runs end with 0 and a folder each, forked from one nursery as well as in interpreters of their own."""
    with nullcontext(workers) if forks else Workers(forks=False) as used:
        found = ended(used, [task(tutorial, tmp_path, name) for name in ("a", "b")])
    assert found == {name: Ended(name, 0, "") for name in ("a", "b")}
    for name in ("a", "b"):
        assert json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8"))["exit_code"] == 0


def test_a_run_gets_the_very_overrides() -> None:
    """What a task says of its run comes out of its text as it went in, lines of the suite file among it."""
    from fleetopt.instance.located import Place
    from fleetopt.instance.overrides import Override

    overrides = (Override("a.b", [1, "x", None], Place("suite.yaml", 7)), Override("c", {"d": 0.1}))
    said = Task(Run("n/1", "Title", Path("base.yaml"), overrides), Path("out/n/1"), SolveOptions(gap=0.02), 1.5)
    assert task_of(said.as_json()) == said


def test_more_memory_than_allowed_is_that_runs_failure(tutorial: Path, tmp_path: Path, workers: Workers) -> None:
    """With 60 MB a run fails and says so plainly; one beside it with 8 GB is none the worse."""
    found = ended(workers, [task(tutorial, tmp_path, "small", 0.06), task(tutorial, tmp_path, "large")])
    assert found["large"].exit_code == 0
    assert found["small"].exit_code == 1
    assert found["small"].failure.startswith("it needed more memory than the 0.06 GB it may have")
    assert not (tmp_path / "small").exists()


@pytest.mark.parametrize("number, said", [(signal.SIGSEGV, "SIGSEGV"), (signal.SIGKILL, "SIGKILL")])
def test_a_crash_is_that_runs_failure(
    orbit: Path, tmp_path: Path, workers: Workers, number: signal.Signals, said: str
) -> None:
    """A run that a signal ends is told of with the signal and the memory it used; no folder is left."""

    def crash(workers: Workers) -> None:
        assert workers.nursery is not None and workers.nursery.stdin is not None
        workers.nursery.stdin.write(json.dumps({"run": "a", "signal": number}).encode() + b"\n")
        workers.nursery.stdin.flush()

    found = ended(workers, [task(orbit, tmp_path)], crash)
    assert found["a"].exit_code == 1
    assert found["a"].failure.startswith(f"its process was ended by {said}, having used 0.")
    assert list(tmp_path.iterdir()) == []


def test_where_the_nursery_dies_its_runs_fail_and_a_new_one_goes_on(
    tutorial: Path, orbit: Path, tmp_path: Path
) -> None:
    """The run at work is a failure; the next one has a new nursery."""

    def kill(workers: Workers) -> None:
        assert workers.nursery is not None
        workers.nursery.kill()

    with Workers() as workers:
        assert "without a word" in ended(workers, [task(orbit, tmp_path)], kill)["a"].failure
        assert ended(workers, [task(tutorial, tmp_path, "b")])["b"].exit_code == 0


def test_asked_to_stop_a_run_ends_with_what_it_has(orbit: Path, tmp_path: Path, workers: Workers) -> None:
    """Stopped before it has a plan a run ends with 4 and writes nothing."""
    found = ended(workers, [task(orbit, tmp_path)], lambda w: w.stop("a"))
    assert found["a"].exit_code == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("forks", [True, False])
def test_a_run_that_was_dropped_is_not_said_to_have_failed(orbit: Path, tmp_path: Path, forks: bool) -> None:
    """Ended at once at our wish it was stopped (4): no word of memory, and nothing to be found of it."""
    with Workers(forks=forks) as workers:
        found = ended(workers, [task(orbit, tmp_path)], lambda its: its.stop("a", at_once=True))
    assert found == {"a": Ended("a", 4, "stopped before its end")}
    assert not (tmp_path / "a" / "manifest.json").exists()


def test_none_outlives_the_workers(orbit: Path, tmp_path: Path) -> None:
    """Left in the middle of a run the context ends it: the lock that its processes hold as well is free at once."""
    with locked(tmp_path) as lock, Workers(lock) as workers:
        workers.begin(task(orbit, tmp_path))
        while not any(isinstance(event, Line) for event in workers.hear(0.2)):
            pass
        nursery = workers.nursery
    assert nursery is not None and nursery.poll() is not None
    began = time.monotonic()
    with locked(tmp_path):
        assert time.monotonic() - began < 5
    assert [path.name for path in tmp_path.iterdir()] == [LOCK]


def test_one_suite_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the lock is held a second one is refused."""
    monkeypatch.setattr("fleetopt.suite.locked.PATIENCE_S", 0.1)
    with locked(tmp_path), pytest.raises(UsageError, match="another suite is at work"), locked(tmp_path):
        pass


def test_workers_need_cores_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker a core; one alone where the machine has less memory than two should have."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    monkeypatch.setattr("fleetopt.suite.workers.machine_gb", lambda: 1000.0)
    assert default_workers() == cores
    monkeypatch.setattr("fleetopt.suite.workers.machine_gb", lambda: 4.0)
    assert default_workers() == 1
    assert machine_gb() > 0.5
