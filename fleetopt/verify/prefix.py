"""M4: hit levels are corners of the measured curve, and prompts shared by all lie once where they are counted on."""

from collections import defaultdict

from fleetopt.instance.workloads import Workload
from fleetopt.plan import Parked
from fleetopt.prediction.kv_cache import kv_gb_per_sequence, kv_shape_of
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness

SHARED = "shared"
At = tuple[str, str, int]
"""Workload, site, period index."""


def corners(workload: Workload) -> dict[str, tuple[float, float]]:
    """(seconds held, share of the input found) by `reuse`; what no split between two others reaches is a corner."""
    curve = workload.reuse_curve
    if curve is None:
        return {}
    points = [(0.0, 0.0), *((p.held_s, p.hit_share) for p in curve.points)]
    best = max(share for _, share in points)
    smallest = min(size for size, share in points if share == best)
    left = [point for point in points if point[0] <= smallest]
    kept = [point for point in left[1:] if point[1] > 0 and not _between(point, left)]
    found = {f"prefix-{n}": point for n, point in enumerate(sorted(kept), start=1)}
    return {"prefix-0": (0.0, 0.0), **found} if curve.shared_hit_share > 0 else found


def _between(point: tuple[float, float], points: list[tuple[float, float]]) -> bool:
    """Whether a mixture of a smaller and a larger size finds at least as much."""
    size, share = point
    for low, less in points:
        for high, more in points:
            if low < size < high:
                weight = (size - low) / (high - low)
                if (1 - weight) * less + weight * more >= share * (1 - 1e-9):
                    return True
    return False


def check_prefix(ledger: Ledger, witness: Witness) -> None:
    """M4: the level of every deployment, the cache it holds for each request/s, and the shared prompts."""
    for d in ledger.plan.deployments:
        if d.reuse.startswith("prefix-"):
            workload = ledger.workloads[d.workload]
            level = corners(workload).get(d.reuse)
            witness.holds("M4", (d.id, "reuse"), level is not None, "expected a corner of the workload's reuse curve")
            held_s = level[0] if level is not None else 0.0
            for bucket in (b for b in workload.buckets if b.id in d.points):
                held_gb_s = kv_gb(ledger, workload, bucket.input_tokens) * held_s
                witness.equal("M4", (d.id, bucket.id, "parked_gb_s"), d.points[bucket.id]["parked_gb_s"], held_gb_s)
    _check_shared(ledger, witness)


def _check_shared(ledger: Ledger, witness: Witness) -> None:
    """M4.one, M4.stock: one tier and the whole size in every slice, where and only where a request counts on it."""
    lying: dict[At, list[Parked]] = defaultdict(list)
    for p in ledger.plan.parked:
        if p.holding == SHARED:
            lying[p.workload, p.site, ledger.index[p.period]].append(p)
    read = {key[:3] for key in shared_gb_s(ledger)}
    for w, s, t in sorted(lying.keys() | read):
        index, there = (w, s, ledger.period_ids[t]), lying[w, s, t]
        curve = ledger.instance.workload(w).reuse_curve
        witness.same("M4", index, bool(there), (w, s, t) in read)
        if there and curve is not None:
            witness.same("M4.one", index, len({p.tier for p in there}), 1)
            witness.same("M4.stock", index, sorted(p.slice for p in there), sorted(ledger.slices))
            size_gb = kv_gb(ledger, ledger.instance.workload(w), curve.shared_tokens)
            for p in there:
                witness.equal("M4.stock", (*index, p.slice), p.gb, size_gb)


def shared_gb_s(ledger: Ledger) -> dict[tuple[str, str, int, str], float]:
    """GB/s read of shared prompts by workload, site, period index and slice; only where any are."""
    found: dict[tuple[str, str, int, str], float] = defaultdict(float)
    for d, b, t, h, rate in ledger.entering():
        workload = ledger.workloads[d.workload]
        curve = workload.reuse_curve
        if curve is not None and curve.shared_tokens > 0 and d.reuse.startswith("prefix-"):
            bucket = next(each for each in workload.buckets if each.id == b)
            gb = kv_gb(ledger, workload, curve.shared_hit_share * bucket.input_tokens)
            found[workload.id, d.site, t, h] += gb * rate
    return dict(found)


def kv_gb(ledger: Ledger, workload: Workload, tokens: float) -> float:
    """GB of the KV of a sequence."""
    return kv_gb_per_sequence(kv_shape_of(ledger.instance.model(workload.model)), workload.kv_precision, tokens)
