"""M3: what is read from and written to each tier, against the bandwidth and the wear its capacity allows."""

from collections import defaultdict

from fleetopt.instance.workloads import Workload
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.memory import GB_PER_TB, SECONDS_PER_HOUR, capacity_gb
from fleetopt.verify.prefix import SHARED, corners, shared_gb_s
from fleetopt.verify.witness import Witness

HOURS_PER_DAY = 24.0


def check_traffic(ledger: Ledger, witness: Witness) -> None:
    """M3.read, M3.write in every slice, M3.endurance over the days of every period."""
    read: dict[tuple[str, str, int, str], float] = defaultdict(float)
    written: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for p in ledger.plan.parked:
        reads, writes = times_a_stay(ledger.instance.workload(p.workload), p.holding)
        stay_s = stay_seconds(ledger.instance.workload(p.workload), p.holding)
        key = (p.tier, p.site, ledger.index[p.period], p.slice)
        if stay_s > 0:
            read[key] += reads * p.gb / stay_s
            written[key] += writes * p.gb / stay_s
    shared = shared_gb_s(ledger)
    for p in (p for p in ledger.plan.parked if p.holding == SHARED):
        at = (p.site, ledger.index[p.period], p.slice)
        read[p.tier, *at] += shared.get((p.workload, *at), 0.0)
    cycle = ledger.instance.time.cycle_hours
    a_day_gb: dict[tuple[str, str, int], float] = defaultdict(float)
    for key in sorted(read.keys() | written.keys()):
        m, s, t, h = key
        tier, room_tb = ledger.tiers[m], capacity_gb(ledger, ledger.tiers[m], s, t) / GB_PER_TB
        index = (m, s, ledger.period_ids[t], h)
        if tier.read_gb_s_per_tb is not None:
            witness.at_most("M3.read", index, read[key], tier.read_gb_s_per_tb * room_tb)
        if tier.write_gb_s_per_tb is not None:
            witness.at_most("M3.write", index, written[key], tier.write_gb_s_per_tb * room_tb)
        a_day_gb[m, s, t] += written[key] * SECONDS_PER_HOUR * HOURS_PER_DAY * ledger.hours[h] / cycle
    for (m, s, t), gb in a_day_gb.items():
        tier = ledger.tiers[m]
        if tier.drive_writes_per_day is not None:
            most_gb = tier.drive_writes_per_day * capacity_gb(ledger, tier, s, t)
            witness.at_most("M3.endurance", (m, s, ledger.period_ids[t]), gb, most_gb)


def times_a_stay(workload: Workload, holding: str) -> tuple[float, float]:
    """(reads, writes) of a byte while it stays."""
    if holding.split(":")[0] == "kv" and workload.idle_kv is not None:
        own = [gap.writes_per_restore for gap in workload.idle_kv.gaps if holding == f"kv:{gap.id}"]
        writes = own[0] if own else None
        return 1.0, workload.idle_kv.writes_per_restore if writes is None else writes
    if workload.reuse_curve is not None and holding in corners(workload):
        hits, shared = corners(workload)[holding][1], workload.reuse_curve.shared_hit_share
        return hits, (1.0 - hits - shared) * workload.reuse_curve.written_share
    for store in workload.stores:
        if holding == f"store:{store.id}":
            return store.reads_per_write, 1.0
    return 0.0, 1.0 if holding == "checkpoint" else 0.0


def stay_seconds(workload: Workload, holding: str) -> float:
    """How long a byte stays; 0 where it is not counted."""
    if holding.split(":")[0] == "kv" and workload.idle_kv is not None:
        own = [gap.held_s for gap in workload.idle_kv.gaps if holding == f"kv:{gap.id}"]
        return own[0] if own else workload.idle_kv.mean_gap_s
    if holding in corners(workload):
        return corners(workload)[holding][0]
    if holding == "checkpoint" and workload.training is not None:
        return (workload.training.checkpoint_every_h or 0.0) * SECONDS_PER_HOUR * workload.training.checkpoints_kept
    return sum(s.retention_h * SECONDS_PER_HOUR for s in workload.stores if holding == f"store:{s.id}")
