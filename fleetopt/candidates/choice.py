"""Choice: where a replica spans several units, one layout of each kind is offered.

Replicas counted whole are whole numbers in the MILP, and near-equal layouts of one system only make the search longer.
This is a choice of what is on offer, not dominance: what is left out is counted among the rejections (LAYOUT). Layouts
that the planner measured all stay.
"""

from collections import defaultdict
from collections.abc import Iterable

from fleetopt.candidates.candidate import Candidate
from fleetopt.candidates.tally import Tally
from fleetopt.instance.workloads import Workload
from fleetopt.prediction.types import Refusal

NEAR = 1.05
"""A smaller replica is preferred where it takes at most this much more units for the same work."""


def one_whole_layout(workload: Workload, candidates: Iterable[Candidate], tally: Tally) -> list[Candidate]:
    """Candidates with, of those counted whole, the best of each (site, system, stage, reuse).

    Best serves the most of the workload's requests, then takes the fewest units for its mix of buckets; within 5 % the
    smaller replica.
    """
    kept: list[Candidate] = []
    groups: dict[tuple[str, str, str, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.units > 1.0 and candidate.source == "predicted":
            groups[candidate.site, candidate.system, candidate.stage, candidate.reuse].append(candidate)
        else:
            kept.append(candidate)
    for group in groups.values():
        best = _best(workload, group)
        kept.append(best)
        for other in group:
            if other is not best:
                detail = f"{other.units:g} units a replica; offered instead: {best.units:g} units ({best.id})"
                tally.reject(workload.id, other.site, other.system, other.stage, Refusal("LAYOUT", detail, 0.0))
    return kept


def _best(workload: Workload, group: list[Candidate]) -> Candidate:
    share = {b.id: b.share for b in workload.buckets}
    covered = max(sum(share[b] for b in c.points) for c in group)
    able = [c for c in group if sum(share[b] for b in c.points) >= covered - 1e-12]
    units = {c.id: sum(share[b] * c.units / p.rate_per_s for b, p in c.points.items()) for c in able}
    least = min(units.values())
    return min((c for c in able if units[c.id] <= least * NEAR), key=lambda c: (c.units, units[c.id], c.id))
