"""Dominance: what can never be better than something else that is kept, and so need not become a column.

Only options of one workload, site, system and stage are compared: they draw on the same units and the same demand.
Across systems nothing is provable, because each has its own price, supply, power and lead time.

*Shared units.* Where replicas share a unit, C1 counts `units / rate` per request/s, and a bucket's cheapest option in
that measure, which also parks no more KV (M2), can replace any other for that bucket alone. It must hold what it holds
in the same way, or nothing at all: what moves in and out of memory (M3, M4) differs between ways of reuse.

*Whole replicas.* A replica counted whole serves several buckets and rounds up, so one is dropped only as a whole: for
another that serves all its buckets at least as well per unit and parks no more, and either shares units or divides its
size, so that rounding up never takes more units.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fleetopt.candidates.candidate import Candidate, OperatingPoint

_TIE = 1e-12
"""Relative difference below which rates are equal."""


_HOLD_NOTHING = frozenset({"none", "recomputed", "resident"})
"""Ways of reuse that need no memory tier."""


@dataclass(frozen=True, slots=True)
class _Claim:
    units_per_rate: float
    parked_gb_s: float


def undominated(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Candidates with only the points that nothing else makes needless; of equals the first is kept."""
    groups: dict[tuple[str, str, str, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.workload, candidate.site, candidate.system, candidate.stage].append(candidate)
    return tuple(kept for group in groups.values() for kept in _of_group(group))


def _of_group(group: list[Candidate]) -> list[Candidate]:
    shared = [c for c in group if not c.whole]
    kept: list[Candidate] = []
    for position, candidate in enumerate(group):
        if candidate.whole:
            if not any(_replaces(o, n, candidate, position) for n, o in enumerate(group) if n != position):
                kept.append(candidate)
            continue
        points = {
            bucket: point
            for bucket, point in candidate.points.items()
            if not any(o is not candidate and _beats(o, candidate, bucket, shared) for o in shared)
        }
        if points:
            kept.append(replace(candidate, points=points))
    return kept


def _claim(candidate: Candidate, point: OperatingPoint) -> _Claim:
    return _Claim(candidate.units / point.rate_per_s, point.parked_gb_s)


def _holds_alike(other: Candidate, candidate: Candidate) -> bool:
    return other.reuse == candidate.reuse or other.reuse in _HOLD_NOTHING


def _at_least_as_good(a: _Claim, b: _Claim) -> bool:
    return a.units_per_rate <= b.units_per_rate * (1.0 + _TIE) and a.parked_gb_s <= b.parked_gb_s


def _beats(other: Candidate, candidate: Candidate, bucket: str, order: list[Candidate]) -> bool:
    """Whether another that shares units makes a point needless; of equals the earlier wins."""
    if bucket not in other.points or not _holds_alike(other, candidate):
        return False
    theirs, ours = _claim(other, other.points[bucket]), _claim(candidate, candidate.points[bucket])
    if not _at_least_as_good(theirs, ours):
        return False
    return not _at_least_as_good(ours, theirs) or order.index(other) < order.index(candidate)


def _replaces(other: Candidate, at: int, candidate: Candidate, position: int) -> bool:
    """Whether another makes a whole-replica candidate needless; of equals the earlier wins."""
    if other.whole and (candidate.units / other.units) % 1.0 > _TIE:
        return False
    if not _holds_alike(other, candidate) or not _covers(other.points, other, candidate):
        return False
    equal = other.whole and other.units == candidate.units and _covers(candidate.points, candidate, other)
    return not equal or at < position


def _covers(points: Mapping[str, OperatingPoint], other: Candidate, candidate: Candidate) -> bool:
    return all(
        bucket in points and _at_least_as_good(_claim(other, points[bucket]), _claim(candidate, point))
        for bucket, point in candidate.points.items()
    )
