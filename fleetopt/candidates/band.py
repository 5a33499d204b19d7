"""An operating point at the ends of its error bands.

The replica's own times and its rate are multiplied; what else a request meets (round trip, restored and moved KV, and
the waits of R2) stays as planned. The rate is at the utilisation planned for.
"""

from dataclasses import dataclass, replace
from typing import Literal

from fleetopt.prediction.types import QueuedPoint, ServingPoint


@dataclass(frozen=True, slots=True)
class First:
    """The replica's own part of TTFT: of a request that hits, or of one that misses and restores nothing."""

    hit_s: float
    missed_s: float = 0.0
    restore_s: float = 0.0
    """What a hit waits for beside it, and a miss does not."""

    def time_s(self, factor: float = 1.0) -> float:
        """Whichever takes longer, beside the restore; `factor` multiplies the replica's times."""
        return max(self.hit_s * factor, self.missed_s * factor - self.restore_s)


def at_end(
    end: Literal[0, 1], found: QueuedPoint, point: ServingPoint, first: First, gaps: float, turns: float
) -> QueuedPoint:
    """The point under load with its own times at p10 (0) or p90 (1) of their bands; `gaps`: output tokens less one."""
    ttft, tpot, service = (spread[end] for spread in point.spreads)
    later_s = first.time_s(ttft) - first.time_s()
    slower_s = point.tpot_s * (tpot - 1.0)
    return replace(
        found,
        rate_per_s=found.rate_per_s / service,
        ttft_s=found.ttft_s + later_s,
        tpot_s=found.tpot_s + slower_s,
        completion_s=found.completion_s + turns * (later_s + gaps * slower_s),
    )
