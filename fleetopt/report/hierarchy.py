"""The memory hierarchy of a plan: room, bandwidth and dollars by tier and period, and how idle KV is had again."""

from collections import defaultdict
from dataclasses import dataclass

from fleetopt.candidates.prefix import level_of
from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.schema import Instance
from fleetopt.instance.workloads import Workload
from fleetopt.plan import Plan

GB_PER_TB = 1e3
SECONDS_PER_HOUR = 3600.0
FAST = "fast"
"""Stands for the fast memory of all chips (HBM, GDDR, LPDDR, SRAM) among the tiers."""
SPEED = ("dram", "cxl", "rack", "nvme", "hdd", "object")
"""Kinds of tiers, fastest first."""


@dataclass(frozen=True, slots=True)
class TierUse:
    """One tier in one period, over all sites."""

    tier: str
    period: str
    room_gb: float
    """Installed: bundled with systems, bought, rented."""
    held_gb: float | None
    """Held in the slice that holds the most; None where a plan does not say (fast memory)."""
    read_limit_gb_s: float | None
    """Bandwidth of all that room; None without limit."""
    read_gb_s: float | None
    """Read in the slice that reads the most; shared prompts left out."""
    spent_usd: float
    """Bought for delivery in the period, or rented in it, undiscounted."""


def tier_uses(plan: Plan, instance: Instance) -> dict[str, tuple[TierUse, ...]]:
    """By tier, fastest first, a row for each period; tiers that a plan has nothing of are left out."""
    tiers = sorted((m for m in instance.memory if m.enabled), key=lambda m: SPEED.index(m.kind))
    found = {FAST: tuple(_fast(plan, instance, period) for period in plan.periods)}
    found |= {m.id: tuple(_use(plan, instance, m, period) for period in plan.periods) for m in tiers}
    return {tier: rows for tier, rows in found.items() if any(row.room_gb > 0 for row in rows)}


def _fast(plan: Plan, instance: Instance, period: str) -> TierUse:
    room = bandwidth = 0.0
    for e in (e for e in plan.installed if e.period == period):
        system = instance.system(e.system)
        if system.chip is not None:
            chips = system.chips * (e.owned_units + e.rented_units)
            room, bandwidth = room + chips * system.chip.memory_gb, bandwidth + chips * system.chip.memory_gb_s
    return TierUse(FAST, period, room, None, bandwidth, None, 0.0)


def _use(plan: Plan, instance: Instance, tier: MemoryTier, period: str) -> TierUse:
    held: dict[str, float] = defaultdict(float)
    read: dict[str, float] = defaultdict(float)
    for p in plan.parked:
        if (p.tier, p.period) == (tier.id, period):
            held[p.slice] += p.gb
            read[p.slice] += p.gb * _reads_per_s(instance.workload(p.workload), p.holding)
    room = _bundled_gb(plan, instance, tier, period)
    spent = 0.0
    at = instance.time.period_index(period)
    life = max(1, round(tier.life_years / instance.time.period_years))
    for b in (b for b in plan.memory_purchases if b.tier == tier.id):
        since = instance.time.period_index(b.period)
        if since == at or (b.acquisition == "buy" and since < at < since + life):
            room += b.gb
        spent += b.cost_usd if since == at else 0.0
    most = max(read.values(), default=0.0)
    limit = None if tier.read_gb_s_per_tb is None else tier.read_gb_s_per_tb * room / GB_PER_TB
    return TierUse(tier.id, period, room, max(held.values(), default=0.0), limit, most, spent)


def _bundled_gb(plan: Plan, instance: Instance, tier: MemoryTier, period: str) -> float:
    """Host memory that systems bring along; rented units that may be taken away bring none to be relied on."""
    if tier.kind != "dram":
        return 0.0
    fleeting: dict[str, float] = defaultdict(float)
    for p in plan.purchases:
        rents = instance.system(p.system).rentals
        if p.acquisition == "rent" and p.period <= period <= p.last_period and rents[p.rental].preemption_share > 0:
            fleeting[p.system] += p.units
    room = 0.0
    for e in (e for e in plan.installed if e.period == period):
        room += instance.system(e.system).usable_dram_gb * (e.owned_units + e.rented_units)
    return room - sum(instance.system(c).usable_dram_gb * units for c, units in fleeting.items())


