"""M: what is parked is what there is to keep, in tiers allowed for it, with room (M1 is checked with predictions)."""

from collections import defaultdict

from fleetopt.candidates.candidate import TrainingCandidate
from fleetopt.instance.memory import MemoryTier
from fleetopt.instance.workloads import Workload
from fleetopt.plan import MemoryPurchase
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.prefix import SHARED, corners
from fleetopt.verify.witness import Witness

GB_PER_TB = 1e3
SECONDS_PER_HOUR = 3600.0
HOST_KINDS = ("dram", "cxl", "rack")
"""Memory a sandbox can run in."""
Holding = tuple[str, str, str, int, str]
"""Workload, holding, site, period index, slice."""


def check_memory(ledger: Ledger, teams: dict[str, TrainingCandidate], witness: Witness) -> None:
    """M2, M2.hold, M2.sockets, and the figures of every purchase of memory."""
    for p in ledger.plan.memory_purchases:
        _check_purchase(ledger, p, witness)
    needs = _needs_gb(ledger, teams)
    _check_holdings(ledger, needs, witness)
    _check_room(ledger, witness)
    _check_sockets(ledger, witness)


def _check_purchase(ledger: Ledger, p: MemoryPurchase, witness: Witness) -> None:
    """Sizes, prices and dates of one line."""
    tier, worth, index = ledger.tiers[p.tier], ledger.worth, (p.tier, p.site, p.period, p.acquisition)
    buying = p.acquisition == "buy"
    offered = tier.price.usd_per_gb if buying else tier.price.usd_per_gb_month
    witness.holds("B2", index, offered is not None, f"expected a tier with a price to {p.acquisition}")
    witness.same("M2", (*index, "site"), ledger.sites[p.site].kind, "ground")
    lead = ledger.instance.time.periods_of_months(tier.lead_months) if buying else 0
    ordered = ledger.index[p.period] - lead
    witness.at_least("B2", index, ordered, 0)
    witness.same("B2", (*index, "order_period"), p.order_period, ledger.instance.time.period_id(ordered))
    unit_usd = worth.memory_usd(tier, ledger.index[p.period]) if buying else worth.memory_rent_usd(tier) * tier.unit_gb
    if buying:
        witness.holds("M2", index, float(p.units).is_integer(), f"expected whole units, found {p.units!r}")
    witness.equal("M2", (*index, "gb"), p.gb, p.units * tier.unit_gb)
    witness.equal("F2", (*index, "unit_price_usd"), p.unit_price_usd, unit_usd)
    witness.equal("F2", (*index, "cost_usd"), p.cost_usd, p.units * unit_usd)


def _needs_gb(ledger: Ledger, teams: dict[str, TrainingCandidate]) -> dict[Holding, float]:
    """GB that each workload keeps at a site: idle KV, prefix caches, sandboxes, stores, checkpoints.

    What is kept for a cycle or more is there in every slice, as much as the cycle's mean rate writes in that time.
    """
    needs: dict[Holding, float] = defaultdict(float)
    for d, b, t, h, rate in ledger.entering():
        workload = ledger.workloads[d.workload]
        if workload.idle_kv is not None:
            needs[workload.id, idle_name(workload, b), d.site, t, h] += d.points[b]["parked_gb_s"] * rate
        if workload.reuse_curve is not None and d.reuse.startswith("prefix-"):
            needs[workload.id, d.reuse, d.site, t, h] += d.points[b]["parked_gb_s"] * rate
        if workload.agent is not None:
            held = workload.agent.sandbox_gb * workload.agent.sandbox_s
            needs[workload.id, "sandbox", d.site, t, h] += held * rate
        for store in workload.stores:
            held = store.gb_per_request * store.retention_h * SECONDS_PER_HOUR * rate
            if store.retention_h >= ledger.instance.time.cycle_hours:
                mean = held * ledger.hours[h] / ledger.instance.time.cycle_hours
                for at in ledger.slices:
                    needs[workload.id, f"store:{store.id}", d.site, t, at] += mean
            else:
                needs[workload.id, f"store:{store.id}", d.site, t, h] += held
    for run in ledger.plan.training_runs:
        team, training = teams.get(run.candidate), ledger.instance.workload(run.workload).training
        if team is not None and training is not None:
            for t in range(max(team.first_period, ledger.opened[run.site]), team.last_period + 1):
                for h in ledger.slices:
                    needs[run.workload, "checkpoint", run.site, t, h] += training.checkpoint_gb
    return {key: gb for key, gb in needs.items() if gb > 0}


