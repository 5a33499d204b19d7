"""How much of a memory tier a point needs: for what is held (M2), for what moves and for wear (M3)."""

from collections import defaultdict

from fleetopt.instance.memory import MemoryTier
from fleetopt.model.context import GB_PER_TB, Context
from fleetopt.model.equations.prefix import shared_reads
from fleetopt.model.equations.traffic import SECONDS_PER_DAY, moved

At = tuple[str, str, int]
"""Tier, site, period."""


def needed_tb(m: Context) -> dict[At, float]:
    """TB that must be there by tier, site and period; `m` has numbers in place of columns."""
    held: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for (_, _, tier_id, s, t, h), size in m.var.park.items():
        held[tier_id, s, t, h] += size
    read = {key: sum(terms) for key, terms in moved(m, "read").items()}
    written = {key: sum(terms) for key, terms in moved(m, "write").items()}
    cycle = sum(m.sets.hours(h) for h in m.sets.slices)
    most: dict[At, float] = defaultdict(float)
    a_day: dict[At, float] = defaultdict(float)
    for (tier_id, s, t, h), size in held.items():
        key, tier = (tier_id, s, t, h), m.instance.tier(tier_id)
        wrote = written.get(key, 0.0)
        moving = max(_over(read.get(key, 0.0), tier.read_gb_s_per_tb), _over(wrote, tier.write_gb_s_per_tb))
        most[tier_id, s, t] = max(most[tier_id, s, t], size, moving)
        a_day[tier_id, s, t] += m.sets.hours(h) / cycle * wrote * SECONDS_PER_DAY / GB_PER_TB
    return {at: max(tb, _wear_tb(m.instance.tier(at[0]), a_day[at])) for at, tb in most.items()}


def _wear_tb(tier: MemoryTier, tb_a_day: float) -> float:
    return _over(tb_a_day, tier.drive_writes_per_day)


def _over(load: float, per_tb: float | None) -> float:
    """TB that carry a load; what carries nothing has none, and what has no limit needs no more for it."""
    return load / per_tb if per_tb else 0.0


def settle_shared(m: Context) -> None:
    """Shared prompts lie, and are read, where they are held; where nobody reads them they are not held (M4)."""
    read = {key: sum(terms) for key, terms in shared_reads(m).items()}
    for w, tier_id, s, t in m.var.shared:
        if not any(read.get((w, s, t, h), 0.0) > 0 for h in m.sets.slices):
            m.var.shared[w, tier_id, s, t] = 0.0
    for w, tier_id, s, t, h in m.var.sharedread:
        held = m.var.shared[w, tier_id, s, t]
        m.var.sharedread[w, tier_id, s, t, h] = held * read.get((w, s, t, h), 0.0)
