"""Seconds, processor seconds and peak memory by phase."""

import os
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
        began, used = time.perf_counter(), cpu_s()
        try:
            yield
        except KeyboardInterrupt:
            raise StoppedError(f"stopped with no plan, in the phase {name!r}; nothing was written") from None
        finally:
            seconds, cpu = round(time.perf_counter() - began, 3), round(cpu_s() - used, 3)
            self.phases.append({"phase": name, "seconds": seconds, "cpu_seconds": cpu, "peak_memory_mb": peak_mb()})


def cpu_s() -> float:
    """Processor seconds of this process so far, and of the children it has waited for."""
    return sum(os.times()[:4])


def peak_mb() -> float | None:
    """Peak memory of the process so far, where the platform says."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1024 * 1024 if sys.platform == "darwin" else 1024), 1)
