"""D1.parts, D1.one: parts of demand are served whole, and one system serves what asks for one."""

from collections import defaultdict

from fleetopt.verify.demand import arrivals_of
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness

WHOLE = 1e-6
"""How far a number of parts may be from whole."""


def check_split(ledger: Ledger, witness: Witness) -> None:
    """What each system at each site serves is a whole number of parts; a period has one system for such workloads."""
    instance = ledger.instance
    entering: dict[tuple[str, str, str, str, int, str], float] = defaultdict(float)
    for d, b, t, h, rate in ledger.entering():
        entering[d.workload, b, d.system, d.site, t, h] += rate
    arriving: dict[tuple[str, int, str], float] = defaultdict(float)
    for (w, _, t, h), rate in arrivals_of(ledger).items():
        arriving[w, t, h] += rate
    for (w, b, c, s, t, h), rate in entering.items():
        workload = ledger.workloads[w]
        if workload.demand.parts is None or instance.demand.split != "parts":
            continue
        share = next(bucket.share for bucket in workload.buckets if bucket.id == b)
        parts = rate / (share * arriving[w, t, h] / workload.demand.parts)
        whole = abs(parts - round(parts)) <= WHOLE
        index = (w, b, c, s, ledger.period_ids[t], h)
        witness.holds("D1.parts", index, whole, f"expected whole parts, found {parts!r}")
    _check_least(ledger, witness)
    serving: dict[tuple[str, str], set[str]] = defaultdict(set)
    for p in ledger.plan.placements:
        d = ledger.deployments[p.deployment]
        if p.served_per_s:
            serving[d.workload, p.period].add(d.system)
    for (w, period), systems in serving.items():
        if ledger.workloads[w].one_system and not instance.servers.mixed:
            said = f"expected one system, found {', '.join(sorted(systems))}"
            witness.holds("D1.one", (w, period), len(systems) <= 1, said)


def _check_least(ledger: Ledger, witness: Witness) -> None:
    """C1.least: enough replicas are loaded in every period, of one system where one is to serve the workload."""
    loaded: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for p in ledger.plan.placements:
        d = ledger.deployments[p.deployment]
        if p.slice == ledger.slices[0]:
            loaded[d.workload, p.period][d.system] += p.replicas
    for w in (w for w in ledger.workloads.values() if w.min_replicas > 0):
        for period in ledger.period_ids:
            of_system = loaded[w.id, period]
            alone = w.one_system and not ledger.instance.servers.mixed
            most = max(of_system.values(), default=0.0) if alone else sum(of_system.values())
            witness.at_least("C1.least", (w.id, period), most, w.min_replicas)
