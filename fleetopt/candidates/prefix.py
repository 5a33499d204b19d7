"""Hit levels: how much prefix cache a replica may count on, as corners of the measured reuse curve (M4).

A reuse curve is measured and rarely concave: Mooncake's conversation trace gains less from 0.5 to 2 % of its blocks
than from 2 to 5 %. Traffic that is split between two levels reaches every point between them, so the best that can be
had for a size is the upper concave envelope, and its corners are all the levels that a plan needs.
"""

from dataclasses import dataclass

from fleetopt.demand.hull import envelope
from fleetopt.instance.workloads import ReuseCurve, Workload

PREFIX = "prefix-"
"""How the `reuse` of a candidate at a hit level starts; its number follows."""


@dataclass(frozen=True, slots=True)
class HitLevel:
    """One corner of the envelope."""

    number: int
    """0: shared prompts alone; then by size."""
    held_s: float
    """Cache that grows with load: seconds of input."""
    hit_share: float
    """Share of input tokens found in it."""
    shared_share: float
    """Share of input tokens found in shared prompts."""

    @property
    def reuse(self) -> str:
        """What candidates at this level have for `reuse`, and the name of what they hold."""
        return f"{PREFIX}{self.number}"

    @property
    def cached_share(self) -> float:
        """Share of input tokens that need no prefill."""
        return self.hit_share + self.shared_share


def hit_levels(curve: ReuseCurve) -> tuple[HitLevel, ...]:
    """Levels on offer, from the smallest; every one of them counts on shared prompts where there are any."""
    shared = curve.shared_hit_share
    corners = envelope((p.held_s, p.hit_share) for p in curve.points)
    found = [HitLevel(n, held_s, share, shared) for n, (held_s, share) in enumerate(corners, start=1)]
    return (*([HitLevel(0, 0.0, 0.0, shared)] if shared > 0 else []), *found)


def level_of(workload: Workload, reuse: str) -> HitLevel | None:
    """The hit level that a candidate's `reuse` names; None for every other use of the cache."""
    if workload.reuse_curve is None or not reuse.startswith(PREFIX):
        return None
    return next((level for level in hit_levels(workload.reuse_curve) if level.reuse == reuse), None)
