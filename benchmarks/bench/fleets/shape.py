"""How large a made-up fleet is, and the sizes that have a name."""

from dataclasses import dataclass
from typing import Literal

Performance = Literal["predicted", "measured"]


@dataclass(frozen=True)
class Shape:
    """What a fleet is drawn from; the same shape gives the same file, byte for byte."""

    workloads: int
    """Workloads that serve requests: people who wait, coders, agents."""
    systems: int
    """Systems on offer, CPU racks for agents' tools apart."""
    sites: int
    periods: int
    """Quarters."""
    slices: int
    """Equal slices of a day."""
    seed: int = 0
    servers: float = 2000.0
    """Size of demand in the first quarter, in servers of eight B200; it roughly triples in eight quarters."""
    buckets: int = 3
    """Request sizes of each workload."""
    trainings: int = 1
    """Training runs."""
    regions: int = 5
    """Regions that requests come from."""
    performance: Performance = "measured"
    """`measured`: a table of requests/s for each system and size stands for measurements, and is made up by a roofline;
    `predicted`: fleetopt predicts, with layouts, batches, KV that is parked and pools of prefill and decode."""
    measured_share: float = 1.0
    """Share of the systems on which a workload has been measured, the one that can always be rented among them."""
    openings: int = 0
    """Sites, the last ones, that are not open yet."""
    power_share: float = 1.15
    """Firm power there is, as a share of what the first quarter's demand takes."""
    new_power_share: float = 2.2
    """Power that can be built, as a share of the same."""
    block_kw: float = 2_500.0
    """Power is built in blocks of this size."""
    owned_share: float = 0.35
    """Share of the first quarter's demand that the existing fleet carries."""
    rent: bool = True
    """Whether B200 servers can be rented without limit, which makes every demand feasible; requests not served are
    priced otherwise."""
    whole_rent: bool = False
    """Whether contracts are for whole units."""

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        for name, least in (("workloads", 1), ("systems", 2), ("sites", 1), ("periods", 1), ("slices", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name}: {getattr(self, name)} is too few, try {least} or more")
        if self.openings >= self.sites:
            raise ValueError(f"openings: {self.openings} of {self.sites} sites, but one must be open already")

    @property
    def potential_columns(self) -> int:
        """Serving columns if every system at every site could serve every size in every period."""
        return self.workloads * self.buckets * self.systems * self.sites * self.periods * self.slices


SIZES: dict[str, Shape] = {
    "tiny": Shape(3, 3, 2, 3, 2, servers=60, regions=2, block_kw=500, performance="predicted"),
    "small": Shape(10, 6, 4, 6, 4, servers=600, regions=3, openings=1, block_kw=1000, performance="predicted"),
    "medium": Shape(18, 8, 5, 8, 4, servers=3000, regions=4, openings=1, performance="predicted"),
    "wide": Shape(36, 12, 8, 8, 6, servers=8000, buckets=2, openings=2, trainings=2),
    "large": Shape(60, 16, 10, 8, 6, servers=1_000_000, buckets=2, regions=1, trainings=2, block_kw=5000),
    "huge": Shape(28, 24, 10, 16, 12, servers=1_000_000, buckets=4, regions=1, measured_share=0.4, block_kw=5000),
}
"""Sizes from a second to planet size: *huge* is four years by quarter and two hours, for a million servers."""