def _check_holdings(ledger: Ledger, needs: dict[Holding, float], witness: Witness) -> None:
    """M2.hold: neither less nor more is parked than there is."""
    parked: dict[Holding, list[float]] = defaultdict(list)
    allowed = {(w.id, i): tiers for w in ledger.instance.workloads if w.enabled for i, tiers in _tiers(ledger, w.id)}
    for p in ledger.plan.parked:
        if p.holding != SHARED:
            parked[p.workload, p.holding, p.site, ledger.index[p.period], p.slice].append(p.gb)
        index = (p.workload, p.holding, p.site, p.tier)
        ok = p.tier in allowed.get((p.workload, p.holding), ())
        ok = ok and (ledger.sites[p.site].kind == "ground" or ledger.tiers[p.tier].kind == "dram")
        witness.holds("M2.hold", index, ok, "expected a tier that may hold it at the site")
    for key in sorted(parked.keys() | needs.keys()):
        w, i, s, t, h = key
        witness.balance("M2.hold", (w, i, s, ledger.period_ids[t], h), parked[key], [needs.get(key, 0.0)], GB_PER_TB)


def idle_name(workload: Workload, bucket_id: str) -> str:
    """What KV that lies idle before requests of a bucket is called."""
    gap = next(b.gap for b in workload.buckets if b.id == bucket_id)
    return f"kv:{gap}" if gap else "kv"


def _tiers(ledger: Ledger, workload_id: str) -> list[tuple[str, tuple[str, ...]]]:
    """Holdings of a workload with the tiers that may have them."""
    w = ledger.instance.workload(workload_id)
    found = [(f"store:{store.id}", store.tiers) for store in w.stores]
    if w.idle_kv is not None:
        found += [(name, w.idle_kv.tiers) for name in sorted({idle_name(w, b.id) for b in w.buckets})]
    if w.reuse_curve is not None:
        names = [*corners(w), *([SHARED] if w.reuse_curve.shared_tokens > 0 else [])]
        found += [(name, w.reuse_curve.tiers) for name in names]
    if w.agent is not None:
        found.append(("sandbox", tuple(m.id for m in ledger.tiers.values() if m.kind in HOST_KINDS)))
    if w.training is not None:
        found.append(("checkpoint", w.training.checkpoint_tiers))
    return found


def _check_room(ledger: Ledger, witness: Witness) -> None:
    """M2: everything parked in a tier fits it."""
    held: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for p in ledger.plan.parked:
        held[p.tier, p.site, ledger.index[p.period], p.slice] += p.gb
    for (m, s, t, h), gb in held.items():
        room = capacity_gb(ledger, ledger.tiers[m], s, t)
        witness.at_most("M2", (m, s, ledger.period_ids[t], h), gb, room)


def capacity_gb(ledger: Ledger, tier: MemoryTier, s: str, t: int) -> float:
    """Room of a tier at a site: bundled with systems (DRAM), bought, rented."""
    room = tier.unit_gb * ledger.memory_units.get((tier.id, s, t), 0.0)
    room += ledger.memory_rented_gb.get((tier.id, s, t), 0.0)
    if tier.kind == "dram":
        for c in (c for c, at in ledger.places if at == s):
            units = ledger.working(c, s, t) + ledger.rented_steady(c, s, t)
            room += ledger.systems[c].usable_dram_gb * units
    return room


def _check_sockets(ledger: Ledger, witness: Witness) -> None:
    """M2.sockets: DRAM bought apart finds sockets in systems owned."""
    for (m, s, t), units in ledger.memory_units.items():
        if ledger.tiers[m].kind == "dram":
            owned = [(ledger.systems[c], ledger.owned.get((c, s, t), 0.0)) for c, at in ledger.places if at == s]
            free = sum(system.max_added_dram_gb * there for system, there in owned)
            witness.at_most("M2.sockets", (m, s, ledger.period_ids[t]), units * ledger.tiers[m].unit_gb, free)
