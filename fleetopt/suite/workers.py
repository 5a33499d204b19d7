"""Processes for runs, from the suite's side: begin a run, hear of it, stop it; none outlives the suite."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fleetopt
from fleetopt.suite.work import OUT_OF_MEMORY, Task

SHARE_OF_MEMORY = 0.8
"""Of the machine's memory that all runs together may take."""
NEEDED_GB = 2.0
"""Memory that a worker should have: with less, there are fewer workers."""
_WANT_OF_MEMORY = (
    "bad_alloc",
    "MemoryError",
    "can't start new thread",
    "annot allocate memory",
    "failed to map segment",
)
_START = "import sys; sys.path[:0] = sys.argv[2:]; from fleetopt.suite.nursery import main; main()"


@dataclass(frozen=True)
class Line:
    """Progress of a run."""

    run: str
    text: str


@dataclass(frozen=True)
class Ended:
    """The process of a run is gone."""

    run: str
    exit_code: int
    """That of `solve`, or 1."""
    failure: str
    """What went wrong, in words; empty where a folder was written."""


DROPPED = "stopped before its end"
"""Said of a run that was ended by hand."""


@dataclass
class _Running:
    memory_gb: float
    process: "subprocess.Popen[bytes]"
    failure: str = ""
    dropped: bool = False
    """Whether it was us who ended it."""


@dataclass
class Workers:
    """Runs in processes of their own; a context manager, at whose end all are gone."""

    lock: int = -1
    """Handle that the runs hold open as well, so that its lock is free only when the last of them is gone."""
    running: dict[str, _Running] = field(default_factory=dict)
    nursery: "subprocess.Popen[bytes] | None" = None
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    """All that were started and not yet seen to the end."""
    heard: "queue.Queue[bytes]" = field(default_factory=queue.Queue)
    life: tuple[int, int] = field(default_factory=os.pipe)
    forks: bool = hasattr(os, "fork")
    """Whether runs are forked from one nursery; each has an interpreter of its own otherwise."""

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        for run in list(self.running):
            self.stop(run, at_once=True)
        for handle in self.life:
            os.close(handle)
        for process in self.processes:
            assert process.stdin is not None
            with suppress(OSError):
                process.stdin.close()
            process.wait()

    def begin(self, task: Task) -> None:
        """Start a run; its memory is limited where the platform can."""
        if self.forks:
            if self.nursery is None or self.nursery.poll() is not None:
                self.nursery = self._process()
            process = self.nursery
        else:
            process = self._process()
        self.running[task.run.name] = _Running(task.memory_gb, process)
        self._send(process, task.as_json())

    def stop(self, run: str, at_once: bool = False) -> None:
        """Ask a run to end with the best plan it has; `at_once`: with none."""
        its = self.running[run]
        its.dropped = at_once or not self.forks
        process = its.process
        if self.forks:
            self._send(process, json.dumps({"run": run, "signal": signal.SIGKILL if at_once else signal.SIGINT}))
        else:
            process.kill()

    def hear(self, timeout_s: float) -> Iterator[Line | Ended]:
        """What has happened since, or within the time."""
        try:
            message = json.loads(self.heard.get(timeout=timeout_s))
        except queue.Empty:
            yield from self._orphans()
            return
        run = message["run"]
        if "line" in message:
            yield Line(run, message["line"])
        elif "failed" in message:
            self.running[run].failure = message["failed"]
        elif run in self.running:
            ended = self.running.pop(run)
            yield _ended(run, ended, message)

    def _orphans(self) -> Iterator[Ended]:
        """Runs whose process, or the nursery of whose process, has gone without a word."""
        gone = {run: its for run, its in self.running.items() if its.process.poll() is not None}
        if not gone or not self.heard.empty():
            return
        if self.forks:
            for handle in self.life:
                os.close(handle)
            self.life = os.pipe()
        for run, its in gone.items():
            del self.running[run]
            if its.dropped:
                yield Ended(run, 4, DROPPED)
            else:
                yield Ended(run, 1, its.failure or f"its process ended ({its.process.returncode}) without a word")

    def _process(self) -> "subprocess.Popen[bytes]":
        """A process that takes tasks; out of reach of Ctrl-C, which is ours to pass on."""
        how = str(self.life[0]) if self.forks else "alone"
        command = [sys.executable, "-c", _START, how, str(Path(fleetopt.__file__).parents[1])]
        pipe, passed = subprocess.PIPE, [self.life[0], *([self.lock] if self.lock >= 0 else [])]
        posix: dict[str, Any] = {"pass_fds": passed, "start_new_session": True} if os.name == "posix" else {}
        environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"} | os.environ
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, **posix)
        self.processes.append(process)
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()
        return process

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        with process.stdout as stream:
            for line in stream:
                self.heard.put(line)

    def _send(self, process: "subprocess.Popen[bytes]", text: str) -> None:
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.write(text.encode("ascii") + b"\n")
            process.stdin.flush()


def _ended(run: str, its: _Running, message: Mapping[str, Any]) -> Ended:
    """Exit code and diagnosis of a process that is gone."""
    code, peak_gb, said = message["ended"], message["peak_gb"], f"{its.failure}\n{message['said']}"
    if code == -signal.SIGINT or (code != 0 and its.dropped):
        return Ended(run, 4, DROPPED)
    if code == OUT_OF_MEMORY or (code != 0 and any(word in said for word in _WANT_OF_MEMORY)):
        more = "try --memory-gb with more, and --workers with fewer"
        return Ended(run, 1, f"it needed more memory than the {its.memory_gb:.3g} GB it may have; {more}")
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        more = ", perhaps for want of memory; try fewer --workers" if name == "SIGKILL" else _where(said)
        return Ended(run, 1, f"its process was ended by {name}, having used {peak_gb:.2f} GB{more}")
    if code == 1:
        return Ended(run, code, its.failure or "its process ended without a word")
    return Ended(run, code, its.failure)


def _where(said: str) -> str:
    """Where Python was when the process was ended, from what faulthandler wrote."""
    place = next((line.strip() for line in said.splitlines() if line.startswith('  File "')), "")
    return f", in {place}" if place else ""


def default_workers() -> int:
    """One a core, and fewer where they would have less memory than a worker should have."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(machine_gb() * SHARE_OF_MEMORY / NEEDED_GB)))


def machine_gb() -> float:
    """Memory of the machine, or of the container we are in."""
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (AttributeError, ValueError, OSError):
        return 8.0
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with suppress(OSError, ValueError):
            found = min(found, int(Path(name).read_text(encoding="ascii")) / 1e9)
    return found
