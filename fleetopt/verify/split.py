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
    serving: dict[tuple[str, str], set[str]] = defaultdict(set)
    for p in ledger.plan.placements:
        d = ledger.deployments[p.deployment]
        if p.served_per_s:
            serving[d.workload, p.period].add(d.system)
    for (w, period), systems in serving.items():
        if ledger.workloads[w].one_system and not instance.servers.mixed:
            said = f"expected one system, found {', '.join(sorted(systems))}"
            witness.holds("D1.one", (w, period), len(systems) <= 1, said)


