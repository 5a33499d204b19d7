"""HiGHS in a thread of its own, so that Ctrl-C is heard while it works.

highspy's `startSolve` keeps its locks on the class: while one solve runs, or was left behind by a second Ctrl-C, no
other can start in the process. Here each run has its own.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import highspy

T = TypeVar("T")
Task = Callable[[threading.Event], T]
"""Work that ends early once the event is set."""
STOPPING = "stopping at the best plan found; press Ctrl-C again to leave at once"

_GLANCE_S = 0.2
"""How long to wait between two looks for Ctrl-C."""


def run(solver: highspy.Highs) -> bool:
    """Run until done, or until the user stops it: then at its best point; True where stopped.

    Raises:
        KeyboardInterrupt: asked a second time; HiGHS works on, unseen, to where it heeds the first.
    """
    return _run(solver, STOPPING, stops=True)


def finish(solver: highspy.Highs) -> bool:
    """Run to the end, also where the user asks to stop, which only a second time goes through; True where asked.

    Raises:
        KeyboardInterrupt: asked a second time.
    """
    return _run(solver, "making a first plan whole, then stopping; press Ctrl-C again to leave without it", stops=False)


def run_here(solver: highspy.Highs, stop: threading.Event) -> bool:
    """Run in the calling thread until done, or until `stop` is set; True where it is set."""
    solver.cbIpmInterrupt += lambda event: event.interrupt(stop.is_set())
    solver.run()
    highspy.Highs.resetGlobalScheduler(False)
    return stop.is_set()


def side_by_side(tasks: Sequence[Task[T]], workers: int, tell: Callable[[], None]) -> tuple[list[T], bool]:
    """Results of tasks run in threads of their own, some at once, and whether the user stopped them.

    `tell` is called here, in the thread that waits for them, some times a second.

    Raises:
        KeyboardInterrupt: asked a second time; the tasks end, unseen, where they heed the first.
    """
    stop, pool = threading.Event(), ThreadPoolExecutor(workers)
    futures = [pool.submit(task, stop) for task in tasks]
    try:
        while True:
            try:
                while wait(futures, _GLANCE_S).not_done:
                    tell()
                return [future.result() for future in futures], stop.is_set()
            except KeyboardInterrupt:
                if stop.is_set():
                    raise
                stop.set()
                sys.stderr.write(f"{STOPPING}\n")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _run(solver: highspy.Highs, answer: str, *, stops: bool) -> bool:
    # an event, as Thread.join interrupted by Ctrl-C takes the thread for ended while it runs on (Python 3.11)
    asked, done = False, threading.Event()
    threading.Thread(target=_work, args=(solver, done), daemon=True).start()
    while True:
        try:
            if done.wait(_GLANCE_S):
                return asked
        except KeyboardInterrupt:
            if asked:
                raise
            asked = True
            sys.stderr.write(f"{answer}\n")
            if stops:
                solver.cancelSolve()  # type: ignore[no-untyped-call]


def _work(solver: highspy.Highs, done: threading.Event) -> None:
    try:
        solver.run()
        highspy.Highs.resetGlobalScheduler(False)
    finally:
        done.set()
