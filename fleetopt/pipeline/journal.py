"""solve.log: what was told while solving, each line with its time, and then the solver's own log."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fleetopt.instance.load import Loaded
from fleetopt.pipeline.story import Say


@dataclass(frozen=True)
class Journal:
    """Passes lines on to `say` and keeps them; `solver_log` is where the solver writes, while the journal is open."""

    say: Say
    began: float
    solver_log: str
    lines: list[str] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Pass a line on, and note it with the seconds since `began`."""
        self.lines.append(f"{time.time() - self.began:9.2f} s  {line}")
        self.say(line)

    def text(self) -> str:
        """The whole of solve.log."""
        log = Path(self.solver_log)
        solver = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return "\n".join(self.lines) + "\n\n" + solver


@contextmanager
def journal(loaded: Loaded, say: Say, began: float) -> Iterator[Journal]:
    """A journal that opens with what the instance's warnings and overrides say; its solver log goes when it closes."""
    with tempfile.TemporaryDirectory() as scratch:
        kept = Journal(say, began, str(Path(scratch) / "solver.log"))
        for line in [*(str(issue) for issue in loaded.warnings), *loaded.changes]:
            kept.tell(line)
        yield kept
