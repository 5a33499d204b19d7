"""Seconds and peak memory by phase."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from fleetopt.errors import StoppedError


class Clock:
    """A stopwatch with a name for each phase."""

    def __init__(self) -> None:
        self.phases: list[Mapping[str, Any]] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what is done within; Ctrl-C there raises StoppedError."""
        began = time.perf_counter()
        try:
            yield
        except KeyboardInterrupt:
            raise StoppedError(f"stopped with no plan, in the phase {name!r}; nothing was written") from None
        finally:
            seconds = round(time.perf_counter() - began, 3)
            self.phases.append({"phase": name, "seconds": seconds, "peak_memory_mb": peak_mb()})


def peak_mb() -> float | None:
    """Peak memory of the process so far, where the platform says."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
