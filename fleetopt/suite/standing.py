"""How far a suite has come: what progress displays show."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Going:
    """A run at work."""

    began: float
    """As `time.monotonic` gives it."""
    line: str = ""
    """What it said last: its phase, its best plan, its gap."""


@dataclass
class Standing:
    """Counts of runs; `asked` may grow where a bisection asks for more."""

    workers: int = 1
    asked: int = 0
    finished: int = 0
    """With an answer, those an earlier suite had left among them."""
    kept: int = 0
    """Of the finished: left by an earlier suite, or equal to another run."""
    failed: int = 0
    running: dict[str, Going] = field(default_factory=dict)
    solved_s: list[float] = field(default_factory=list)
    """Seconds that each run took which was solved now."""

    @property
    def waiting(self) -> int:
        """Runs asked for that have not begun."""
        return self.asked - self.finished - self.failed - len(self.running)

    def left_s(self) -> float | None:
        """Estimate of the seconds left, from those that the finished runs took; None before there is one."""
        if not self.solved_s:
            return None
        each, now = sum(self.solved_s) / len(self.solved_s), time.monotonic()
        of_running = [max(each - (now - going.began), 0.1 * each) for going in self.running.values()]
        return max([(self.waiting * each + sum(of_running)) / self.workers, *of_running])


Progress = Callable[[str, Standing], None]
"""Called with a line, empty where only the standing has changed, and with the standing."""


def silent(_line: str, _standing: Standing) -> None:
    """Progress that nobody wants."""
