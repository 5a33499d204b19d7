"""A search over some columns of a wide problem: a plan of the whole, and no bound unless they are all the columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fleetopt.solve.first_plan import SHARE, first_plan
from fleetopt.solve.kinds import Kinds
from fleetopt.solve.matrix import Floats
from fleetopt.solve.pricing import Built, Say
from fleetopt.solve.search import CALM, FIRST, Search
from fleetopt.solve.solver import Limits, Outcome, Progress
from fleetopt.solve.stages import LARGE, search_part, with_highs
from fleetopt.solve.wide import Numbers, Wide

FIRST_FROM = 60_000
"""With so many columns in a part, a plan is constructed before anything is searched."""
BOLD = 0.5
"""Share of its fractional columns that a step of that construction rounds: each step takes a second and more."""
SHARE_A = 0.5
"""Share of a part's time that its stage A may take as long as there is no plan."""
RESTRICTED = "restricted "
"""How the phases of a search over some columns are called: no bound of theirs is one of the whole."""


class Some(Search):
    """A search over some columns: what it proves is no bound of the whole."""

    def prove(self, bound: float | None) -> None:
        """Nothing is proven."""

    def better(self, limits: Limits) -> Limits:
        """Any better plan will do: it is measured against a bound from elsewhere."""
        return limits

    def limits_a(self, share: float) -> Limits:
        """A wants a good point here, near the bound that there is already, and no bound."""
        gap = self.limits.gap * share
        target = self.bound / (1 - gap) if self.bound > 0 else None
        left_s = self.left_s() * (SHARE_A if self.plan is None else 1.0)
        return replace(self.limits, gap=gap, time_limit_s=left_s, objective_target=target, extra=CALM)


@dataclass(frozen=True)
class Part:
    """Some columns of a wide problem, numbered as in the whole, and how they are searched."""

    wide: Wide
    kinds: Kinds
    """Of these columns."""
    columns: Numbers
    everything: bool
    """Whether they are all there are."""
    limits: Limits
    progress: Progress | None
    log_file: str
    tell: Callable[[str], Say]


@dataclass(frozen=True)
class Searched:
    """What a search over some columns ended with."""

    plan: Built | None
    """The best plan, the one known before if none was better."""
    bound: float
    """Of these columns, or the one known before."""
    status: str
    stop_reason: str
    phases: tuple[Mapping[str, Any], ...]


def searched(part: Part, known: Built | None, bound: float, *, construct_first: bool) -> Searched:
    """One MILP search, from a plan and a bound that are known."""
    columns, kinds, matrix = part.columns, part.kinds, part.wide.matrix(part.columns)

    def construct(its: Limits) -> Outcome:
        share = BOLD if len(columns) >= FIRST_FROM else SHARE
        large, say = len(columns) >= LARGE, part.tell(FIRST)
        say(None, None)
        found = first_plan(matrix, kinds.whole, kinds.down, its, interior_point=large, share=share)
        say(found.objective, None)
        return found

    kind, said = (Search, "") if part.everything else (Some, RESTRICTED)
    solve = with_highs(part.progress, part.log_file, said)
    run = kind(matrix, part.limits, solve, kinds.roomy, construct, lambda _: {})
    run.bound = bound
    if known is not None and known.outcome.values is not None:
        run.plan = replace(known.outcome, values=_moved(known.outcome.values, known.columns, columns))
    if run.plan is None and len(columns) >= FIRST_FROM and construct_first:
        run.first_plan()
    ended = run.result("gap reached") if run.near_enough() else search_part(run, kinds.whole, part.everything)
    plan = known
    if run.plan is not None and (known is None or run.plan.objective != known.outcome.objective):
        plan = Built(run.plan, columns)
    return Searched(plan, run.bound, ended.status, ended.stop_reason, tuple(run.phases))


def _moved(values: Floats, columns: Numbers, others: Numbers) -> Floats:
    """A point on some columns as one on others, which have them all."""
    found = np.zeros(len(others))
    found[np.searchsorted(others, columns)] = values
    return found
