"""C, R1, O3, O4, T3: replicas carry their load, and units in use are there, working, and not used twice."""

from collections import defaultdict

from fleetopt.plan import Deployment, Placement
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import BALANCE, Witness


def check_compute(ledger: Ledger, witness: Witness) -> None:
    """C1, C1.keep, C3, T3, and the figures of every placement and every row of what is installed."""
    for p in ledger.plan.placements:
        _check_placement(ledger, p, witness)
    _check_loaded(ledger, witness)
    _check_units(ledger, witness)
    _check_installed(ledger, witness)
    _check_cores(ledger, witness)


def _check_placement(ledger: Ledger, p: Placement, witness: Witness) -> None:
    """Replicas, utilisation and latency follow from what is served."""
    d, index = ledger.deployments[p.deployment], (p.deployment, p.period, p.slice)
    load = ledger.load(p)
    if d.whole:
        whole = float(p.replicas).is_integer()
        witness.holds("C1.keep", index, whole, f"expected whole replicas, found {p.replicas!r}")
        witness.at_most("C1.keep", index, load, p.replicas)
    else:
        witness.equal("C1", (*index, "replicas"), p.replicas, load)
    witness.equal("C1", (*index, "utilisation"), p.utilisation, load / p.replicas)
    points = [d.points[b] for b in p.served_per_s]
    for name, found in (("ttft_s", p.ttft_s), ("tpot_s", p.tpot_s)):
        if found is None or any(name not in point for point in points):
            blank = any(name not in point for point in points)
            said = f"expected a figure only where it was measured for every bucket, found {found!r}"
            witness.holds("R2", (*index, name), found is None and blank, said)
            continue
        witness.equal("R2", (*index, name), found, max((point[name] for point in points), default=0.0))
    witness.same("R2", (*index, "slo"), p.slo, all(_meets(ledger, d, b) for b in p.served_per_s))
    witness.holds("R2", (*index, "targets"), p.slo, "expected latency within the targets, found above")


def _meets(ledger: Ledger, d: Deployment, bucket_id: str) -> bool:
    """Whether a point keeps its bucket's targets; a pool is answerable for those of its own stage only.

    A measured maximum throughput without latency was measured with the targets met.
    """
    workload = ledger.workloads[d.workload]
    slo = workload.targets(next(b for b in workload.buckets if b.id == bucket_id))
    targets = {"ttft_s": slo.ttft_s, "tpot_s": slo.tpot_s, "completion_s": slo.completion_s}
    point = d.points[bucket_id]
    return all(
        limit is None or name not in point or point[name] <= limit * (1 + 1e-9) for name, limit in targets.items()
    )


def _check_loaded(ledger: Ledger, witness: Witness) -> None:
    """C1.keep: replicas counted whole stay loaded all period, so every slice has the same number."""
    loaded: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for p in ledger.plan.placements:
        if ledger.deployments[p.deployment].whole:
            loaded[p.deployment, p.period][p.slice] = p.replicas
    for index, replicas in loaded.items():
        most = max(replicas.values())
        witness.same("C1.keep", index, replicas, dict.fromkeys(ledger.slices, most))


def _check_units(ledger: Ledger, witness: Witness) -> None:
    """C1 and T3: units in use are owned and working (R1, O3), or rented."""
    for (c, s, t, h), used in ledger.used.items():
        id_ = "T3" if any((r.system, r.site) == (c, s) for r in ledger.plan.training_runs) else "C1"
        usable, index = ledger.usable((c, s), t), (c, s, ledger.period_ids[t], h)
        witness.at_most(id_, index, used, usable + ledger.rented_working(c, s, t))
        steady = ledger.rented_steady(c, s, t)
        if steady < ledger.rented.get((c, s, t), 0.0):
            witness.at_most("C1.steady", index, ledger.awaited.get((c, s, t, h), 0.0), usable + steady)


def _check_installed(ledger: Ledger, witness: Witness) -> None:
    """The rows of what is installed: B5 (owned), B7 (rented), R1 and O3 (usable), and the busiest slice."""
    written = {(e.system, e.site, ledger.index[e.period]): e for e in ledger.plan.installed}
    there = {(c, s, t) for c, s in ledger.places for t in ledger.periods if ledger.fleet(c, s, t) > 0}
    rows = [sorted((c, s, ledger.period_ids[t]) for c, s, t in keys) for keys in (written, there)]
    witness.same("B5", ("installed",), *rows)
    for (c, s, t), e in written.items():
        index = (c, s, e.period)
        peak = max(ledger.used.get((c, s, t, h), 0.0) for h in ledger.slices)
        witness.equal("B5", (*index, "owned_units"), e.owned_units, ledger.owned.get((c, s, t), 0.0))
        witness.equal("B7", (*index, "rented_units"), e.rented_units, ledger.rented.get((c, s, t), 0.0))
        bus = ledger.systems[c].satellite
        id_ = "R1" if bus is None else "O4" if bus.eclipse == "duty" else "O3"
        witness.equal(id_, (*index, "usable_units"), e.usable_units, ledger.usable((c, s), t))
        # A sum over placements, each of whose rates was rounded by itself.
        witness.equal("C1", (*index, "peak_busy_units"), e.peak_busy_units, peak, BALANCE)


def _check_cores(ledger: Ledger, witness: Witness) -> None:
    """C3: tools find CPU cores."""
    need: dict[tuple[str, int, str], float] = defaultdict(float)
    for d, _, t, h, rate in ledger.entering():
        agent = ledger.workloads[d.workload].agent
        need[d.site, t, h] += (agent.tool_core_s if agent is not None else 0.0) * rate
    for (s, t, h), cores in need.items():
        if cores > 0:
            free = sum(
                ledger.systems[c].usable_cpu_cores * (ledger.working(c, s, t) + ledger.rented_working(c, s, t))
                for c, at in ledger.places
                if at == s
            )
            witness.at_most("C3", (s, ledger.period_ids[t], h), cores, free)