def _reads_per_s(w: Workload, holding: str) -> float:
    """How often a second each GB of a holding is read."""
    kind, _, name = holding.partition(":")
    if kind == "kv" and w.idle_kv is not None:
        held_s = {gap.id: gap.held_s for gap in w.idle_kv.gaps}.get(name, w.idle_kv.mean_gap_s)
        return 1.0 / held_s if held_s > 0 else 0.0
    if kind == "store":
        return sum(s.reads_per_write / (s.retention_h * SECONDS_PER_HOUR) for s in w.stores if s.id == name)
    level = level_of(w, holding)
    return level.hit_share / level.held_s if level is not None and level.held_s > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Again:
    """How the cached tokens of one kind of turn are had again, in shares of its requests."""

    workload: str
    gap: str
    """Kind of gap; empty where buckets name none."""
    share: float
    """Of the workload's requests."""
    held_s: float
    parked: float
    resident: float
    recomputed: float
    tiers: tuple[tuple[str, float], ...]
    """Of what is parked, the share in each tier."""


def idle_kv(plan: Plan, instance: Instance) -> tuple[Again, ...]:
    """A row for each workload and kind of gap whose turns find tokens again."""
    length = {h.id: instance.time.slice_hours_in_period(h) for h in instance.time.slices}
    ways: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    total: dict[str, float] = defaultdict(float)
    of = {d.id: d for d in plan.deployments if d.stage != "decode"}
    gaps = {(w.id, b.id): (b.gap or "", b.cached_tokens > 0) for w in instance.workloads for b in w.buckets}
    for p in (p for p in plan.placements if p.deployment in of):
        d = of[p.deployment]
        for b, rate in p.served_per_s.items():
            gap, cached = gaps[d.workload, b]
            total[d.workload] += rate * length[p.slice]
            if cached and d.reuse in ("parked", "resident", "recomputed"):
                ways[d.workload, gap][d.reuse] += rate * length[p.slice]
    rows = []
    for w in (w for w in instance.workloads if w.idle_kv is not None):
        for gap in dict.fromkeys(b.gap or "" for b in w.buckets if b.cached_tokens > 0):
            one = ways.get((w.id, gap), {})
            served = sum(one.values())
            if served > 0:
                parked, stays, again = (one.get(way, 0.0) / served for way in ("parked", "resident", "recomputed"))
                bucket = next(b for b in w.buckets if b.cached_tokens > 0 and (b.gap or "") == gap)
                where = _tiers_of(plan, w.id, f"kv:{gap}" if gap else "kv")
                rows.append(Again(w.id, gap, served / total[w.id], w.held_s(bucket), parked, stays, again, where))
    return tuple(rows)


def _tiers_of(plan: Plan, workload: str, holding: str) -> tuple[tuple[str, float], ...]:
    """Shares of what is parked by tier, over all periods and slices, the largest first."""
    held: dict[str, float] = defaultdict(float)
    for p in plan.parked:
        if (p.workload, p.holding) == (workload, holding):
            held[p.tier] += p.gb
    total = sum(held.values())
    return tuple(sorted(((tier, gb / total) for tier, gb in held.items() if gb > 0), key=lambda x: (-x[1], x[0])))


def found_again(plan: Plan, instance: Instance) -> dict[str, tuple[float, float]]:
    """By workload that could find any: the share of its input tokens found again as planned, and the most there is."""
    length = {h.id: instance.time.slice_hours_in_period(h) for h in instance.time.slices}
    found: dict[str, float] = defaultdict(float)
    most: dict[str, float] = defaultdict(float)
    tokens: dict[str, float] = defaultdict(float)
    of = {d.id: d for d in plan.deployments if d.stage != "decode"}
    for p in (p for p in plan.placements if p.deployment in of):
        d = of[p.deployment]
        w = instance.workload(d.workload)
        buckets, level = {b.id: b for b in w.buckets}, level_of(w, d.reuse)
        curve = w.reuse_curve
        best = max((point.hit_share for point in curve.points), default=0.0) + curve.shared_hit_share if curve else 0.0
        for b, rate in p.served_per_s.items():
            bucket, requests = buckets[b], rate * length[p.slice]
            tokens[w.id] += requests * bucket.input_tokens
            most[w.id] += requests * (bucket.cached_tokens if curve is None else best * bucket.input_tokens)
            if d.reuse in ("parked", "resident"):
                found[w.id] += requests * bucket.cached_tokens
            elif level is not None:
                found[w.id] += requests * level.cached_share * bucket.input_tokens
    return {w: (found[w] / tokens[w], most[w] / tokens[w]) for w in tokens if most[w] > 0}
