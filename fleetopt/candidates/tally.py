"""Counting: every configuration tried, those that pass, and every rejection with its nearest miss."""

from dataclasses import dataclass, field

from fleetopt.candidates.candidate import Rejection
from fleetopt.prediction.types import Refusal

Key = tuple[str, str, str, str, str]
"""Workload, site, system, stage, rule; `*` where it holds for all."""

MAX_SHORTFALL = 1e9
"""Stands for "nowhere near" in place of infinity, which JSON cannot say."""


@dataclass
class Tally:
    """A running count; the only mutable thing in the enumeration, and local to it."""

    configurations: int = 0
    admissible: int = 0
    _nearest: dict[Key, tuple[float, str]] = field(default_factory=dict)
    _counts: dict[Key, int] = field(default_factory=dict)

    def reject(
        self, workload: str, site: str, system: str, stage: str, refusal: Refusal, prefix: str = "", count: int = 1
    ) -> None:
        """Count `count` rejections and keep the detail of the smallest shortfall, of equals the first in the alphabet.

        `prefix` says which configuration it was.
        """
        key = (workload, site, system, stage, refusal.rule)
        miss = (min(refusal.shortfall, MAX_SHORTFALL), f"{prefix}: {refusal.detail}" if prefix else refusal.detail)
        self._nearest[key] = min(self._nearest.get(key, miss), miss)
        self._counts[key] = self._counts.get(key, 0) + count

    def rejections(self) -> tuple[Rejection, ...]:
        """All of them, sorted by workload, site, system, stage and rule."""
        return tuple(
            Rejection(*key, detail=detail, shortfall=shortfall, count=self._counts[key])
            for key, (shortfall, detail) in sorted(self._nearest.items())
        )
