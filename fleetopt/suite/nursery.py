"""The process that runs are forked from: it has imported everything and solved nothing, so each run starts fresh.

It takes tasks from its standard input, a line of JSON each, and says on its standard output what becomes of them:
`{"run": name, "line": text}` on the way, `{"run": name, "failed": text}` where something went wrong, and
`{"run": name, "ended": status, ...}` when the process is gone, however it went. Where its own input ends, the suite is
no more: it kills its runs and ends. Where a platform cannot fork, a process of its own takes each task.
"""

import gc
import json
import os
import select
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

MOST_BYTES = 4000
"""Of one message: a pipe keeps up to 4,096 bytes in one piece, whoever else is writing."""
SAID = 1500
"""Characters of what a run last said on standard error."""


def main() -> None:
    """Serve tasks until standard input ends; `python -c "..." LIFE`, LIFE being the handle that ends with the suite."""
    out = _take_stdout()
    if hasattr(os, "fork"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _preload()
        Nursery(out, int(sys.argv[1])).serve()
    else:
        _alone(out)


def _alone(out: int) -> None:
    """Run the one task that standard input says; the end of input is the end of the suite."""
    from fleetopt.suite.work import task_of, work

    task = task_of(sys.stdin.readline())
    code = work(task, lambda message: _tell(out, message), sys.stdin.fileno())
    _tell(out, {"run": task.run.name, "ended": code, "said": "", "peak_gb": 0.0})
    os._exit(code)


def _preload() -> None:
    """Import what a run needs, and read what no run changes."""
    from fleetopt.pipeline import own_run, run
    from fleetopt.report import page, workbook
    from fleetopt.suite import work

    assert own_run and run and page and workbook and work
    gc.collect()
    gc.freeze()


def _take_stdout() -> int:
    """A handle of standard output for messages; what libraries print goes nowhere."""
    out, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return out


def _tell(out: int, message: Mapping[str, Any]) -> None:
    data = json.dumps(message).encode("ascii")
    if len(data) >= MOST_BYTES:
        data = json.dumps({key: v[:600] if isinstance(v, str) else v for key, v in message.items()}).encode("ascii")
    os.write(out, data + b"\n")


@dataclass
class Nursery:
    """The loop: a single thread, so that forking is safe."""

    out: int
    life: int
    runs: dict[int, tuple[str, IO[bytes]]] = field(default_factory=dict)
    """By process id: the run's name, and what it says on standard error."""
    heard: bytes = b""

    def serve(self) -> None:
        """Until input ends."""
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        while True:
            ready, _, _ = select.select([0, woken], [], [])
            if woken in ready:
                os.read(woken, 4096)
                self.bury()
            if 0 in ready and not self.hear():
                break
        for process in self.runs:
            _signal(process, signal.SIGKILL)

    def hear(self) -> bool:
        """Do what input says; False at its end."""
        data = os.read(0, 65536)
        *lines, self.heard = (self.heard + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if "signal" in message:
                for process, (name, _) in self.runs.items():
                    if name == message["run"]:
                        _signal(process, message["signal"])
            else:
                self.begin(message["name"], line.decode("ascii"))
        return bool(data)

    def begin(self, name: str, text: str) -> None:
        """Fork a run."""
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the run has ended
        process = os.fork()
        if process:
            with suppress(OSError):
                os.setpgid(process, process)
            self.runs[process] = name, said
            return
        code = 1
        try:
            with suppress(OSError):
                os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(said.fileno(), 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            from fleetopt.suite.work import task_of, work

            code = work(task_of(text), lambda message: _tell(self.out, message), self.life)
        finally:
            os._exit(code)

    def bury(self) -> None:
        """Say which runs have ended."""
        while self.runs:
            process, status, used = os.wait4(-1, os.WNOHANG)
            if not process:
                return
            name, said = self.runs.pop(process)
            _signal(process, signal.SIGKILL)
            with said:
                said.seek(max(0, said.seek(0, os.SEEK_END) - SAID))
                text = said.read().decode("utf-8", errors="replace")
            peak_gb = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
            code = os.waitstatus_to_exitcode(status)
            _tell(self.out, {"run": name, "ended": code, "said": text, "peak_gb": round(peak_gb, 3)})


def _signal(process: int, number: int) -> None:
    """Signal a run's process group, whatever is left of it."""
    with suppress(OSError):
        os.killpg(process, number)
