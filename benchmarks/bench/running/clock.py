"""A search watched by processor time: every better plan or bound with the seconds it took, and a limit that ends it."""

import resource
import signal
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import Any

from fleetopt.pipeline.clock import cpu_s
from fleetopt.solve.period_cuts import PHASE as CUTS
from fleetopt.solve.search import FIRST
from fleetopt.solve.whole import PRICING
from fleetopt.solve.wide_part import RESTRICTED


@dataclass(frozen=True)
class Step:
    """A plan or a bound that was better than what there was."""

    cpu_s: float
    """Processor seconds of the process so far."""
    phase: str
    plan_musd: float | None
    bound_musd: float | None
    gap: float | None


@dataclass
class Watch:
    """What a search reports, joined over its phases: best plan and best bound of the whole problem so far."""

    steps: list[Step] = field(default_factory=list)
    plan: float | None = None
    bound: float | None = None

    def __call__(self, phase: str, plan: float | None, bound: float | None, gap: float | None, seconds: float) -> None:
        """Take an event of the search as `fleetopt.solve.solver.Progress` is called."""
        self.take(phase, plan if whole_units(phase) else None, bound if whole_problem(phase) else None, cpu_s())

    def take(self, phase: str, plan: float | None, bound: float | None, at_s: float) -> None:
        """Keep what is better."""
        better = False
        if plan is not None and (self.plan is None or plan < self.plan):
            self.plan, better = plan, True
        if bound is not None and (self.bound is None or bound > self.bound):
            self.bound, better = bound, True
        if better:
            gap = None
            if self.plan is not None and self.bound is not None:
                gap = max(0.0, self.plan - self.bound) / max(abs(self.plan), 1e-6)
            self.steps.append(Step(round(at_s, 3), phase, self.plan, self.bound, gap))

    def within(self, gap: float) -> float | None:
        """Processor seconds to a plan within the gap of a bound, None where that was not reached."""
        return next((s.cpu_s for s in self.steps if s.gap is not None and s.gap <= gap + 1e-9), None)

    def first_plan(self) -> float | None:
        """Processor seconds to the first plan."""
        return next((s.cpu_s for s in self.steps if s.plan_musd is not None), None)

    def as_list(self) -> list[dict[str, Any]]:
        """For a file."""
        return [asdict(step) for step in self.steps]


def whole_units(phase: str) -> bool:
    """Whether a phase's plans have every unit whole: those of A-then-B's stage A leave most of them continuous.

    A plan over some of the columns is one of the whole problem.
    """
    return phase.removeprefix(RESTRICTED).startswith(("all", "B", FIRST))


def whole_problem(phase: str) -> bool:
    """Whether a phase's bound holds for the whole problem: that of stage B, say, holds near stage A only.

    One of a search over some of the columns never does. Of phases that are not known here nothing is believed until the
    search ends.
    """
    return phase in (PRICING, CUTS) or phase.startswith(("all", "A"))


def peak_mb() -> float:
    """Most memory of this process or of a child it has waited for."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def stop_after(seconds: float) -> None:
    """Ctrl-C to ourselves once the process has used so many processor seconds: the best plan is kept."""

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
