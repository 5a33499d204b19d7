"""One suite at a time in a folder."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fleetopt.errors import UsageError

LOCK = ".suite.lock"
PATIENCE_S = 10.0
"""Seconds that the last runs of a killed suite are given to be gone."""


@contextmanager
def locked(folder: Path) -> Iterator[int]:
    """Hold the folder's lock and give its handle, which processes may hold too; -1 where the platform has no locks.

    Raises UsageError where another suite is at work there.
    """
    try:
        import fcntl
    except ImportError:
        yield -1
        return
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        patient_until = time.monotonic() + PATIENCE_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > patient_until:
                    message = f"{folder}: another suite is at work there; wait for its end, or try another --out"
                    raise UsageError(message) from None
                time.sleep(0.05)
        yield handle
    finally:
        os.close(handle)
