"""HiGHS in a thread of its own, so that Ctrl-C is heard while it works.

highspy's `startSolve` keeps its locks on the class: while one solve runs, or was left behind by a second Ctrl-C, no
other can start in the process. Here each run has its own.
"""

import sys
import threading

import highspy

_GLANCE_S = 0.2
"""How long to wait between two looks for Ctrl-C."""


def run(solver: highspy.Highs) -> bool:
    """Run until done, or until the user stops it: then at its best point; True where stopped.

    Raises:
        KeyboardInterrupt: asked a second time; HiGHS works on, unseen, to where it heeds the first.
    """
    return _run(solver, "stopping at the best plan found; press Ctrl-C again to leave at once", stops=True)


def finish(solver: highspy.Highs) -> bool:
    """Run to the end, also where the user asks to stop, which only a second time goes through; True where asked.

    Raises:
        KeyboardInterrupt: asked a second time.
    """
    return _run(solver, "making a first plan whole, then stopping; press Ctrl-C again to leave without it", stops=False)


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
