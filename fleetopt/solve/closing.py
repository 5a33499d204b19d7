"""The end of the search of a small fleet: a better plan by windows, then a proof that none is better by the gap.

Such a proof takes seconds or hours, and mostly seconds where the plan is near the bound. So windows of periods come
first, then the proof with few nodes; where these are not enough, windows of sites as well, and the proof to its end.
Before each proof columns are kept to what a better plan could have: where that holds many, cuts of periods are made
anew, as long as these close much of what is left.
"""

import time
from collections.abc import Callable
from dataclasses import replace

from fleetopt.solve.dive import Dive
from fleetopt.solve.narrow import narrowed
from fleetopt.solve.period_cuts import PHASE, Cut, with_more_cuts
from fleetopt.solve.search import Search
from fleetopt.solve.solver import INTERRUPTED, Outcome
from fleetopt.solve.warm_lp import TIGHT
from fleetopt.solve.windows import Small, improve

NEAR, NEARER = 1.5, 1.2
"""Windows end where the plan is within so many gaps of the bound, before the first proof and after it."""
NODES = 500
"""Nodes that the first proof may take."""
FIXED = 0.15
"""Cuts of periods are made anew where so large a share more of the whole columns has one value left."""
CLOSED = 1 / 3
"""And again as long as a round closes this share of what is left to the cutoff."""
ROUNDS = 4
"""Rounds at most."""


def close(run: Search, small: Small, cut: Cut, tell: Callable[[], None]) -> Outcome:
    """Better the plan and prove it, as far as time allows; the last solve's outcome. `run` keeps plan and bound."""
    assert run.plan is not None
    if small.interrupted:
        return replace(run.plan, stop_reason=INTERRUPTED)
    last, of_periods = run.plan, (None, *small.of_periods)

    def ended() -> bool:
        return run.near_enough() or run.over(last)

    for among, near, nodes in ((of_periods, NEAR, NODES), ((*small.of_sites, *of_periods), NEARER, None)):
        if not ended():
            last = improve(run, small, among, near)
        if not ended():
            cut = _closed_in(run, cut, tell)
            last = replace(last, stop_reason=INTERRUPTED) if cut.interrupted else last
        if not ended():
            last = run.prove_all(cut.matrix, nodes)
    return last


def _closed_in(run: Search, cut: Cut, tell: Callable[[], None]) -> Cut:
    """Without plans that are not better by the gap, and with more cuts of periods, where these pay; else as it was."""
    cutoff = run.better(run.limits).cutoff
    assert cutoff is not None
    for _ in range(ROUNDS if cut.labels is not None else 0):
        began, limits = time.perf_counter(), replace(run.limits, time_limit_s=max(run.left_s(), 0.0))
        lp = Dive(cut.matrix, {**TIGHT, "threads": 1, "time_limit": limits.time_limit_s})
        if lp.interrupted or lp.outcome.objective is None:
            return replace(cut, interrupted=lp.interrupted)
        value, narrow = lp.outcome.objective, narrowed(cut.matrix, lp.prices, cutoff)
        if value >= cutoff or narrow.held() - cut.matrix.held() < FIXED * int(narrow.integer.sum()):
            break
        cut = with_more_cuts(cut, narrow, limits, tell)
        run.note_bound(PHASE, min(cut.bound, cutoff), time.perf_counter() - began)
        if cut.interrupted or run.near_enough() or cut.bound - value < CLOSED * (cutoff - value):
            break
    return cut
