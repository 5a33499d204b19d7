"""What the process of one run does: limit its memory, solve or evaluate, and end with the exit code."""

import faulthandler
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fleetopt.errors import FleetoptError
from fleetopt.instance.located import Place
from fleetopt.instance.overrides import Override
from fleetopt.pipeline.options import SolveOptions
from fleetopt.pipeline.own_run import evaluate_file
from fleetopt.pipeline.run import solve_file
from fleetopt.suite.runs import Run

FORMATS = ("md", "csv", "html")
"""Reports of a run of a suite; the workbook for procurement is for what is ordered, and takes as long as the others."""
OUT_OF_MEMORY = 70
"""Exit status of a run that asked for more memory than it may have."""
UNFORESEEN = 1
STOPPED_BY_HAND = 4
MOST_TEXT = 1500
"""Characters of what is told at once."""


@dataclass(frozen=True)
class Task:
    """One run as its process gets it."""

    run: Run
    folder: Path
    options: SolveOptions
    memory_gb: float
    plan: Path | None = None
    """Run folder whose purchases are held."""
    optimum: Path | None = None
    """Run folder of the same instance solved freely, where there is one."""

    def as_json(self) -> str:
        """On one line."""
        run = self.run
        said = {
            "name": run.name,
            "title": run.title,
            "base": str(run.base),
            "overrides": [[o.path, o.value, o.place.file, o.place.line] for o in run.overrides],
            "folder": str(self.folder),
            "options": asdict(self.options),
            "memory_gb": self.memory_gb,
            "plan": str(self.plan) if self.plan else "",
            "optimum": str(self.optimum) if self.optimum else "",
        }
        return json.dumps(said)


def task_of(text: str) -> Task:
    """The task that `as_json` wrote."""
    said = json.loads(text)
    overrides = tuple(Override(path, value, Place(file, line)) for path, value, file, line in said["overrides"])
    run = Run(said["name"], said["title"], Path(said["base"]), overrides)
    plan, optimum = (Path(said[name]) if said[name] else None for name in ("plan", "optimum"))
    return Task(run, Path(said["folder"]), SolveOptions(**said["options"]), said["memory_gb"], plan, optimum)


def work(task: Task, tell: Callable[[Mapping[str, Any]], None], life: int) -> int:
    """Run a task and return its exit code; `life` is a handle that ends when the suite does, and then so does this."""
    threading.Thread(target=_until_the_end_of, args=(life,), daemon=True).start()
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    roomy = _limit_memory(task.memory_gb)

    def say(line: str) -> None:
        tell({"run": task.run.name, "line": line[:MOST_TEXT]})

    def failed(text: str, code: int) -> int:
        tell({"run": task.run.name, "failed": text[:MOST_TEXT]})
        return code

    if not roomy:
        return failed("no memory was left before it began", OUT_OF_MEMORY)
    run, how = task.run, (task.run.overrides, task.options, say)
    try:
        if task.plan is None:
            return solve_file(run.base, task.folder, *how, formats=FORMATS).exit_code
        held = [task.plan]
        return evaluate_file(run.base, held, task.folder, *how, optimum=task.optimum, formats=FORMATS).exit_code
    except FleetoptError as error:
        return failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return failed("stopped before its end", STOPPED_BY_HAND)
    except MemoryError:
        return failed("no memory was left", OUT_OF_MEMORY)
    except Exception as error:
        traceback.print_exc()
        return failed(f"unforeseen {type(error).__name__}: {' '.join(str(error).split())}", UNFORESEEN)


def _until_the_end_of(life: int) -> None:
    """Wait for the end of the suite, and kill this run and what it has started."""
    while os.read(life, 4096):
        pass
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(UNFORESEEN)


def _limit_memory(memory_gb: float) -> bool:
    """Private memory on Linux, address space elsewhere, where the platform can; False where that much is taken already.

    A process beyond its limit fails at its next request, wherever that comes from: a library may say so in any words,
    or crash. So it is not begun.
    """
    try:
        import resource
    except ImportError:
        return True
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    most = int(memory_gb * 1e9)
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (most, most))
    return _taken_gb() < memory_gb


def _taken_gb() -> float:
    """Private memory that the process has from the start; 0 where the platform does not say."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return float(next(line for line in status.splitlines() if line.startswith("VmData:")).split()[1]) * 1024 / 1e9
    except (OSError, StopIteration, IndexError, ValueError):
        return 0.0
