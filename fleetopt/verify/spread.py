"""R1: critical workloads are served by enough sites, and by none too much."""

from collections import defaultdict

from fleetopt.instance.workloads import Workload
from fleetopt.verify.demand import arrivals_of
from fleetopt.verify.ledger import Ledger
from fleetopt.verify.witness import Witness


def check_spread(ledger: Ledger, witness: Witness) -> None:
    """R1.sites and R1.most, from the flows of the plan."""
    for w in ledger.workloads.values():
        since = ledger.instance.time.period_index(w.sites_since) if w.sites_since else 0
        periods = [period for t, period in enumerate(ledger.period_ids) if t >= since]
        if w.min_sites is not None:
            _check_sites(ledger, w, w.min_sites, periods, witness)
        if w.max_site_share is not None:
            _check_shares(ledger, w, w.max_site_share, periods, witness)


def _check_sites(ledger: Ledger, w: Workload, least: int, periods: list[str], witness: Witness) -> None:
    """R1.sites: so many sites serve at least their share of what arrives in the period."""
    arriving: dict[str, float] = defaultdict(float)
    for (name, _, t, h), rate in arrivals_of(ledger).items():
        arriving[ledger.period_ids[t]] += ledger.hours[h] * rate if name == w.id else 0.0
    served: dict[tuple[str, str], float] = defaultdict(float)
    for f in ledger.plan.flows:
        if f.workload == w.id:
            served[f.site, f.period] += ledger.hours[f.slice] * f.rate_per_s
    for period in (period for period in periods if arriving[period] > 0):
        enough = w.min_site_share * arriving[period] * (1 - 1e-6)
        sites = sum(1 for s in ledger.sites if served[s, period] > 0 and served[s, period] >= enough)
        witness.at_least("R1.sites", (w.id, period), sites, least)


def _check_shares(ledger: Ledger, w: Workload, most: float, periods: list[str], witness: Witness) -> None:
    """R1.most: no site serves more than its share of what is served in a slice."""
    served: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for f in ledger.plan.flows:
        if f.workload == w.id and f.period in periods:
            served[f.period, f.slice][f.site] += f.rate_per_s
    for (period, h), by_site in served.items():
        for s, rate in by_site.items():
            witness.at_most("R1.most", (w.id, s, period, h), rate, most * sum(by_site.values()))
